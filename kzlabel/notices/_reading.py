"""What is said in the lines that were read off a picture: notices, and names of products.

Lines that lie under one another are a paragraph, so that a sentence that goes on, denies or asks is
read as a whole (`phrases`). A phrase that its sentence says more about may be a mention of AI, and
so may one above or below which other words stand; but not the same in another language. So
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

from kzlabel.notices._denials import letters_of
from kzlabel.notices._letters import shape_of
from kzlabel.notices._mending import LANGUAGES, begun, mended_words, nearly
from kzlabel.notices._sentences import lexicon, words_of
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
CAPTION = 1.45
"""Heights of lines, by one another, from which one is the headline of the other."""
_CJK = "\u3400-\u9fff"


_EDGES = re.compile(r"^[^\w]+|[^\w]+$")
_STRAY = re.compile(r"(?<!\w)[^\W\d_][^\w\n]*$")
"""One letter before a phrase: it may be left of what denies it."""
_Words = tuple[tuple[str, str], ...]
"""The words of a line: mended, and as they were read."""


class Said(NamedTuple):
    """A notice, or what may be one."""

    text: str
    """As it was read."""
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
    readings = list(_readings(paragraph))
    found = next(filter(None, (tuple(_said_as(paragraph, each)) for each in readings)), ())
    found = found or tuple(_nearly_said(paragraph, readings[0]))
    at_odds = len(set(map(_denies, readings))) > 1
    return tuple(
        said._replace(is_mention=said.is_mention or at_odds or _has_context(paragraph, said, found))
        for said in found
    )


def _readings(paragraph: Sequence[Line]) -> Iterator[list[_Words]]:
    """Yield the words of a paragraph as they were read, then as they may be."""
    first = [mended_words(line.text, line.unsure) for line in paragraph]
    yield first
    for turn in range(max((len(line.also) for line in paragraph), default=0)):
        yield [
            mended_words(line.also[turn], line.also[turn].split()) if turn < len(line.also)
            else words
            for line, words in zip(paragraph, first, strict=True)
        ]  # fmt: skip


def _denies(reading: Sequence[_Words]) -> bool:
    """Whether a word is read that denies what is said, in a language of ours."""
    read = {word for words in reading for each, _ in words for word in words_of(each)}
    return not read.isdisjoint(_denying())


@cache
def _denying() -> frozenset[str]:
    held = map(lexicon, LANGUAGES)
    return frozenset().union(*(each.denied_before | each.denied_after for each in held))


def _said_as(paragraph: Sequence[Line], reading: Sequence[_Words]) -> Iterator[Said]:
    texts = [_text(words) for words in reading]
    starts = (0, *accumulate(len(text) + 1 for text in texts))
    said = False
    joined = _joined(texts)
    for phrase in find_phrases(joined):
        places = [
            at for at, text in enumerate(texts)
            if phrase.start < starts[at] + len(text) and phrase.end > starts[at]
        ]  # fmt: skip
        alone = letters_of(phrase.text) == letters_of("".join(texts[at] for at in places))
        if phrase.others > MENTION and not alone:
            continue
        spans = ((reading[at], phrase.start - starts[at], phrase.end - starts[at]) for at in places)
        text = " ".join(_as_read(*span) for span in spans)
        lines = tuple(paragraph[at] for at in places)
        said = True
        doubtful = phrase.others > 0 or _STRAY.search(joined[: phrase.start]) is not None
        yield Said(text, phrase.language, lines, doubtful)
    if not said:
        for line, text in zip(paragraph, texts, strict=True):
            if _names_product(text):
                yield Said(text, "", (line,), is_mention=True)


def _as_read(words: _Words, start: int, end: int) -> str:
    """Return what stands between two places of a mended line; mended words as they were read."""
    found, at = [], 0
    for word, read in words:
        cut = word[max(0, start - at) : max(0, end - at)]
        if cut:
            found.append(cut if word == read else _EDGES.sub("", read))
        at += len(word) + 1
    return " ".join(found)


def _nearly_said(paragraph: Sequence[Line], reading: Sequence[_Words]) -> Iterator[Said]:
    """Yield the lines that are nearly a notice, or one up to an edge; not what is one in prose."""
    for line, words in zip(paragraph, reading, strict=True):
        text, read = _text(words), _EDGES.sub("", " ".join(each for _, each in words))
        if find_phrases(text):
            continue
        near = (nearly(text) if line.confidence < SURE_LINE else None) or begun(text)
        if near:
            language, is_sure = near
            yield Said(read, language, (line,), is_mention=not is_sure)


def _has_context(paragraph: Sequence[Line], said: Said, found: Sequence[Said]) -> bool:
    """Whether other words stand above or below, as large, that do not say the same."""
    rows = [paragraph.index(line) for line in said.lines]
    same = [line for each in found if not each.is_mention for line in each.lines]
    return any(
        line not in same and line not in said.lines and _tells(line.text, said.language)
        and max(_height(line), _height(own)) < CAPTION * min(_height(line), _height(own))
        for own, at in ((said.lines[0], min(rows) - 1), (said.lines[-1], max(rows) + 1))
        for line in paragraph[max(0, at) : at + 1]
    )  # fmt: skip


def _tells(text: str, language: str) -> bool:
    """Whether a line has words that are not expected beside a notice; names are no words here."""
    names = (word for word in text.split() if not word.startswith(("@", "#", "©")))
    words = [word for word in words_of(" ".join(names)) if len(word) > 1 and word.isalpha()]
    held = [lexicon(each) for each in {*LANGUAGES, language} if each]
    expected = frozenset().union(*(each.beside | each.subjects for each in held))
    return not (expected.issuperset(words) or _names_product(text))


def _height(line: Line) -> int:
    return line.box[3] - line.box[1]


def _text(words: _Words) -> str:
    return " ".join(word for word, _ in words)


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
