"""Hints held against every frame of a picture; the worst frame counts.

A notice that is seen on some frames only is not a notice people can rely on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from msgspec import structs

from kzlabel.formats._raster_icc import ColourError
from kzlabel.formats._raster_view import RasterView
from kzlabel.notices._coded import symbol_of
from kzlabel.notices._judge import Held, gauge, look, report
from kzlabel.notices._sight import MEASURABLE, PERCEIVABLE, Sight

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from PIL.Image import Image

    from kzlabel.model import NoticeReport, Placement
    from kzlabel.notices.unclaimed import Found

MAX_HINTS = 8
"""Notices judged in one file; each costs some milliseconds a frame."""


@dataclass
class _Tally:
    """One hint over the frames so far."""

    hint: Placement
    found: Found | None = None
    """What was read, where nothing declares it."""
    gauges: dict[tuple[int, int], Held | None] = field(default_factory=dict)
    seen: dict[bytes, Sight] = field(default_factory=dict)
    """By the pixels looked at: most frames repeat them."""
    worst: Sight | None = None
    frames: int = 0
    shown: int = 0
    doubtful: bool = False
    """Whether nobody can say how a frame looks."""
    symbol: str = ""
    """What its code says, by the first frame, or the one on which it was found."""

    @property
    def is_doubtful(self) -> bool:
        """Whether it may be no notice: the mark of a product, say."""
        return self.found is not None and bool(self.found.doubt)

    def add(self, view: RasterView) -> None:
        """Judge the next frame."""
        self.frames += 1
        if self.frames == 1 and not self.symbol:
            self.symbol = symbol_of(view.as_stored, self.hint)
        if view.size not in self.gauges:
            self.gauges[view.size] = (
                self.found.letters.scaled(view.size) if self.found else gauge(self.hint, view.size)
            )
        held = self.gauges[view.size]
        if held is None:
            return
        try:
            sight = self._look(view, held)
        except ColourError:
            self.doubtful = True
            return
        self.shown += sight.code == PERCEIVABLE
        if self.worst is None or sight.badness < self.worst.badness:
            self.worst = sight

    def report(self) -> NoticeReport:
        """Return the report row; what was seen to be hidden is hidden, whatever is in doubt."""
        hidden = self.worst is not None and self.worst.code != PERCEIVABLE
        sight = None if self.doubtful and not hidden else self.worst
        made = report(self.hint, sight, self.frames, self.shown)
        if self.found:
            return self.found.reported(made)
        return structs.replace(made, symbol=self.symbol)

    def _look(self, view: RasterView, held: Held) -> Sight:
        key = view.fingerprint(held.area)
        if key not in self.seen:
            if len(self.seen) >= KEPT_SIGHTS:
                self.seen.clear()
            self.seen[key] = look(view, held)
        return self.seen[key]


KEPT_SIGHTS = 64
"""Frames remembered by their pixels."""


READ_AT = (0, 4, 16)
"""Frames on which notices are looked for that nobody declared, until there is one."""


def _searched(view: RasterView, number: int) -> tuple[list[_Tally], tuple[NoticeReport, ...]]:
    """Return what is found on a frame: our own texts, else words that are read, and codes."""
    from kzlabel.notices._search import search  # numpy: not to judge what is declared
    from kzlabel.notices.unclaimed import codes_on, find

    ours = [_Tally(hint, symbol=hint.code) for hint in search(view)]
    if ours:
        shown = {tally.hint.code for tally in ours}
        codes = codes_on(view.crop((0, 0, *view.size))[-1])
        tallies, beside = ours, tuple(code for code in codes if code.symbol not in shown)
    else:
        read = find(view)
        tallies, beside = [_Tally(each.hint, each) for each in read.words], read.beside
    for tally in tallies if number else ():
        tally.frames, tally.worst = number, Sight(MEASURABLE, 0.0)  # it was not on those before
    return tallies, beside


def judge_frames(
    frames: Iterable[Image],
    hints: Sequence[Placement],
    *,
    search: bool,
    orientation: int = 1,
) -> tuple[NoticeReport, ...]:
    """Judge each hint on every frame; without hints and where `search`, look on a few frames.

    A notice that was found is then judged on the other frames like a hint.
    """
    tallies = [_Tally(hint) for hint in hints[:MAX_HINTS]]
    read_at = READ_AT if search and not hints else ()
    beside: tuple[NoticeReport, ...] = ()
    for number, frame in enumerate(frames):
        view = RasterView(frame, orientation, managed=True)
        if number in read_at and all(tally.is_doubtful for tally in tallies):
            found, others = _searched(RasterView(frame, orientation), number)
            if not tallies or not all(tally.is_doubtful for tally in found):
                tallies, beside = found, others
        for tally in tallies:
            tally.add(view)
        if not tallies and number >= max(read_at, default=0):
            break  # nothing declared, nothing found: the other frames need no decoding
    return (*(tally.report() for tally in tallies), *beside)
