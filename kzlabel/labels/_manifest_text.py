"""A manifest enclosed in a text (C2PA 2.4, A.7 to A.9): found, read, and its binding judged.

c2pa-rs checks the signature, the trust and the assertions of a store that it is given beside the
text. It takes no exclusion that it cannot find again by itself, so what it says of the active
manifest's data hash is put aside, nothing else, and said anew by `_judge`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from kzlabel.labels._c2pa_settings import only_of
from kzlabel.labels._manifest_frame import FrameError, check_frame
from kzlabel.labels._manifest_reading import (
    reading_of_reference,
    reading_of_ruin,
    reading_of_store,
)
from kzlabel.labels._manifest_store import mapping

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kzlabel.labels import _c2pa_text
    from kzlabel.model import Asset, Enclosed, Enclosure, Reading
    from kzlabel.trust import TrustKind, TrustStore

MATCH = "assertion.dataHash.match"
MISMATCH = "assertion.dataHash.mismatch"
MALFORMED = "assertion.dataHash.malformed"
MISSING = "claim.hardBindings.missing"
MULTIPLE = "assertion.multipleHardBindings"
MALFORMED_BOX = "kz.manifest.malformed-box"
UNKNOWN_ALGORITHM = "algorithm.unsupported"

LARGEST_TEXT = 32 * 1024 * 1024
"""Bytes of a text that takes a manifest, or whose manifest is checked; others have companions."""
GLIMPSED_BYTES = 1024 * 1024
"""How much of a larger text's beginning and end is looked at for a manifest."""
MOST_READ = 8
"""Manifests of one text that are read; more than one are all broken, by what they are."""
_DATA_HASH = "c2pa.hash.data"
_BINDINGS = "c2pa.hash."
_LISTED = "self#jumbf=c2pa.assertions/"
_ALGORITHMS = frozenset({"sha256", "sha384", "sha512"})
_NEWLINES = b"\r\n"


# --- Finding and reading --------------------------------------------------------------------------


def readings_of_text(asset: Asset, enclosure: Enclosure, trust: TrustStore) -> Sequence[Reading]:
    """Read every manifest in a text, and every ruin of one.

    Raises `OSError`, and `CredentialError` for a trust list that c2pa-rs cannot use.
    """
    if asset.content is None:
        return _glimpsed(asset, enclosure)
    found = enclosure.enclosed(asset.content)[:MOST_READ]
    return tuple(_reading(asset.content, one, enclosure, trust) for one in found)


def _glimpsed(asset: Asset, enclosure: Enclosure) -> Sequence[Reading]:
    """Say of a text that is too large to be hashed here whether it shows a manifest."""
    with asset.path.open("rb") as file:
        head = file.read(GLIMPSED_BYTES)
        file.seek(max(asset.size - GLIMPSED_BYTES, 0))
        tail = file.read()
    if enclosure.enclosed(head) or enclosure.enclosed(tail):
        return (reading_of_ruin("", None, "kz.manifest.text-large", limit=LARGEST_TEXT),)
    return ()


def _reading(content: bytes, one: Enclosed, enclosure: Enclosure, trust: TrustStore) -> Reading:
    from kzlabel.labels import _c2pa_text

    if one.url and not one.failure:
        return reading_of_reference(one.url, None)
    if not one.store:
        return reading_of_ruin(one.failure, None, one.failure)
    read = _c2pa_text.read_enclosed(content, one.store, trust)
    if not isinstance(read, _c2pa_text.Read):
        return reading_of_ruin(read.detail, None)

    def again(kind: TrustKind) -> str | None:
        seen = _c2pa_text.read_enclosed(content, one.store, only_of(kind, trust))
        return seen.store if isinstance(seen, _c2pa_text.Read) else None

    return reading_of_store(judged(read, content, one, enclosure), one.store, trust, None, again)


def earlier_store(
    content: bytes, enclosure: Enclosure, trust: TrustStore
) -> tuple[bytes, str] | None:
    """Return the one manifest store of a text and what is to be said of it, in JSON; or None."""
    from kzlabel.labels import _c2pa_text

    stores = [one for one in enclosure.enclosed(content) if one.store]
    if len(stores) != 1:
        return None
    read = _c2pa_text.read_enclosed(content, stores[0].store, trust)
    if not isinstance(read, _c2pa_text.Read):
        return None
    return stores[0].store, judged(read, content, stores[0], enclosure)


# --- The binding ----------------------------------------------------------------------------------


class _Range(Struct, frozen=True):
    start: int
    length: int


class _DataHash(Struct, frozen=True, forbid_unknown_fields=True):
    """The assertion `c2pa.hash.data` (C2PA 18.5), its octets in Base64."""

    hash: str
    exclusions: tuple[_Range, ...] = ()
    pad: str = ""
    pad2: str = ""
    alg: str | None = None
    name: str | None = None


class _Link(Struct, frozen=True):
    url: str


class _Claim(Struct, frozen=True):
    alg: str | None = None
    assertions: tuple[_Link, ...] = ()
    created_assertions: tuple[_Link, ...] = ()
    gathered_assertions: tuple[_Link, ...] = ()

    @property
    def names(self) -> Iterator[str]:
        """The names of the assertions that the signature covers."""
        for link in (*self.assertions, *self.created_assertions, *self.gathered_assertions):
            yield link.url.rpartition("/")[2]


