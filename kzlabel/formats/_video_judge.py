"""Whether a notice can be seen in a video: judged on frames of the whole duration, not believed.

1. Frames are taken evenly over the time, first and last among them, and within every span in which
   the label says that the notice is shown.
2. Each is judged as a picture is (`notices._judge`).
3. It is perceivable where it is seen on nine of ten frames of its time, at least two seconds each
   time, the first time near the beginning. Else the commonest reason is given; `brief` where it is
   gone for most of the time.

What no label declares is to be seen the whole time.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from statistics import median
from typing import TYPE_CHECKING

import msgspec

from kzlabel.formats._raster_view import RasterView
from kzlabel.model import MEDIUM_OF, NoticeReport, NoticeStyle, Placement, Span
from kzlabel.notices._judge import Gauge, gauge, look, report
from kzlabel.notices._sight import PERCEIVABLE, Sight

if TYPE_CHECKING:
    from pathlib import Path

    from kzlabel._av.frames import Shot
    from kzlabel._av.video import Scan, VideoFacts

MAX_HINTS = 8
"""Notices judged in one file."""
SAMPLES = 16
"""Frames judged over the whole duration."""
SPAN_SAMPLES = 3
"""Frames judged within each declared span: near its beginning, in its middle, near its end."""
MAX_SPAN_SAMPLES = 24
"""Of all spans together; where there are more, some are left out, evenly."""
SEARCHED = (0.0, 0.08, 0.5, 0.92)
"""Where in the time our texts are looked for, as fractions; it takes half a second each."""
MIN_SHARE = 0.9
"""Share of the frames of its time on which a notice must be seen."""
BRIEF_SHARE = 0.5
"""Share up to which a notice that is seen at all is gone for most of the time."""
LEAST_SECONDS = 1.9
"""How long it must be shown each time; two seconds, and what frames and rounding take off."""
NEAR_START = 3.0
"""Seconds within which it must be shown for the first time."""
EDGE = 0.3
"""Seconds from the edges of a span in which no frame is judged: clocks differ a little."""
BRIEF = "kz.notice.brief"
_GOLDEN = 0.6180339887498949
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
        from kzlabel.notices._search import search

        last = len(self.scan.times) - 1
        for shot in self._shots([round(last * part) for part in SEARCHED]):
            found = search(self._view(shot))
            if found:
                return list(found)
        return []

    def judged(self, hints: Sequence[Placement]) -> list[NoticeReport]:
        """Judge each hint on the same frames."""
        if not hints:
            return []
        if not self.facts.orientation:  # nobody can say how it is turned
            return [report(hint, None, 0, 0) for hint in hints]
        tallies = [_Tally(hint, self.facts.duration) for hint in hints]
        for shot in self._shots(self._numbers(hints)):
            view = self._view(shot)
            for tally in tallies:
                tally.add(shot.time, view)
        return [tally.report() for tally in tallies]

    def _view(self, shot: Shot) -> RasterView:
        return RasterView(shot.picture, self.facts.orientation or 1)

    def _shots(self, numbers: Sequence[int]) -> Iterator[Shot]:
        from kzlabel._av.frames import shots

        return shots(self.path, self.demuxer, self.facts, self.scan, numbers)

    def _numbers(self, hints: Sequence[Placement]) -> list[int]:
        """Return the frames to be judged."""
        last = len(self.scan.times) - 1
        within = [self._number(time) for hint in hints for time in span_times(hint.spans)]
        return sorted({*evenly(last), *within})

    def _number(self, seconds: float) -> int:
        """Return the frame that is shown at a time."""
        at = (seconds + self.facts.start) / float(self.facts.time_base)
        times = self.scan.times
        if not times[0] <= at <= times[-1]:
            return 0 if at < times[0] else len(times) - 1
        return min(bisect_left(times, int(at)), len(times) - 1)


def evenly(last: int) -> list[int]:
    """Return frames from the first to the `last`, evenly, each shifted a little."""
    step = last / (SAMPLES - 1)
    shifts = [(number * _GOLDEN) % 1.0 - 0.5 for number in range(SAMPLES)]
    inner = [round((number + shifts[number] * 0.8) * step) for number in range(1, SAMPLES - 1)]
    return sorted({0, last, *(min(max(0, number), last) for number in inner)})


def span_times(spans: Sequence[Span]) -> list[float]:
    """Return times within declared spans, in seconds."""
    most = MAX_SPAN_SAMPLES // SPAN_SAMPLES
    step = max(1.0, len(spans) / most)
    picked = [spans[int(number * step)] for number in range(min(len(spans), most))]
    return [
        time
        for span in picked
        for time in (span.start + EDGE, (span.start + span.end) / 2, span.end - EDGE)
    ]


@dataclass
class _Tally:
    """One hint over the frames so far."""

    hint: Placement
    duration: float
    held: dict[tuple[int, int], Gauge | None] = field(default_factory=dict)
    seen: list[tuple[float, Sight | None]] = field(default_factory=list)

    def add(self, time: float, view: RasterView) -> None:
        """Judge the next frame."""
        if view.size not in self.held:
            self.held[view.size] = gauge(self.hint, view.size)
        held = self.held[view.size]
        self.seen.append((time, look(view, held) if held else None))

    def report(self) -> NoticeReport:
        """Return the report row."""
        due = [(time, sight) for time, sight in self.seen if self._is_due(time)]
        sights = [sight for _, sight in due if sight is not None]
        shown = [sight for sight in sights if sight.code == PERCEIVABLE]
        row = report(self.hint, _middle(shown or sights), len(due), len(shown))
        if not sights:
            return row  # no frame is due, or the hint makes no sense
        share = len(shown) / len(due)
        code = self._code(sights, share)
        return msgspec.structs.replace(
            row,
            code=code,
            perceivable=code == PERCEIVABLE,
            measures={**row.measures, "share": round(share, 3)},
            spans=self._runs(),
        )

    def _is_due(self, time: float) -> bool:
        """Whether the notice is to be seen at a time, the edges of its spans left out."""
        spans = self.hint.spans
        return not spans or any(one.start + EDGE / 2 <= time <= one.end - EDGE / 2 for one in spans)

    def _code(self, sights: list[Sight], share: float) -> str:
        if share >= MIN_SHARE:
            return PERCEIVABLE if self._is_long() else BRIEF
        if 0 < share <= BRIEF_SHARE:
            return BRIEF
        return Counter(one.code for one in sights if one.code != PERCEIVABLE).most_common(1)[0][0]

    def _is_long(self) -> bool:
        """Whether it is declared to be shown from the beginning, and long enough each time."""
        spans = self.hint.spans
        if not spans:
            return True
        brief = any(span.end - span.start < LEAST_SECONDS for span in spans)
        inside = max(span.end for span in spans) <= self.duration + 1
        return not brief and inside and min(span.start for span in spans) <= NEAR_START

    def _runs(self) -> tuple[Span, ...]:
        """Return when the notice was seen: from the first to the last frame of each run."""
        runs: list[Span] = []
        open_run: tuple[float, float] | None = None
        for time, sight in self.seen:
            if sight is not None and sight.code == PERCEIVABLE:
                open_run = (open_run[0] if open_run else time, time)
            elif open_run:
                runs.append(Span(start=round(open_run[0], 3), end=round(open_run[1], 3)))
                open_run = None
        if open_run:
            runs.append(Span(start=round(open_run[0], 3), end=round(self.duration, 3)))
        return tuple(runs)


def _middle(sights: list[Sight]) -> Sight | None:
    """Return the sight of middling correlation, its contrast the median of all."""
    if not sights:
        return None
    contrast = median(sight.contrast for sight in sights)
    ordered = sorted(sights, key=lambda sight: sight.correlation)
    middle = ordered[len(ordered) // 2]
    return replace(middle, contrast=contrast)
