"""The C2PA manifest: the signed label, bound to the content by hash (C2PA 2.x, DESIGN 3).

Embedded where the container carries one soundly, else beside the asset as NAME.EXT.c2pa.
"""

from __future__ import annotations

import io
import shutil
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO, ClassVar

import msgspec
from msgspec import structs

from kzlabel._assets import companion
from kzlabel.errors import RefusedError, printable
from kzlabel.labels._c2pa_settings import only_of
from kzlabel.labels._manifest_companion import SUFFIX, companion_of, discard, read_companion
from kzlabel.labels._manifest_definition import PARENT, definition
from kzlabel.labels._manifest_placed import placed_in_text
from kzlabel.labels._manifest_reading import (
    reading_of_doubt,
    reading_of_reference,
    reading_of_ruin,
    reading_of_store,
)
from kzlabel.labels._manifest_store import mapping
from kzlabel.labels._manifest_text import LARGEST_TEXT, earlier_store, readings_of_text
from kzlabel.labels._manifest_trace import is_plain, is_untold
from kzlabel.model import (
    Asset,
    CarrierKind,
    FindingOutcome,
    Integrity,
    LabelKind,
    LabelState,
    ManifestPlace,
    Reading,
    Statement,
    Step,
    finding,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kzlabel.labels import _c2pa
    from kzlabel.model import Carrier
    from kzlabel.trust import TrustKind, TrustStore

IN_MEMORY_BYTES = 32 * 1024 * 1024
"""Files up to this size are signed in memory: every read of a file stream is a Python call."""
_DAMAGED = {Integrity.BROKEN, Integrity.UNREADABLE}


class ManifestLabel:
    """Signs a C2PA manifest, and reads the one inside an asset and the one beside it."""

    kind: ClassVar[str] = "manifest"

    def apply(self, step: Step) -> Step:
        """Sign what the labels before left.

        Raises `CredentialError` where the key, its certificate or its time-stamp authority fails,
        `RefusedError` where the file cannot take a manifest, and `OSError`.
        """
        carrier = step.format.manifest_carrier(step.asset)
        if carrier.kind is CarrierKind.NONE:
            said = finding(carrier.reason, FindingOutcome.INFORMATIONAL, LabelKind.MANIFEST)
            return replace(step, findings=(*step.findings, said))
        with ExitStack() as files:
            claim = _claim(step, files)
            enclosure = step.format.enclosure(step.source)
            if enclosure is not None:
                signed, is_inside = placed_in_text(step, claim, enclosure, carrier)
            else:
                is_inside = _is_embedded(step, carrier)
                signed = _embedded(step, claim, files) if is_inside else step
            if not is_inside:
                signed = _beside(signed, claim, files)
        if not _is_over_broken(step):
            return signed
        said = finding("kz.manifest.over-broken", FindingOutcome.WARNING, LabelKind.MANIFEST)
        return replace(signed, findings=(*signed.findings, said))

    def check(self, asset: Asset, trust: TrustStore) -> Sequence[Reading]:
        """Read the embedded manifest, then the companion.

        Raises `OSError`, and `CredentialError` for a trust list that c2pa-rs cannot use.
        """
        if not asset.size:
            return ()
        enclosure = asset.format.enclosure(asset.path) if asset.format else None
        if enclosure is not None:
            inside = readings_of_text(asset, enclosure, trust)
        else:
            embedded = None if is_plain(asset) else _read(asset, trust)
            inside = (embedded,) if embedded else ()
        beside = companion_of(asset.path)
        return (*inside, _read_beside(asset, trust, beside)) if beside else inside


# --- Reading --------------------------------------------------------------------------------------


def _read_beside(asset: Asset, trust: TrustStore, path: Path) -> Reading:
    manifest = read_companion(path)
    if manifest is None:
        return reading_of_ruin("", path.name, "kz.manifest.companion-closed")
    reading = _read(asset, trust, manifest, path.name)
    if reading is None:
        reading = reading_of_ruin("", path.name, "kz.manifest.companion-empty")
    return structs.replace(reading, companion=companion(path, manifest))


def _read(
    asset: Asset, trust: TrustStore, manifest: bytes | None = None, where: str | None = None
) -> Reading | None:
    from kzlabel.labels import _c2pa

    with _opened(asset) as source:
        found = _c2pa.read(source, asset.media_type, trust, manifest)
        if isinstance(found, _c2pa.Unreadable) and not where and is_untold(found.detail, source):
            return reading_of_doubt(found.detail)
    match found:
        case _c2pa.Found():
            return _judged(asset, trust, manifest, found, where)
        case _c2pa.Referenced(url):
            return reading_of_reference(url, where)
        case _c2pa.Unreadable(detail):
            return reading_of_ruin(detail, where)
    return None


def _judged(
    asset: Asset, trust: TrustStore, manifest: bytes | None, found: _c2pa.Found, where: str | None
) -> Reading:
    """Classify what c2pa-rs found; it may be read again, with the lists of one kind alone."""
    from kzlabel.labels import _c2pa

    def again(kind: TrustKind) -> str | None:
        only = only_of(kind, trust)
        with _opened(asset) as source:
            seen = _c2pa.read(source, asset.media_type, only, manifest)
        return seen.store if isinstance(seen, _c2pa.Found) else None

    held = manifest if manifest is not None else asset.content or b""
    return reading_of_store(found.store, held, trust, where, again)


def _opened(asset: Asset) -> BinaryIO:
    return io.BytesIO(asset.content) if asset.content is not None else asset.path.open("rb")


# --- Signing --------------------------------------------------------------------------------------


def _earlier(step: Step) -> Reading | None:
    """Return the manifest that decided about the source: the embedded one, else the companion."""
    manifests = [reading for reading in step.prior if reading.report.kind is LabelKind.MANIFEST]
    manifests.sort(key=lambda reading: not reading.embedded)
    return manifests[0] if manifests else None


def _is_over_broken(step: Step) -> bool:
    earlier = _earlier(step)
    return earlier is not None and earlier.integrity in _DAMAGED


def _claim(step: Step, files: ExitStack) -> _c2pa.Claim:
    from kzlabel.labels import _c2pa

    earlier = _earlier(step)
    with_parent = earlier is not None or step.disclosure.statement is Statement.MODIFIED
    over_broken = _is_over_broken(step)
    made = definition(step, with_parent=with_parent, over_broken=over_broken)
    claim = _c2pa.Claim(step.name, made, step.credential, step.trust)
    if not with_parent:
        return claim
    if earlier is not None and not _is_referenced(earlier):
        kept = _with_parent_store(step, claim, embedded=earlier.embedded)
        if kept is not None:
            return kept
    return replace(claim, parent=_parent(step, files, earlier))


def _is_referenced(earlier: Reading) -> bool:
    return earlier.report.state is LabelState.REFERENCED


def _described(step: Step) -> dict[str, object]:
    return {"title": printable(step.source.name), "relationship": "parentOf", "label": PARENT}


def _parent(step: Step, files: ExitStack, earlier: Reading | None) -> _c2pa.Parent:
    """Return the source as parent; it may be a plain file where no sound manifest is lost by it."""
    from kzlabel.labels import _c2pa

    source = files.enter_context(_stream(step.source))
    plain = earlier is None or earlier.integrity in _DAMAGED
    return _c2pa.Parent(step.media_type, source, _described(step), may_be_plain=plain)


def _with_parent_store(step: Step, claim: _c2pa.Claim, *, embedded: bool) -> _c2pa.Claim | None:
    """Return the claim with the source's companion, or the manifest in its text, as parent.

    None where it cannot be read, or c2pa-rs reads it itself. c2pa-rs takes no store apart from its
    asset through `add_ingredient`: the ingredient is written out, with what a reader of the old
    pair reports.
    """
    held = _parent_in_text(step) if embedded else _parent_beside(step)
    if held is None:
        return None
    manifest, text = held
    store = mapping(msgspec.json.decode(text))
    kept = {name: store[name] for name in ("active_manifest", "validation_results")}
    named = {"manifest_data": {"format": "application/c2pa", "identifier": "earlier"}}
    ingredient = _described(step) | named | kept
    made = {**claim.definition, "ingredients": [ingredient]}
    return replace(claim, definition=made, resources={"earlier": manifest})


def _parent_beside(step: Step) -> tuple[bytes, str] | None:
    from kzlabel.labels import _c2pa

    beside = companion_of(step.source)
    manifest = read_companion(beside) if beside else None
    if manifest is None:
        return None
    with _stream(step.source) as source:
        found = _c2pa.read(source, step.media_type, step.trust, manifest)
    return (manifest, found.store) if isinstance(found, _c2pa.Found) else None


def _parent_in_text(step: Step) -> tuple[bytes, str] | None:
    enclosure = step.format.enclosure(step.source)
    if enclosure is None or step.source.stat().st_size > LARGEST_TEXT:
        return None
    return earlier_store(step.source.read_bytes(), enclosure, step.trust)


def _embedded(step: Step, claim: _c2pa.Claim, files: ExitStack) -> Step:
    from kzlabel.labels import _c2pa

    source = files.enter_context(_stream(step.asset))
    signed = step.folder / "manifest"
    try:
        if isinstance(source, io.BytesIO):
            target = io.BytesIO()
            _c2pa.embed(claim, step.media_type, source, target)
            target.seek(0)  # in pieces: one write of megabytes takes twice as long
            with signed.open("wb") as file:
                shutil.copyfileobj(target, file, 1 << 18)
        else:
            with signed.open("w+b") as file:
                _c2pa.embed(claim, step.media_type, source, file)
    except BaseException:
        discard(signed)
        raise
    return replace(step, asset=signed)


def _is_embedded(step: Step, carrier: Carrier) -> bool:
    """Whether c2pa-rs embeds the manifest.

    Raises `RefusedError` where a companion would leave an earlier manifest inside, and broken.
    """
    if carrier.kind is not CarrierKind.EMBEDDED or step.manifest is not ManifestPlace.SIDECAR:
        return carrier.kind is CarrierKind.EMBEDDED
    earlier = _earlier(step)
    if earlier is not None and earlier.embedded and not _is_referenced(earlier):
        raise RefusedError("kz.error.manifest-inside", path=step.source)
    return False


def _beside(step: Step, claim: _c2pa.Claim, files: ExitStack) -> Step:
    from kzlabel.labels import _c2pa

    source = files.enter_context(_stream(step.asset))
    path = step.folder / (step.name + SUFFIX)
    path.write_bytes(_c2pa.companion(claim, source))
    return replace(step, companions=(*step.companions, path))


def _stream(path: Path) -> BinaryIO:
    """Open a file, in memory where it is small."""
    if path.stat().st_size <= IN_MEMORY_BYTES:
        return io.BytesIO(path.read_bytes())
    return path.open("rb")
