"""The border to c2pa-python: signing and reading, its errors translated once.

Written against c2pa-python 0.38 (c2pa-rs 0.91). Its traps are met here: unknown settings pass in
silence, remote fetching is on by default, `trust_kind` is not enforced, contexts do not survive a
fork, a failing callback loses its exception.
"""

from __future__ import annotations

import io
import os
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, BinaryIO

import c2pa  # noqa: TID253  this is the border; its users import it inside functions

from kzlabel import _pem
from kzlabel.credential import Algorithm, Credential
from kzlabel.errors import CredentialError, LimitError
from kzlabel.labels._c2pa_errors import forget, happened, keeping_the_cause, translated, unusable
from kzlabel.labels._c2pa_settings import settings
from kzlabel.labels._c2pa_signals import Heeding, heeding_signals

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from _typeshed import ReadableBuffer

    from kzlabel.trust import TrustStore

ANY_FORMAT = "application/octet-stream"
"""The type under which c2pa-rs hashes any file whole (reference: companions of any format)."""

_KEPT = 8
"""Contexts and signers kept for reuse."""
_REMOTE_URL = re.compile(r"\burl (\S+)")

_ALGORITHMS = {
    Algorithm.ES256: c2pa.C2paSigningAlg.ES256,
    Algorithm.ES384: c2pa.C2paSigningAlg.ES384,
    Algorithm.ES512: c2pa.C2paSigningAlg.ES512,
    Algorithm.PS256: c2pa.C2paSigningAlg.PS256,
    Algorithm.ED25519: c2pa.C2paSigningAlg.ED25519,
}


# --- Contexts -------------------------------------------------------------------------------------


def _context(trust: TrustStore) -> c2pa.Context:
    return _context_of_process(os.getpid(), trust)


@lru_cache(maxsize=_KEPT)
def _context_of_process(_process: int, trust: TrustStore) -> c2pa.Context:
    """Make a context; one made before a fork is not valid in the child."""
    try:
        return c2pa.Context.from_dict(settings(trust))
    except c2pa.C2paError as exc:
        names = ", ".join(entry.name for entry in trust.lists)
        raise CredentialError("kz.error.trust-list", path=names, detail=exc) from exc


# --- Reading --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Found:
    """A manifest store as c2pa-rs reports it."""

    store: str
    """JSON of `Reader.json`, validation results included."""


@dataclass(frozen=True)
class Referenced:
    """The file only names a manifest by its URL, which is not fetched."""

    url: str


@dataclass(frozen=True)
class Unreadable:
    """There is something, but damaged beyond checking."""

    detail: str


@heeding_signals()
def read(
    source: BinaryIO, media_type: str, trust: TrustStore, manifest: bytes | None = None
) -> Found | Referenced | Unreadable | None:
    """Read and validate the manifest inside `source`, or `manifest` against it; None: no manifest.

    Raises `CredentialError` for a trust list that c2pa-rs cannot use.
    """
    context = _context(trust)
    if _is_no_carrier(source.read(_HEAD), media_type):
        if manifest is None:
            return None
        media_type = ANY_FORMAT
    if (
        media_type == "application/pdf"
        and _threads_of.setdefault("pdf", os.getpid()) != os.getpid()
    ):
        raise LimitError("kz.error.forked", path="mp_context")
    source.seek(0)
    try:
        with c2pa.Reader(media_type, Heeding(source), manifest, context=context) as reader:
            return Found(reader.json())
    except (c2pa.C2paError.ManifestNotFound, c2pa.C2paError.NotSupported):
        return None
    except c2pa.C2paError as exc:
        detail = str(exc)
        url = _REMOTE_URL.search(detail) if detail.startswith("Remote") else None
        return Referenced(url[1]) if url else Unreadable(detail)


_HEAD = 8
_threads_of: dict[str, int] = {}
"""The process in which c2pa-rs reads PDF with threads, which no fork of it has: it would wait for
them for ever."""


def _is_no_carrier(head: bytes, media_type: str) -> bool:
    """Whether c2pa-rs takes for damage what only has no place for a manifest.

    A JPEG XL codestream without boxes, a WAV beyond 4 GiB, QuickTime from before `ftyp`.
    """
    old_movie = media_type == "video/quicktime" and head[4:] != b"ftyp"
    return old_movie or head.startswith((b"\xff\x0a", b"RF64", b"BW64"))


