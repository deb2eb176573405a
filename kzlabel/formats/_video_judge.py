"""Whether a notice can be seen in a video: judged on frames of the whole duration, not believed.

1. Frames are drawn over the whole time, and within every span in which the label says that the
   notice is shown (`_video_samples`); of a short film all frames are looked at.
2. Each is judged as a picture is (`notices._judge`); those on the way to it, which are decoded
   anyway, as what they look like where the notice is: the same as one judged before, or anew.
3. It is perceivable where it is seen nine tenths of its time, at least two seconds each time, the
   first time near the beginning, and never gone for long. Else the commonest reason is given;
   `brief` where it is gone for most of the time.
4. A frame that cannot be reached counts as not looked at, never as seen.

What no label declares is to be seen the whole time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from kzlabel.formats._raster_view import RasterView
from kzlabel.formats._video_samples import WHOLE_SECONDS, Lots, frames_drawn, lots_of
from kzlabel.formats._video_tally import Tally
from kzlabel.model import MEDIUM_OF, NoticeReport, NoticeStyle, Placement
from kzlabel.notices._judge import report

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kzlabel._av.video import Scan, VideoFacts
    from kzlabel.notices.unclaimed import Found

MAX_HINTS = 8
"""Notices judged in one file."""
MAX_LOOKS = 240
"""Frames beside the drawn ones that are judged anew, for all notices together."""
SEARCHED = (0.0, 0.08, 0.5, 0.92)
"""Where in the time notices are looked for, as fractions; to find none takes a second each."""
_VISIBLE = MEDIUM_OF[NoticeStyle.OVERLAY]


def judged(
    path: Path, demuxer: str, hints: Sequence[Placement], *, search: bool
) -> tuple[NoticeReport, ...]:
    """Judge hints, or what is found; see `_video.judge`."""
    from kzlabel._av import video

    visible = [hint for hint in hints if hint.medium == _VISIBLE][:MAX_HINTS]
    if not visible and (hints or not search):
        return tuple(report(hint, None, 0, 0) for hint in hints)
    scan = video.scanned(path, demuxer, whole=False)
    film = Film(path, demuxer, video.facts(path, demuxer, scan, coded=False), scan)
    if not hints:
        found, beside = film.searched()
        return (*film.judged(found), *beside)
    reports = film.judged([Sought(hint) for hint in visible])
    by_hint = dict(zip(map(id, visible), reports, strict=True))
    return tuple(by_hint.get(id(hint)) or report(hint, None, 0, 0) for hint in hints)


class Sought(NamedTuple):
    """A notice that is looked for on frames."""

    hint: Placement
    found: Found | None = None
    """What was read, where nothing declares it."""


@dataclass(frozen=True)
class Film:
    """A video whose frames are looked at."""

    path: Path
    demuxer: str
    facts: VideoFacts
    scan: Scan

    def searched(self) -> tuple[list[Sought], tuple[NoticeReport, ...]]:
        """Return what is found on one of a few frames: a notice of ours, else words that are read.

        Beside it what stands for words that could not be read, and codes.
        """
        from kzlabel._av.frames import shots
        from kzlabel.notices._search import search
        from kzlabel.notices.unclaimed import find

        last = len(self.scan.times) - 1
        numbers = [round(last * part) for part in SEARCHED]
        views = [
            RasterView(shot.picture, self.facts.orientation or 1)
            for shot in shots(self.path, self.demuxer, self.facts, self.scan, numbers)
        ]
        for view in views:
            if ours := search(view):
                return list(map(Sought, ours)), ()
        beside: tuple[NoticeReport, ...] = ()
        doubtful: list[Sought] = []
        for view in views:
            read = find(view)
            beside = beside or read.beside
            sought = [Sought(each.hint, each) for each in read.words]
            if not all(each.doubt for each in read.words):
                return sought, beside
            doubtful = doubtful or sought  # the mark of a product, say: a notice may yet come
        return doubtful, beside

    def judged(self, sought: Sequence[Sought]) -> list[NoticeReport]:
        """Judge each notice on the same frames."""
        from kzlabel._av.frames import passed, whole_costs

        if not sought:
            return []
        if not self.facts.orientation:  # nobody can say how it is turned
            return [report(each.hint, None, 0, 0) for each in sought]
        whole = whole_costs(self.facts, self.scan) <= WHOLE_SECONDS
        lots = Lots(b"") if whole else lots_of(self.path)
        spans = [span for each in sought for span in each.hint.spans]
        drawn = frames_drawn(self.facts, self.scan, spans, lots)
        tallies = [
            Tally(each.hint, self.facts, self.scan, drawn, MAX_LOOKS // len(sought), each.found)
            for each in sought
        ]
        numbers = range(len(self.scan.times)) if whole else sorted(drawn)
        for shot in passed(self.path, self.demuxer, self.facts, self.scan, numbers):
            for tally in tallies:
                tally.add(shot)
        return [tally.report() for tally in tallies]
