"""The key store: `$XDG_CONFIG_HOME/kzlabel/keys/NAME/{key,chain,root}.pem`, and passphrases.

A key file is 0600 from the instant it exists, in a directory that is 0700; a name appears whole.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from kzlabel.errors import CredentialError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
KEY, CHAIN, ROOT, REQUEST = "key.pem", "chain.pem", "root.pem", "request.pem"
PRIVATE, PUBLIC = 0o600, 0o644
OTHERS = 0o077
MAX_PASSPHRASE = 4096
ENVIRONMENT = "KZLABEL_PASSPHRASE"


def folder() -> Path:
    """Return where keys lie; it need not exist."""
    base = os.environ.get("XDG_CONFIG_HOME") or ""
    # The XDG specification has relative paths ignored.
    root = Path(base) if os.path.isabs(base) else Path.home() / ".config"  # noqa: PTH117
    return root / "kzlabel" / "keys"


def home_of(name: str) -> Path:
    """Return the directory of a key by its name. Raises `CredentialError` for a bad name."""
    if not NAME.fullmatch(name):
        raise CredentialError("kz.error.key-name-form", path=name)
    return folder() / name


def existing(name: str) -> Path:
    """Return the directory of a key that is there. Raises `CredentialError`."""
    home = home_of(name)
    if not (home / KEY).is_file():
        raise CredentialError("kz.error.key-missing", path=name)
    return home


def save(name: str, files: Mapping[str, bytes], *, force: bool) -> Path:
    """Write a key's files as one directory, and return it.

    Raises `CredentialError` where the name is taken and `force` is not given.
    """
    home = home_of(name)
    if not force:
        refuse_taken(name)
    home.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = _directory(home.parent)
    try:
        for file, content in files.items():
            write_new(fresh / file, content, PRIVATE if file == KEY else PUBLIC)
        _swap(fresh, home)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return home


def refuse_taken(name: str) -> None:
    """Raise `CredentialError` where a key of this name exists."""
    if home_of(name).exists():
        raise CredentialError("kz.error.key-exists", path=name)


def write_new(path: Path, content: bytes, mode: int) -> None:
    """Write a file that must not exist yet, with its mode from the start."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def passphrase(file: Path | None) -> Callable[[], bytes] | None:
    """Return how a passphrase is had: from the file, else KZLABEL_PASSPHRASE; None for neither.

    The file is looked at when the passphrase is asked for; `CredentialError` where others may read
    it.
    """
    if file is not None:
        return partial(_passphrase_file, file)
    given = os.environ.get(ENVIRONMENT)
    return partial(os.fsencode, given) if given else None


def password_in(file: Path | None) -> str | None:
    """Return the password of documents that `file` holds, if any; raises as `passphrase` does."""
    return _passphrase_file(file).decode("utf-8", "surrogateescape") if file else None


def _passphrase_file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            content = file.read(MAX_PASSPHRASE + 1)
    except OSError as exc:
        raise CredentialError("kz.error.key-read", path=path, detail=exc) from exc
    if stat.S_IMODE(status.st_mode) & OTHERS:
        mode = f"{stat.S_IMODE(status.st_mode):04o}"
        raise CredentialError("kz.error.passphrase-mode", path=path, detail=mode)
    secret = content.removesuffix(b"\n").removesuffix(b"\r")
    if not secret or len(content) > MAX_PASSPHRASE or not stat.S_ISREG(status.st_mode):
        raise CredentialError("kz.error.passphrase-file", path=path)
    return secret


def _directory(parent: Path) -> Path:
    import tempfile  # slow to load, and only needed here

    return Path(tempfile.mkdtemp(prefix=".kzlabel-", dir=parent))


def _swap(fresh: Path, home: Path) -> None:
    """Put `fresh` at `home`; an old directory is moved aside first, then deleted."""
    if home.exists():
        aside = _directory(home.parent)
        home.rename(aside / "old")
        fresh.rename(home)
        shutil.rmtree(aside, ignore_errors=True)
    else:
        fresh.rename(home)
