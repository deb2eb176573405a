"""Which declarations take an element out of sight, keep it in sight, or leave it open.

Every check fails closed: a value is harmless only where it is known to be. Lengths are in CSS
pixels of a screen of at least 320 x 480.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from kzlabel.formats._html_cascade import Style
from kzlabel.formats._html_plain import PLAIN, is_plain
from kzlabel.formats._html_properties import LENGTHS
from kzlabel.formats._html_values import number, percent, pixels

FAR = 2000.0
"""Nothing this far off begins on a screen; what is less far off may show in part."""
MARGIN, INSET = 400.0, 300.0
"""The most that something in sight is moved down or to the right."""
MODEST = 40.0
"""A border or a gap that nobody notices as one."""
SLACK = -4.0
LINE = 24.0
"""Less height than a line of text: what follows is painted over it."""
COLUMN = 80.0
"""Less width than the longest word of a notice."""
SLIVER = 4.0
"""Less than this shows nothing of a letter that is cut off there."""

_LOOSE = ("", "auto", "none", "initial", "unset", "max-content", "min-content", "fit-content")
_DISPLAYED = frozenset(
    ("", "block", "inline", "inline-block", "flex", "inline-flex", "grid", "inline-grid",
     "list-item", "flow-root", "initial", "unset", "-webkit-box"))  # fmt: skip


class View(NamedTuple):
    """What one element does to what is in it."""

    hidden: bool = False
    unsure: bool = False


SEEN, HIDDEN, UNSURE = View(), View(hidden=True), View(unsure=True)
_BORDERS = frozenset(name for name in LENGTHS if name.startswith("border"))
"""The other lengths are of flex and grid, where nothing is taken to be in its place."""


def combined(views: Sequence[View]) -> View:
    """Return what several views come to."""
    return View(*(any(parts) for parts in zip(*views, strict=True)))


def _either(values: tuple[str, ...], check: Callable[[str], View]) -> View:
    """Return what a property does that may have one of several values."""
    views = {check(value) for value in values}
    return views.pop() if len(views) == 1 else UNSURE


def _only(*harmless: str) -> Callable[[str], View]:
    known = {"", "initial", *harmless}
    return lambda value: SEEN if value in known else UNSURE


def _display(value: str) -> View:
    return HIDDEN if value == "none" else SEEN if value in _DISPLAYED else UNSURE


def _content_visibility(value: str) -> View:
    return HIDDEN if value == "hidden" else _only("visible", "unset")(value)


def _transform(value: str) -> View:
    if re.search(r"\bscale(?:x|y|3d)?\(\s*0(?:\.0+)?\s*[,)]|\bscale\(0(?:\.0+)?[\s)]", value):
        return HIDDEN
    moved = re.fullmatch(r"translate(?:x|y)?\(\s*([^\s,()]+)[^()]*\)", value)
    away = pixels(moved[1]) if moved else None
    if away is not None and away <= -FAR:
        return HIDDEN
    return _only("none", "unset")(value)


def _clip_path(value: str) -> View:
    if re.match(r"inset\(\s*(?:[5-9]\d|100)(?:\.\d+)?%\s*\)|circle\(\s*0(?:px|%)?[\s)]", value):
        return HIDDEN
    return _only("none", "unset")(value)


def _filter(value: str) -> View:
    if re.fullmatch(r"opacity\(\s*0?(?:\.0\d*)?%?\s*\)", value):
        return HIDDEN
    return _only("none", "unset")(value)


def _margin(value: str) -> View:
    if value in ("", "auto", "initial", "unset"):
        return SEEN
    share, size = percent(value), pixels(value)
    if share is not None:
        return SEEN if 0 <= share <= 30 else UNSURE  # noqa: PLR2004  per cent of the screen
    if size is None:
        return UNSURE
    return HIDDEN if size <= -FAR else SEEN if SLACK <= size <= MARGIN else UNSURE


def _padding(value: str) -> View:
    return UNSURE if _margin(value) is HIDDEN else _margin(value)


def _offset(value: str) -> View:
    if value in ("", "auto", "initial", "unset"):
        return SEEN
    size = pixels(value)
    if size is None:
        return SEEN if percent(value) == 0 else UNSURE
    return HIDDEN if abs(size) >= FAR else SEEN if 0 <= size <= INSET else UNSURE


def _spaced(value: str) -> View:
    size = pixels(value)
    fits = value in ("", "normal", "initial", "inherit", "unset") or (
        size is not None and -0.5 <= size <= 8  # noqa: PLR2004  letters neither overlap nor part
    )
    return SEEN if fits else UNSURE


def _indent(value: str) -> View:
    size = pixels(value)
    if value in ("", "initial", "inherit", "unset"):
        return SEEN
    if size is None:
        return UNSURE
    return HIDDEN if abs(size) >= FAR else SEEN if 0 <= size <= 100 else UNSURE  # noqa: PLR2004


def _line_height(value: str) -> View:
    if value in ("", "normal", "initial", "inherit", "unset"):
        return SEEN
    ratio, share, size = number(value), percent(value), pixels(value)
    enough = (
        (ratio is not None and 0.9 <= ratio <= 3)  # noqa: PLR2004  lines do not overlap
        or (share is not None and 90 <= share <= 300)  # noqa: PLR2004
        or (size is not None and 10 <= size <= 100)  # noqa: PLR2004
    )
    return SEEN if enough else UNSURE


def _modest(value: str) -> View:
    """Leave open what names a length that moves things out of their place."""
    sizes = [pixels(word) for word in re.findall(r"[\d.]+[a-z]+", value)]
    unknown = re.search(r"calc|min\(|max\(|clamp|var\(|\?|%", value)
    long = any(size is None or size > MODEST for size in sizes if size != 0)
    return UNSURE if unknown or (long and not re.fullmatch(r"[\d.]+fr", value)) else SEEN


def _word(*words: str) -> Callable[[str], View]:
    """Return a check that leaves open what names one of `words`."""
    pattern = re.compile("|".join(words) + r"|\?|var\(")
    return lambda value: UNSURE if pattern.search(value) else SEEN


def _plain(name: str) -> Callable[[str], View]:
    return lambda value: SEEN if is_plain(name, value) else UNSURE


_PLAIN = {name: _plain(name) for name in PLAIN if name not in ("align-content", "align-self")}
_CHECKS: dict[str, Callable[[str], View]] = dict.fromkeys(_BORDERS, _modest) | _PLAIN | {
    "display": _display,
    "content-visibility": _content_visibility,
    "transform": _transform,
    "clip-path": _clip_path,
    "filter": _filter,
    "mask": _only("none", "unset"),
    "mix-blend-mode": _only("normal", "unset"),
    "animation": _only("none", "unset"),
    "content": _only("normal", "none", "unset"),
    "writing-mode": _only("horizontal-tb", "inherit", "unset"),
    "direction": _only("ltr", "inherit", "unset"),
    "float": _only("none", "left", "right", "unset"),
    "unicode-bidi": _only("normal", "isolate", "embed", "plaintext", "unset"),
    "background-clip": _only("border-box", "padding-box", "unset"),
    "box-shadow": _word("inset"),
    "text-shadow": _only("none", "inherit", "unset"),
    "outline-offset": _word("-"),
    "contain": _only("none", "content", "layout", "style", "unset"),
    "columns": _only("auto", "unset"),
    "text-overflow": _only("clip", "unset"),
    "letter-spacing": _spaced,
    "word-spacing": _spaced,
    "text-indent": _indent,
    "line-height": _line_height,
    "margin-top": _margin, "margin-right": _margin, "margin-bottom": _margin,
    "margin-left": _margin, "padding-top": _padding, "padding-left": _padding,
    "padding-bottom": _padding, "padding-right": _padding,
    "other": lambda _: UNSURE,
}  # fmt: skip


def view_of(style: Style) -> View:
    """Return what an element's declarations do to what is in it."""
    views = [
        _either(values, _CHECKS[name]) for name, values in style.declared.items() if name in _CHECKS
    ]
    return combined([*views, _position(style), _box(style), _clip(style)])


