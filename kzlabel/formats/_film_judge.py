"""Notices in a file of pictures and sound, judged: each by the sense that it is for."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kzlabel.model import NoticeReport

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kzlabel.model import Placement


class Film(NamedTuple):
    """A file, and what it has."""

    path: Path
    demuxer: str
    pictures: bool
    sound: bool


def judge(film: Film, hints: Sequence[Placement], *, search: bool) -> tuple[NoticeReport, ...]:
    """Judge each hint, in order; without any, and where `search`, look and listen for ours.

    What there is no track for is undetermined. Raises as `_video.judge` and `_sound.judge` do.
    """
    seen = [hint for hint in hints if hint.medium == "visible"]
    heard = [hint for hint in hints if hint.medium == "audible"]
    wanted = search and not hints
    visible = _visible(film, seen, search=wanted) if film.pictures and (seen or wanted) else ()
    audible = _audible(film, heard, search=wanted) if film.sound and (heard or wanted) else ()
    if not hints:
        return (*visible, *audible)
    reports = {"visible": iter(visible), "audible": iter(audible)}
    return tuple(next(reports.get(hint.medium, iter(())), _undetermined(hint)) for hint in hints)


def _visible(film: Film, hints: Sequence[Placement], *, search: bool) -> tuple[NoticeReport, ...]:
    from kzlabel.formats._video import judge as look

    return look(film.path, film.demuxer, hints, search=search)


def _audible(film: Film, hints: Sequence[Placement], *, search: bool) -> tuple[NoticeReport, ...]:
    from kzlabel.formats._sound import judge as listen

    return listen(film.path, film.demuxer, hints, search=search)


def _undetermined(hint: Placement) -> NoticeReport:
    return NoticeReport(
        medium=hint.medium,
        text=" ".join(hint.lines),
        languages=hint.languages,
        perceivable=None,
        code="kz.notice.undetermined",
    )
