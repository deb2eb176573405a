"""A path becomes an asset: read once, its digest, its container, its tags."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from pathlib import Path
from typing import BinaryIO

from kzlabel.errors import UnreadableAssetError, UnsupportedFormatError, UsageError, printable
from kzlabel.formats import FORMATS
from kzlabel.formats._text_sniff import may_be_utf16
from kzlabel.model import COMPANION_SUFFIXES, SNIFFED_BYTES, Asset, Companion, Format

HELD_BYTES = 32 * 1024 * 1024
"""Files up to this size are read once and held in memory; larger ones are streamed."""
_CHUNK = 1024 * 1024
_LABEL_HEAD = 512
_LABEL_MARKS = (b"jumb", b'"statement"')
"""What a companion begins with: a JUMBF superbox, or the sidecar's first member."""
_GONE = {errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.EPERM, errno.ENAMETOOLONG, errno.ELOOP}


def open_asset(path: Path, *, digested: bool = True) -> Asset:
    """Read `path`: its bytes once, their digest and container; tags are read apart.

    Without `digested` there is no digest: where nothing signs it, nobody asks for it. Raises
    `UsageError` where the path is missing, closed to us or not a regular file, and
    `UnreadableAssetError` where it is empty.
    """
    with open_regular(path) as file:
        size = os.fstat(file.fileno()).st_size
        if not size:
            raise UnreadableAssetError("kz.error.empty", path=path)
        content = file.read() if size <= HELD_BYTES else None
        head = content[:SNIFFED_BYTES] if content is not None else file.read(SNIFFED_BYTES)
        digest = _digest(head if content is None else content, file) if digested else ""
    room = next((room for room in FORMATS if room.sniff(head, path)), None)
    media_type = room.spec.media_types[0] if room else "application/octet-stream"
    return Asset(path, room, media_type, size, digest, content)


def companion(path: Path, content: bytes) -> Companion:
    """Return what a row says of a companion that was read."""
    return Companion(name=printable(path.name), sha256=hashlib.sha256(content).hexdigest())


def _digest(read: bytes, rest: BinaryIO) -> str:
    """Return the SHA-256 of what was read and of what follows, in hexadecimal digits."""
    digest = hashlib.sha256(read)
    while chunk := rest.read(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def open_regular(path: Path) -> BinaryIO:
    """Open a regular file for reading; raises `UsageError` for anything else, never blocks."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as exc:
        if exc.errno == errno.ENXIO:  # a socket, or a device that nothing is behind
            raise UsageError("kz.error.not-a-file", path=path) from exc
        code = "kz.error.closed" if exc.errno in _GONE else "kz.error.os"
        raise UsageError(code, path=path, detail=exc) from exc
    except ValueError as exc:  # a NUL in the name
        raise UsageError("kz.error.closed", path=path, detail=exc) from exc
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        code = "kz.error.is-directory" if stat.S_ISDIR(mode) else "kz.error.not-a-file"
        raise UsageError(code, path=path)
    return os.fdopen(descriptor, "rb")


def room_of(asset: Asset) -> Format:
    """Return the asset's room; raises `UnsupportedFormatError` where its content is of none."""
    if asset.format is not None:
        return asset.format
    owner = _owner_of_label(asset)
    if owner is None:
        bare = may_be_utf16((asset.content or b"")[:SNIFFED_BYTES])
        code = "kz.error.bare-utf-16" if bare else "kz.error.unknown-format"
        raise UnsupportedFormatError(code, path=asset.path)
    code = "kz.error.label-itself" if os.path.lexists(owner) else "kz.error.label-alone"
    raise UnsupportedFormatError(code, path=asset.path, name=owner.name)


def _owner_of_label(asset: Asset) -> Path | None:
    """Return the file that `asset` is the label of, by its name and first bytes; else None."""
    head = (asset.content or b"")[:_LABEL_HEAD]
    for suffix, mark in zip(COMPANION_SUFFIXES, _LABEL_MARKS, strict=True):
        name = asset.path.name.removesuffix(suffix)
        if name not in ("", ".", asset.path.name) and mark in head:  # `..c2pa` is nobody's
            return asset.path.with_name(name)
    return None
