"""Style sheets (CSS Syntax 3, Cascade 5): the border of tinycss2; rules and declarations out.

Rules that hold on some screens only (`@media (max-width: …)`, `@supports`, `@container`, `@layer`)
are `unsure`: what they say may be so. Those for print and speech are left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from kzlabel.formats._html_properties import SAFE, sides
from kzlabel.formats._html_select import Token, selectors_of
from kzlabel.formats._html_selectors import ANY, Selector, TooMuchError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tinycss2.ast import Node

MAX_CHARACTERS = 1 << 19
"""Of all style sheets of a page; tinycss2 reads about a million a second."""
MAX_RULES = 20_000
_MAX_STYLE = 1 << 16
_ALWAYS = frozenset(("", "all", "screen", "only screen", "only all"))
_NEVER = re.compile(r"(?:only )?(?:print|speech|tty|tv|handheld|braille)\b[^,]*|not (?:all|screen)")
_IDLE = frozenset(
    ("font-face", "keyframes", "-webkit-keyframes", "-moz-keyframes", "page", "charset",
     "counter-style", "font-feature-values", "font-palette-values", "view-transition",
     "-ms-viewport", "viewport"))  # fmt: skip
"""At-rules that style no element by themselves."""
_GROUPS = frozenset(("media", "supports", "container", "layer", "scope", "starting-style",
                     "-moz-document", "document"))  # fmt: skip


class Declaration(NamedTuple):
    """One property of an element; shorthands are taken apart, but keep their value."""

    name: str
    value: str
    via: str
    """The property as written: `background` for a `background-color` out of it."""
    important: bool


class Rule(NamedTuple):
    """Declarations, and the elements they are about."""

    selector: Selector
    declarations: tuple[Declaration, ...]
    unsure: bool
    order: int


@dataclass
class Sheets:
    """All style sheets of a page."""

    rules: list[Rule] = field(default_factory=list)
    imports: bool = False
    """There is one that is elsewhere."""
    faces: bool = False
    """There is a font whose letters nobody knows."""


def read_sheet(sheets: Sheets, text: str, *, folded: bool, unsure: bool) -> None:
    """Add the rules of one `style` element; raises `TooMuchError`."""
    import tinycss2

    try:
        nodes = tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True)
        _read(sheets, nodes, folded=folded, unsure=unsure)
    except RecursionError as exc:
        raise TooMuchError from exc


@lru_cache(maxsize=4096)
def style_of(text: str) -> tuple[Declaration, ...]:
    """Return the declarations of a `style` attribute; raises `TooMuchError`."""
    import tinycss2

    if len(text) > _MAX_STYLE:
        raise TooMuchError
    try:
        nodes = tinycss2.parse_blocks_contents(text, skip_comments=True, skip_whitespace=True)
        return tuple(_declarations(nodes))
    except RecursionError as exc:
        raise TooMuchError from exc


def _read(sheets: Sheets, nodes: Iterable[Node], *, folded: bool, unsure: bool) -> None:
    import tinycss2

    waiting = [(node, unsure) for node in nodes][::-1]
    while waiting:
        node, doubtful = waiting.pop()
        if node.type == "qualified-rule":
            _read_rule(sheets, node, folded=folded, unsure=doubtful)
        elif node.type == "at-rule":
            name = node.lower_at_keyword
            sheets.imports |= name == "import"
            sheets.faces |= name == "font-face"
            if name in _GROUPS and node.content is not None:
                holds = _holds(name, tinycss2.serialize(node.prelude))
                if holds is False:
                    continue
                inner = tinycss2.parse_rule_list(
                    node.content, skip_comments=True, skip_whitespace=True
                )
                waiting += [(one, doubtful or holds is None) for one in inner][::-1]
            elif name == "namespace" and _is_usual(tinycss2.serialize(node.prelude)):
                continue
            elif name not in _IDLE and name not in ("import", "layer"):
                sheets.rules.append(_everywhere(len(sheets.rules)))


def _is_usual(namespace: str) -> bool:
    """Whether `@namespace` leaves selectors without a prefix as they are."""
    words = namespace.split()
    return len(words) == 2 or "http://www.w3.org/1999/xhtml" in namespace  # noqa: PLR2004  a prefix


def _everywhere(order: int) -> Rule:
    """Return a rule that may say anything of any element."""
    return Rule(ANY, (Declaration("other", "", "@", important=True),), unsure=True, order=order)


def _read_rule(sheets: Sheets, node: Node, *, folded: bool, unsure: bool) -> None:
    import tinycss2

    inner = tinycss2.parse_blocks_contents(node.content, skip_comments=True, skip_whitespace=True)
    if any(one.type in ("qualified-rule", "at-rule") for one in inner):
        sheets.rules += [_nested(one, len(sheets.rules)) for one in inner if _is_nested(one)]
    declared = tuple(_declarations(inner))
    if not declared:
        return
    for selector in selectors_of(_tokens(node.prelude), folded=folded):
        if len(sheets.rules) >= MAX_RULES:
            raise TooMuchError
        if not selector.never:
            doubtful = unsure or selector.unsure
            sheets.rules.append(Rule(selector, declared, doubtful, len(sheets.rules)))


def _is_nested(node: Node) -> bool:
    return node.type in ("qualified-rule", "at-rule")


def _nested(node: Node, order: int) -> Rule:
    """Return a nested rule as one that may be about any element."""
    import tinycss2

    content = node.content or []
    inner = tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True)
    if any(map(_is_nested, inner)):
        return _everywhere(order)
    return Rule(ANY, tuple(_declarations(inner)), unsure=True, order=order)


def _holds(name: str, prelude: str) -> bool | None:
    """Whether a conditional group holds on a screen; None where it depends."""
    if name != "media":
        return None
    queries = [" ".join(query.lower().split()) for query in prelude.split(",")]
    return media_holds(queries)


def media_holds(queries: Iterable[str]) -> bool | None:
    """Whether one of the media queries holds on every screen; None on some."""
    queries = list(queries)
    if any(query in _ALWAYS for query in queries):
        return True
    return False if all(_NEVER.fullmatch(query) for query in queries) else None


def _declarations(nodes: Iterable[Node]) -> Iterator[Declaration]:
    import tinycss2

    for node in nodes:
        if node.type != "declaration":
            continue
        name = node.name if node.name.startswith("--") else node.lower_name
        if name in SAFE:
            continue
        value = tinycss2.serialize(node.value).strip()
        important = bool(node.important)
        for side in sides(name):
            yield Declaration(side, value, name, important)


def _tokens(nodes: Iterable[Node]) -> tuple[Token, ...]:
    """Return the component values of a selector without their library."""
    return tuple(_token(node) for node in nodes if node.type != "comment")


def _token(node: Node) -> Token:
    if node.type == "whitespace":
        return Token("whitespace")
    if node.type == "[] block":
        return Token("block", "", _tokens(node.content))
    if node.type == "function":
        return Token("function", node.name, _tokens(node.arguments))
    if node.type in ("ident", "string", "hash", "literal"):
        return Token(node.type, node.value)
    return Token("unknown")
