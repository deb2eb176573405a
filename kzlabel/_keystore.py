"""What `kzlabel keys` does to the key store: a development key, an imported one, a request."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kzlabel import _keyfiles, _pem, credential
from kzlabel.errors import CredentialError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from kzlabel.credential import Algorithm


def create(name: str, algorithm: Algorithm, *, force: bool, now: datetime | None = None) -> Path:
    """Store a development credential and return its directory. Raises `CredentialError`."""
    if not force:
        _keyfiles.refuse_taken(name)  # before the work of making a key
    made = credential.development(algorithm, name=name, now=now)
    if made.private_key is None or made.root is None:
        raise AssertionError("a development credential has its key and its root")
    files = {
        _keyfiles.KEY: made.private_key,
        _keyfiles.CHAIN: _pem.text(made.chain).encode(),
        _keyfiles.ROOT: _pem.text((made.root,)).encode(),
    }
    return _keyfiles.save(name, files, force=force)


def bring(  # noqa: PLR0913  the parts of a credential, by name
    name: str,
    key: Path | None,
    chain: Path | None,
    *,
    passphrase: Callable[[], bytes] | None,
    force: bool,
    now: datetime | None = None,
) -> Path:
    """Store a key and its chain, judged first; an encrypted key stays encrypted.

    Without `key`, the chain is for the key that `request` made. Raises `CredentialError`.
    """
    from kzlabel import _keyload, _keys

    home = _keyfiles.home_of(name)
    pending = key is None and not (home / _keyfiles.CHAIN).exists()
    if key is None and (chain is None or not home.exists()) and not _requested(home):
        raise CredentialError("kz.error.key-not-given", path=name)
    if not (force or pending):
        _keyfiles.refuse_taken(name)
    path = key or _keyfiles.existing(name) / _keyfiles.KEY
    loaded = _keyload.load_key(path, passphrase)
    secret = loaded.secret
    made = credential.load(
        path, chain, passphrase=(lambda: secret) if secret else None, name=name, now=now
    )
    files = {
        _keyfiles.KEY: _keys.pkcs8(loaded.key, secret),
        _keyfiles.CHAIN: _pem.text(made.chain).encode(),
    }
    if made.root:
        files[_keyfiles.ROOT] = _pem.text((made.root,)).encode()
    return _keyfiles.save(name, files, force=force or pending)


def _requested(home: Path) -> bool:
    """Whether `request` made a key here whose certificate has not come yet."""
    return (home / _keyfiles.REQUEST).exists()


def request(
    name: str, subject: str, algorithm: Algorithm, *, secret: bytes | None, force: bool
) -> Path:
    """Store a new key and a PKCS#10 request for it, and return the request's path.

    The key is encrypted where there is a `secret`. Raises `CredentialError`.
    """
    from kzlabel import _certificates, _keys

    if not force:
        _keyfiles.refuse_taken(name)
    key = _keys.generate(algorithm)
    files = {
        _keyfiles.KEY: _keys.pkcs8(key, secret),
        _keyfiles.REQUEST: _certificates.request(key, subject),
    }
    return _keyfiles.save(name, files, force=force) / _keyfiles.REQUEST


def chain_of(target: str | Path) -> tuple[bytes, ...]:
    """Return the chain of a stored key, its root last, or of a PEM file. Raises `CredentialError`.

    A path is told from a name by a separator in it, or by its being a file.
    """
    from kzlabel import _keyload

    path = Path(target)
    if path.is_file() or len(path.parts) > 1:
        return _keyload.certificates(path)
    home = _keyfiles.existing(str(target))
    chain = home / _keyfiles.CHAIN
    if not chain.exists():
        raise CredentialError("kz.error.chain-empty", path=chain)
    root = home / _keyfiles.ROOT
    roots = _keyload.certificates(root) if root.exists() else ()
    return (*_keyload.certificates(chain), *roots)
