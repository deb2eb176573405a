"""One notice over the frames of a film: what was looked at, what was seen, and what follows."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, deque
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import ceil
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from kzlabel.formats._raster_orientation import displayed_size, undo
from kzlabel.formats._raster_view import RasterView
from kzlabel.formats._video_samples import EDGE, MAX_FRAME_SECONDS
from kzlabel.model import NoticeReport, Placement, Span
from kzlabel.notices._judge import Held, gauge, look, report
from kzlabel.notices._sight import PERCEIVABLE, Sight

if TYPE_CHECKING:
    from PIL.Image import Image

    from kzlabel._av.frames import Shot
    from kzlabel._av.video import Scan, VideoFacts
    from kzlabel.notices.unclaimed import Found

MIN_SHARE = 0.9
"""Share of its time in which a notice must be seen."""
BRIEF_SHARE = 0.5
"""Share up to which a notice that is seen at all is gone for most of the time."""
GONE_SECONDS, GONE_SHARE = 1.0, 0.05
"""How long it may be gone at a stretch, in seconds and by the whole; the longer of both."""
LEAST_SECONDS = 1.9
"""How long it must be shown each time; two seconds, and what frames and rounding take off."""
NEAR_START = 3.0
"""Seconds within which it must be shown for the first time."""
BRIEF = "kz.notice.brief"
UNREACHED = "kz.notice.unreached"
MAX_RUNS = 100
"""Times that are reported in which it was seen."""
LATE = 12
"""A frame stands for those that many before it, where they do not decode (or are fields)."""
CELLS_EM = 8
"""Cells in which pieces of frames are compared, by em."""
SAME = 12
"""Of 255: how far the mean of a cell may be off in what looks the same. Measured: so a notice is
judged anew on 1 frame in 10 at CRF 32, on none at CRF 23."""
REMEMBERED = 4
"""Pieces that were judged and are compared with."""


class Look(NamedTuple):
    """A frame that was looked at."""

    time: float
    seconds: float
    drawn: int
    """How often it was drawn."""
    sight: Sight
    """What was measured here, or on a frame before that looks the same."""

    @property
    def seen(self) -> bool:
        """Whether the notice can be perceived."""
        return self.sight.code == PERCEIVABLE


@dataclass
class Tally:
    """One hint over the frames so far."""

    hint: Placement
    facts: VideoFacts
    scan: Scan
    drawn: Counter[int]
    """Frames that are judged in any case, and how often each counts."""
    looks: int
    """How many others may be judged anew."""
    found: Found | None = None
    """What was read, where nothing declares it."""
    gauges: dict[tuple[int, int], Held | None] = field(default_factory=dict)
    looked: list[Look] = field(default_factory=list)
    remembered: deque[tuple[Image, Sight]] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    spent: int = 0

    @cached_property
    def pending(self) -> deque[int]:
        """The drawn frames that have not come yet."""
        return deque(sorted(self.drawn))

    def add(self, shot: Shot) -> None:
        """Look at the next frame: as one that was drawn, or by the way."""
        drawn = self._drawn(shot.number)
        turn = self.facts.orientation
        size = displayed_size(shot.size, turn)
        if size not in self.gauges:
            self.gauges[size] = (
                self.found.letters.scaled(size) if self.found else gauge(self.hint, size)
            )
        held = self.gauges[size]
        if held is None or not (drawn or self._is_due(shot.time)):
            return
        piece = _cells(shot, held, turn)
        sight = None if drawn else self._recalled(piece)
        if sight is None and (drawn or self._may_look(shot.number)):
            sight = look(RasterView(shot.picture, turn), held)
            if piece is not None:
                self.remembered.append((piece, sight))
        if sight is not None:
            self.looked.append(Look(shot.time, shot.seconds, drawn, sight))

    def _drawn(self, number: int) -> int:
        """Return how many drawn frames this one is; those that are long past have been missed."""
        times = 0
        while self.pending and self.pending[0] <= number:
            one = self.pending.popleft()
            times += self.drawn[one] if number - one <= LATE else 0
        return times

    def _recalled(self, piece: Image | None) -> Sight | None:
        """Return what was measured in what looks the same; None: nothing does."""
        if piece is None:
            return None
        return next((sight for one, sight in self.remembered if _same(one, piece)), None)

    def _may_look(self, number: int) -> bool:
        """Whether another frame may be judged anew; spread over the film."""
        self.spent += 1
        within = self.spent <= self.looks * (0.1 + 0.9 * number / len(self.scan.times))
        self.spent -= not within
        return within

    def report(self) -> NoticeReport:
        """Return the report row."""
        row = self._judged()
        return self.found.reported(row) if self.found else row

    def _judged(self) -> NoticeReport:
        due = [one for one in self.looked if self._is_due(one.time)]
        sights = [one.sight for one in due]
        shown = [sight for sight in sights if sight.code == PERCEIVABLE]
        row = report(self.hint, _middle(shown or sights), len(due), sum(one.seen for one in due))
        if not sights:
            return row  # no frame is due, or the hint makes no sense
        share = min(_share(due, by_lot=True), _share(due, by_lot=False))
        code = self._code(due, share)
        return msgspec.structs.replace(
            row,
            code=code,
            perceivable=None if code == UNREACHED else code == PERCEIVABLE,
            measures={**row.measures, "share": round(share, 3)},
            spans=self._runs(),
        )

    @cached_property
    def _due(self) -> tuple[list[float], list[float]]:
        """When the notice is to be seen, the edges of its spans left out: starts, latest ends."""
        starts: list[float] = []
        ends: list[float] = []
        for span in sorted(self.hint.spans, key=lambda span: span.start):
            starts.append(span.start + EDGE / 2)
            ends.append(max(span.end - EDGE / 2, ends[-1] if ends else 0.0))
        return starts, ends

    def _is_due(self, time: float) -> bool:
        starts, ends = self._due
        place = bisect_right(starts, time)
        return not starts or (place > 0 and time <= ends[place - 1])

    def _code(self, due: list[Look], share: float) -> str:
        if share >= MIN_SHARE:
            if not self._is_long() or self._gone(due) > self._may_be_gone():
                return BRIEF
            return PERCEIVABLE if self._reached(due) >= MIN_SHARE else UNREACHED
        if 0 < share <= BRIEF_SHARE:
            return BRIEF
        unseen = [one.sight.code for one in due if not one.seen]
        return Counter(unseen).most_common(1)[0][0]

    def _reached(self, due: list[Look]) -> float:
        """Return the share of the drawn frames that were looked at, of those that are due."""
        base, start = float(self.facts.time_base), self.facts.start
        wanted = sum(
            times
            for number, times in self.drawn.items()
            if self._is_due(self.scan.times[number] * base - start)
        )
        return sum(one.drawn for one in due) / max(1, wanted)

    def _is_long(self) -> bool:
        """Whether it is declared to be shown from the beginning, and long enough each time."""
        spans = self.hint.spans
        if not spans:
            return True
        brief = any(span.end - span.start < LEAST_SECONDS for span in spans)
        inside = max(span.end for span in spans) <= self.facts.duration + 1
        return not brief and inside and min(span.start for span in spans) <= NEAR_START

    def _may_be_gone(self) -> float:
        times = self.scan.times
        lasts = float((times[-1] - times[0]) * self.facts.time_base)
        return max(GONE_SECONDS, GONE_SHARE * lasts)

    def _gone(self, due: list[Look]) -> float:
        """Return how long it is gone at a stretch, at most, within the time that it is due."""
        longest, since = 0.0, None
        for one in due:
            since = None if one.seen else one.time if since is None else since
            if since is not None:
                longest = max(longest, one.time + one.seconds - since)
        return 0.0 if self.hint.spans else longest

    def _runs(self) -> tuple[Span, ...]:
        """Return when the notice was seen: from the first to the last frame of each run."""
        runs: list[Span] = []
        open_run: tuple[float, float] | None = None
        for one in self.looked:
            if one.seen:
                open_run = (open_run[0] if open_run else one.time, one.time)
            elif open_run:
                runs.append(Span(start=round(open_run[0], 3), end=round(open_run[1], 3)))
                open_run = None
        if open_run:
            end = self.facts.duration if not self.hint.spans else open_run[1]
            runs.append(Span(start=round(open_run[0], 3), end=round(end, 3)))
        return tuple(runs[:MAX_RUNS])


def _share(looked: list[Look], *, by_lot: bool) -> float:
    """Return the share in which it was seen: of what was drawn, or of the time looked at."""
    weights = [
        float(one.drawn) if by_lot else min(max(0.0, one.seconds), MAX_FRAME_SECONDS)
        for one in looked
    ]
    total = sum(weights)
    seen = sum(weight for weight, one in zip(weights, looked, strict=True) if one.seen)
    return seen / total if total else 1.0


def _cells(shot: Shot, held: Held, turn: int) -> Image | None:
    """Return what the area of a notice looks like, in cells; None: that cannot be said cheaply."""
    left, top, width, height = held.target  # and nothing beside it, where the film goes on
    box = ceil(left), ceil(top), int(left + width), int(top + height)
    area = undo(box, displayed_size(shot.size, turn), turn)
    grey = shot.luma(area)
    return grey.reduce(max(1, round(held.em_px / CELLS_EM))) if grey else None


def _same(one: Image, other: Image) -> bool:
    from PIL import ImageChops

    if one.size != other.size:
        return False
    most = ImageChops.difference(one, other).getextrema()[1]
    return isinstance(most, (int, float)) and most <= SAME


def _middle(sights: list[Sight]) -> Sight | None:
    """Return the sight of middling correlation, its contrast the median of all."""
    if not sights:
        return None
    contrast = median(sight.contrast for sight in sights)
    ordered = sorted(sights, key=lambda sight: sight.correlation)
    middle = ordered[len(ordered) // 2]
    return replace(middle, contrast=contrast)
