"""Whether words in an office document can be read: their size, and their colour on what is behind.

Colours are what the document says they are. A colour of the theme is looked up there; where that,
or what lies behind the words, cannot be told, nobody claims that they are seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.formats._ooxml_office import local
from kzlabel.notices.contrast import MIN_CONTRAST, contrast, luminance

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kzlabel.formats._xml_splice import Xml

HIDDEN = "kz.notice.hidden"
FAINT = "kz.notice.faint"
SMALL = "kz.notice.small"
COVERED = "kz.notice.covered"
BURIED = "kz.notice.buried"
UNDETERMINED = "kz.notice.undetermined"
PERCEIVABLE = "kz.notice.perceivable"
MIN_POINTS = 8.0
"""The smallest type of printed notes; below it, words are there so as not to be read."""

Colour = tuple[int, int, int]
WHITE, BLACK = (255, 255, 255), (0, 0, 0)

_RANK = (HIDDEN, COVERED, BURIED, FAINT, SMALL, UNDETERMINED, PERCEIVABLE)
_ALIASES = {"tx1": "dk1", "bg1": "lt1", "tx2": "dk2", "bg2": "lt2", "text1": "dk1",
            "background1": "lt1", "text2": "dk2", "background2": "lt2", "dark1": "dk1",
            "light1": "lt1", "dark2": "dk2", "light2": "lt2", "hyperlink": "hlink",
            "followedHyperlink": "folHlink"}  # fmt: skip


def worst(*codes: str) -> str:
    """Return the code that says most surely that the words are not seen."""
    return min(codes, key=_rank)


def _rank(code: str) -> int:
    return _RANK.index(code) if code in _RANK else 0


def sized(points: float) -> str:
    """Judge the size of the type."""
    return PERCEIVABLE if points >= MIN_POINTS else SMALL


def inked(ink: Colour | None, ground: Colour | None) -> str:
    """Judge a colour on another; None is a colour that cannot be told."""
    if ink is None or ground is None:
        return UNDETERMINED
    ratio = contrast(luminance(ink), luminance(ground))
    return PERCEIVABLE if ratio >= MIN_CONTRAST else FAINT


def colour_of(text: str) -> Colour | None:
    """Return the colour of six hexadecimal digits (eight: the first two are alpha), or None."""
    digits = text[2:] if len(text) == 8 else text  # noqa: PLR2004  ARGB
    try:
        raw = bytes.fromhex(digits)
    except ValueError:
        return None
    return (raw[0], raw[1], raw[2]) if len(raw) == 3 else None  # noqa: PLR2004  RGB


def theme_colours(theme: Xml | None) -> dict[str, Colour]:
    """Return the theme's colours by name (`dk1`, `accent3`), and by the other names they have."""
    found: dict[str, Colour] = {}
    for scheme in theme.root.walk() if theme else ():
        if local(scheme.name) != "clrScheme":
            continue
        for slot in scheme.children:
            for kind in slot.children:
                said = kind.attributes.get(
                    "val" if local(kind.name) == "srgbClr" else "lastClr", ""
                )
                colour = colour_of(said)
                if colour:
                    found[local(slot.name)] = colour
        break
    return found


def themed(theme: Mapping[str, Colour], name: str) -> Colour | None:
    """Return a colour of the theme by any name it goes by."""
    return theme.get(_ALIASES.get(name, name))


def mixed(colour: Colour, other: Colour, share: float) -> Colour:
    """Return `share` of `colour` in `other`."""
    share = min(max(share, 0.0), 1.0)
    red, green, blue = (
        round(one * share + two * (1 - share)) for one, two in zip(colour, other, strict=True)
    )
    return red, green, blue
