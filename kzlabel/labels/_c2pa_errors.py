"""What c2pa-rs failed of, in our words: the callback, the authority, the credential or the file."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING

import c2pa  # noqa: TID253  of the border; its users import it inside functions

from kzlabel.errors import CredentialError, RefusedError
from kzlabel.labels._c2pa_signals import raising

if TYPE_CHECKING:
    from collections.abc import Callable

    from kzlabel.credential import Credential

_OF_CREDENTIAL = re.compile(r"\b(signingCredential|timeStamp)\.")
_OF_SIGNER = re.compile(r"signingCredential\.(expired|untrusted|revoked)")
_TSA_FAILURE = re.compile(r"http|time-? ?stamp|\btsa\b|\bur[il]\b|respon|nonce", re.IGNORECASE)


class _Lost(threading.local):
    """What a signing callback raised in this thread; c2pa-rs only says that it failed."""

    exception: BaseException | None = None


_lost = _Lost()


def forget() -> None:
    """Begin a signing: what an earlier one of this thread raised is over."""
    _lost.exception = None


def happened() -> BaseException | None:
    """Return what the signing callback raised last in this thread."""
    return _lost.exception


def keeping_the_cause(sign: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """Return `sign` as c2pa-python calls it, its exception kept."""

    def callback(message: bytes) -> bytes:
        try:
            with raising():
                return bytes(memoryview(sign(message)))
        except BaseException as exc:  # noqa: BLE001  a caller's key may fail in any way; it is said
            _lost.exception = exc
            return b""  # c2pa-python takes an empty signature as the failure it is

    return callback


def translated(
    exc: c2pa.C2paError, credential: Credential, path: str
) -> CredentialError | RefusedError:
    """Say in our words what failed: the callback, the authority, the credential or the file."""
    cause = happened()
    if cause is not None:
        detail = f"{type(cause).__name__}: {cause}"
        return CredentialError("kz.error.signing-callback", path=credential.name, detail=detail)
    of_credential = isinstance(exc, c2pa.C2paError.Signature) or _OF_CREDENTIAL.search(str(exc))
    if not of_credential:
        return RefusedError("kz.error.manifest-refused", path=path, detail=exc)
    return unusable(credential, exc)


def unusable(credential: Credential, exc: Exception) -> CredentialError:
    """Say whether the credential or its time-stamp authority failed."""
    detail = " ".join(str(exc).split())
    if credential.tsa and (_TSA_FAILURE.search(detail) or not _OF_SIGNER.search(detail)):
        return CredentialError("kz.error.tsa", path=credential.tsa, detail=detail)
    return CredentialError("kz.error.signing", path=credential.name, detail=detail)
