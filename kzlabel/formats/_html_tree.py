"""The tree of a page as a judge needs it: elements and texts in document order, in flat lists.

Built from lexbor's tree in one pass without recursion. As in a browser with scripts, `noscript` has
no children; neither has `template`, whose content is no part of the document.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kzlabel.errors import LimitError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MAX_NODES = 1_000_000
_BLOCKS = """
    address article aside blockquote body center dd details dialog dir div dl dt fieldset
    figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html li main menu nav ol
    optgroup option p pre search section summary ul table tr td th tbody thead tfoot caption br
"""
BLOCKS = frozenset(_BLOCKS.split())
"""Elements that words do not run on from, or into, unless a style says so (HTML 15.3)."""


@dataclass(eq=False, slots=True)
class Element:
    """One element."""

    tag: str
    attributes: Mapping[str, str | None]
    parent: Element | None
    depth: int
    index: int
    """In document order."""
    before: Element | None = None
    """The sibling before it."""
    after: bool = False
    """Another element follows under the same parent."""
    filled: bool = False
    """Something is in it."""
    classes: frozenset[str] = frozenset()
    identifier: str = ""
    block: int = -1
    """The nearest of `BLOCKS`, itself included."""

    def attribute(self, name: str) -> str:
        """Return the value of an attribute; empty where it has none."""
        return self.attributes.get(name) or ""

    def chain(self) -> list[Element]:
        """Return the element and what it is in, from the root down."""
        found: list[Element] = []
        at: Element | None = self
        while at is not None:
            found.append(at)
            at = at.parent
        return found[::-1]


@dataclass
class Tree:
    """A page's elements and texts."""

    elements: list[Element] = field(default_factory=list)
    texts: list[tuple[Element, str]] = field(default_factory=list)
    """With the element each stands in."""
    breaks: dict[int, int] = field(default_factory=dict)
    """How many `br` stand before which text."""


def tree_of(path: Path, text: str, *, folded: bool) -> Tree:
    """Parse a page; `folded`: class names have no case. Raises `LimitError` over `MAX_NODES`."""
    from selectolax.lexbor import LexborHTMLParser

    tree = Tree()
    root = LexborHTMLParser(text, scripting=True).root
    if root is None:
        return tree
    by_node: dict[int, Element] = {}
    last: dict[int, Element] = {}
    for count, node in enumerate(root.traverse(include_text=True)):
        if count > MAX_NODES:
            raise LimitError("kz.error.html-nodes", path=path, value=MAX_NODES)
        above = node.parent
        parent = by_node.get(above.mem_id) if above is not None else None
        if node.is_text_node and parent is not None:
            parent.filled = True
            tree.texts.append((parent, node.text_content or ""))
        if not node.is_element_node:
            continue
        element = _element(node.tag or "", node.attributes, parent, len(tree.elements))
        if folded:
            _fold(element)
        element.before = last.get(id(parent))
        if element.before is not None:
            element.before.after = True
        last[id(parent)] = element
        by_node[node.mem_id] = element
        if parent is not None:
            parent.filled = True
        if element.tag == "br":
            tree.breaks[len(tree.texts)] = tree.breaks.get(len(tree.texts), 0) + 1
        tree.elements.append(element)
    return tree


def _fold(element: Element) -> None:
    element.identifier = element.identifier.lower()
    element.classes = frozenset(name.lower() for name in element.classes)


def _element(
    tag: str, attributes: Mapping[str, str | None], parent: Element | None, index: int
) -> Element:
    names = attributes.get("class")
    return Element(
        tag=tag.lower(),
        attributes=attributes,
        parent=parent,
        depth=parent.depth + 1 if parent is not None else 0,
        index=index,
        classes=frozenset(names.split()) if names else frozenset(),
        identifier=attributes.get("id") or "",
        block=index if tag in BLOCKS or parent is None else parent.block,
    )
