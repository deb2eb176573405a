"""A notice in a Matroska file: FFmpeg codes and muxes, and what it drops is put back.

FFmpeg sees a file without attachments, which its muxer would number anew, or make tracks of.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from kzlabel.errors import RefusedError
from kzlabel.formats import _matroska_tracks as tracks
from kzlabel.formats._assembled import Edit, assemble, edited
from kzlabel.formats._ebml import VOID, Budget, head
from kzlabel.formats._matroska_layout import ATTACHMENTS, Layout, read_layout
from kzlabel.formats._matroska_playing import DEMUXER, film_of
from kzlabel.formats._matroska_restore import Remade, restore, track_entries
from kzlabel.model import MEDIUM_OF

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kzlabel.model import Notice, Placement

_RAW = {"allow_raw_vfw": "1"}
"""Uncompressed pictures go over too, if they came."""
_VOID_HEADER = 9
"""Bytes of a Void's header that says its size in eight."""


def write_notice(src: Path, dst: Path, notice: Notice) -> Placement:
    """Copy `src` to `dst` with the notice; the contract is `Format.write_notice`'s."""
    layout = read_layout(src)
    coded = tracks.VIDEO if MEDIUM_OF[notice.style] == "visible" else tracks.AUDIO
    budget = Budget(src)
    held = track_entries(layout, budget)
    tracks.check(held, coded, budget)
    if not any(tracks.value(fields, tracks.TYPE) == coded for fields in held):
        code = "kz.error.no-video" if coded == tracks.VIDEO else "kz.error.no-sound"
        raise RefusedError(code, path=src)
    film_of(layout).refuse(notice)
    with _beside(dst, "made") as made:
        with _bare(layout, dst) as bare:
            placement = _made(bare, made, notice, layout)
        restore(layout, made, dst, Remade(coded, placement))
    return placement


def _made(src: Path, dst: Path, notice: Notice, layout: Layout) -> Placement:
    """Let FFmpeg write the tracks, those with the notice coded anew."""
    muxer = "webm" if layout.doc_type == "webm" else "matroska"
    if MEDIUM_OF[notice.style] == "visible":
        from kzlabel.formats._video import burn

        return burn(src, dst, DEMUXER, muxer, notice, options=_RAW, light_kept=True)
    from kzlabel._av.wrapping import Wrapping
    from kzlabel.formats._sound import rewrite

    return rewrite(src, dst, notice, Wrapping(DEMUXER, muxer, _RAW))


@contextmanager
def _beside(dst: Path, role: str) -> Iterator[Path]:
    """Name a file beside `dst` that is taken away again."""
    path = dst.with_name(f"{dst.name}.{role}")
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


@contextmanager
def _bare(layout: Layout, dst: Path) -> Iterator[Path]:
    """Give the file, or a copy of it whose attachments are Void."""
    attachments = layout.all(ATTACHMENTS)
    if not attachments:
        yield layout.path
        return
    edits = [
        Edit(at.at, at.at + _VOID_HEADER, head(VOID, at.end - at.at - _VOID_HEADER, 8))
        for at in attachments
        if at.end - at.at >= _VOID_HEADER
    ]
    with _beside(dst, "bare") as path:
        assemble(path, edited(layout.path, layout.size, edits))
        yield path
