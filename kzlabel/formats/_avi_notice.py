"""A notice in an AVI: FFmpeg codes and muxes, and what it does not write is put back.

FFmpeg writes `hdrl`, `movi`, the indexes, names of streams and those texts of `INFO` that it knows;
`_avi_shape` adds the shape of pixels.
Of the source's other chunks (XMP, further texts, what any tool has put there) each goes to the end
of the new file as it is; a manifest (`C2PA`) does not, as it is about other bytes.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from kzlabel.errors import RefusedError
from kzlabel.formats._assembled import assemble, edited
from kzlabel.formats._avi_layout import Avi, Chunk, inside, list_form, read_avi
from kzlabel.formats._avi_playing import DEMUXER, film_of
from kzlabel.formats._avi_shape import shapes
from kzlabel.formats._avi_tags import at_end
from kzlabel.model import MEDIUM_OF

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

    from kzlabel.model import Notice, Placement

_AS_THEY_ARE = {"avoid_negative_ts": "disabled"}
"""FFmpeg would show pictures later by what an audio encoder begins early."""
MAX_KEPT = 8 << 20
"""Bytes of the source's other chunks that are put back."""
_MADE_ANEW = (b"idx1", b"JUNK", b"C2PA")
_LISTS_MADE_ANEW = (b"hdrl", b"movi")


def write_notice(src: Path, dst: Path, notice: Notice) -> Placement:
    """Copy `src` to `dst` with the notice; the contract is `Format.write_notice`'s."""
    avi = read_avi(src)
    film = film_of(avi)
    visible = MEDIUM_OF[notice.style] == "visible"
    if not (film.pictures if visible else film.sound.there):
        raise RefusedError("kz.error.no-video" if visible else "kz.error.no-sound", path=src)
    film.refuse(notice)
    with _beside(dst) as made:
        placement = _made(src, made, notice, visible=visible)
        result = read_avi(made)
        kept = _kept(avi, result)
        behind = at_end(result, result.end, kept) if kept else []
        assemble(dst, edited(made, result.size, [*shapes(avi, result), *behind]))
    return placement


def _made(src: Path, dst: Path, notice: Notice, *, visible: bool) -> Placement:
    if visible:
        from kzlabel.formats._video import burn

        return burn(src, dst, DEMUXER, "avi", notice)
    from kzlabel._av.wrapping import Wrapping
    from kzlabel.formats._sound import rewrite

    return rewrite(src, dst, notice, Wrapping(DEMUXER, "avi", _AS_THEY_ARE))


@contextmanager
def _beside(dst: Path) -> Iterator[Path]:
    """Name a file beside `dst` that is taken away again."""
    path = dst.with_name(f"{dst.name}.made")
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def _kept(avi: Avi, made: Avi) -> bytes:
    """Return the source's chunks that FFmpeg did not write, one after the other."""
    with avi.path.open("rb") as file, made.path.open("rb") as other:
        known = {name for each in made.all(b"LIST") for name in _info(other, made, each)}
        chunks = [
            chunk
            for riff in avi.riffs
            for chunk in riff.chunks
            if chunk.name not in _MADE_ANEW and not _written(file, avi, chunk, known)
        ]
        size = sum(chunk.size for chunk in chunks)
        if size > MAX_KEPT:
            raise RefusedError("kz.error.avi-chunk", path=avi.path, limit=MAX_KEPT)
        return b"".join(_raw(file, chunk) for chunk in chunks)


def _written(file: BinaryIO, avi: Avi, chunk: Chunk, known: set[bytes]) -> bool:
    """Whether FFmpeg writes this list itself; of texts, whether all are there again."""
    if chunk.name != b"LIST":
        return False
    if list_form(file, chunk) in _LISTS_MADE_ANEW:
        return True
    texts = set(_info(file, avi, chunk))
    return bool(texts) and texts <= known


def _info(file: BinaryIO, avi: Avi, chunk: Chunk) -> Iterator[bytes]:
    """Yield the names of an `INFO` list's texts; of no other list any."""
    if list_form(file, chunk) == b"INFO":
        for text in inside(file, avi, chunk):
            yield text.name


def _raw(file: BinaryIO, chunk: Chunk) -> bytes:
    file.seek(chunk.at)
    content = file.read(chunk.stop - chunk.at)
    return content + b"\0" * (chunk.stop - chunk.at - len(content))
