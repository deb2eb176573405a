"""What a page's style sheets and `style` attributes say of one element (CSS Cascade 5, 6).

Each property comes with every value it may have: that of the rule that wins, and those of rules
that may win over it (`unsure`). Presentational attributes and the browser's own sheet are not here.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from kzlabel.formats._html_css import Declaration, Rule, Sheets, style_of
from kzlabel.formats._html_plain import is_modest_font, is_own_line, is_plain
from kzlabel.formats._html_selectors import Effort, TooMuchError, fits
from kzlabel.formats._html_tree import Element
from kzlabel.formats._html_values import UNKNOWN, part_of

MAX_VARIABLES = 2000
_MAX_VALUE = 4096
_MAX_SUBSTITUTIONS = 32
_VARIABLE = re.compile(r"var\(\s*(--[^\s,()]+)\s*(,)?", re.IGNORECASE)
_STYLE_STEPS = 20
"""What a `style` attribute costs to read, in comparisons."""
_INLINE = (1 << 30, 0, 0)
_WIDE = frozenset(("", "initial", "inherit", "unset", "revert", "revert-layer"))

Variables = Mapping[str, str]
NO_VARIABLES: Variables = MappingProxyType({})


class _Said(NamedTuple):
    """A declaration with its weight in the cascade."""

    weight: tuple[bool, tuple[int, int, int], int, int]
    unsure: bool
    value: str
    via: str


@dataclass(frozen=True)
class Style:
    """What is declared of one element."""

    declared: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Property -> the values it may have; "" where none may be declared too."""
    variables: Variables = field(default_factory=dict)

    def values(self, name: str) -> tuple[str, ...]:
        """Return every value a property may have."""
        return self.declared.get(name, ("",))

    def value(self, name: str) -> str:
        """Return the value of a property; "" where none is declared, "?" where it is not known."""
        found = self.values(name)
        return found[0] if len(found) == 1 else UNKNOWN


class Cascade:
    """The style sheets of a page, by what their rules are about."""

    def __init__(self, sheets: Sheets, effort: Effort) -> None:
        self._effort = effort
        self._rules: dict[tuple[str, str], list[Rule]] = defaultdict(list)
        self._leaving: dict[str, list[Rule]] = defaultdict(list)
        self.pseudos = sorted({rule.selector.pseudo for rule in sheets.rules} - {""})
        for rule in sheets.rules:
            self._rules[rule.selector.pseudo, _key(rule)].append(rule)
            if rule.selector.pseudo or any(map(_lets_leave, rule.declarations)):
                self._leaving[_key(rule)].append(rule)

    def style(self, element: Element, variables: Variables, pseudo: str = "") -> Style:
        """Return what is said of an element, or of its `pseudo`; raises `TooMuchError`."""
        said: dict[str, list[_Said]] = defaultdict(list)
        for rule in self._matching(element, pseudo):
            for place, held in enumerate(rule.declarations):
                weight = (held.important, rule.selector.specificity, rule.order, place)
                said[held.name].append(_Said(weight, rule.unsure, held.value, held.via))
        if not pseudo and (text := element.attribute("style")):
            self._effort.step(_STYLE_STEPS)
            for order, held in enumerate(style_of(text)):
                said[held.name].append(_inline(held, order))
        if not said:
            return Style({}, variables)
        variables = _with_variables(variables, said)
        declared = {
            name: tuple(dict.fromkeys(_resolved(name, one, variables) for one in _winners(all_)))
            for name, all_ in said.items()
            if not name.startswith("--")
        }
        return Style(declared, variables)

    def may_leave(self, element: Element) -> bool:
        """Whether an element, or a pseudo-element of it, may be painted where others are."""
        if element.tag in ("math", "dialog") or not element.attributes.keys().isdisjoint(
            ("dir", "overflow")
        ):
            return True
        text = element.attribute("style")
        if text and _LEAVING.search(text):
            self._effort.step(_STYLE_STEPS)
            if any(map(_lets_leave, style_of(text))):
                return True
        if not self._leaving:
            return False
        rules = (rule for key in _keys(element) for rule in self._leaving.get(key, ()))
        return any(self._fits(rule, element) for rule in rules)

    def _matching(self, element: Element, pseudo: str) -> Iterator[Rule]:
        for key in _keys(element):
            for rule in self._rules.get((pseudo, key), ()):
                if self._fits(rule, element):
                    self._effort.step(len(rule.declarations))
                    yield rule

    def _fits(self, rule: Rule, element: Element) -> bool:
        self._effort.step()
        return fits(rule.selector, element, self._effort)


_LEAVING = re.compile(
    r"position|margin|transform|translate|rotate|scale|animation|outline|align|justify|place"
    r"|offset|zoom|inset|shadow|filter|line|font|spacing|indent|decoration|padding|border"
    r"|direction|flex|overflow|text|stroke|\\\\", re.IGNORECASE
)  # fmt: skip
"""What a `style` attribute has that lets its element leave its place; or an escape."""
_AT_HOME = re.compile(r"(?:[0-4](?:\.\d+)?(?:px)?|0(?:em|rem|%)?|none|auto|initial|unset)")
_NAMED = frozenset(("transform", "animation", "outline", "outline-style", "other", "filter",
                    "text-shadow", "box-shadow"))  # fmt: skip
