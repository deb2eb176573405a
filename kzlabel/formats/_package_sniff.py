"""Which member of the ZIP family a file is: light, as every file that begins like one is asked.

ODF and EPUB begin with a stored entry `mimetype`, whose content is the media type at byte 38 (ODF
1.4 part 2, 3.3; EPUB OCF 3.3, 4.2.2). OOXML is told by the content type of its main part.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

_ZIP = b"PK\x03\x04"
_MIMETYPE = re.compile(rb"PK\x03\x04.{4}\x00\x00.{16}\x08\x00.{2}mimetype", re.DOTALL)
_MEDIA_TYPE = re.compile(rb"[a-z]+/[a-z0-9.+-]{1,100}")
_MAIN = re.compile(
    rb"""ContentType\s*=\s*["']application/(?:"""
    rb"(vnd\.openxmlformats-officedocument\.wordprocessingml\.(?:document|template)"
    rb"|vnd\.ms-word\.(?:document|template)\.macroEnabled(?:Template)?)"
    rb"|(vnd\.openxmlformats-officedocument\.spreadsheetml\.(?:sheet|template)"
    rb"|vnd\.ms-excel\.(?:sheet|template)\.macroEnabled)"
    rb"|(vnd\.openxmlformats-officedocument\.presentationml\.(?:presentation|template|slideshow)"
    rb"|vnd\.ms-powerpoint\.(?:presentation|template|slideshow)\.macroEnabled)"
    rb")\.main\+xml",
    re.IGNORECASE,
)
_MEMBERS = ("docx", "xlsx", "pptx")
_FOLDER = re.compile(rb"PK\x03\x04.{26}(?:(word)|(xl)|(ppt))/", re.DOTALL)
_TYPES, _MAX_TYPES = "[Content_Types].xml", 4 << 20


def sniffed(head: bytes, path: Path) -> str | None:
    """Return `docx`, `xlsx`, `pptx`, or the media type that a package's `mimetype` entry names.

    None for any other file, or another ZIP. A damaged one is told by what its head still shows.
    """
    if not head.startswith(_ZIP):
        return None
    first = _MIMETYPE.match(head)
    if first:
        extra = int.from_bytes(head[28:30], "little")
        size = int.from_bytes(head[22:26], "little")
        start = first.end() + extra
        # With a data descriptor the size is not known here; the media type ends where PK begins.
        content = head[start : start + (size or 100)].split(b"PK")[0].strip()
        found = _MEDIA_TYPE.fullmatch(content)
        return found[0].decode() if found else None
    try:
        state = path.stat()
    except OSError:
        return None
    member = _office(str(path), state.st_ino, state.st_size, state.st_mtime_ns)
    return _by_head(head) if member is None else member or None


@lru_cache(maxsize=8)  # three rooms, and the workings, ask of the same file in turn
def _office(path: str, _inode: int, _size: int, _changed: int) -> str | None:
    """Return the member by its content types, "" for another ZIP, None for a damaged one."""
    from kzlabel.errors import KzlabelError
    from kzlabel.formats._package import opened

    try:
        package = opened(Path(path))
        types = package.part(_TYPES, _MAX_TYPES) if _TYPES in package else b""
    except (KzlabelError, OSError):
        return None
    found = _MAIN.search(types)
    return _member(found) if found else ""


def _by_head(head: bytes) -> str | None:
    found = _FOLDER.search(head)
    return _member(found) if found else None


def _member(found: re.Match[bytes]) -> str:
    return next(name for name, group in zip(_MEMBERS, found.groups(), strict=True) if group)
