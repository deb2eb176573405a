"""Reading private keys and chains: PEM (PKCS#8, SEC1, PKCS#1), DER and PKCS#12, encrypted or not.

Each way to go wrong has one sentence; whatever `cryptography` raises is translated here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.exceptions import UnsupportedAlgorithm  # noqa: TID253  a lazily imported border
from cryptography.hazmat.primitives import serialization  # noqa: TID253  likewise
from cryptography.hazmat.primitives.serialization import pkcs12  # noqa: TID253  likewise

from kzlabel import _certificates, _keys, _pem, _x509
from kzlabel.errors import CredentialError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kzlabel._keys import SigningKey

MAX_FILE = 2**20
"""Bytes of a key or chain file."""
PEM_MARK = b"-----BEGIN "
PEM_BODY = re.compile(rb"-----BEGIN [A-Z0-9 ]+-----([A-Za-z0-9+/=\s]*)-----END")
PKCS12 = re.compile(rb"\A\x30(?:\x80|\x82..|\x83...)\x02\x01\x03", re.DOTALL)
"""PFX ::= SEQUENCE { version 3, … } (RFC 7292)."""
OPENED = "Invalid password"
"""What the library says of a PKCS#12 file that did not open; it cannot tell a wrong passphrase from
damage. Any other reason is about the key inside."""
GOST = re.compile(rb"\x06[\x05-\x10](?:\x2a\x83\x0e\x03\x0a\x01|\x2a\x85\x03)")
"""Object identifiers under `_keys.GOST_ARCS`, in DER."""


@dataclass(frozen=True)
class Loaded:
    """What a key file holds."""

    key: SigningKey
    certificates: tuple[bytes, ...]
    """DER, those of a PKCS#12 file, the key's own first; empty for the other forms."""
    secret: bytes | None
    """The passphrase that opened it; None where it was not encrypted."""


def read_file(path: Path) -> bytes:
    """Return a small file's bytes. Raises `CredentialError`."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE + 1)
    except OSError as exc:
        raise CredentialError("kz.error.key-read", path=path, detail=exc) from exc
    if len(content) > MAX_FILE:
        raise CredentialError("kz.error.key-read", path=path, detail=f"> {MAX_FILE} B")
    return content


def load_key(path: Path, passphrase: Callable[[], bytes] | None) -> Loaded:
    """Read a private key, asking for the passphrase only where it is needed.

    Raises `CredentialError`: unreadable, wrong passphrase, GOST, or not a key that signs C2PA.
    """
    content = read_file(path)
    if PEM_MARK not in content and PKCS12.match(content):
        return _pkcs12(content, path, passphrase)
    loader = _pem_key if PEM_MARK in content else _der_key
    key, secret = _opened(lambda word: loader(content, word), content, path, passphrase)
    return Loaded(_usable(key, path), (), secret)


def certificates(path: Path) -> tuple[bytes, ...]:
    """Return the DER certificates of a PEM file, or of one DER certificate, in their order.

    Raises `CredentialError`.
    """
    content = read_file(path)
    if PEM_MARK not in content and content[:1] == b"\x30":
        return (content,)
    return pem_certificates(content, path)


def pem_certificates(content: bytes, path: object) -> tuple[bytes, ...]:
    """Return the DER certificates of PEM bytes. Raises `CredentialError`: none, or damaged."""
    try:
        ders = _pem.blocks(content)
    except ValueError as exc:
        raise CredentialError("kz.error.chain-damaged", path=path, detail=exc) from exc
    if not ders:
        raise CredentialError("kz.error.chain-empty", path=path)
    return ders


def _pem_key(content: bytes, secret: bytes | None) -> object:
    return serialization.load_pem_private_key(content, secret)


def _der_key(content: bytes, secret: bytes | None) -> object:
    return serialization.load_der_private_key(content, secret)


def _opened(
    load: Callable[[bytes | None], object],
    content: bytes,
    path: Path,
    passphrase: Callable[[], bytes] | None,
) -> tuple[object, bytes | None]:
    """Load without a passphrase, and with one where the library says that it needs it."""
    try:
        return load(None), None
    except TypeError as exc:  # encrypted
        if passphrase is None:
            raise CredentialError("kz.error.passphrase-needed", path=path) from exc
    except (ValueError, UnsupportedAlgorithm) as exc:
        raise _refusal(content, path, exc) from exc
    secret = passphrase()
    try:
        return load(secret), secret
    except UnsupportedAlgorithm as exc:
        raise _refusal(content, path, exc) from exc
    except (ValueError, TypeError) as exc:
        raise CredentialError("kz.error.passphrase", path=path) from exc


def _pkcs12(content: bytes, path: Path, passphrase: Callable[[], bytes] | None) -> Loaded:
    try:
        bag, secret = _bag(content, passphrase)
    except (UnsupportedAlgorithm, ValueError, TypeError) as exc:
        if _names_gost(content, path, exc) or OPENED not in str(exc):
            raise _refusal(content, path, exc) from exc
        code = "kz.error.passphrase" if passphrase else "kz.error.passphrase-needed"
        raise CredentialError(code, path=path) from exc
    return Loaded(_usable(bag.key, path), _bag_chain(bag, path), secret)


def _bag_chain(bag: pkcs12.PKCS12KeyAndCertificates, path: Path) -> tuple[bytes, ...]:
    if bag.cert is None:
        return ()
    leaf, *others = (
        entry.certificate.public_bytes(serialization.Encoding.DER)
        for entry in (bag.cert, *bag.additional_certs)
    )
    try:
        return _certificates.ordered(leaf, tuple(others))
    except _x509.CertificateError as exc:
        raise CredentialError("kz.error.chain-damaged", path=path, detail=exc) from exc


def _bag(
    content: bytes, passphrase: Callable[[], bytes] | None
) -> tuple[pkcs12.PKCS12KeyAndCertificates, bytes | None]:
    """Open a PKCS#12 file; the library cannot tell an encrypted one from a damaged one."""
    try:
        return pkcs12.load_pkcs12(content, None), None
    except (ValueError, TypeError):
        if passphrase is None:
            raise
    secret = passphrase()
    return pkcs12.load_pkcs12(content, secret), secret


