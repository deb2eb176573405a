"""Subtitles: the notice is the first cue, shown from the start; a line a language.

It goes on until the first cue of the film, for 3 to 5 seconds; where that begins earlier, beside
it. An earlier notice, of another statement, keeps its place, and this one follows it. The cues of
SubRip are counted on. WebVTT keeps its header, styles, regions and comments first.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from kzlabel.errors import RefusedError
from kzlabel.formats._subtitles_cues import FIRST_SECONDS, Cue, cues_of, runs_of_cues
from kzlabel.formats._text_file import TextFile, read_whole
from kzlabel.formats._text_room import TextRoom
from kzlabel.model import Statement
from kzlabel.notices.words import says

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from kzlabel.formats._assembled import Stretch
    from kzlabel.notices.prose import Run

_LEAST_SECONDS, _SECONDS = 3.0, 5.0
"""Two languages are some 60 characters, which take four seconds to read."""
_NUMBER = re.compile(
    r"(?:(?<=[\r\n])|\A)([ \t]*)(\d{1,9})"
    r"(?=[ \t]*(?:\r\n|\n|\r)[ \t]*\d{1,6}:\d\d?:\d\d?[,.]\d{1,3}[ \t]*-->)"
)


class _SubtitlesRoom(TextRoom):
    """What both rooms of subtitles do."""

    def opened(self, path: Path) -> TextFile:
        return read_whole(path)

    def runs(self, file: TextFile) -> Iterable[Run]:
        return runs_of_cues(file.shown)


class SrtRoom(_SubtitlesRoom):
    """What the SubRip room does."""

    def parts(self, file: TextFile, lines: tuple[str, ...]) -> Iterable[bytes | Stretch]:
        place = _place(file)
        at = place.at if place.start else 0
        first = _NUMBER.search(file.head, at)
        number = first[2] if first else str(place.number)
        timing = place.timing.replace(".", ",")
        said = file.newline.join((*place.parting, number, timing, *lines, "", ""))
        counted = _NUMBER.sub(_next, file.head[at:])
        head = (file.kept(file.head[:at]), file.encoded(said), file.kept(counted))
        return (file.bom, *head, file.rest)


class VttRoom(_SubtitlesRoom):
    """What the WebVTT room does."""

    def parts(self, file: TextFile, lines: tuple[str, ...]) -> Iterable[bytes | Stretch]:
        if not _cues(file):
            raise RefusedError("kz.error.subtitles", path=file.path)
        place = _place(file)
        said = (*place.parting, place.timing, *lines, "", "")
        return file.with_words(place.at, file.newline.join(said))


class _Place(NamedTuple):
    """Where a notice goes among the cues, and when it is shown."""

    at: int
    number: int
    start: float
    end: float
    last: bool
    """No cue follows."""

    @property
    def timing(self) -> str:
        return f"{_stamp(self.start)} --> {_stamp(self.end)}"

    @property
    def parting(self) -> tuple[str, ...]:
        """What ends the cue before it, if the text ends with that."""
        return ("", "") if self.last and self.at else ()


def _cues(file: TextFile) -> list[Cue]:
    """Return the cues of a text, whose lines may end in carriage returns."""
    head = file.head
    return cues_of(head if "\n" in head else head.replace("\r", "\n"))


def _place(file: TextFile) -> _Place:
    """Return the place after the notices that are there, until the next cue if that is enough."""
    cues = _cues(file)
    start = max((cue.end for cue in cues if _is_notice(cue)), default=0.0)
    if start > FIRST_SECONDS:
        start = 0.0
    later = [cue for cue in cues if cue.start >= start and not _is_notice(cue)]
    room = min((cue.start for cue in later), default=start) - start
    end = start + (min(room, _SECONDS) if room >= _LEAST_SECONDS else _SECONDS)
    at = later[0].at if later else len(file.head)
    return _Place(at, sum(cue.at < at for cue in cues) + 1, start, end, last=not later)


def _is_notice(cue: Cue) -> bool:
    lines = tuple(cue.text.strip().splitlines())
    return any(says(lines, statement) for statement in Statement)


def _next(found: re.Match[str]) -> str:
    return found[1] + str(int(found[2]) + 1).zfill(len(found[2]))


def _stamp(seconds: float) -> str:
    return f"00:00:{seconds:06.3f}"
