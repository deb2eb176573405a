"""Installed trust lists: `NAME.pem` and `NAME.json` in `$XDG_DATA_HOME/kzlabel/trust/`.

Replaced whole, never edited; the copy before is kept as `NAME.pem.previous`, `NAME.json.previous`.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from kzlabel import _pem
from kzlabel.errors import CredentialError

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_LIST = 8 * 2**20
"""Bytes of one trust list; C2PA's has about 100 KB."""
MAX_ENTRY = 65536
PREVIOUS = ".previous"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=False):
    """What the JSON beside a list says."""

    name: str
    kinds: tuple[str, ...]
    date: str
    url: str | None = None


def folder() -> Path:
    """Return where installed lists lie; it need not exist."""
    base = os.environ.get("XDG_DATA_HOME") or ""
    # The XDG specification has relative paths ignored.
    root = Path(base) if os.path.isabs(base) else Path.home() / ".local" / "share"  # noqa: PTH117
    return root / "kzlabel" / "trust"


def read(path: Path) -> bytes:
    """Return a trust list's bytes. Raises `CredentialError`: missing, too large."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_LIST + 1)
    except OSError as exc:
        raise CredentialError("kz.error.trust-read", path=path, detail=exc) from exc
    if len(content) > MAX_LIST:
        raise CredentialError("kz.error.trust-size", path=path, detail=MAX_LIST)
    return content


def anchors(content: bytes, path: object) -> tuple[bytes, ...]:
    """Return a list's certificates. An empty list raises `CredentialError`: fail closed."""
    try:
        ders = _pem.blocks(content)
    except ValueError as exc:
        raise CredentialError("kz.error.trust-damaged", path=path, detail=exc) from exc
    if not ders:
        raise CredentialError("kz.error.trust-empty", path=path)
    return ders


def entries() -> Iterator[tuple[Entry, Path]]:
    """Yield what is installed, and the path of each list. Raises `CredentialError`."""
    for path in sorted(folder().glob("*.json")):
        yield _entry(path), path.with_suffix(".pem")


def previous(name: str) -> tuple[Entry, Path] | None:
    """Return the copy that was last replaced by another; None where there is none.

    Raises `CredentialError` for a name that is no file name, or a copy that is damaged.
    """
    path = _path(name)
    copy, entry = (_previous(one) for one in (path, path.with_suffix(".json")))
    return (_entry(entry), copy) if copy.exists() and entry.exists() else None


def install(entry: Entry, content: bytes) -> Path:
    """Write a list and its entry; readers see the old list or the new one, whole.

    Raises `CredentialError` for a name that is no file name or a list with unreadable certificates.
    """
    path = _path(entry.name)
    refuse_unreadable(content, entry.url or entry.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    described = path.with_suffix(".json")
    if path.exists() and described.exists() and path.read_bytes() != content:
        for kept in (described, path):  # fetched anew and the same, it would push out the real one
            replace(_previous(kept), kept.read_bytes())
    replace(path, content)
    replace(described, msgspec.json.format(msgspec.json.encode(entry)))
    return path


def _path(name: str) -> Path:
    if not NAME.fullmatch(name):
        raise CredentialError("kz.error.trust-name", path=name)
    return folder() / f"{name}.pem"


def _previous(path: Path) -> Path:
    return path.with_name(path.name + PREVIOUS)


def replace(path: Path, content: bytes) -> None:
    """Write a file so that a reader, or a crash, never meets half of it."""
    import tempfile  # slow to load, and only needed here

    handle, name = tempfile.mkstemp(prefix=".kzlabel-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _entry(path: Path) -> Entry:
    try:
        with path.open("rb") as file:
            return msgspec.json.decode(file.read(MAX_ENTRY), type=Entry)
    except OSError as exc:
        raise CredentialError("kz.error.trust-read", path=path, detail=exc) from exc
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise CredentialError("kz.error.trust-damaged", path=path, detail=exc) from exc


def refuse_unreadable(content: bytes, path: object) -> None:
    """Raise `CredentialError` where a list is empty, or one of its certificates cannot be read."""
    from kzlabel import _x509

    for der in anchors(content, path):
        try:
            _x509.read(der)
        except _x509.CertificateError as exc:
            raise CredentialError("kz.error.trust-damaged", path=path, detail=exc) from exc
