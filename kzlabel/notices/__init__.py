"""How a notice is made, and how it is seen again.

Rooms ask `visible` for a place and a plate, `words` for what it says; pictures are judged through
`formats/_raster.py`.
"""

from __future__ import annotations

from kzlabel.notices.visible import box, box_size, picture_size, place, plate
from kzlabel.notices.words import WORDS, Words, says, words

__all__ = [
    "WORDS",
    "Words",
    "box",
    "box_size",
    "picture_size",
    "place",
    "plate",
    "says",
    "words",
]
