"""Plain values: what people write every day, and what is known to leave text where it is.

Whatever is not here is left open, whether it is known to hide something or not.
"""

from __future__ import annotations

import re

from kzlabel.formats._html_values import UNKNOWN, colour_of, number, percent, pixels

THIN = 4.0
"""Pixels of a line under or around words that cover none."""
ROUND = 16.0
"""Of a corner that cuts no letter off."""
UPWARD = 8.0
"""How far up a shadow may reach."""
_ALWAYS = frozenset(("", "initial", "unset", "inherit"))

_WORDS = {
    "align-content": "normal start flex-start stretch",
    "align-self": "auto normal start flex-start stretch",
    "aspect-ratio": "auto",
    "caption-side": "top",
    "flex-wrap": "nowrap wrap",
    "font-variant": "normal none tabular-nums lining-nums common-ligatures no-common-ligatures",
    "list-style-image": "none",
    "list-style-type": "none disc circle square decimal decimal-leading-zero lower-roman"
    " upper-roman lower-alpha upper-alpha lower-latin upper-latin",
    "scroll-snap-type": "none",
    "table-layout": "auto",
    "text-wrap": "wrap balance pretty stable",
    "vertical-align": "baseline sub super middle top bottom text-top text-bottom",
    "white-space": "normal pre-wrap pre-line break-spaces",
    "white-space-collapse": "collapse preserve-breaks break-spaces",
}
_LISTS = frozenset(("inside", "outside", *_WORDS["list-style-type"].split()))
_LINES = frozenset(
    ("none", "underline", "overline", "solid", "double", "dotted", "dashed", "wavy", "auto",
     "from-font", "currentcolor", "transparent"))  # fmt: skip
_LENGTH = re.compile(r"[+-]?[\d.]+[a-z]*")


def is_plain(name: str, value: str) -> bool:
    """Whether a property of `PLAIN` has a plain value."""
    if value in _ALWAYS:
        return True
    words = value.split()
    match name:
        case "border-radius":
            return all(_is_within(word, ROUND) for word in words)
        case "list-style":
            return all(word in _LISTS for word in words)
        case "tab-size":
            return 0 <= (number(value) or 0.0) <= 8 and number(value) is not None  # noqa: PLR2004
        case "text-decoration" | "text-decoration-thickness" | "text-underline-offset":
            return all(
                word in _LINES or colour_of(word) is not None or _is_within(word, THIN)
                for word in words
            )
        case _:
            return value in _WORDS[name].split()


PLAIN = (*_WORDS, "border-radius", "list-style", "tab-size", "text-decoration",
         "text-decoration-thickness", "text-underline-offset")  # fmt: skip


def _is_within(word: str, most: float) -> bool:
    size = pixels(word)
    return size is not None and 0 <= size <= most


def rises(shadow: str) -> bool:
    """Whether a shadow may reach so far up that it lies over what is there."""
    if shadow in (*_ALWAYS, "none"):
        return False
    if UNKNOWN in shadow:
        return True
    for one in re.split(r",(?![^(]*\))", shadow):
        bare = re.sub(r"[\w-]+\([^()]*\)|#[0-9a-f]+", " ", one)
        lengths = [pixels(word) for word in _LENGTH.findall(bare)]
        if "(" in bare or len(lengths) not in (2, 3, 4) or None in lengths:
            return True
        _, down, *spread = [size or 0.0 for size in lengths]
        if sum(spread) - down > UPWARD:
            return True
    return False


def is_own_line(leading: str) -> bool:
    """Whether a `line-height` holds its letters, of whatever size."""
    if leading in (*_ALWAYS, "normal"):
        return True
    ratio = number(leading)
    return ratio is not None and ratio >= 0.9  # noqa: PLR2004  letters stay within their line


def is_modest_font(size: str) -> bool:
    """Whether a `font-size` may stand in a line that another size has made."""
    length, share = pixels(size), percent(size)
    if length is not None:
        return 0 <= length <= 40  # noqa: PLR2004  as large as headings are
    if share is not None:
        return 0 <= share <= 250  # noqa: PLR2004
    return size in (*_ALWAYS, "smaller", "larger", "medium", "small", "large", "x-small",
                    "x-large", "xx-large", "xx-small")  # fmt: skip
