"""The credential that a command signs with, as its options and settings name it."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from kzlabel.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kzlabel.config import CredentialSection
    from kzlabel.credential import Credential

FLAGS: Mapping[str, str] = MappingProxyType(
    {
        "name": "--credential",
        "chain": "--chain",
        "key": "--key",
        "passphrase_file": "--passphrase-file",
        "tsa": "--tsa",
    }
)
"""The flag of each key of `[credential]`."""
FILES = frozenset({"chain", "key", "passphrase_file"})
_DEFAULT_KEY = "development"


def credential_of(asked: CredentialSection, where: str) -> Credential:
    """Return the credential the settings name: files, or a name in the key store.

    `where` is what names the settings in an error. Raises `UsageError`, `CredentialError`.
    """
    from kzlabel.cli._passphrase import passphrase
    from kzlabel.credential import from_store, load

    secret = passphrase(Path(asked.passphrase_file) if asked.passphrase_file else None)
    if asked.key:
        chain = Path(asked.chain) if asked.chain else None  # a PKCS#12 file holds both
        return load(Path(asked.key), chain, passphrase=secret, tsa=asked.tsa)
    if asked.chain:
        raise UsageError("kz.error.config-missing", path=where, value="credential.key")
    return from_store(asked.name or _DEFAULT_KEY, passphrase=secret, tsa=asked.tsa)