_INKED = frozenset(("text-decoration", "text-decoration-thickness", "text-underline-offset"))
_SPREAD = frozenset(("padding-top", "padding-bottom", "border", "border-top", "border-bottom",
                     "border-width", "border-top-width", "border-bottom-width"))  # fmt: skip
_PULLED = frozenset(("margin-top", "margin-right", "margin-bottom", "margin-left",
                     "letter-spacing", "word-spacing", "text-indent"))  # fmt: skip
_RAISED = frozenset(("align-items", "align-content", "align-self", "justify-content"))


def _lets_leave(held: Declaration) -> bool:  # noqa: PLR0911  one for each kind of property
    """Whether a declaration may let an element be painted where others are."""
    name, value = held.name, held.value.lower()
    if "var(" in value:
        return name in _NAMED | _INKED | _SPREAD | _PULLED | _RAISED
    if name in _PULLED:
        return "-" in value or "(" in value
    if name in _NAMED:
        return value not in ("none", "0")
    if name in _INKED:
        return not is_plain(name, value)
    if name in _SPREAD:
        return not _AT_HOME.match(value)
    if name in _RAISED:
        return re.search(r"end|center|around|evenly|\(", value) is not None
    return _leaves_otherwise(name, value, held.via)


def _leaves_otherwise(name: str, value: str, via: str) -> bool:  # noqa: PLR0911  the same
    match name:
        case "position":
            return value not in ("static", "relative")
        case "top" | "right" | "bottom" | "left":
            return value != "0"
        case "flex-direction" | "flex-wrap":
            return "reverse" in value or "(" in value
        case "overflow-x" | "overflow-y" | "direction":
            return value not in ("hidden", "clip", "ltr")
        case "line-height":
            return not is_own_line(part_of(name, value, via))
        case "font-size":
            return not is_modest_font(part_of(name, value, via))
        case _:
            return False


def _keys(element: Element) -> Iterator[str]:
    """Give the keys of the rules that may be about an element."""
    yield ""
    yield f"<{element.tag}"
    yield from (f".{name}" for name in element.classes)
    if element.identifier:
        yield f"#{element.identifier}"


def _key(rule: Rule) -> str:
    """Return one thing that every element has that the rule is about."""
    subject = rule.selector.subject
    if subject.identifiers:
        return f"#{min(subject.identifiers)}"
    if subject.classes:
        return f".{min(subject.classes)}"
    return f"<{subject.tag}" if subject.tag else ""


def _inline(held: Declaration, order: int) -> _Said:
    return _Said((held.important, _INLINE, 0, order), unsure=False, value=held.value, via=held.via)


def _winners(said: list[_Said]) -> Iterator[_Said | None]:
    """Give what may win: down to the first that is certain, or to nothing at all."""
    for one in sorted(said, key=lambda one: one.weight, reverse=True):
        yield one
        if not one.unsure:
            return
    yield None


def _resolved(name: str, said: _Said | None, variables: Variables) -> str:
    if said is None:
        return ""
    value = _substituted(said.value, variables)
    return UNKNOWN if value is None else part_of(name, value, said.via)


def _with_variables(variables: Variables, said: Mapping[str, list[_Said]]) -> Variables:
    """Return the custom properties that an element has, its own over the inherited."""
    own = {name: list(_winners(all_)) for name, all_ in said.items() if name.startswith("--")}
    if not own:
        return variables
    if len(variables) + len(own) > MAX_VARIABLES:
        raise TooMuchError
    found = dict(variables)
    for name, winners in own.items():
        first = winners[0]
        sure = first and len(winners) == 1 and first.value.lower() not in _WIDE
        found[name] = first.value if first and sure else UNKNOWN
    return {name: _substituted(value, found) or UNKNOWN for name, value in found.items()}


def _substituted(value: str, variables: Variables) -> str | None:
    """Return `value` with its variables put in; None where one is not known."""
    for _ in range(_MAX_SUBSTITUTIONS):
        found = _VARIABLE.search(value)
        if not found:
            return value
        end = _closing(value, found.start() + 3)
        if end < 0 or len(value) > _MAX_VALUE:
            return None
        held = variables.get(found[1])
        if held is None and found[2]:
            held = value[found.end() : end]
        if held is None or UNKNOWN in held:
            return None
        value = f"{value[: found.start()]}{held.strip()}{value[end + 1 :]}"
    return None


def _closing(value: str, at: int) -> int:
    """Return where the parenthesis that opens at `at` is closed; -1 where it is not."""
    depth = 0
    for position in range(at, len(value)):
        depth += {"(": 1, ")": -1}.get(value[position], 0)
        if depth == 0:
            return position
    return -1
