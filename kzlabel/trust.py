"""Trust lists: whose signatures count, by kind."""

from __future__ import annotations

import hashlib
import ssl
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from kzlabel.errors import CredentialError
from kzlabel.locale import sentence

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from kzlabel.credential import Credential


class ChainStatus(StrEnum):
    """Whether a chain of certificates leads to an anchor."""

    TRUSTED = "trusted"
    UNTRUSTED = "untrusted"
    EXPIRED = "expired"
    """It leads to an anchor, but a certificate of it was not valid at the moment asked about."""


@dataclass(frozen=True)
class ChainTrust:
    """What became of a chain."""

    status: ChainStatus
    code: str
    """Why: a code of the table of sentences (`kz.chain.*`), its `{path}` a certificate's name."""
    certificate: str = ""
    """The subject (RFC 4514) that the reason is about."""
    anchor: int | None = None
    """Index in `anchors_pem` of the list that vouches for the chain."""

    @property
    def detail(self) -> str:
        """The reason in English."""
        return sentence(self.code, path=self.certificate)


class TrustKind(StrEnum):
    """What a list vouches for."""

    CLAIM = "claim"
    TSA = "tsa"
    SIDECAR = "sidecar"


@dataclass(frozen=True)
class TrustList:
    """One list of anchors."""

    name: str
    kinds: frozenset[TrustKind]
    pem: str
    """The anchors: PEM certificates."""
    date: str
    """When it was published or last changed, ISO 8601 (a date or a moment)."""
    sha256: str
    """Of the file as it lies on disk."""


@dataclass(frozen=True)
class TrustStore:
    """The lists one verification rests on; empty means that every signer is untrusted."""

    lists: tuple[TrustList, ...] = ()

    def of(self, kind: TrustKind) -> tuple[TrustList, ...]:
        """Return the lists that vouch for `kind`."""
        return tuple(entry for entry in self.lists if kind in entry.kinds)


def store_of(credential: Credential) -> TrustStore:
    """Return a store of the credential's own root, to check its labels before release.

    Raises `CredentialError` where the root is not known.
    """
    if credential.root is None:
        raise CredentialError("kz.error.no-root", path=credential.name)
    from kzlabel import _certificates

    pem = ssl.DER_cert_to_PEM_cert(credential.root)
    own = TrustList(
        name=credential.name,
        kinds=frozenset({TrustKind.CLAIM, TrustKind.SIDECAR}),
        pem=pem,
        date=_certificates.begins(credential.root).date().isoformat(),
        sha256=hashlib.sha256(pem.encode()).hexdigest(),
    )
    return TrustStore((own,))


def chain_trust(chain: Sequence[bytes], anchors_pem: Sequence[str], at: datetime) -> ChainTrust:
    """Judge a leaf-first chain of DER certificates against PEM anchors at the moment `at`.

    Offline, so revocation is not looked up. An anchor's own dates do not count (RFC 5280 6.1.1 d):
    the list vouches for it, as in c2pa-rs.
    """
    from kzlabel import _chain

    return _chain.judge(chain, anchors_pem, at)
