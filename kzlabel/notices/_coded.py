"""A 2D barcode on the plate of a notice: how large it is, where the words go, and reading it.

The code stands at the plate's left, its quiet zone included; the words are right of it, in the
middle of its height. All measures are pixels of the displayed picture.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from typing import TYPE_CHECKING

import msgspec

from kzlabel.errors import RefusedError
from kzlabel.model import Placement, Region
from kzlabel.notices._symbols import MODULES, MOST_BYTES, QUIET, draw, read_symbols

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from PIL.Image import Image

    from kzlabel.notices._judge import View
    from kzlabel.notices._symbols import Symbol

Size = tuple[int, int]

LEAST_SIDE = 700
"""Shorter side of a picture on which there is room for a code: it takes a fifth of it."""
LEAST_MODULE = 3
"""Pixels of a module: half of it, after JPEG at quality 50, is still read."""
MODULE_SHARE = 360
"""Shorter side by module: a large picture's code is read when it is shown at a thousand pixels."""
CODE_EMS = 4.5
"""Side of a code by the em of the words beside it, at most: 147 pixels by 35, as it was measured.
A taller one would make the words of a band large: what is added below a picture is not counted."""
AROUND = 0.1
"""How far around a declared plate its code is looked for, in heights of the plate."""
MOST_PIXELS = 750_000
"""To which a declared plate is reduced: its code has grown with it, and hints may be many."""
BESIDE = 0.25
"""How far a code may stand from the words it is left of, in widths of the code."""


def code_side(size: Size) -> int:
    """Return the side of a code, quiet zone included, on a picture of this displayed size."""
    return MODULES * max(LEAST_MODULE, math.ceil(min(size) / MODULE_SHARE))


def check_room(size: Size) -> None:
    """Raise `RefusedError` for a picture too small for a code; who calls names its file."""
    if min(size) < LEAST_SIDE:
        shown = f"{size[0]} x {size[1]}"
        raise RefusedError("kz.error.code-size", path="-", size=shown, least=LEAST_SIDE)


def plate_size(words: Size, side: int) -> Size:
    """Return the size of a plate that words of a size and a code need."""
    return words[0] + side, max(words[1], side)


def words_at(words: Size, plate: Size, side: int) -> Size:
    """Return where the words begin on a plate: from its left and from its top."""
    return (side, (plate[1] - words[1]) // 2) if side else (0, 0)


def paste(drawn: Image, placement: Placement) -> None:
    """Draw the code of a placement on its plate."""
    code = draw(base64.b64decode(placement.code), placement.code_side // MODULES)
    drawn.paste(code, (0, (drawn.height - code.height) // 2))


def dark_of(placement: Placement) -> Iterator[tuple[int, int, int, int]]:
    """Return the dark runs of a placement's code: left, top, right, bottom from its corner."""
    module = placement.code_side // MODULES
    code = draw(base64.b64decode(placement.code), 1)
    for row in range(MODULES):
        line = code.crop((0, row, MODULES, row + 1)).tobytes()
        for run in _DARK.finditer(line):
            yield run.start() * module, row * module, run.end() * module, (row + 1) * module


_DARK = re.compile(b"\0+")


def is_code(text: str) -> bool:
    """Whether a placement's `code` is base64 of no more than a code holds."""
    try:
        return 0 < len(base64.b64decode(text, validate=True)) <= MOST_BYTES
    except (ValueError, binascii.Error):
        return False


# --- Reading --------------------------------------------------------------------------------------


def symbol_of(view: View, hint: Placement) -> str:
    """Return the code that is read on a declared plate, in base64; empty where none is.

    Where several are, the one that is declared.
    """
    if not (hint.code and hint.region):
        return ""
    region, (width, height) = hint.region, view.size
    around = math.ceil(region.h * height * AROUND)
    left, top = region.x * width - around, region.y * height - around
    right, bottom = left + region.w * width + 2 * around, top + region.h * height + 2 * around
    area = (max(0, int(left)), max(0, int(top)), min(width, int(right)), min(height, int(bottom)))
    if area[0] >= area[2] or area[1] >= area[3]:
        return ""
    symbols = read_symbols(view.crop(area)[-1], MOST_PIXELS).found
    read = [base64.b64encode(symbol.payload).decode() for symbol in symbols]
    return hint.code if hint.code in read else "".join(read[:1])


def with_code(words: Placement, symbols: Sequence[Symbol]) -> Placement:
    """Return the placement of words that were found, with the code that stands left of them."""
    region = words.region
    beside = (one for one in symbols if region and _is_beside(one.region, region))
    symbol = next(beside, None)
    if region is None or symbol is None:
        return words
    middle = region.y + region.h / 2
    # Measured to a pixel or two: a plate does not reach over the picture's edge.
    room = region.x * words.width, 2 * min(middle, 1.0 - middle) * words.height
    side = int(min(symbol.region.w * words.width * MODULES / (MODULES - 2 * QUIET), *room))
    left, height = region.x - side / words.width, max(region.h, side / words.height)
    whole = Region(x=left, y=middle - height / 2, w=region.x + region.w - left, h=height)
    code = base64.b64encode(symbol.payload).decode()
    return msgspec.structs.replace(words, region=whole, code=code, code_side=side)


def _is_beside(code: Region, words: Region) -> bool:
    """Whether a code stands where ours stands: left of the words, at their height."""
    quiet = code.w * QUIET / (MODULES - 2 * QUIET)
    apart = abs(code.x + code.w + quiet - words.x)
    middle = words.y + words.h / 2
    return code.y < middle < code.y + code.h and apart <= BESIDE * code.w
