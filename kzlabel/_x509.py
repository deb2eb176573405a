"""Certificates as values: the border to `cryptography.x509`.

Certificates arrive in files from strangers, so everything a judge may ask for is parsed here, once,
and whatever the library raises becomes one `CertificateError`. Import this module lazily.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from cryptography import x509  # noqa: TID253  a border that its users import lazily
from cryptography.exceptions import (  # noqa: TID253  likewise
    InvalidSignature,
    UnsupportedAlgorithm,
)
from cryptography.hazmat.primitives.serialization import (  # noqa: TID253  likewise
    Encoding,
    PublicFormat,
)

if TYPE_CHECKING:
    from datetime import datetime

MAX_CERTIFICATE = 65536
"""Bytes of one DER certificate; real ones have one or two thousand."""
SERIAL = re.compile(
    rb"\A\x30(?:\x81.|\x82..)\x30(?:\x81.|\x82..|[\0-\x7f])(?:\xa0\x03\x02\x01.)?\x02(?:\x01\0|.[\x80-\xff])",
    re.DOTALL,
)
"""A certificate whose serial number is zero or negative (RFC 5280 4.1.2.2 forbids it). The library
warns on stderr, and says it will refuse: a stranger's file must not write to our stderr."""
T = TypeVar("T", bound=x509.ExtensionType)
USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
)


class CertificateError(ValueError):
    """Not a certificate that can be read."""


@dataclass(frozen=True)
class Certificate:
    """A parsed certificate."""

    der: bytes
    parsed: x509.Certificate = field(repr=False, compare=False)
    version: int
    subject: bytes
    """DER, which is how names are compared."""
    issuer: bytes
    not_before: datetime
    not_after: datetime
    algorithm: str
    """Of the signature on it, as a dotted OID."""
    digest: str | None
    """Of that signature; None where the algorithm has its own."""
    ca: bool
    path_length: int | None
    usage: frozenset[str] | None
    """Names as in `USAGES`; None without the extension."""
    extended_usage: tuple[str, ...] | None
    """Dotted OIDs; None without the extension."""
    authority_key: bool
    """Whether an authority key identifier is there."""
    critical: frozenset[str]
    """Dotted OIDs of the critical extensions."""
    key: object = field(repr=False, compare=False)
    """The public key, or None where the library does not know its kind."""

    @property
    def self_issued(self) -> bool:
        """Whether subject and issuer are one."""
        return self.subject == self.issuer

    @property
    def name(self) -> str:
        """The subject as people write it (RFC 4514)."""
        return self.parsed.subject.rfc4514_string()

    def issued_by(self, issuer: Certificate) -> bool:
        """Whether `issuer` has this subject's issuer name, and its key signed this certificate."""
        try:
            self.parsed.verify_directly_issued_by(issuer.parsed)
        except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
            return False
        return True


def read(der: bytes) -> Certificate:
    """Parse one DER certificate. Raises `CertificateError`."""
    if len(der) > MAX_CERTIFICATE:
        raise CertificateError(f"{len(der)} bytes")
    if SERIAL.match(der):
        raise CertificateError("the serial number is not positive")
    try:
        with warnings.catch_warnings(action="ignore"):  # as of long names
            return _certificate(der, x509.load_der_x509_certificate(der))
    except (
        ValueError,
        x509.InvalidVersion,
        x509.DuplicateExtension,
        x509.UnsupportedGeneralNameType,
        UnsupportedAlgorithm,
    ) as exc:
        raise CertificateError(_plain(exc)) from exc


def _plain(cause: Exception) -> str:
    """Return the library's reason without its parser's innards."""
    return str(cause).partition(" ParseError")[0].rstrip(":") or type(cause).__name__


def public_bytes(key: object) -> bytes:
    """Return a public key's DER, by which keys are compared."""
    export = getattr(key, "public_bytes", None)
    return export(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) if export else b""


def _certificate(der: bytes, parsed: x509.Certificate) -> Certificate:
    extensions = parsed.extensions
    basic = _extension(extensions, x509.BasicConstraints)
    usage = _extension(extensions, x509.KeyUsage)
    extended = _extension(extensions, x509.ExtendedKeyUsage)
    return Certificate(
        der=der,
        parsed=parsed,
        version=parsed.version.value + 1,
        subject=parsed.subject.public_bytes(),
        issuer=parsed.issuer.public_bytes(),
        not_before=parsed.not_valid_before_utc,
        not_after=parsed.not_valid_after_utc,
        algorithm=parsed.signature_algorithm_oid.dotted_string,
        digest=_digest(parsed),
        ca=basic is not None and basic.ca,
        path_length=basic.path_length if basic else None,
        usage=_usages(usage) if usage else None,
        extended_usage=tuple(oid.dotted_string for oid in extended) if extended else None,
        authority_key=_extension(extensions, x509.AuthorityKeyIdentifier) is not None,
        critical=frozenset(entry.oid.dotted_string for entry in extensions if entry.critical),
        key=_key(parsed),
    )


def _extension(extensions: x509.Extensions, kind: type[T]) -> T | None:
    try:
        return extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _usages(usage: x509.KeyUsage) -> frozenset[str]:
    return frozenset(name for name in USAGES if getattr(usage, name))


def _digest(parsed: x509.Certificate) -> str | None:
    try:
        digest = parsed.signature_hash_algorithm
    except UnsupportedAlgorithm:
        return "unknown"
    return digest.name if digest else None


def _key(parsed: x509.Certificate) -> object:
    try:
        return parsed.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return None  # GOST, say: the profile says so in words
