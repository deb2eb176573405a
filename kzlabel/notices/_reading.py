"""What is said in the lines that were read off a picture: notices, and names of products.

Lines that lie under one another are a paragraph, so that a sentence that goes on, denies or asks is
read as a whole (`phrases`). A phrase that its sentence says more about may be a mention of AI. So
may the mark of a product (`vendor_marks.json`: "KLING AI"): it names an AI and does not say that
the picture is its work, as "豆包AI生成" does. A lone "AI", "Veo", "Sora" or "Dola" is neither: too
short to be told from texture, or the name of many things.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kzlabel.notices._letters import shape_of
from kzlabel.notices._mending import mended, nearly
from kzlabel.notices.phrases import find_phrases

if TYPE_CHECKING:
    from kzlabel.notices._ocr import Box, Line

MENTION = 3
"""Words beside a phrase, at most, with which it may yet be a notice."""
APART = 0.9
"""Room between lines of one paragraph, at most, by their height."""
BESIDE = 1.2
"""Room between pieces of one line, at most, likewise."""
UNLIKE = 1.7
"""Heights of lines of one paragraph, by one another, at most."""
MARK_SHARE = 0.5
"""Of the letters of a line that a product's mark has at least."""
SURE_LINE = 0.95
"""Confidence from which a line that is nearly a notice is taken not to be one."""
_CJK = "\u3400-\u9fff"


class Said(NamedTuple):
    """A notice, or what may be one."""

    text: str
    language: str
    """Empty for the name of a product."""
    lines: tuple[Line, ...]
    """Where it stands."""
    is_mention: bool


def said_in(lines: Sequence[Line]) -> tuple[Said, ...]:
    """Return what is said, in the order it is read."""
    return tuple(said for paragraph in _paragraphs(lines) for said in _said(paragraph))


def _said(paragraph: Sequence[Line]) -> tuple[Said, ...]:
    """Return what is said in the first reading that says anything."""
    for texts in _readings(paragraph):
        if said := tuple(_said_as(paragraph, texts)):
            return said
    whole = zip(paragraph, next(_readings(paragraph)), strict=True)
    near = ((line, nearly(text)) for line, text in whole if line.confidence < SURE_LINE)
    return tuple(Said(*found, (line,), is_mention=False) for line, found in near if found)


def _readings(paragraph: Sequence[Line]) -> Iterator[list[str]]:
    """Yield the words of a paragraph as they were read, then as they may be."""
    yield [mended(line.text, line.unsure) for line in paragraph]
    for turn in range(max((len(line.also) for line in paragraph), default=0)):
        yield [
            mended(line.also[turn], line.also[turn].split()) if turn < len(line.also)
            else mended(line.text, line.unsure)
            for line in paragraph
        ]  # fmt: skip


def _said_as(paragraph: Sequence[Line], texts: Sequence[str]) -> Iterator[Said]:
    ends = list(accumulate(len(text) + 1 for text in texts))
    found = [phrase for phrase in find_phrases(_joined(texts)) if phrase.others <= MENTION]
    for phrase in found:
        spanned = tuple(
            line for line, end, text in zip(paragraph, ends, texts, strict=True)
            if phrase.start < end and phrase.end > end - len(text) - 1
        )  # fmt: skip
        yield Said(phrase.text, phrase.language, spanned, phrase.others > 0)
    if not found:
        for line, text in zip(paragraph, texts, strict=True):
            if _names_product(text):
                yield Said(text, "", (line,), is_mention=True)


def _joined(texts: Sequence[str]) -> str:
    """Return a paragraph; a line that begins small goes on with the sentence of the one before."""
    return "".join(
        text if not at else f" {text}" if text[:1].islower() else f"\n{text}"
        for at, text in enumerate(texts)
    )


def _names_product(text: str) -> bool:
    shape = shape_of(text)
    mark = _marks().search(shape)
    letters = sum(map(str.isalnum, shape))
    return mark is not None and sum(map(str.isalnum, mark[0])) >= MARK_SHARE * letters


@cache
def _marks() -> re.Pattern[str]:
    held = json.loads(Path(__file__).with_name("vendor_marks.json").read_bytes())
    gap = r"[^\w\n]{0,3}"
    names = (gap.join(re.escape(word) for word in shape_of(name).split("\x01")) for name in held)
    either = "|".join(sorted(names, key=len, reverse=True))
    return re.compile(rf"(?<![^\W{_CJK}])(?:{either})(?![^\W{_CJK}])")


# --- Paragraphs -----------------------------------------------------------------------------------


def _paragraphs(lines: Sequence[Line]) -> list[list[Line]]:
    """Return the lines, those of one row joined, in groups that lie under one another."""
    groups: list[list[Line]] = []
    for line in _rows(lines):
        group = next((each for each in reversed(groups) if _goes_on(each[-1].box, line.box)), None)
        if group is None:
            groups.append([line])
        else:
            group.append(line)
    return groups


def _rows(lines: Sequence[Line]) -> list[Line]:
    """Join what stands side by side; from the top down."""
    rows: list[Line] = []
    for line in sorted(lines, key=lambda each: (each.box[0], each.box[1])):
        place = next((at for at, row in enumerate(rows) if _is_beside(row.box, line.box)), None)
        if place is None:
            rows.append(line)
        else:
            rows[place] = _with(rows[place], line)
    return sorted(rows, key=lambda each: (each.box[1] + each.box[3], each.box[0]))


def _with(row: Line, line: Line) -> Line:
    box = around((row.box, line.box))
    text, confidence = f"{row.text} {line.text}", min(row.confidence, line.confidence)
    return row._replace(text=text, confidence=confidence, box=box, unsure=row.unsure | line.unsure)


def around(boxes: Sequence[Box]) -> Box:
    """Return the smallest box that has all of them."""
    left, top, right, bottom = zip(*boxes, strict=True)
    return min(left), min(top), max(right), max(bottom)


def _is_beside(one: Box, other: Box) -> bool:
    """Whether `other` goes on where `one` ends, in the same row."""
    alike, least = _alike(one, other)
    overlap = min(one[3], other[3]) - max(one[1], other[1])
    return alike and overlap > 0.6 * least and -least < other[0] - one[2] <= BESIDE * least


def _goes_on(one: Box, other: Box) -> bool:
    """Whether `other` is the next line under `one`."""
    alike, least = _alike(one, other)
    overlap = min(one[2], other[2]) - max(one[0], other[0])
    return alike and overlap > 0 and -least < other[1] - one[3] <= APART * least


def _alike(one: Box, other: Box) -> tuple[bool, int]:
    """Whether two lines are of like height; and the lesser height."""
    heights = sorted((one[3] - one[1], other[3] - other[1]))
    return heights[1] <= UNLIKE * heights[0], heights[0]
