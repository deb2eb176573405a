"""What all labels of one batch share, and how it comes to where they are made.

A private key in memory goes to processes of this machine that label for us, and nowhere else. One
that stays in an HSM or a KMS does not travel: then the labels are made in this process. Elsewhere
(another executor's machines) a function of the caller's loads the credential where the work is.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import lru_cache

from kzlabel import __version__
from kzlabel._passwords import Password
from kzlabel.credential import Credential
from kzlabel.errors import CredentialError
from kzlabel.model import Disclosure, ManifestPlace, NoticeConfig

LABELLING_TIME_LIMIT = 120.0
"""Seconds one file may take before its worker is killed."""
Load = Callable[[], Credential]
"""Gives the credential where a label is made."""


@dataclass(frozen=True)
class Order:
    """What all labels of one batch share."""

    disclosure: Disclosure
    """Each label has an id and a moment of its own."""
    load: Load = field(compare=False, repr=False)
    notice: NoticeConfig | None = None
    force: bool = False
    over_broken: bool = False
    manifest: ManifestPlace = ManifestPlace.AUTO
    password: Password | str | None = field(default=None, repr=False)
    """Of encrypted documents; one that is asked for is asked for in this process."""
    folders: bool = True
    """Whether folders of destinations are made."""
    batch: str = field(default_factory=lambda: os.urandom(16).hex())
    """By which its labels are known again where nobody was left to hear that they were made.

    A run that goes on with what another has begun has the same.
    """

    def knowing(self, password: Password | str | None, *, resumed: bool = False) -> Order:
        """Return the same with a password; one that is `resumed` is of one batch every time."""
        return replace(self, password=password, batch="" if resumed else self.batch)

    @property
    def credential(self) -> Credential:
        """The credential, loaded once in each process. Raises as `load` does."""
        return _loaded(self)

    @property
    def run(self) -> str:
        """Return what labels depend on beside the source: tool, and a digest of all asked."""
        said, signer = self.disclosure, self.credential
        asked = (
            said.statement, said.system, said.provider, said.training_allowed, said.prompt,
            self.notice, self.over_broken, self.manifest, signer.chain, signer.tsa,
        )  # fmt: skip
        digest = hashlib.sha256(repr(asked).encode("utf-8", "surrogatepass")).hexdigest()
        return f"kzlabel/{__version__} label {digest[:16]}"


@lru_cache(maxsize=1)
def _loaded(order: Order) -> Credential:
    return order.load()


# --- How a credential comes to where labels are made ----------------------------------------------


def load_from(credential: Credential | Load, executor: Executor | None) -> Load:
    """Return what gives `credential` to the tasks of `executor`; None: to our own processes."""
    from concurrent.futures import ProcessPoolExecutor

    if not isinstance(credential, Credential):
        return credential
    near = executor is None or isinstance(executor, ProcessPoolExecutor)
    return Carried.of(credential) if near and credential.private_key else Kept(credential)


@dataclass(frozen=True)
class Carried:
    """A credential whose key is in memory, for another process on this machine."""

    unsigning: Credential = field(repr=False)

    @classmethod
    def of(cls, credential: Credential) -> Carried:
        """Take a credential along, without the function that cannot be."""
        return cls(replace(credential, sign=bytes))

    def __call__(self) -> Credential:
        """Return the credential, signing again."""
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        from kzlabel._keys import signer, signing_key

        pem = self.unsigning.private_key or b""
        key = signing_key(load_pem_private_key(pem, None))
        if key is None:
            raise CredentialError("kz.error.key-algorithm", path=self.unsigning.name, detail="?")
        return replace(self.unsigning, sign=signer(key))


@dataclass(frozen=True)
class Kept:
    """A credential that does not leave this process."""

    credential: Credential = field(repr=False)

    def __call__(self) -> Credential:
        """Return it."""
        return self.credential

    def __reduce__(self) -> tuple[object, ...]:
        raise CredentialError("kz.error.key-stays", path=self.credential.name)
