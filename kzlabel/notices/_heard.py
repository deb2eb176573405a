"""Whether an audible notice can be heard: what was declared against what was heard (DESIGN 3).

1. The hint must be of our making: our words for its statement, stretches that fit its duration.
2. At each stretch there must be the earcon and these very words, from the first to the last piece.
3. The quietest part must not be far quieter than the programme or what sounds over it, nor quiet
   by itself.
4. The first must come within the first minute.

Of the caller's own recording we have no words: after the earcon there must be what sounds like
speech, to its end, and the report says that nobody checked what it is.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property
from itertools import pairwise
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np  # noqa: TID253  this module is only imported when something is listened to

from kzlabel.model import NoticeReport, NoticeStyle, Placement, Span
from kzlabel.notices._clips import clip_of
from kzlabel.notices._earcon import SECONDS
from kzlabel.notices._hearing import Heard, Programme, listen
from kzlabel.notices._loudness import SILENCE, gated
from kzlabel.notices._spectrum import FRAMES_A_SECOND
from kzlabel.notices._speech import BLOCK_FRAMES, is_lively
from kzlabel.notices.audible import GAP, LEAD, MAX_RECORDING, MAX_SPANS
from kzlabel.notices.words import says

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kzlabel.notices._types import Samples

HEARD = "kz.notice.heard"
HEARD_RECORDING = "kz.notice.heard-recording"
NOT_HEARD = "kz.notice.not-heard"
SHORT = "kz.notice.short"
NO_SPEECH = "kz.notice.no-speech"
QUIET = "kz.notice.quiet"
LATE = "kz.notice.late"
UNDETERMINED = "kz.notice.undetermined"
PERCEIVABLE = (HEARD, HEARD_RECORDING)
BADNESS = (NOT_HEARD, SHORT, NO_SPEECH, QUIET, *PERCEIVABLE)

TOLERANCE = 5.0
"""LU by which a notice may be quieter than its programme: words 3 dB under it are understood, and
measuring takes up to 2."""
MASKED = 8.0
"""LU by which it may be quieter than all that sounds together while it is heard: a programme 3 dB
over it, which is understood, comes to 5."""
INAUDIBLE = -45.0
"""LUFS under which a notice is not heard in a room, whatever the programme."""
FIRST_WITHIN = 60.0
"""Seconds in which the first notice must begin."""
STRONG_CALL = 0.65
"""Likeness from which an earcon alone, that nobody declared, is the rest of a notice of ours."""
NEAR = 3.0
"""Seconds by which a notice may be off its place: trims, and what encoders put before a file."""
STRETCHED = (0.93, 1.08)
"""Durations by the declared one that are a change of tempo."""
MAX_WORDS = 500
"""Characters of a hint's lines together; three languages need 90."""
MAX_TEXTS = 8
"""Different notices that are reported of one file."""
BLOCK = BLOCK_FRAMES / FRAMES_A_SECOND
SOUNDING = 20.0
"""LU under the loudness of a recording in which it still sounds, as speech has pauses."""
SOUNDS = 0.3
"""Share of a recording in which it does."""


def judge(
    blocks: Iterator[Samples], hints: Sequence[Placement], *, search: bool
) -> tuple[NoticeReport, ...]:
    """Return a report for each hint; without any, and with `search`, for what was heard."""
    if not hints and not search:
        return ()
    if hints and not any(map(is_sound, hints)):
        return tuple(map(_undetermined, hints))
    court = _Court(listen(blocks))
    if hints:
        return tuple(court.declared(hint) for hint in hints)
    return court.undeclared()


def is_sound(hint: Placement) -> bool:
    """Whether a hint makes sense: it comes from a file that anybody may have signed."""
    spans, duration = hint.spans, hint.duration
    if hint.medium != "audible" or hint.style not in (NoticeStyle.PREPEND, NoticeStyle.MIX):
        return False
    if not 0 < len(spans) <= MAX_SPANS or not isfinite(duration) or duration <= 0:
        return False
    if sum(map(len, hint.lines)) > MAX_WORDS or not says(hint.lines, hint.statement):
        return False
    if not hint.recording and not all(map(clip_of, hint.lines)):
        return False
    least = LEAD + SECONDS + GAP
    inside = all(
        0 <= span.start <= span.end - least and span.end <= duration + NEAR for span in spans
    )
    apart = all(one.end <= other.start + NEAR for one, other in pairwise(spans))
    longest = least + MAX_RECORDING + NEAR
    return inside and apart and all(span.end - span.start <= longest for span in spans)


