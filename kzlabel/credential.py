"""Signing keys and certificate chains: what a label is signed with."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from kzlabel import _keyfiles, _pem
from kzlabel.errors import CredentialError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from kzlabel.model import Finding


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


def load(  # noqa: PLR0913  the parts of a credential, by name
    key: Path,
    chain: Path | None = None,
    *,
    passphrase: Callable[[], bytes] | None = None,
    root: Path | None = None,
    tsa: str | None = None,
    name: str | None = None,
    now: datetime | None = None,
) -> Credential:
    """Read a private key and its chain (PEM, DER; PKCS#12 holds both) and judge them.

    `passphrase` is called only where the key is encrypted. The root may stand last in the chain or
    in a file of its own. Raises `CredentialError` for the first rule that is broken.
    """
    from kzlabel import _keyload, _keys

    loaded = _keyload.load_key(key, passphrase)
    ders = _keyload.certificates(chain) if chain and chain != key else loaded.certificates
    if not ders:
        raise CredentialError("kz.error.chain-empty", path=chain or key)
    roots = _keyload.certificates(root) if root else ()
    made = from_callback(
        _keys.signer(loaded.key),
        _pem.text((*ders, *roots[:1])).encode(),
        name=name or key.stem,
        tsa=tsa,
        now=now,
    )
    _keyload.match(loaded.key, made.chain[0], key)
    return replace(made, private_key=_keys.pkcs8(loaded.key))


def from_store(
    name: str,
    *,
    passphrase: Callable[[], bytes] | None = None,
    tsa: str | None = None,
    now: datetime | None = None,
) -> Credential:
    """Read a credential from the key store (`kzlabel keys init|import`) by its name.

    Raises `CredentialError`.
    """
    home = _keyfiles.existing(name)
    root = home / _keyfiles.ROOT
    return load(
        home / _keyfiles.KEY,
        home / _keyfiles.CHAIN,
        passphrase=passphrase,
        root=root if root.exists() else None,
        tsa=tsa,
        name=name,
        now=now,
    )


def from_callback(
    sign: Callable[[bytes], bytes],
    chain_pem: bytes,
    *,
    name: str = "callback",
    tsa: str | None = None,
    now: datetime | None = None,
) -> Credential:
    """Make a credential whose key stays elsewhere, in an HSM or a KMS.

    `sign` gets the message (not its digest) and returns raw r||s for ECDSA, RSASSA-PSS with SHA-256
    and a salt of 32 bytes for RSA, 64 bytes for Ed25519; it may be called from several threads. The
    chain is leaf first; a root at its end is kept as the root. Raises `CredentialError`.
    """
    from kzlabel import _certificates, _keyload, _keys, _x509

    ders = _keyload.pem_certificates(chain_pem, name)
    refuse_broken(check(ders, now or datetime.now(UTC)))
    chain, root = _certificates.split_root(ders)
    leaf = _x509.read(chain[0])
    return Credential(
        name=name,
        algorithm=_keys.algorithm_for(leaf.key, leaf.name),
        chain=chain,
        sign=_keys.measured(sign, leaf.key, name),
        root=root,
        tsa=tsa,
        development=_certificates.DEVELOPMENT in leaf.name.lower(),
    )


def check(chain: Sequence[bytes], now: datetime) -> tuple[Finding, ...]:
    """Say which rules of the C2PA certificate profile a leaf-first DER chain breaks.

    Empty where it breaks none; failures keep it from signing, warnings do not.
    """
    from kzlabel import _profile

    return tuple(_profile.judge(chain, now))


def refuse_broken(findings: Sequence[Finding]) -> None:
    """Raise `CredentialError` with the first failure among the findings of `check`."""
    for entry in findings:
        if entry.outcome == "failure":
            raise CredentialError(entry.code, **entry.values)


def passphrase_from(file: Path | None = None) -> Callable[[], bytes] | None:
    """Return how a passphrase is had: a 0600 file, else KZLABEL_PASSPHRASE; None for neither.

    It is looked for when called, and `CredentialError` is raised then.
    """
    return _keyfiles.passphrase(file)
