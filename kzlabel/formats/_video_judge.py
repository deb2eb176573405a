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
from typing import TYPE_CHECKING

from kzlabel.formats._raster_view import RasterView
from kzlabel.formats._video_samples import WHOLE_SECONDS, Lots, frames_drawn, lots_of
from kzlabel.formats._video_tally import Tally
from kzlabel.model import MEDIUM_OF, NoticeReport, NoticeStyle, Placement
from kzlabel.notices._judge import report

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kzlabel._av.video import Scan, VideoFacts

MAX_HINTS = 8
"""Notices judged in one file."""
MAX_LOOKS = 240
"""Frames beside the drawn ones that are judged anew, for all notices together."""
SEARCHED = (0.0, 0.08, 0.5, 0.92)
"""Where in the time our texts are looked for, as fractions; it takes half a second each."""
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
        visible = film.searched()
    by_hint = dict(zip(map(id, visible), film.judged(visible), strict=True))
    if not hints:
        return tuple(by_hint.values())
    return tuple(by_hint.get(id(hint)) or report(hint, None, 0, 0) for hint in hints)


@dataclass(frozen=True)
class Film:
    """A video whose frames are looked at."""

    path: Path
    demuxer: str
    facts: VideoFacts
    scan: Scan

    def searched(self) -> list[Placement]:
        """Return the notice that is found on one of a few frames, as a hint."""
        from kzlabel._av.frames import shots
        from kzlabel.notices._search import search

        last = len(self.scan.times) - 1
        numbers = [round(last * part) for part in SEARCHED]
        for shot in shots(self.path, self.demuxer, self.facts, self.scan, numbers):
            found = search(RasterView(shot.picture, self.facts.orientation or 1))
            if found:
                return list(found)
        return []

    def judged(self, hints: Sequence[Placement]) -> list[NoticeReport]:
        """Judge each hint on the same frames."""
        from kzlabel._av.frames import passed, whole_costs

        if not hints:
            return []
        if not self.facts.orientation:  # nobody can say how it is turned
            return [report(hint, None, 0, 0) for hint in hints]
        whole = whole_costs(self.facts, self.scan) <= WHOLE_SECONDS
        lots = Lots(b"") if whole else lots_of(self.path)
        spans = [span for hint in hints for span in hint.spans]
        drawn = frames_drawn(self.facts, self.scan, spans, lots)
        tallies = [
            Tally(hint, self.facts, self.scan, drawn, MAX_LOOKS // len(hints)) for hint in hints
        ]
        numbers = range(len(self.scan.times)) if whole else sorted(drawn)
        for shot in passed(self.path, self.demuxer, self.facts, self.scan, numbers):
            for tally in tallies:
                tally.add(shot)
        return [tally.report() for tally in tallies]
