"""Whether the line that a notice stands in goes on: «не» before it, "? No" after it, say.

The plate is followed from both ends of each line, column by column. It reaches as far as the
uppermost and lowest rows of the line are of its colour, where no letter has ink; on a plate of ours
there is nothing more. What stands out from it otherwise, as tall as letters and with gaps like
theirs, are other words, which may deny the notice. Lights in a night are small, or round.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kzlabel.notices._match import Tile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from PIL.Image import Image

    from kzlabel.notices._text import Face

Colour = tuple[int, int, int]

FOLLOWED_EM = 32
"""Em to which a line is brought: a letter's gaps are seen."""
REACH = 2.0
"""How far a plate is followed, in em, beyond that of ours: further off words are read on their own.
"""
APART = 0.12
"""Room between words of ours and what may be others, in em: blurred edges of letters."""
ABOVE, BELOW = 0.15, 0.1
"""Rows of a line without ink, in em: only Й and the like reach higher, only tails lower."""
PLAIN, INK = 0.35, 0.45
"""How far a sample is from plate to letters, at most, and at least."""
INTERRUPTED = 0.3
"""Room that is not plate, in em, after which the plate has ended: a bar, the stem of a tall letter.
"""
TALL, WIDE = 0.4, 0.15
"""How high and wide a letter is at least, in em."""
FULL = 0.75
"""Share of its box that a letter fills at most; a disc fills 0.79."""
CUT = 128
"""What is no plate, in a picture of ink."""


@dataclass(frozen=True)
class Beside:
    """The samples left or right of a line, and which end of them is nearest to its words."""

    tile: Tile
    backwards: bool


def goes_on(
    seen: Image, sides: Iterable[Beside], colours: tuple[Colour, Colour], em: float
) -> bool:
    """Whether a line of `seen`, its plate and letters of these `colours`, has other words."""
    apart = _apart(seen, *colours)
    return any(_has_letters(_on_plate(apart, side, em), em) for side in sides)


def sides(
    face: Face, lines: tuple[str, ...], words: tuple[int, int], reach: int
) -> Iterator[Beside]:
    """Yield what is left and right of `lines`.

    `words` is their size in samples, their padding included; `reach` samples stand beside it.
    """
    natural = face.size(lines)
    across, down = words[0] / natural[0], words[1] / natural[1]
    beside, above = face.padding
    apart = APART * face.em
    for row, line in enumerate(lines):
        top = round((above + row * face.line_height) * down)
        bottom = min(words[1], round((above + (row + 1) * face.line_height) * down))
        first = reach + round((beside - apart) * across)
        last = reach + round((beside + face.width(line) + apart) * across)
        yield Beside(Tile(0, top, first, bottom), backwards=True)
        yield Beside(Tile(last, top, words[0] + 2 * reach, bottom), backwards=False)


def _apart(seen: Image, plate: Colour, letters: Colour) -> Image:
    """Return how far each sample is from plate to letters, in the channel that tells most: L."""
    from PIL import Image, ImageChops

    away = ImageChops.difference(seen, Image.new("RGB", seen.size, plate))
    red, green, blue = away.split()
    most = max(abs(one - other) for one, other in zip(plate, letters, strict=True))
    share = [min(255, round(255 * level / max(1, most))) for level in range(256)]
    return ImageChops.lighter(ImageChops.lighter(red, green), blue).point(share)


def _on_plate(apart: Image, side: Beside, em: float) -> Image:
    """Return where there is ink, 255 on 0, as far as the plate goes; `CUT` where it does not."""
    part = apart.crop(side.tile)
    wide, high = part.size
    above, below = max(1, round(ABOVE * em)), max(1, round(BELOW * em))
    if wide < 1 or high <= above + below:
        return part.crop((0, 0, 0, 0))
    rims = (part.crop((0, 0, wide, above)), part.crop((0, high - below, wide, high)))
    plain = [max(column) <= 255 * PLAIN for column in zip(*map(_columns, rims), strict=True)]
    end = _end(plain[::-1] if side.backwards else plain, INTERRUPTED * em)
    first, last = (wide - end, wide) if side.backwards else (0, end)
    inked = [255 if level >= 255 * INK else 0 for level in range(256)]
    ink = part.crop((first, above, last, high - below)).point(inked)
    for column in (at for at in range(first, last) if not plain[at]):
        ink.paste(CUT, (column - first, 0, column - first + 1, ink.height))
    return ink


def _columns(part: Image) -> bytes:
    """Return the mean of each column."""
    from PIL import Image

    return part.resize((part.width, 1), Image.Resampling.BOX).tobytes()


def _end(plain: list[bool], most: float) -> int:
    """Return how many columns the plate has, as far as it is not interrupted for long."""
    end = 0
    for at, is_plain in enumerate(plain, 1):
        if is_plain:
            end = at
        elif at - end > most:
            break
    return end


def _has_letters(ink: Image, em: float) -> bool:
    """Whether any ink that hangs together is as large as a letter, and is no blot."""
    if ink.getbbox() is None:
        return False
    wide, rest = ink.width, bytearray(ink.tobytes())
    start = rest.find(255)
    while start >= 0:
        if _is_letter(*_blot(rest, start, wide), ink.size, em):
            return True
        start = rest.find(255, start)
    return False


def _is_letter(across: list[int], down: list[int], size: tuple[int, int], em: float) -> bool:
    left, right, top, bottom = min(across), max(across), min(down), max(down)
    if left == 0 or top == 0 or right == size[0] - 1 or bottom == size[1] - 1:
        return False  # it goes on beyond the plate
    wide, high = right - left + 1, bottom - top + 1
    full = len(across) / (wide * high)
    return wide >= WIDE * em and high >= TALL * em and full <= FULL


def _blot(rest: bytearray, start: int, wide: int) -> tuple[list[int], list[int]]:
    """Take out the samples that hang together with `start`: across and down.

    What touches a column that is no plate counts as touching the edge.
    """
    taken, rest[start], is_cut = [start], 0, False
    for at in taken:
        beside = [at - wide, at + wide]
        beside += [at - 1] * (at % wide > 0) + [at + 1] * (at % wide < wide - 1)
        for near in beside:
            if 0 <= near < len(rest) and rest[near]:
                is_cut |= rest[near] == CUT
                if rest[near] != CUT:
                    rest[near] = 0
                    taken.append(near)
    across, down = [at % wide for at in taken], [at // wide for at in taken]
    return ([*across, 0], down) if is_cut else (across, down)
