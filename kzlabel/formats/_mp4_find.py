"""Notices in MP4, MOV and M4A files, judged: what is seen, and what is heard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.formats._bmff import check_boxes
from kzlabel.formats._mp4_file import damage, read_movie
from kzlabel.formats._mp4_notice import DEMUXER
from kzlabel.formats._mp4_track import SOUND, VIDEO, tracks
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
        found = tracks(movie.traks)
        handlers = {each.handler for each in found}
        protected = any(each.protection for each in found)
    if protected:
        return tuple(_unjudged(hint, "kz.notice.undetermined", perceivable=None) for hint in hints)
    seen = [hint for hint in hints if hint.medium == "visible"]
    heard = [hint for hint in hints if hint.medium == "audible"]
    looks = medium is Medium.VIDEO and VIDEO in handlers
    listens = SOUND in handlers
    look_for = search and not hints
    visible = _visible(path, seen, search=look_for) if looks and (seen or look_for) else ()
    audible = _audible(path, heard, search=look_for) if listens and (heard or look_for) else ()
    if not hints:
        return (*visible, *audible)
    reports = {"visible": iter(visible), "audible": iter(audible)}
    return tuple(next(reports[hint.medium], None) or _gone(hint) for hint in hints)


def _visible(path: Path, hints: Sequence[Placement], *, search: bool) -> tuple[NoticeReport, ...]:
    from kzlabel.formats import _video

    return _video.judge(path, DEMUXER, hints, search=search)


def _audible(path: Path, hints: Sequence[Placement], *, search: bool) -> tuple[NoticeReport, ...]:
    from kzlabel.formats import _sound

    return _sound.judge(path, DEMUXER, hints, search=search)


def _gone(hint: Placement) -> NoticeReport:
    """Return the report of a notice whose track is not there: nobody sees or hears it."""
    code = "kz.notice.covered" if hint.medium == "visible" else "kz.notice.not-heard"
    return _unjudged(hint, code, perceivable=False)


def _unjudged(hint: Placement, code: str, *, perceivable: bool | None) -> NoticeReport:
    return NoticeReport(
        medium=hint.medium,
        text=" ".join(hint.lines),
        languages=hint.languages,
        perceivable=perceivable,
        code=code,
    )
