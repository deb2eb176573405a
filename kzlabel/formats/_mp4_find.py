"""Notices in MP4, MOV and M4A files, judged: what is seen, and what is heard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.formats._bmff import check_boxes
from kzlabel.formats._film_playing import judge
from kzlabel.formats._mp4_file import damage, read_movie
from kzlabel.formats._mp4_playing import film_of
from kzlabel.formats._mp4_track import tracks
from kzlabel.model import Medium, NoticeReport

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kzlabel.model import Placement


def find_notices(
    path: Path, hints: Sequence[Placement], medium: Medium, *, search: bool
) -> tuple[NoticeReport, ...]:
    """Judge each hint, in order; without any and where `search`, look for both kinds."""
    check_boxes(path)
    movie = read_movie(path)
    with damage(path):
        protected = any(each.protection for each in tracks(movie.traks))
    if protected:
        return tuple(map(_unjudged, hints))
    return judge(film_of(movie, medium), hints, search=search)


def _unjudged(hint: Placement) -> NoticeReport:
    return NoticeReport(
        medium=hint.medium,
        text=" ".join(hint.lines),
        languages=hint.languages,
        perceivable=None,
        code="kz.notice.undetermined",
    )
