"""Signing keys and certificate chains: what a label is signed with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Algorithm(StrEnum):
    """The signature algorithms we sign with, by their JOSE names (C2PA 13.2 allows the same)."""

    ES256 = "ES256"
    ES384 = "ES384"
    ES512 = "ES512"
    PS256 = "PS256"
    ED25519 = "Ed25519"


@dataclass(frozen=True)
class Credential:
    """A chain and a way to sign with its leaf's key."""

    name: str
    algorithm: Algorithm
    chain: tuple[bytes, ...]
    """DER certificates, leaf first, without the root."""
    sign: Callable[[bytes], bytes] = field(repr=False)
    """Sign a message: raw r||s for ECDSA, RFC 8017 PSS for PS256, 64 bytes for Ed25519."""
    root: bytes | None = None
    """DER of the root where it is known; only used to check our own labels before release."""
    private_key: bytes | None = field(default=None, repr=False)
    """Unencrypted PKCS#8 PEM where the key is in memory; None where it stays in an HSM or a KMS."""
    tsa: str | None = None
    """URL of an RFC 3161 time-stamp authority."""
    development: bool = False
    """Made by `kzlabel keys init`: good for trying, not for publishing."""


def development(
    algorithm: Algorithm = Algorithm.ES256,
    *,
    name: str = "kzlabel",
    now: datetime | None = None,
    days: int = 365,
) -> Credential:
    """Make a credential in memory: own root and leaf, valid for `days` from `now`.

    Its certificates say "development" in their names. Raises `CredentialError` for a bad name.
    """
    from kzlabel import _certificates, _keys

    made = _certificates.issue_development(algorithm, name, now or datetime.now(UTC), days)
    return Credential(
        name=name,
        algorithm=algorithm,
        chain=(made.leaf,),
        sign=_keys.signer(made.key),
        root=made.root,
        private_key=_keys.pkcs8(made.key),
        development=True,
    )
