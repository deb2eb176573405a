"""How a container asks players to play it, and what a judgement of its notices is worth then.

What is judged are frames and samples as FFmpeg decodes them. A container may ask for something
else: for a part of the picture only, stretched or moved, for tracks that are not played, for
chapters in another order. Where it does, a notice that is there is not thereby perceived: its
report is undetermined, and says why. An audible notice must be heard in every track that is on.

Out of reach: what other tracks put on top, such as subtitles that draw a box over the notice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from kzlabel.errors import RefusedError
from kzlabel.model import MEDIUM_OF, NoticeReport

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from kzlabel.model import Notice, Placement, Region

CROPPED, RESHAPED, SEE_THROUGH = "cropped", "reshaped", "see-through"
SWITCHED_OFF, REARRANGED = "switched-off", "rearranged"
_NOTICE, _ERROR = "kz.notice.", "kz.error.film-"
WIDEST_PIXEL = 8
"""A pixel is at most so many times as wide as it is high; `_av.video` takes others for square."""
_RANK = {False: 0, None: 1, True: 2}
_ROUNDING = 1e-6


class Sound(NamedTuple):
    """The tracks of sound."""

    there: int
    heard: tuple[int, ...]
    """The numbers, from 0, of those that are on."""
    doubt: str = ""


class Pictures(NamedTuple):
    """The track of pictures."""

    doubt: str = ""
    inset: float = 0.0
    """How much is cut off at one side at most, as a fraction."""


@dataclass(frozen=True)
class Film:
    """A file, and how it is to be played."""

    path: Path
    demuxer: str
    pictures: Pictures | None
    sound: Sound

    def refuse(self, notice: Notice) -> None:
        """Raise `RefusedError` where what would be written might not be perceived."""
        if MEDIUM_OF[notice.style] == "visible":
            doubt = self.pictures.doubt if self.pictures else ""
        else:
            doubt = _unheard(self.sound)
        if doubt:
            raise RefusedError(f"{_ERROR}{doubt}", path=self.path)

    def refuse_cut(self, placement: Placement) -> None:
        """Raise `RefusedError` where a notice lies in what is cut off."""
        if self.pictures and _is_cut(placement.region, self.pictures.inset):
            raise RefusedError(f"{_ERROR}{CROPPED}", path=self.path)


def judge(film: Film, hints: Sequence[Placement], *, search: bool) -> tuple[NoticeReport, ...]:
    """Judge each hint, in order; without any, and where `search`, look and listen for ours.

    A notice that there is no track for is not there. Raises as `_video.judge` and `_sound.judge`.
    """
    seen = [hint for hint in hints if hint.medium == "visible"]
    heard = [hint for hint in hints if hint.medium == "audible"]
    wanted = search and not hints
    visible = _visible(film, seen, search=wanted) if film.pictures and (seen or wanted) else ()
    audible = _audible(film, heard, search=wanted) if film.sound.there and (heard or wanted) else ()
    if not hints:
        return (*visible, *audible)
    reports = {"visible": iter(visible), "audible": iter(audible)}
    return tuple(next(reports.get(hint.medium, iter(())), _gone(hint)) for hint in hints)


def _visible(film: Film, hints: Sequence[Placement], *, search: bool) -> tuple[NoticeReport, ...]:
    from kzlabel.formats._video import judge as look

    asked = film.pictures or Pictures()
    return tuple(
        _doubted(each, CROPPED if _is_cut(each.where, asked.inset) else asked.doubt)
        if each.text
        else each  # words that nobody read, or a code alone
        for each in look(film.path, film.demuxer, hints, search=search)
    )


def _is_cut(region: Region | None, inset: float) -> bool:
    if not inset or region is None:
        return False
    ends = region.x, region.y, 1 - region.x - region.w, 1 - region.y - region.h
    return min(ends) < inset - _ROUNDING


def _audible(film: Film, hints: Sequence[Placement], *, search: bool) -> tuple[NoticeReport, ...]:
    from kzlabel.formats._sound import judge as listen

    doubt = _unheard(film.sound)
    tracks = film.sound.heard or (0,)
    by_track = [listen(film.path, film.demuxer, hints, search=search, track=at) for at in tracks]
    rows = _worst(by_track) if hints else _in_all(by_track)
    return tuple(_doubted(each, doubt) for each in rows)


def _unheard(sound: Sound) -> str:
    return SWITCHED_OFF if sound.there and not sound.heard else sound.doubt


def _worst(by_track: Sequence[Sequence[NoticeReport]]) -> tuple[NoticeReport, ...]:
    """Return for each hint the report of the track in which it is heard the least."""
    return tuple(
        min(rows, key=lambda row: _RANK[row.perceivable]) for rows in zip(*by_track, strict=True)
    )


def _in_all(by_track: Sequence[Sequence[NoticeReport]]) -> tuple[NoticeReport, ...]:
    """Return what was found in the first track that has something, if the others have it too."""
    found = next((rows for rows in by_track if rows), ())
    if all(any(row.perceivable for row in rows) for rows in by_track):
        return tuple(found)
    return tuple(
        _said(row, "kz.notice.not-heard", perceivable=False) if row.perceivable else row
        for row in found
    )


def _doubted(row: NoticeReport, doubt: str) -> NoticeReport:
    """Return the report of a notice that is there, but may not be perceived."""
    if not doubt or row.perceivable is False:
        return row
    return _said(row, f"{_NOTICE}{doubt}", perceivable=None)


def _said(row: NoticeReport, code: str, *, perceivable: bool | None) -> NoticeReport:
    from msgspec.structs import replace

    return replace(row, code=code, perceivable=perceivable)


def _gone(hint: Placement) -> NoticeReport:
    """Return the report of a notice whose track is not there: nobody sees or hears it."""
    code = "kz.notice.covered" if hint.medium == "visible" else "kz.notice.not-heard"
    return NoticeReport(
        medium=hint.medium, text=" ".join(hint.lines), languages=hint.languages,
        perceivable=False, code=code,
    )  # fmt: skip


def is_stretched(aspect: float) -> bool:
    """Whether pixels of that shape, width by height, are judged as another one."""
    return not 1 / WIDEST_PIXEL <= aspect <= WIDEST_PIXEL


def sound_of(on: Iterable[bool], doubt: str = "") -> Sound:
    """Return the tracks of sound, of which it is known which are on."""
    flags = tuple(on)
    return Sound(len(flags), tuple(at for at, is_on in enumerate(flags) if is_on), doubt)
