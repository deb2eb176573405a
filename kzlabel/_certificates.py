"""Making certificates: a development root and leaf, and certificate requests.

The leaf follows the C2PA certificate profile (C2PA 14.5.1, https://c2pa.org/specifications/):
version 3, emailProtection as its extended key usage, digitalSignature, an authority key identifier,
not a CA.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from kzlabel import _keys
from kzlabel.errors import CredentialError

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography import x509

    from kzlabel._keys import SigningKey
    from kzlabel.credential import Algorithm

DEVELOPMENT = "development"
"""Stands in the subject (CN and O) of every certificate made here."""
ROOT_DAYS = 3650
MAX_BAG = 16
"""Certificates beside the key in a PKCS#12 file."""
CLOCK_SKEW = timedelta(minutes=10)
"""Certificates begin this much earlier, for verifiers whose clock is behind."""
MAX_NAME_BYTES = 40
"""X.520 allows 64 bytes in CN and O; our own words take the rest."""


@dataclass(frozen=True)
class Development:
    """A leaf with its key, and the root it was issued by; the root's key is never kept."""

    key: SigningKey
    leaf: bytes
    root: bytes


def issue_development(algorithm: Algorithm, name: str, now: datetime, days: int) -> Development:
    """Make a root and a leaf that lasts `days` from `now`.

    Raises `CredentialError` for a name that a certificate cannot hold.
    """
    if not name.strip() or len(name.encode("utf-8", "replace")) > MAX_NAME_BYTES:
        raise CredentialError("kz.error.key-name", path=name, detail=MAX_NAME_BYTES)
    key, root_key = _keys.generate(algorithm), _keys.generate(algorithm)
    root = _root(root_key, _subject(name, "root"), now, max(days, ROOT_DAYS))
    leaf = _leaf(key, _subject(name, "signer"), now, days, (root, root_key))
    return Development(key, _der(leaf), _der(root))


def request(key: SigningKey, subject: str) -> bytes:
    """Return a PKCS#10 request (PEM) for `key`; `subject` is an RFC 4514 name.

    Raises `CredentialError` where the subject is not such a name.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509.oid import ExtendedKeyUsageOID

    try:
        name = x509.Name.from_rfc4514_string(subject)
    except ValueError as exc:
        raise CredentialError("kz.error.subject", path=subject, detail=exc) from exc
    if not list(name):
        raise CredentialError("kz.error.subject", path=subject, detail="empty")
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
    builder = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(name)
        .add_extension(_key_usage(signs=True), critical=True)
        .add_extension(usage, critical=False)
    )
    return builder.sign(key, _keys.certificate_hash(key)).public_bytes(Encoding.PEM)


def _subject(name: str, role: str) -> x509.Name:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    name = "kzlabel" if name == DEVELOPMENT else name  # the store's default is said once
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, f"{name} ({DEVELOPMENT})"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{name} {DEVELOPMENT} {role}"),
        ]
    )


def _root(key: SigningKey, name: x509.Name, now: datetime, days: int) -> x509.Certificate:
    from cryptography import x509

    builder = (
        _builder(name, name, now, days)
        .public_key(key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs=False), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return builder.sign(key, _keys.certificate_hash(key))


def _leaf(
    key: SigningKey,
    name: x509.Name,
    now: datetime,
    days: int,
    issuer: tuple[x509.Certificate, SigningKey],
) -> x509.Certificate:
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID

    root, root_key = issuer
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key())
    builder = (
        _builder(name, root.subject, now, days)
        .public_key(key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs=True), critical=True)
        .add_extension(usage, critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(authority, critical=False)
    )
    return builder.sign(root_key, _keys.certificate_hash(root_key))


def _builder(
    name: x509.Name, issuer: x509.Name, now: datetime, days: int
) -> x509.CertificateBuilder:
    from cryptography import x509

    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(now + timedelta(days=days))
    )


def _key_usage(*, signs: bool) -> x509.KeyUsage:
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=not signs,
        crl_sign=not signs,
        encipher_only=False,
        decipher_only=False,
    )


def _der(certificate: x509.Certificate) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.DER)


def begins(certificate: bytes) -> datetime:
    """Return the moment from which a DER certificate is valid."""
    from cryptography import x509

    return x509.load_der_x509_certificate(certificate).not_valid_before_utc


def split_root(ders: tuple[bytes, ...]) -> tuple[tuple[bytes, ...], bytes | None]:
    """Return a chain without the root at its end, and that root; a lone certificate stays."""
    from kzlabel import _x509

    last = _x509.read(ders[-1])
    return (ders[:-1], ders[-1]) if len(ders) > 1 and last.self_issued else (ders, None)


def ordered(leaf: bytes, others: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """Return a chain in order, from a bag of certificates (PKCS#12 has no order); strays go."""
    from kzlabel import _x509

    chain = [_x509.read(leaf)]
    left = [_x509.read(der) for der in others[:MAX_BAG]]
    while True:
        issuer = next((entry for entry in left if chain[-1].issued_by(entry)), None)
        if issuer is None or chain[-1].self_issued:
            return tuple(entry.der for entry in chain)
        left.remove(issuer)
        chain.append(issuer)
