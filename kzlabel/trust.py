"""Trust lists: whose signatures count, by kind."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from kzlabel import _pem, _trust_files
from kzlabel.errors import CredentialError
from kzlabel.locale import sentence

if TYPE_CHECKING:
    import ssl
    from collections.abc import Sequence

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
    CODE = "code"
    """Signed codes beside notices: the leaf certificates themselves are on the list."""


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
class Source:
    """Where a list is published."""

    name: str
    kinds: frozenset[TrustKind]
    url: str


DEFAULT_KINDS = frozenset({TrustKind.CLAIM, TrustKind.SIDECAR, TrustKind.CODE})
"""What a list vouches for when its user names no kind."""
ROOTS = frozenset({TrustKind.CLAIM, TrustKind.SIDECAR})
"""What a list of roots vouches for: a code names its leaf's key, and has no chain."""
PUBLISHED = "https://raw.githubusercontent.com/c2pa-org/conformance-public/main/trust-list/"
OFFICIAL = (
    Source("C2PA-TRUST-LIST", ROOTS, PUBLISHED + "C2PA-TRUST-LIST.pem"),
    Source(
        "C2PA-TSA-TRUST-LIST", frozenset({TrustKind.TSA}), PUBLISHED + "C2PA-TSA-TRUST-LIST.pem"
    ),
)
"""The lists of the C2PA conformance programme."""
UPDATE_TIMEOUT = 60.0
"""Seconds for one list."""


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

    pem = _pem.text((credential.root,))
    own = TrustList(
        name=credential.name,
        kinds=ROOTS,
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


def parse(spec: str) -> TrustList:
    """Read `[KIND=]PEM`; without a kind the list serves claims, sidecars and codes.

    Its date is the file's. Raises `CredentialError`; an empty list is an error, not an empty list.
    """
    kinds, path = kind_and_path(spec)
    return _read(path, path.stem, kinds or DEFAULT_KINDS, None)


def kind_and_path(spec: str) -> tuple[frozenset[TrustKind], Path]:
    """Split `[KIND=]PEM`; no kinds where none is named.

    What stands before `=` may be a file's own name. Raises `CredentialError` for an unknown kind.
    """
    kind, mark, rest = spec.partition("=")
    if mark and kind in set(TrustKind):
        return frozenset({TrustKind(kind)}), Path(rest)
    if mark and len(Path(kind).parts) <= 1 and not os.path.lexists(spec):
        known = ", ".join(TrustKind)
        raise CredentialError("kz.error.trust-kind", path=spec, value=kind, known=known)
    return frozenset(), Path(spec)


def installed() -> TrustStore:
    """Return the installed lists (`kzlabel trust list`). Raises `CredentialError`."""
    lists = (
        _read(path, entry.name, _kinds(entry.kinds, path), entry.date)
        for entry, path in _trust_files.entries()
    )
    return TrustStore(tuple(lists))


def previous(name: str) -> TrustList | None:
    """Return the copy of an installed list that was last replaced. Raises `CredentialError`."""
    found = _trust_files.previous(name)
    if found is None:
        return None
    entry, path = found
    return _read(path, entry.name, _kinds(entry.kinds, path), entry.date)


def restore(name: str) -> TrustList:
    """Bring the copy back that was last replaced; the present one takes its place.

    Raises `CredentialError` where there is none.
    """
    found = _trust_files.previous(name)
    if found is None:
        raise CredentialError("kz.error.trust-no-previous", path=name)
    entry, path = found
    _trust_files.install(entry, _trust_files.read(path))
    return _read(path.with_suffix(""), entry.name, _kinds(entry.kinds, path), entry.date)


def add(path: Path, kinds: frozenset[TrustKind], name: str | None = None) -> TrustList:
    """Install a PEM file as a trust list; one of the same name is replaced.

    Raises `CredentialError` for a list that is empty or has an unreadable certificate.
    """
    found = _read(path, name or path.stem, kinds or DEFAULT_KINDS, None)
    _trust_files.install(_entry(found, None), _trust_files.read(path))
    return found


def update(
    sources: Sequence[Source], now: datetime, *, context: ssl.SSLContext | None = None
) -> tuple[TrustList, ...]:
    """Fetch lists over HTTPS and install them, dated `now`: all of them, or none.

    `context` adds certificate authorities (a company's own). Raises `CredentialError`.
    """
    from kzlabel._download import Door, fetch

    door = Door(_trust_files.MAX_LIST, UPDATE_TIMEOUT, context=context)
    fetched = [(source, fetch(source.url, door)) for source in sources]
    updated = []
    for source, content in fetched:
        _trust_files.refuse_unreadable(content, source.url)
        found = _list(content, source.url, source.name, source.kinds, now.isoformat("T", "seconds"))
        updated.append((found, source, content))
    for found, source, content in updated:
        _trust_files.install(_entry(found, source.url), content)
    return tuple(found for found, _, _ in updated)


def sources_of(specs: Sequence[str]) -> tuple[Source, ...]:
    """Read `KIND=URL` overrides; none of them means the C2PA lists.

    Raises `CredentialError` for another kind.
    """
    return tuple(_source(spec) for spec in specs) or OFFICIAL


def _source(spec: str) -> Source:
    kind, _, url = spec.partition("=")
    if kind not in set(TrustKind) or not url:
        raise CredentialError("kz.error.trust-source", path=spec)
    names = {TrustKind.CLAIM: OFFICIAL[0].name, TrustKind.TSA: OFFICIAL[1].name}
    return Source(names.get(TrustKind(kind), kind), frozenset({TrustKind(kind)}), url)


def _read(path: Path, name: str, kinds: frozenset[TrustKind], date: str | None) -> TrustList:
    content = _trust_files.read(path)
    if date is None:
        date = datetime.fromtimestamp(path.stat().st_mtime, UTC).date().isoformat()
    return _list(content, path, name, kinds, date)


def _list(
    content: bytes, path: object, name: str, kinds: frozenset[TrustKind], date: str
) -> TrustList:
    pem = _pem.text(_trust_files.anchors(content, path))
    return TrustList(name, kinds, pem, date, hashlib.sha256(content).hexdigest())


def _entry(entry: TrustList, url: str | None) -> _trust_files.Entry:
    return _trust_files.Entry(entry.name, tuple(sorted(entry.kinds)), entry.date, url)


def _kinds(names: Sequence[str], path: Path) -> frozenset[TrustKind]:
    try:
        return frozenset(TrustKind(name) for name in names)
    except ValueError as exc:
        raise CredentialError("kz.error.trust-damaged", path=path, detail=exc) from exc
