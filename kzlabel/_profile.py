"""The C2PA certificate profile, in words: which rule of it a chain breaks.

C2PA 2.2, 14.5.1 "Certificate Profiles" (https://c2pa.org/specifications/). Where c2pa-rs is laxer
than the text (a usage of nonRepudiation alone), the text decides: other verifiers keep to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel import _chain, _keys, _x509
from kzlabel.model import Finding, FindingOutcome, finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from kzlabel._x509 import Certificate

VERSION = 3
SERVICES = frozenset({"1.3.6.1.5.5.7.3.8", "1.3.6.1.5.5.7.3.9"})
"""timeStamping and OCSPSigning: each alone, and then no signer of claims."""


def judge(chain: Sequence[bytes], now: datetime) -> Iterator[Finding]:
    """Yield what is wrong with a leaf-first chain, worst first; see `kzlabel.credential.check`."""
    if not 1 <= len(chain) <= _chain.MAX_CHAIN:
        yield _failure("length", str(len(chain)))
        return
    certificates = []
    for number, der in enumerate(chain, 1):
        try:
            certificates.append(_x509.read(der))
        except _x509.CertificateError as exc:
            yield _failure("unreadable", str(number), detail=exc)
            return
    yield from _role(certificates)
    yield from _leaf(certificates[0])
    for certificate in certificates:
        yield from _strength(certificate)
        yield from _dates(certificate, now)
    yield from _links(certificates)


def _role(certificates: Sequence[Certificate]) -> Iterator[Finding]:
    leaf = certificates[0]
    if leaf.ca and not all(entry.ca for entry in certificates):
        yield _failure("order", leaf.name)
    elif leaf.ca:
        yield _failure("ca", leaf.name)
    elif leaf.self_issued:
        yield _warning("self-signed", leaf.name)


def _leaf(leaf: Certificate) -> Iterator[Finding]:
    if leaf.version != VERSION:
        yield _failure("version", leaf.name, detail=leaf.version)
    yield from _usage(leaf)
    yield from _extended_usage(leaf)
    if not leaf.authority_key and not leaf.self_issued:
        yield _failure("authority-key", leaf.name)


def _usage(leaf: Certificate) -> Iterator[Finding]:
    if leaf.usage is None:
        yield _failure("usage-missing", leaf.name)
    elif "digital_signature" not in leaf.usage:
        yield _failure("usage", leaf.name, detail=", ".join(sorted(leaf.usage)))
    elif "key_cert_sign" in leaf.usage and not leaf.ca:
        yield _failure("usage-issuer", leaf.name)


def _extended_usage(leaf: Certificate) -> Iterator[Finding]:
    usages = leaf.extended_usage
    if not usages:
        yield _failure("extended-missing", leaf.name)
    elif _chain.ANY_USAGE in usages:
        yield _failure("extended-any", leaf.name)
    elif _chain.SIGNER_USAGES.isdisjoint(usages):
        yield _failure("extended", leaf.name, detail=", ".join(usages))
    elif not SERVICES.isdisjoint(usages):
        yield _failure("extended-mixed", leaf.name, detail=", ".join(usages))


def _strength(certificate: Certificate) -> Iterator[Finding]:
    if certificate.algorithm.startswith(_keys.GOST_ARCS):
        yield _failure("gost", certificate.name)
    elif _keys.algorithm_of(certificate.key) is None:
        yield _failure("key", certificate.name, detail=_keys.kind_of(certificate.key))
    elif certificate.algorithm not in _chain.SIGNATURES or certificate.digest not in _chain.DIGESTS:
        detail = certificate.digest or certificate.algorithm
        yield _failure("algorithm", certificate.name, detail=detail)


def _dates(certificate: Certificate, now: datetime) -> Iterator[Finding]:
    if now > certificate.not_after:
        yield _failure("expired", certificate.name, detail=certificate.not_after.date())
    elif now < certificate.not_before:
        yield _failure("not-yet", certificate.name, detail=certificate.not_before.date())


def _links(certificates: Sequence[Certificate]) -> Iterator[Finding]:
    for below, issuer in enumerate(certificates[1:]):
        certificate = certificates[below]
        if not _chain.may_issue(issuer, below):
            yield _failure("not-a-ca", issuer.name)
        elif not certificate.issued_by(issuer):
            yield _failure("link", certificate.name, detail=issuer.name)


def _failure(rule: str, path: str, **values: object) -> Finding:
    return finding(f"kz.certificate.{rule}", FindingOutcome.FAILURE, path=path, **values)


def _warning(rule: str, path: str) -> Finding:
    return finding(f"kz.certificate.{rule}", FindingOutcome.WARNING, path=path)
