"""Trust lists: whose signatures count, by kind."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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
