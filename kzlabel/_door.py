"""What a caller hands in, checked at the door: from Python nothing else checks it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import TypeVar

import msgspec

from kzlabel._identity import is_bin
from kzlabel.errors import UsageError
from kzlabel.model import Disclosure, Value

_Given = TypeVar("_Given", bound=Value)
_COUNTRY = re.compile("[A-Z]{2}")
LONGEST_TIME = 86_400
"""Seconds that a file may be given: a day."""
_LABEL_ID = re.compile("urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def valid(given: object, kind: type[_Given]) -> _Given:
    """Return `given` as a valid `kind`: words for its enumerations count as their members.

    Raises `UsageError` naming the member that cannot be.
    """
    try:
        return msgspec.convert(msgspec.to_builtins(given), kind)
    except (msgspec.ValidationError, TypeError, UnicodeError) as exc:
        raise UsageError("kz.error.argument", path=kind.__name__, detail=exc) from exc


def valid_disclosure(given: object) -> Disclosure:
    """Return a disclosure that can be said; raises `UsageError` naming what is wrong with it."""
    disclosure = valid(given, Disclosure)
    provider, system = disclosure.provider, disclosure.system
    for name in (provider.name, system.name, system.version):
        if name is not None and not (name.strip() and name.isprintable()):
            raise UsageError("kz.error.blank", path=name)
    if provider.bin is not None and not is_bin(provider.bin):
        raise UsageError("kz.error.bin", value=provider.bin)
    if provider.country is not None and not _COUNTRY.fullmatch(provider.country):
        raise UsageError("kz.error.country", value=provider.country)
    if provider.url is not None and not provider.url.startswith(("http://", "https://")):
        raise UsageError("kz.error.url", value=provider.url)
    if not _LABEL_ID.fullmatch(disclosure.label_id):
        raise UsageError("kz.error.label-id", path=disclosure.label_id)
    if disclosure.issued.tzinfo is None:
        raise UsageError("kz.error.moment", path=disclosure.issued)
    return disclosure


def require_many(name: str, given: object) -> None:
    """Refuse one path where many are meant: its letters would be taken for paths."""
    if isinstance(given, (str, bytes, os.PathLike)) or not isinstance(given, Iterable):
        raise UsageError("kz.error.argument", path=name, detail=type(given).__name__)


def require_or_function(name: str, given: object, *kinds: type) -> None:
    """Refuse what is neither of these kinds nor a function that gives one."""
    if not (isinstance(given, kinds) or callable(given)):
        raise UsageError("kz.error.argument", path=name, detail=type(given).__name__)


def require_work(workers: object, seconds: object) -> None:
    """Refuse what is no number of workers, or no time that a file may take."""
    if workers is not None and not (type(workers) is int and workers >= 1):
        raise UsageError("kz.error.argument", path="workers", detail=repr(workers))
    if not (isinstance(seconds, (int, float)) and 0 < seconds <= LONGEST_TIME):
        raise UsageError("kz.error.argument", path="seconds", detail=repr(seconds))