# --- Signing --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Parent:
    """The file a manifest's asset was made from."""

    media_type: str
    source: BinaryIO
    described: Mapping[str, object]
    """The ingredient's own members: title, relationship, label."""
    may_be_plain: bool
    """Whether it may be recorded without its manifest, where that is damaged beyond reading."""


@dataclass(frozen=True)
class Claim:
    """A manifest to be made."""

    path: str
    """What errors name."""
    definition: Mapping[str, object]
    credential: Credential
    trust: TrustStore
    parent: Parent | None = None
    resources: Mapping[str, bytes] = field(default_factory=dict)


def embed(claim: Claim, media_type: str, source: BinaryIO, target: BinaryIO) -> None:
    """Write `source` with the signed manifest inside to `target`, opened for reading and writing.

    Raises `CredentialError` where the key, its certificate or its time-stamp authority fails, and
    `RefusedError` where c2pa-rs does not take the file.
    """
    _sign(claim, media_type, source, target, embedded=True)


def companion(claim: Claim, source: BinaryIO) -> bytes:
    """Return the signed manifest store of `source`, bound to all of its bytes.

    Raises as `embed` does.
    """
    return _sign(claim, ANY_FORMAT, source, _Discard(), embedded=False)


class _Discard(io.BytesIO):
    """Takes the copy of the asset that nobody needs."""

    def write(self, content: ReadableBuffer, /) -> int:
        return memoryview(content).nbytes


def _sign(
    claim: Claim, media_type: str, source: BinaryIO, target: BinaryIO, *, embedded: bool
) -> bytes:
    def make(*, plain: bool) -> bytes:
        if plain:
            source.seek(0)
            target.seek(0)
            target.truncate()
        builder = _builder(claim, embedded=embedded, plain=plain)
        signer = _signer(claim.credential)
        made: bytes = builder.sign(signer, media_type, Heeding(source), Heeding(target))
        return made

    return _made(claim, make)


@heeding_signals()
def _made(claim: Claim, make: Callable[..., bytes]) -> bytes:
    """Return what `make(plain=False)` signs, its errors translated.

    Where the parent's manifest is beyond use, the parent is recorded without it (`plain`).
    """
    forget()
    may_be_plain = claim.parent is not None and claim.parent.may_be_plain
    try:
        try:
            return make(plain=False)
        except c2pa.C2paError:
            if happened() or not may_be_plain:
                raise
            return make(plain=True)
    except c2pa.C2paError as exc:
        cause = happened() or exc
        if not isinstance(cause, Exception):
            raise cause from None  # an interrupt is nobody's failure
        raise translated(exc, claim.credential, claim.path) from cause


def _builder(claim: Claim, *, embedded: bool, plain: bool) -> c2pa.Builder:
    """Make the builder of a claim; with `plain`, the parent goes in without its manifest."""
    builder = c2pa.Builder(dict(claim.definition), context=_context(claim.trust))
    if not embedded:
        builder.set_no_embed()
    for name, content in claim.resources.items():
        builder.add_resource(name, io.BytesIO(content))
    parent = claim.parent
    if parent is not None:
        parent.source.seek(0)
        media_type = ANY_FORMAT if plain else parent.media_type
        builder.add_ingredient(dict(parent.described), media_type, Heeding(parent.source))
    return builder


# --- Signers --------------------------------------------------------------------------------------


_signers: dict[tuple[int, int], tuple[Credential, c2pa.Signer]] = {}
"""By process and identity: a credential of a caller's need not be hashable. Holding the credential
keeps its identity from being given to another. One operation at a time, so no lock is needed."""


def _signer(credential: Credential) -> c2pa.Signer:
    key = os.getpid(), id(credential)
    known = _signers.get(key)
    if known is not None:
        return known[1]
    for old in list(_signers)[: 1 - _KEPT]:
        _signers.pop(old, None)
    signer = _new_signer(credential)
    _signers[key] = credential, signer
    return signer


def _new_signer(credential: Credential) -> c2pa.Signer:
    chain = _pem.text(credential.chain)
    algorithm = _ALGORITHMS[credential.algorithm]
    try:
        if credential.private_key is None:
            callback = keeping_the_cause(credential.sign)
            return c2pa.Signer.from_callback(callback, algorithm, chain, credential.tsa)
        name = credential.algorithm.value.lower().encode()
        tsa = credential.tsa.encode() if credential.tsa else None
        held = c2pa.C2paSignerInfo(name, chain.encode(), credential.private_key, tsa)
        return c2pa.Signer.from_info(held)
    except (c2pa.C2paError, ValueError) as exc:
        raise unusable(credential, exc) from exc
