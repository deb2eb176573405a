"""Notices that no label declares, on a picture as people see it.

1. Its words are read (`_ocr`), and those are sought that say AI made or altered it (`_reading`).
2. The letters are measured (`_lettering`): how they contrast with what is around them, and how
   large they are. The thresholds are those of a notice of ours (`_sight`): a size is an estimate
   here, so a little less is allowed.
3. A transparent picture is read on white, or else on black; the worse ground counts.
4. Codes that stand without words are handed back too: they say nothing to people.

What is found is handed back as a hint and what to hold against other frames, and is judged on them
like a notice that is declared.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from msgspec import structs

from kzlabel.model import CODE_ALONE, SYMBOL, NoticeReport, NoticeStyle, Placement, Statement
from kzlabel.notices import _ocr
from kzlabel.notices.reasons import TOO_MANY_CODES, TOO_MANY_WORDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL.Image import Image

    from kzlabel.notices._judge import View
    from kzlabel.notices._lettering import Lettering
    from kzlabel.notices._ocr import Line
    from kzlabel.notices._reading import Said
    from kzlabel.notices._symbols import Symbol

MENTIONED, PRODUCT = "kz.notice.mentioned", "kz.notice.product"
COVERED, FAINT, BRIEF = "kz.notice.covered", "kz.notice.faint", "kz.notice.brief"
_OURS = frozenset({"weakest_tile"})
"""Measures of a plate of ours."""
MAX_FOUND = 8
"""Notices of one picture."""


@dataclass(frozen=True, eq=False)
class Found:
    """Words that were read, to be held against pictures."""

    hint: Placement
    """What a report says of it."""
    letters: Lettering
    confidence: float
    doubt: str = ""
    """The code that says why it may be no notice."""

    def reported(self, row: NoticeReport) -> NoticeReport:
        """Return the report of a judgement, with what is known beside it."""
        measures = {
            **{name: value for name, value in row.measures.items() if name not in _OURS},
            "height_ratio": round(self.letters.em_px / min(self.letters.size), 4),
            "confidence": round(self.confidence, 2),
        }
        code = row.code
        if code == COVERED:  # nothing declares it here: it is there, and on some frames or grounds
            code = BRIEF if measures["frames"] > 1 and measures["frames_shown"] else FAINT
        seen = row.perceivable
        if self.doubt:
            code, seen = self.doubt, None
        return structs.replace(row, code=code, perceivable=seen, measures=measures)


class Unclaimed(NamedTuple):
    """What nobody declared, on one picture."""

    words: tuple[Found, ...] = ()
    beside: tuple[NoticeReport, ...] = ()
    """Codes without words, and what stands for words that nobody read."""


def find(view: View) -> Unclaimed:
    """Return what is found on a picture.

    Raises `MissingExtraError` where OCR is there and cannot be loaded, `LimitError` where memory
    runs out.
    """
    ways = view.crop((0, 0, *view.size))
    codes = codes_on(ways[0])
    missing = _ocr.available()
    if missing:
        return Unclaimed((), (*codes, _stand_in(missing)))
    complete = True
    for way in ways:
        reading = _ocr.read_lines(way)
        complete &= reading.complete
        found = _on(way, reading.lines)
        if found:
            return Unclaimed(tuple(found[:MAX_FOUND]), codes)
    return Unclaimed((), codes if complete else (*codes, _stand_in(TOO_MANY_WORDS)))


def codes_on(picture: Image) -> tuple[NoticeReport, ...]:
    """Return the codes of ours on a picture, each as a report of its own.

    Where there are so many that some were overlooked, one more stands for these.
    """
    from kzlabel.notices._symbols import read_symbols

    read = read_symbols(picture)
    overlooked = (_stand_in(TOO_MANY_CODES, SYMBOL),) if read.crowded else ()
    return (*map(_coded, read.found), *overlooked)


def _coded(symbol: Symbol) -> NoticeReport:
    return NoticeReport(
        medium=SYMBOL, text="", languages=(), perceivable=None, code=CODE_ALONE,
        where=symbol.region, symbol=b64encode(symbol.payload).decode(),
    )  # fmt: skip


def _stand_in(code: str, medium: str = "visible") -> NoticeReport:
    return NoticeReport(medium=medium, text="", languages=(), perceivable=None, code=code)


def _on(picture: Image, lines: Sequence[Line]) -> list[Found]:
    from kzlabel.notices._reading import said_in

    found = (_measured(picture, said) for said in said_in(lines))
    return [each for each in found if each is not None]


def _measured(picture: Image, said: Said) -> Found | None:
    from kzlabel.notices._lettering import lettering

    measured = [lettering(picture, line.box, line.text) for line in said.lines]
    letters = [each for each in measured if each is not None]
    if not letters:
        return None
    worst = min(letters, key=lambda each: each.em_px)
    hint = Placement(
        statement=Statement.CREATED,
        style=NoticeStyle.OVERLAY,
        languages=(said.language,) if said.language else (),
        lines=(said.text,),
        font_size=worst.em_px,
        width=picture.width,
        height=picture.height,
        region=worst.region,
    )
    confidence = min(line.confidence for line in said.lines)
    doubt = PRODUCT if not said.language else MENTIONED if said.is_mention else ""
    return Found(hint, worst, confidence, doubt)