class _Manifest(Struct, frozen=True):
    claim: _Claim = _Claim()
    assertion_store: dict[str, msgspec.Raw] = {}


class _Detailed(Struct, frozen=True):
    active_manifest: str = ""
    manifests: dict[str, _Manifest] = {}


class _Broken(Exception):  # noqa: N818  not an error: a status
    """The binding does not hold; a C2PA status, and why."""


def judged(read: _c2pa_text.Read, content: bytes, one: Enclosed, enclosure: Enclosure) -> str:
    """Return the store as c2pa-rs reports it, with our judgement of the binding for its own."""
    try:
        _judge(read.detailed, content, one, enclosure)
    except _Broken as broken:
        code, explanation = broken.args
        return _said(read.store, "failure", code, explanation)
    return _said(read.store, "success", MATCH, "the text without its manifest has the signed hash")


def _judge(detailed: str, content: bytes, one: Enclosed, enclosure: Enclosure) -> None:
    """Check the hard binding of a text to its manifest; raises `_Broken` with the first failure."""
    # 1. The text holds one manifest, in the one way to write it.
    if one.failure:
        raise _Broken(one.failure, "the text does not hold one manifest as it must")

    # 2. The store is framed as C2PA has it, and hides nothing.
    try:
        check_frame(one.store)
    except FrameError as exc:
        raise _Broken(MALFORMED_BOX, str(exc)) from exc

    # 3. The claim lists exactly one hard binding, and that is a data hash.
    claim, assertion = _binding(detailed)

    # 4. It leaves out one range, where the manifest lies, and nothing else.
    if len(assertion.exclusions) != 1:
        raise _Broken(MALFORMED, f"{len(assertion.exclusions)} exclusions")
    start, length = assertion.exclusions[0].start, assertion.exclusions[0].length
    if not _is_of(one, content, start, start + length):
        raise _Broken(MALFORMED, "the exclusion is not where the manifest lies")

    # 5. Nothing is hidden in its padding.
    if any(_octets(assertion.pad)) or any(_octets(assertion.pad2)):
        raise _Broken(MALFORMED, "the padding is not zero")

    # 6. The algorithm is one of C2PA's (13.1).
    algorithm = assertion.alg or claim.alg
    if algorithm not in _ALGORITHMS:
        raise _Broken(UNKNOWN_ALGORITHM, f"algorithm {algorithm}")

    # 7. All the rest has the hash that was signed.
    bound = enclosure.bound(content, (start, length))
    if hashlib.new(algorithm, bound).digest() != _octets(assertion.hash):
        raise _Broken(MISMATCH, "the text has another hash")


def _binding(detailed: str) -> tuple[_Claim, _DataHash]:
    """Return the claim and its only hard binding, a data hash."""
    try:
        store = msgspec.json.decode(detailed, type=_Detailed)
    except (msgspec.DecodeError, RecursionError) as exc:
        raise _Broken(MALFORMED, str(exc)) from exc
    manifest = store.manifests.get(store.active_manifest, _Manifest())
    listed = [name for name in manifest.claim.names if name.startswith(_BINDINGS)]
    stored = [name for name in manifest.assertion_store if name.startswith(_BINDINGS)]
    if not listed:
        raise _Broken(MISSING, "the claim lists no hard binding")
    if len(listed) > 1 or len(stored) > 1:
        raise _Broken(MULTIPLE, ", ".join(sorted({*listed, *stored})))
    if listed != [_DATA_HASH] or stored != listed:
        raise _Broken(MALFORMED, f"a text is bound by no {listed[0]}")
    try:
        held = manifest.assertion_store[_DATA_HASH]
        return manifest.claim, msgspec.json.decode(held, type=_DataHash)
    except (msgspec.DecodeError, RecursionError) as exc:
        raise _Broken(MALFORMED, str(exc)) from exc


def _is_of(one: Enclosed, content: bytes, start: int, end: int) -> bool:
    """Whether a range is the manifest's; it may leave ends of line to the hash (A.9.4)."""
    first, last = one.start, one.start + one.length
    if not first <= start < end <= last:
        return False
    return not (content[first:start] + content[end:last]).strip(_NEWLINES)


def _octets(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as exc:
        raise _Broken(MALFORMED, str(exc)) from exc


def _said(store: str, outcome: str, code: str, explanation: str) -> str:
    """Return the store with one status for all that c2pa-rs says of its data hash."""
    said = dict(mapping(msgspec.json.decode(store)))
    about = f"self#jumbf=/c2pa/{said.get('active_manifest')}/c2pa.assertions/{_DATA_HASH}"
    results = dict(mapping(said.get("validation_results")))
    active = {
        name: [status for status in statuses if not _is_about(status, about)]
        for name, statuses in mapping(results.get("activeManifest")).items()
        if isinstance(statuses, list)
    }
    status = {"code": code, "url": about, "explanation": explanation}
    active[outcome] = [*active.get(outcome, ()), status]
    said["validation_results"] = results | {"activeManifest": active}
    return msgspec.json.encode(said).decode()


def _is_about(status: object, binding: str) -> bool:
    said: Mapping[str, object] = mapping(status)
    code, url = said.get("code"), said.get("url")
    return isinstance(code, str) and code.startswith("assertion.dataHash.") and url == binding
