"""What the three ways to carry a manifest store in a text have in common (C2PA 2.4, A.7 to A.9)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence

import msgspec

from kzlabel.errors import RefusedError
from kzlabel.model import Enclosed


def without(content: bytes, found: Sequence[Enclosed]) -> bytes:
    """Return the text without the stores, and ruins, that were found in it.

    What only names a URL stays: it is the author's.
    """
    kept, at = [], 0
    for one in found:
        if not one.url:
            kept.append(content[at : one.start])
            at = one.start + one.length
    return b"".join((*kept, content[at:]))


def only_one(found: Sequence[Enclosed], failure: str) -> Sequence[Enclosed]:
    """Return what was found; where that is more than one, each has failed, with this status."""
    if len(found) <= 1:
        return found
    return tuple(msgspec.structs.replace(one, failure=one.failure or failure) for one in found)


def cleared(content: bytes, found: Sequence[Enclosed]) -> bytes:
    """Return the text as it takes a manifest: without what was found in it.

    Raises `RefusedError` where it is not in UTF-8, or names a manifest by its URL: it would have
    two then.
    """
    if any(one.url for one in found):
        raise no_place("referenced")
    kept = without(content, found)
    try:
        kept.decode()
    except UnicodeDecodeError as exc:
        raise no_place("encoding") from exc
    return kept


def no_place(reason: str) -> RefusedError:
    """Return the error of a text that has no place for a manifest: `kz.manifest.beside.REASON`."""
    return RefusedError(f"kz.manifest.beside.{reason}")


def armoured(store: bytes) -> bytes:
    """Return a store in Base64 (RFC 4648, 4): one run, padded."""
    return base64.b64encode(store)


def unarmoured(text: bytes) -> bytes:
    """Return the store of a run of Base64; empty where it is not the one way to write a store."""
    try:
        store = base64.b64decode(text, validate=True)
    except binascii.Error:
        return b""
    return store if armoured(store) == text else b""
