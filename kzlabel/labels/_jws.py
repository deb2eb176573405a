"""Detached JSON Web Signatures with a certificate chain, and no more of JOSE than that.

RFC 7515 (compact form, appendix F for the detached payload, `x5c` in 4.1.6), RFC 7518 (ES*, PS256),
RFC 9864 (Ed25519). The header is exactly `alg`, `typ`, `x5c`: no key by reference, no `crit`, no
second way to say the same. A full JOSE library would have to be told to refuse all the rest.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from kzlabel import _keys
from kzlabel.credential import Algorithm
from kzlabel.labels._strict_json import StrictJsonError, decode

if TYPE_CHECKING:
    from kzlabel._x509 import Certificate

MAX_CHAIN = 8


class JwsError(ValueError):
    """Not a signature of this form; says why."""


class _Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    alg: Algorithm
    typ: str
    x5c: tuple[str, ...]


@dataclass(frozen=True)
class Signature:
    """A parsed signature, not verified yet."""

    algorithm: Algorithm
    chain: tuple[bytes, ...]
    """DER certificates, leaf first."""
    certificates: tuple[Certificate, ...]
    protected: str
    """The header as it was signed."""
    value: bytes


def signing_input(protected: str, payload: bytes) -> bytes:
    """Return what is signed (RFC 7515 5.1)."""
    return f"{protected}.{_encode(payload)}".encode()


def protect(algorithm: Algorithm, chain: tuple[bytes, ...], typ: str) -> str:
    """Return the encoded header for a chain, leaf first; `typ` says what kind of thing is signed.

    Each kind has a `typ` of its own, so that no signature passes for one of another kind.
    """
    x5c = tuple(base64.b64encode(der).decode() for der in chain)
    return _encode(msgspec.json.encode(_Header(alg=algorithm, typ=typ, x5c=x5c)))


def compact(protected: str, signature: bytes) -> str:
    """Return the detached compact form."""
    return f"{protected}..{_encode(signature)}"


def parse(text: str, typ: str) -> Signature:
    """Read a detached signature of the kind `typ`. Raises `JwsError`."""
    match text.split("."):
        case [protected, "", value]:
            pass
        case _:
            raise JwsError("not a detached compact JWS")
    try:
        header = msgspec.convert(decode(_decode(protected)), _Header)
    except (StrictJsonError, msgspec.ValidationError) as exc:
        raise JwsError(f"header: {exc}") from exc
    if header.typ != typ:
        raise JwsError(f"header: typ is {header.typ!r}, not {typ!r}")
    if not 1 <= len(header.x5c) <= MAX_CHAIN:
        raise JwsError(f"header: {len(header.x5c)} certificates")
    chain = tuple(_strict_base64(entry, urlsafe=False) for entry in header.x5c)
    certificates = tuple(map(_certificate, chain))
    if any(certificate.self_issued for certificate in certificates[1:]):
        raise JwsError("header: a root in x5c")
    if _keys.algorithm_of(certificates[0].key) is not header.alg:
        raise JwsError(f"header: {header.alg} does not fit the certificate's key")
    return Signature(header.alg, chain, certificates, protected, _decode(value))


def verifies(signature: Signature, payload: bytes) -> bool:
    """Whether the leaf's key made the signature over `payload`."""
    message = signing_input(signature.protected, payload)
    return _keys.verifies(signature.certificates[0].key, signature.value, message)


@lru_cache(maxsize=64)
def _certificate(der: bytes) -> Certificate:
    from kzlabel import _x509

    try:
        return _x509.read(der)
    except _x509.CertificateError as exc:
        raise JwsError(f"header: {exc}") from exc


def _encode(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return _strict_base64(text, urlsafe=True)


def _strict_base64(text: str, *, urlsafe: bool) -> bytes:
    """Decode the one canonical form: no other alphabet, no stray bits, padding as the RFCs say."""
    padded = text + "=" * (-len(text) % 4) if urlsafe else text
    try:
        value = base64.b64decode(padded, b"-_" if urlsafe else None, validate=True)
    except (ValueError, binascii.Error) as exc:
        raise JwsError(f"base64: {exc}") from exc
    again = _encode(value) if urlsafe else base64.b64encode(value).decode()
    if again != text:
        raise JwsError("base64: not the canonical form")
    return value
