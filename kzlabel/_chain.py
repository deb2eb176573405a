"""Whether a chain of certificates leads to an anchor: RFC 5280 section 6 for a chain in order.

The order is the sender's (leaf first, each certified by the next, RFC 7515 4.1.6), so no paths are
searched for and the work is linear. `cryptography.x509.verification` does not fit: it keeps to the
web's rules (no Ed25519, a subject alternative name) and never takes the leaf itself as an anchor.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from kzlabel import _keys, _pem, _x509
from kzlabel.trust import ChainStatus, ChainTrust

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from kzlabel._x509 import Certificate

MAX_CHAIN = 8
"""Certificates in a chain; C2PA chains have two or three."""
CACHED_LISTS = 16
SIGNATURES = frozenset(
    {
        "1.2.840.10045.4.3.2",  # ecdsa-with-SHA256
        "1.2.840.10045.4.3.3",  # ecdsa-with-SHA384
        "1.2.840.10045.4.3.4",  # ecdsa-with-SHA512
        "1.2.840.113549.1.1.11",  # sha256WithRSAEncryption
        "1.2.840.113549.1.1.12",  # sha384WithRSAEncryption
        "1.2.840.113549.1.1.13",  # sha512WithRSAEncryption
        "1.2.840.113549.1.1.10",  # RSASSA-PSS
        "1.3.101.112",  # Ed25519
    }
)
"""Signature algorithms on certificates that C2PA 14.5.1 allows."""
DIGESTS = frozenset({"sha256", "sha384", "sha512", None})
SIGNER_USAGES = frozenset(
    {
        "1.3.6.1.5.5.7.3.4",  # emailProtection
        "1.3.6.1.5.5.7.3.36",  # documentSigning
        "1.3.6.1.4.1.311.76.59.1.9",  # Microsoft C2PA signing
        "1.3.6.1.4.1.62558.2.1",  # C2PA claim signing
    }
)
"""Extended key usages of a signer; those of the time-stamp and OCSP services are none of them."""
ANY_USAGE = "2.5.29.37.0"
UNDERSTOOD = frozenset(
    {
        "2.5.29.15",  # key usage
        "2.5.29.17",  # subject alternative name: we judge no names
        "2.5.29.19",  # basic constraints
        "2.5.29.32",  # certificate policies: any policy will do
        "2.5.29.37",  # extended key usage
    }
)
"""Critical extensions that are honoured; any other one refuses the chain (RFC 5280 4.2)."""


def judge(chain: Sequence[bytes], anchors_pem: Sequence[str], at: datetime) -> ChainTrust:
    """Judge a chain, see `kzlabel.trust.chain_trust`."""
    # 1. Read the chain.
    if not 1 <= len(chain) <= MAX_CHAIN:
        return _untrusted("kz.chain.length", str(len(chain)))
    try:
        certificates = [_x509.read(der) for der in chain]
    except _x509.CertificateError as exc:
        return _untrusted("kz.chain.unreadable", str(exc))
    # 2. The leaf is a signer's.
    leaf = certificates[0]
    if not signs(leaf):
        return _untrusted("kz.chain.not-a-signer", leaf.name)
    # 3. Walk up to the first anchor; every link holds.
    lists = [_anchors(pem) for pem in anchors_pem]
    for index, certificate in enumerate(certificates):
        code = _link(certificates, index)
        if code:
            return _untrusted(code, certificate.name)
        anchor = _anchor(certificate, index, lists)
        if anchor is not None:
            # 4. Every certificate up to the anchor is valid at the moment asked about.
            return _dated(certificates[: index + 1], at, anchor)
    return _untrusted("kz.chain.no-anchor", leaf.name)


def signs(leaf: Certificate) -> bool:
    """Whether a certificate may sign labels: not a CA, and issued for signing documents or mail."""
    return (
        not leaf.ca
        and (leaf.usage is None or "digital_signature" in leaf.usage)
        and not SIGNER_USAGES.isdisjoint(leaf.extended_usage or ())
    )


def sound(certificate: Certificate) -> bool:
    """Whether a certificate's key, and the algorithm it is signed with, are ones C2PA allows."""
    return (
        certificate.algorithm in SIGNATURES
        and certificate.digest in DIGESTS
        and _keys.algorithm_of(certificate.key) is not None
    )


def may_issue(issuer: Certificate, below: int) -> bool:
    """Whether a certificate may issue signers, with `below` more CAs between it and the leaf."""
    return (
        issuer.ca
        and (
            issuer.extended_usage is None
            or not (SIGNER_USAGES | {ANY_USAGE}).isdisjoint(issuer.extended_usage)
        )
        and (issuer.usage is None or "key_cert_sign" in issuer.usage)
        and (issuer.path_length is None or issuer.path_length >= below)
    )


def _link(certificates: Sequence[Certificate], index: int) -> str | None:
    """Return what is wrong with a certificate as a link of its chain."""
    certificate = certificates[index]
    if not sound(certificate):
        return "kz.chain.algorithm"
    if certificate.critical - UNDERSTOOD:
        return "kz.chain.critical"
    if index == 0:
        return None
    if not may_issue(certificate, index - 1):
        return "kz.chain.not-a-ca"
    return None if certificates[index - 1].issued_by(certificate) else "kz.chain.broken"


def _anchor(certificate: Certificate, below: int, lists: Sequence[_Anchors]) -> int | None:
    """Return the index of the list that has the certificate, or an issuer of it."""
    for index, anchors in enumerate(lists):
        if certificate.der in anchors.ders:
            return index
        for issuer in anchors.by_subject.get(certificate.issuer, ()):
            if may_issue(issuer, below) and certificate.issued_by(issuer):
                return index
    return None


def _dated(path: Sequence[Certificate], at: datetime, anchor: int) -> ChainTrust:
    for certificate in path:
        if at > certificate.not_after:
            return ChainTrust(ChainStatus.EXPIRED, "kz.chain.expired", certificate.name, anchor)
        if at < certificate.not_before:
            return ChainTrust(ChainStatus.EXPIRED, "kz.chain.not-yet", certificate.name, anchor)
    return ChainTrust(ChainStatus.TRUSTED, "kz.chain.trusted", path[0].name, anchor)


def _untrusted(code: str, certificate: str) -> ChainTrust:
    return ChainTrust(ChainStatus.UNTRUSTED, code, certificate)


class _Anchors:
    """The readable certificates of one list."""

    def __init__(self, certificates: Iterator[Certificate]) -> None:
        by_subject: dict[bytes, tuple[Certificate, ...]] = {}
        for certificate in certificates:
            by_subject[certificate.subject] = (
                *by_subject.get(certificate.subject, ()),
                certificate,
            )
        self.by_subject: Mapping[bytes, tuple[Certificate, ...]] = by_subject
        self.ders = frozenset(entry.der for group in by_subject.values() for entry in group)


@lru_cache(maxsize=CACHED_LISTS)
def _anchors(pem: str) -> _Anchors:
    try:
        ders = _pem.blocks(pem.encode("utf-8", "replace"))
    except ValueError:
        ders = ()
    return _Anchors(_readable(ders))


def _readable(ders: Sequence[bytes]) -> Iterator[Certificate]:
    for der in ders:
        try:
            yield _x509.read(der)
        except _x509.CertificateError:
            continue  # an anchor that cannot be read vouches for nobody