class _Court:
    """Judges what is declared on what was heard."""

    def __init__(self, programme: Programme) -> None:
        self.programme = programme

    @cached_property
    def loudness(self) -> float:
        """The programme's, in LUFS, where there is no notice."""
        powers = self.programme.powers
        own = np.ones(len(powers), bool)
        for heard in self.programme.heard:
            if heard.said:
                own[int(heard.start / BLOCK) : int(heard.end / BLOCK) + 1] = False
        return gated(powers[own])

    # --- Declared ---------------------------------------------------------------------------------

    def declared(self, hint: Placement) -> NoticeReport:
        """Return the report of one hint: every declared stretch must be heard."""
        if not is_sound(hint):
            return _undetermined(hint)
        met = [self._at(span, hint) for span in hint.spans]
        codes = [self._code(span, heard, hint) for span, heard in zip(hint.spans, met, strict=True)]
        code = min(codes, key=BADNESS.index)
        kept = [heard for heard in met if heard is not None]
        if code in PERCEIVABLE and kept[0].start > FIRST_WITHIN:
            code = LATE
        levels = [self._level(heard, hint) for heard in kept]
        counts = {
            "declared": float(len(codes)),
            "found": float(sum(code in PERCEIVABLE for code in codes)),
        }
        measures = {**self._measures(kept, levels), **counts}
        return _report(hint.lines, hint.languages, code, measures, kept)

    def _at(self, span: Span, hint: Placement) -> Heard | None:
        """Return what was heard nearest to where `span` must be, if it is near."""
        ratio = self.programme.seconds / hint.duration
        low, high = STRETCHED
        place = span.start * (ratio if low <= ratio <= high else 1.0)
        first = bisect_left(self.programme.heard, place - NEAR, key=_start)
        until = bisect_left(self.programme.heard, place + NEAR, key=_start)
        return max(
            self.programme.heard[first:until],
            key=lambda heard: (self._agrees(heard, hint), -abs(heard.start - place)),
            default=None,
        )

    @staticmethod
    def _agrees(heard: Heard, hint: Placement) -> int:
        """Return how far the words heard are those declared: 2 all, 1 some or unknown, 0 none."""
        if hint.recording or set(heard.lines) < set(hint.lines):
            return 1
        return 2 if heard.lines == hint.lines else 0

    def _code(self, span: Span, heard: Heard | None, hint: Placement) -> str:
        if heard is None or not (agreed := self._agrees(heard, hint)):
            return NOT_HEARD
        if hint.recording:
            if not self._sounds(span, heard):
                return SHORT
            if not is_lively(self.programme.lively[self._blocks_of(span, heard)]):
                return NO_SPEECH
        elif agreed == 1 or not heard.whole:
            return SHORT
        quiet = self._is_quiet(heard, self._level(heard, hint))
        return QUIET if quiet else HEARD_RECORDING if hint.recording else HEARD

    def _sounds(self, span: Span, heard: Heard) -> bool:
        """Whether a recording goes on to its end, as far as can be told without its words."""
        if heard.start + span.end - span.start > self.programme.seconds + 2 * BLOCK:
            return False
        powers = self._of_recording(span, heard)
        if not len(powers):
            return False
        level = gated(powers)
        loud = 10 ** ((level - SOUNDING) / 10)
        return level > INAUDIBLE and float(np.mean(powers > loud)) >= SOUNDS

    def _of_recording(self, span: Span, heard: Heard) -> Samples:
        return self.programme.powers[self._blocks_of(span, heard)]

    @staticmethod
    def _blocks_of(span: Span, heard: Heard) -> slice:
        """Return which blocks lie within a recording, after its earcon."""
        first = int((heard.start + LEAD + SECONDS + GAP) / BLOCK) + 1
        return slice(first, int((heard.start + span.end - span.start) / BLOCK))

    def _level(self, heard: Heard, hint: Placement) -> float:
        if not hint.recording:
            return heard.loudness
        span = max(hint.spans, key=lambda span: span.end - span.start)
        powers = self._of_recording(span, heard)
        return min(heard.loudness, gated(powers) if len(powers) else SILENCE)

    def _is_quiet(self, heard: Heard, level: float) -> bool:
        span = self.programme.powers[int(heard.start / BLOCK) : int(heard.end / BLOCK) + 1]
        return level < max(INAUDIBLE, self.loudness - TOLERANCE, gated(span) - MASKED)

    def _measures(self, kept: list[Heard], levels: list[float]) -> dict[str, float]:
        if not kept:
            return {"programme": round(self.loudness, 1)}
        return {
            "correlation": round(min(h.correlation for h in kept), 3),
            "loudness": round(min(levels), 1),
            "programme": round(self.loudness, 1),
            "seconds": round(sum(h.end - h.start for h in kept), 2),
        }

    # --- Not declared -----------------------------------------------------------------------------

    def undeclared(self) -> tuple[NoticeReport, ...]:
        """Return a report for each text of ours that was heard."""
        groups: dict[tuple[str, ...], list[Heard]] = {}
        for heard in self.programme.heard:
            if heard.said or heard.correlation >= STRONG_CALL:
                groups.setdefault(heard.lines, []).append(heard)
        if len(groups) > 1:
            groups.pop((), None)  # an earcon without its words, beside others with theirs
        return tuple(
            self._searched(lines, group) for lines, group in list(groups.items())[:MAX_TEXTS]
        )

    def _searched(self, lines: tuple[str, ...], group: list[Heard]) -> NoticeReport:
        whole = [heard for heard in group if heard.whole]
        loud = [heard for heard in whole if not self._is_quiet(heard, heard.loudness)]
        code = HEARD if loud else QUIET if whole else SHORT
        if loud and loud[0].start > FIRST_WITHIN:
            code = LATE
        kept = loud or whole or group
        measures = self._measures(kept, [heard.loudness for heard in kept])
        languages = tuple(part.clip.language for part in group[0].said)
        return _report(lines, languages, code, {**measures, "found": float(len(kept))}, kept)


def _start(heard: Heard) -> float:
    return heard.start


def _report(
    lines: Iterable[str],
    languages: tuple[str, ...],
    code: str,
    measures: dict[str, float],
    kept: list[Heard],
) -> NoticeReport:
    return NoticeReport(
        medium="audible",
        text=" ".join(lines)[:MAX_WORDS],
        languages=languages,
        perceivable=code in PERCEIVABLE,
        code=code,
        measures=measures,
        spans=tuple(Span(start=round(h.start, 2), end=round(h.end, 2)) for h in kept),
    )


def _undetermined(hint: Placement) -> NoticeReport:
    return NoticeReport(
        medium=hint.medium,
        text=" ".join(hint.lines)[:MAX_WORDS],
        languages=hint.languages,
        perceivable=None,
        code=UNDETERMINED,
        measures={"declared": float(len(hint.spans)), "found": 0.0},
    )