def _position(style: Style) -> View:
    kind = style.value("position")
    if kind in ("", "static", "initial", "unset"):
        return SEEN
    if kind not in ("relative", "absolute", "fixed", "sticky", "-webkit-sticky"):
        return UNSURE
    sides = [_either(style.values(side), _offset) for side in ("top", "left")]
    if "sticky" not in kind:
        sides += [_far_side(style, "bottom", "top"), _far_side(style, "right", "left")]
    return combined(sides)


def _far_side(style: Style, side: str, near: str) -> View:
    """Return what `right` or `bottom` does: nothing where the near side is given."""
    view = _either(style.values(side), _offset)
    if style.value(near) not in ("", "auto", "initial", "unset", "?"):
        return SEEN
    if style.value(side) in ("", "auto", "initial", "unset"):
        return SEEN
    return HIDDEN if view is HIDDEN else UNSURE if side == "bottom" else view


def _box(style: Style) -> View:
    """Return what width and height do, by themselves and with what overflows cut off."""
    views = []
    for overflow, sizes, least in (
        ("overflow-y", ("height", "max-height"), LINE),
        ("overflow-x", ("width", "max-width"), COLUMN),
    ):
        cut = style.value(overflow) not in ("", "visible", "initial", "unset")
        views += [_size(style.value(size), least, cut=cut) for size in sizes]
    views += [_least(style.value(name)) for name in ("min-width", "min-height")]
    return combined(views)


def _least(value: str) -> View:
    known = value in _LOOSE or pixels(value) is not None or percent(value) is not None
    return SEEN if known else UNSURE


def _size(value: str, least: float, *, cut: bool) -> View:
    if value in _LOOSE:
        return SEEN
    size, share = pixels(value), percent(value)
    if size is None and share is None:
        return UNSURE
    if cut and (size if size is not None else share or 0.0) < SLIVER:
        return HIDDEN
    least_share = 100 if least == LINE else 25  # of a height nobody knows, of the screen's width
    enough = share >= least_share if share is not None else (size or 0.0) >= least
    return SEEN if enough else UNSURE


def _clip(style: Style) -> View:
    value = style.value("clip")
    if value in ("", "auto", "initial", "unset"):
        return SEEN
    parts = [pixels(part) for part in re.findall(r"[^\s,()]+", value.removeprefix("rect"))]
    known = [part for part in parts if part is not None]
    small = len(known) == 4 and max(known) <= SLIVER  # noqa: PLR2004  its four sides
    off = style.value("position") in ("absolute", "fixed")
    return HIDDEN if small and off else UNSURE


_A_LOT = 10 * FAR


def moved(style: Style, names: Sequence[str]) -> float:
    """Return how many pixels the values of some properties come to, a lot where that is open."""
    return sum(max(map(_pushed, style.values(name))) for name in names if name in style.declared)


def _pushed(value: str) -> float:
    if value in ("", "auto", "none", "normal", "initial", "unset", "inherit", "fit-content"):
        return 0.0
    size, share = pixels(value), percent(value)
    if size is not None:
        return max(0.0, size)
    return _A_LOT if share is None else max(0.0, share * 5)  # of 500 pixels


def is_long(style: Style, name: str) -> bool:
    """Whether a border or a gap may be so long that it moves things out of their place."""
    return any(_modest(value) is UNSURE for value in style.values(name))
