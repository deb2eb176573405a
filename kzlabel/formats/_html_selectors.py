"""Selectors (https://www.w3.org/TR/selectors-4/): which elements a rule is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kzlabel.formats._html_tree import Element

MAX_STEPS = 300_000
"""Comparisons of an element with a part of a selector, in one page."""


class TooMuchError(Exception):
    """The page would take too long: what it shows is not known."""


class Test(NamedTuple):
    """An attribute and what it must be."""

    name: str
    operator: str
    value: str
    folded: bool


@dataclass(frozen=True)
class Compound:
    """Conditions on one element."""

    tag: str = ""
    identifiers: frozenset[str] = frozenset()
    classes: frozenset[str] = frozenset()
    tests: tuple[Test, ...] = ()
    predicates: tuple[Callable[[Element], bool], ...] = ()
    excluded: tuple[Compound, ...] = ()
    either: tuple[tuple[Compound, ...], ...] = ()

    def fits(self, element: Element) -> bool:
        """Whether the element meets every condition."""
        return (
            (not self.tag or self.tag == element.tag)
            and self.classes <= element.classes
            and all(element.identifier == known for known in self.identifiers)
            and all(_meets(element, test) for test in self.tests)
            and all(predicate(element) for predicate in self.predicates)
            and not any(compound.fits(element) for compound in self.excluded)
            and all(any(one.fits(element) for one in options) for options in self.either)
        )


@dataclass(frozen=True)
class Selector:
    """One complex selector, its subject first."""

    parts: tuple[tuple[str, Compound], ...] = ((" ", Compound()),)
    """Each with the combinator between it and the part before it in this tuple."""
    specificity: tuple[int, int, int] = (0, 0, 0)
    pseudo: str = ""
    unsure: bool = False
    never: bool = False

    @property
    def subject(self) -> Compound:
        """Return the conditions on the element itself."""
        return self.parts[0][1]


ANY = Selector(unsure=True)


@dataclass
class Effort:
    """Counts the comparisons of one page."""

    left: int = MAX_STEPS

    def step(self, steps: int = 1) -> None:
        """Count some; raises `TooMuchError`."""
        self.left -= steps
        if self.left < 0:
            raise TooMuchError


def fits(selector: Selector, element: Element, effort: Effort) -> bool:
    """Whether `selector` is about `element`."""
    if not selector.subject.fits(element):
        return False
    waiting = [(element, 1)]
    while waiting:
        at, part = waiting.pop()
        if part == len(selector.parts):
            return True
        combinator, compound = selector.parts[part]
        for other in _related(at, combinator):
            effort.step()
            if compound.fits(other):
                waiting.append((other, part + 1))
    return False


def _related(element: Element, combinator: str) -> Iterator[Element]:
    at = element.parent if combinator in " >" else element.before
    while at is not None:
        yield at
        if combinator in ">+":
            return
        at = at.parent if combinator == " " else at.before


def _meets(element: Element, test: Test) -> bool:
    if test.name not in element.attributes:
        return False
    held, value = element.attribute(test.name), test.value
    if test.folded:
        held, value = held.lower(), value.lower()
    return _compares(held, test.operator, value)


def _compares(held: str, operator: str, value: str) -> bool:
    return {
        "": True,
        "=": held == value,
        "~=": value in held.split(),
        "|=": held == value or held.startswith(f"{value}-"),
        "^=": bool(value) and held.startswith(value),
        "$=": bool(value) and held.endswith(value),
        "*=": bool(value) and value in held,
    }[operator]
