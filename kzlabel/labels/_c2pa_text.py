# ruff: noqa: SLF001  the embeddable calls are not in the Python API of c2pa: its library is asked
"""Manifests for texts, which c2pa-rs does not write: its embeddable calls, through its library.

The manifest is signed over a hash and an exclusion of ours, and returned bare. The exclusion holds
the manifest, so its length must be known before: a placeholder is as long as the manifest will be.
Should one ever come out longer (a time-stamp may), it is signed again for the length it had. The
reader of c2pa-rs takes no exclusion that it cannot find again by itself: it checks the signature,
the trust and the assertions, and the binding is judged by `_manifest_text`.
"""

from __future__ import annotations

import ctypes
import hashlib
import io
import json
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import c2pa  # noqa: TID253  this is the border; its users import it inside functions
from c2pa import c2pa as native  # noqa: TID253  likewise

from kzlabel.errors import RefusedError
from kzlabel.labels import _c2pa
from kzlabel.labels._c2pa_signals import heeding_signals

if TYPE_CHECKING:
    from collections.abc import Callable

    from kzlabel.credential import Credential
    from kzlabel.model import Enclosed, Enclosure
    from kzlabel.trust import TrustStore

_BARE = b"application/c2pa"
"""The type under which c2pa-rs gives the manifest store itself."""
_MOST_LENGTHS = 4
_MOST_SIGNINGS = 40
"""Of which each has one chance in three, in plain text; elsewhere the first will do."""

_OCTETS = ctypes.POINTER(ctypes.c_ubyte)
_BUILDER = ctypes.POINTER(native.C2paBuilder)
_PLACEHOLDER = ctypes.CFUNCTYPE(
    ctypes.c_int64, _BUILDER, ctypes.c_size_t, ctypes.c_char_p, ctypes.POINTER(_OCTETS)
)(("c2pa_builder_data_hashed_placeholder", native._lib))
_SIGN = ctypes.CFUNCTYPE(
    ctypes.c_int64,
    _BUILDER,
    ctypes.POINTER(native.C2paSigner),
    ctypes.c_char_p,
    ctypes.c_char_p,
    ctypes.POINTER(native.C2paStream),
    ctypes.POINTER(_OCTETS),
)(("c2pa_builder_sign_data_hashed_embeddable", native._lib))


def sign_enclosed(claim: _c2pa.Claim, content: bytes, enclosure: Enclosure) -> bytes:
    """Return the text with the signed manifest inside.

    Raises `CredentialError` where the key, its certificate or its time-stamp authority fails, and
    `RefusedError` where the text has no place for a manifest, or c2pa-rs makes none.
    """
    return _c2pa._made(claim, partial(_signed, claim, content, enclosure))


def _signed(claim: _c2pa.Claim, content: bytes, enclosure: Enclosure, *, plain: bool) -> bytes:
    for _ in range(_MOST_SIGNINGS):
        signed, store = _settled(claim, content, enclosure, plain=plain)
        if enclosure.agreed(store) or not _is_free(claim.credential):
            break
    return signed


def _settled(
    claim: _c2pa.Claim, content: bytes, enclosure: Enclosure, *, plain: bool
) -> tuple[bytes, bytes]:
    """Return the signed text, and the manifest in it, which is as long as it was taken to be."""
    store = b""
    for _ in range(_MOST_LENGTHS):
        with _c2pa._builder(claim, embedded=True, plain=plain) as builder:
            held = bytes(_placeholder(builder, claim))
            text, where = enclosure.enclose(content, store or held)
            store = _store(builder, claim, _binding(enclosure, text, where))
        signed, found = enclosure.enclose(content, store)
        if (found.start, found.length) == (where.start, where.length):
            return signed, store
    detail = "the manifest's length does not settle"
    raise RefusedError("kz.error.manifest-refused", path=claim.path, detail=detail)


def _is_free(credential: Credential) -> bool:
    """Whether another signature costs nobody anything: neither a service of keys nor one of time.

    Such a manifest is good as it is, but one validator stumbles over its frame.
    """
    return credential.private_key is not None and credential.tsa is None


def _binding(enclosure: Enclosure, text: bytes, where: Enclosed) -> bytes:
    """Return the data hash of a text that keeps `where` for its manifest (C2PA 18.5), in JSON."""
    bound = enclosure.bound(text, (where.start, where.length))
    return json.dumps(
        {
            "name": "jumbf manifest",
            "alg": "sha256",
            "exclusions": [{"start": where.start, "length": where.length}],
            "hash": list(hashlib.sha256(bound).digest()),
            "pad": [],
        }
    ).encode()


def _placeholder(builder: c2pa.Builder, claim: _c2pa.Claim) -> int:
    """Return how long the manifest will be; the builder needs one before it signs over a hash."""
    signer = _c2pa._signer(claim.credential)
    reserved = signer.reserve_size()
    with builder._exclusive_native_call():
        return len(_octets(lambda out: _PLACEHOLDER(builder._handle, reserved, _BARE, out)))


def _store(builder: c2pa.Builder, claim: _c2pa.Claim, binding: bytes) -> bytes:
    signer = _c2pa._signer(claim.credential)
    with builder._exclusive_native_call(), signer._native_call():
        return _octets(
            lambda out: _SIGN(builder._handle, signer._handle, binding, _BARE, None, out)
        )


def _octets(call: Callable[[object], int]) -> bytes:
    """Return what `call` gives; raises `C2paError` where it fails."""
    made = _OCTETS()
    with native._native_section():
        length = call(ctypes.byref(made))
        native._check_ffi_operation_result(length, "{}", check=lambda size: size < 0)
    try:
        return ctypes.string_at(made, length)
    finally:
        native._lib.c2pa_free(made)


@dataclass(frozen=True)
class Read:
    """An enclosed manifest store as c2pa-rs reports it; the binding in it is not to be believed."""

    store: str
    """JSON of `Reader.json`."""
    detailed: str
    """JSON of `Reader.detailed_json`: it has the assertions as they were written."""


@heeding_signals()
def read_enclosed(content: bytes, store: bytes, trust: TrustStore) -> Read | _c2pa.Unreadable:
    """Read and validate a manifest store, all but its binding to the text.

    Raises `CredentialError` for a trust list that c2pa-rs cannot use.
    """
    context = _c2pa._context(trust)
    source = io.BytesIO(content)
    try:
        with c2pa.Reader(_c2pa.ANY_FORMAT, source, store, context=context) as reader:
            return Read(reader.json(), reader.detailed_json())
    except c2pa.C2paError as exc:
        return _c2pa.Unreadable(str(exc))
