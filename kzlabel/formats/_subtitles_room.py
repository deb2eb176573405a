"""Subtitles: the notice is the first cue, shown from the start; a line a language.

It goes on until the first cue of the film, for 3 to 5 seconds; where that begins earlier, beside
it. The cues of SubRip are counted on. WebVTT keeps its header, styles, regions and comments first.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kzlabel.errors import RefusedError
from kzlabel.formats._subtitles_cues import cues_of, runs_of_cues
from kzlabel.formats._text_file import TextFile, read_whole
from kzlabel.formats._text_room import TextRoom

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
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

    def runs(self, file: TextFile) -> Sequence[Run]:
        return list(runs_of_cues(file.shown))


class SrtRoom(_SubtitlesRoom):
    """What the SubRip room does."""

    def parts(self, file: TextFile, lines: tuple[str, ...]) -> Iterable[bytes | Stretch]:
        newline = file.newline
        first = _NUMBER.search(file.head)
        said = (
            first[2] if first else "1",
            f"00:00:00,000 --> {_stamp(_end(file)).replace('.', ',')}",
            *lines, "", "",
        )  # fmt: skip
        counted = file.kept(_NUMBER.sub(_next, file.head))
        return (file.bom, file.encoded(newline.join(said)), counted, file.rest)


class VttRoom(_SubtitlesRoom):
    """What the WebVTT room does."""

    def parts(self, file: TextFile, lines: tuple[str, ...]) -> Iterable[bytes | Stretch]:
        newline = file.newline
        said = newline.join((f"00:00:00.000 --> {_stamp(_end(file))}", *lines, "", ""))
        cues = cues_of(_lines(file.head))
        if not cues:
            raise RefusedError("kz.error.subtitles", path=file.path)
        return file.with_words(cues[0].at, said)


def _next(found: re.Match[str]) -> str:
    return found[1] + str(int(found[2]) + 1).zfill(len(found[2]))


def _lines(text: str) -> str:
    """Return `text` with line feeds, where its lines end in carriage returns; no longer."""
    return text if "\n" in text else text.replace("\r", "\n")


def _end(file: TextFile) -> float:
    """Return when the notice ends: as the first cue begins, if that leaves time to read it."""
    first = min((cue.start for cue in cues_of(_lines(file.head))), default=_SECONDS)
    return min(first, _SECONDS) if first >= _LEAST_SECONDS else _SECONDS


def _stamp(seconds: float) -> str:
    return f"00:00:{seconds:06.3f}"