def _usable(key: object, path: Path) -> SigningKey:
    if key is None:
        raise CredentialError("kz.error.key-damaged", path=path)
    signing = _keys.signing_key(key)
    if signing is None:
        raise CredentialError("kz.error.key-algorithm", path=path, detail=_keys.kind_of(key))
    return signing


def _refusal(content: bytes, path: Path, cause: Exception) -> CredentialError:
    """Say why a key does not load: GOST, another algorithm, or no key at all."""
    if _names_gost(content, path, cause):
        return CredentialError("kz.error.gost", path=path)
    if isinstance(cause, UnsupportedAlgorithm):
        return CredentialError("kz.error.key-algorithm", path=path, detail=cause)
    return CredentialError("kz.error.key-damaged", path=path)


def _names_gost(content: bytes, path: Path, cause: Exception) -> bool:
    """Whether a key that does not load is a GOST key: by its bytes, the reason, or its name.

    NUC RK's files encrypt all that tells them apart, but not their name (GOST512_….p12).
    """
    return (
        is_gost(content)
        or path.name.upper().startswith("GOST")
        or any(arc in str(cause) for arc in _keys.GOST_ARCS)
    )


def is_gost(content: bytes) -> bool:
    """Whether key bytes (PEM or DER) name a GOST algorithm: a look, not a parse."""
    import base64
    import binascii

    bodies = [content]
    for body in PEM_BODY.findall(content):
        try:
            bodies.append(base64.b64decode(body))
        except binascii.Error:
            continue
    return any(GOST.search(body) for body in bodies)


def match(key: SigningKey, leaf: bytes, path: Path) -> None:
    """Raise `CredentialError` where the key is not that of the certificate."""
    certificate = _x509.read(leaf)
    if _x509.public_bytes(key.public_key()) != _x509.public_bytes(certificate.key):
        raise CredentialError("kz.error.key-mismatch", path=path, detail=certificate.name)
