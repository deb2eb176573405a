"""Reading selectors: component values in, conditions out.

What cannot be evaluated without a browser (`:has()`, `:checked`, `:nth-child()`, …) is left out of
the selector, which then fits more than it says and is marked `unsure`; states that only a person
at the page brings about (`:hover`, `:focus`, …) fit nothing.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from kzlabel.formats._html_selectors import ANY, Compound, Selector, Test

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from kzlabel.formats._html_tree import Element

_OF_PEOPLE = frozenset(
    ("hover", "active", "focus", "focus-visible", "focus-within", "visited", "target",
     "target-within", "fullscreen", "autofill", "-webkit-autofill"))  # fmt: skip
_PSEUDO_ELEMENTS = frozenset(("before", "after", "first-letter", "first-line"))
"""Those that one colon makes too."""
_NO_MATTER = frozenset(
    ("selection", "placeholder", "marker", "backdrop", "file-selector-button", "cue",
     "spelling-error", "grammar-error", "target-text", "-moz-focus-inner", "-moz-selection",
     "-moz-placeholder"))  # fmt: skip


class Token(NamedTuple):
    """A component value of tinycss2, without its library."""

    kind: str
    value: str = ""
    inner: tuple[Token, ...] = ()


@dataclass
class _Draft:
    """A compound being read."""

    compound: Compound = field(default_factory=Compound)
    a: int = 0
    b: int = 0
    c: int = 0
    pseudo: str = ""
    unsure: bool = False
    never: bool = False
    empty: bool = True


def selectors_of(tokens: Sequence[Token], *, folded: bool) -> tuple[Selector, ...]:
    """Return the selectors of a rule; `folded` where class names have no case (quirks mode)."""
    found = tuple(_selector(part, folded=folded) for part in _parted(tokens))
    if len(found) == 1 or not any(one.unsure for one in found):
        return found
    # A browser drops the whole rule where it does not know one of its selectors.
    return tuple(replace(one, unsure=True) for one in found)


def _parted(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    part: list[Token] = []
    for token in tokens:
        if token == Token("literal", ","):
            yield part
            part = []
        else:
            part.append(token)
    yield part


def _selector(tokens: Sequence[Token], *, folded: bool) -> Selector:
    """Return one selector; what is not understood may fit anything."""
    parts: list[tuple[str, Compound]] = []
    combinator, drafts = " ", [_Draft()]
    queue = deque(tokens)
    while queue:
        token = queue.popleft()
        if token.kind == "whitespace" or (token.kind == "literal" and token.value in ">+~"):
            if not drafts[-1].empty:
                parts.append((combinator, drafts[-1].compound))
                drafts.append(_Draft())
                combinator = " "
            combinator = token.value if token.kind == "literal" else combinator
        elif not _take(token, queue, drafts[-1], folded=folded):
            return ANY
    if not drafts[-1].empty:
        parts.append((combinator, drafts[-1].compound))
    return _joined(parts, drafts)


def _joined(parts: list[tuple[str, Compound]], drafts: Sequence[_Draft]) -> Selector:
    """Turn the parts round: the subject first, each other with the combinator to its right."""
    if not parts:
        return ANY
    combinators = [combinator for combinator, _ in parts]
    turned = [
        (combinators[at + 1] if at + 1 < len(parts) else " ", parts[at][1])
        for at in range(len(parts) - 1, -1, -1)
    ]
    return Selector(
        parts=tuple(turned),
        specificity=(sum(d.a for d in drafts), sum(d.b for d in drafts), sum(d.c for d in drafts)),
        pseudo=next((d.pseudo for d in drafts if d.pseudo), ""),
        unsure=any(d.unsure for d in drafts),
        never=any(d.never for d in drafts),
    )


def _take(token: Token, queue: deque[Token], draft: _Draft, *, folded: bool) -> bool:
    """Take one token of a compound; False where it is not understood."""
    draft.empty = False
    compound = draft.compound
    if token.kind == "ident":
        draft.compound = replace(compound, tag=token.value.lower())
        draft.c += 1
    elif token.kind == "hash":
        name = token.value.lower() if folded else token.value
        draft.compound = replace(compound, identifiers=compound.identifiers | {name})
        draft.a += 1
    elif token.kind == "block":
        return _take_attribute(token, draft)
    elif token == Token("literal", "."):
        if not queue or queue[0].kind != "ident":
            return False
        name = queue.popleft().value
        held = compound.classes | {name.lower() if folded else name}
        draft.compound = replace(compound, classes=held)
        draft.b += 1
    elif token == Token("literal", ":"):
        return _take_pseudo(queue, draft, folded=folded)
    elif token != Token("literal", "*"):
        return False
    return True


def _take_attribute(token: Token, draft: _Draft) -> bool:
    inner = [part for part in token.inner if part.kind != "whitespace"]
    if not inner or inner[0].kind != "ident":
        return False
    operator = "".join(part.value for part in inner[1:] if part.kind == "literal")
    values = [part.value for part in inner[1:] if part.kind in ("ident", "string")]
    if operator not in ("", "=", "~=", "|=", "^=", "$=", "*=") or bool(operator) != bool(values):
        return False
    name = inner[0].value.lower()
    folded = (len(values) > 1 and values[1].lower() == "i") or name in (
        "type",
        "lang",
        "dir",
        "rel",
    )
    value = values[0] if values else ""
    test = Test(name, operator, value, folded)
    draft.compound = replace(draft.compound, tests=(*draft.compound.tests, test))
    draft.b += 1
    return True


def _take_pseudo(queue: deque[Token], draft: _Draft, *, folded: bool) -> bool:
    double = bool(queue) and queue[0] == Token("literal", ":")
    if double:
        queue.popleft()
    if not queue or queue[0].kind not in ("ident", "function"):
        return False
    token = queue.popleft()
    name = token.value.lower()
    if double or name in _PSEUDO_ELEMENTS:
        draft.never |= name in _NO_MATTER or name.startswith("-webkit-")
        draft.unsure |= name.startswith("-moz-")
        draft.pseudo = name
        draft.c += 1
        return True
    if token.kind == "function":
        return _take_function(name, token.inner, draft, folded=folded)
    draft.b += 1
    if name in _OF_PEOPLE:
        draft.never = True
    elif predicate := _PREDICATES.get(name):
        added = (*draft.compound.predicates, predicate)
        draft.compound = replace(draft.compound, predicates=added)
    else:
        draft.unsure = True
    return True


def _take_function(name: str, inner: Sequence[Token], draft: _Draft, *, folded: bool) -> bool:
    """Take `:not()`, `:is()` and `:where()` of simple compounds; all others may fit anything."""
    options = selectors_of(inner, folded=folded)
    plain = all(len(one.parts) == 1 and not one.pseudo and not one.unsure for one in options)
    draft.b += name != "where"  # an estimate: only what is `unsure` rests on it
    if name == "not" and plain and not any(one.never for one in options):
        excluded = (*draft.compound.excluded, *(one.subject for one in options))
        draft.compound = replace(draft.compound, excluded=excluded)
    elif name in ("is", "where") and plain and not any(one.never for one in options):
        either = (*draft.compound.either, tuple(one.subject for one in options))
        draft.compound = replace(draft.compound, either=either)
    else:
        draft.unsure = True
        return True
    if name != "where":
        _raise_by(draft, options)
    return True


def _raise_by(draft: _Draft, options: Sequence[Selector]) -> None:
    """Count the most specific of the options (Selectors 4, 17)."""
    most = max((one.specificity for one in options), default=(0, 0, 0))
    draft.a, draft.b, draft.c = draft.a + most[0], draft.b - 1 + most[1], draft.c + most[2]


_PREDICATES: dict[str, Callable[[Element], bool]] = {
    "root": lambda element: element.parent is None,
    "first-child": lambda element: element.before is None,
    "last-child": lambda element: not element.after,
    "only-child": lambda element: element.before is None and not element.after,
    "link": lambda element: element.tag in ("a", "area") and "href" in element.attributes,
    "any-link": lambda element: element.tag in ("a", "area") and "href" in element.attributes,
}
