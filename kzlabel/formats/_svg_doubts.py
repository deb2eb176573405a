"""What in an SVG could hide a notice from people and not from our renderer.

resvg renders a static picture: no script, no animation, nothing from outside and only part of CSS.
So a notice that was seen in the rendering is called perceivable only where the document holds
nothing but what `_svg_allowed` lists; this fails closed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kzlabel.formats import _svg_allowed as allowed

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_REASONS = 5
"""Reasons kept; one is enough to doubt."""
MAX_REASON = 40
_DECLARATION = re.compile(
    r"[ \t\r\n]*(-?[a-z][a-z-]*)[ \t\r\n]*:[ \t\r\n]*(.*?)[ \t\r\n]*", re.DOTALL
)
_SELECTOR = re.compile(r"([a-zA-Z]*)(?:([.#])(-?[A-Za-z_][\w-]*))?", re.ASCII)
_PICTURE = re.compile(r"data:image/(?:png|jpe?g|gif|webp);base64,[A-Za-z0-9+/=\s]*", re.ASCII)
_LOCAL = re.compile(r"#[\w.:-]+", re.ASCII)
_OURS = {"g", "path", "title"}
"""The elements of our notice."""


@dataclass
class Doubts:
    """The reasons found so far; a reason that is sheltered holds unless the notice comes last."""

    reasons: list[str] = field(default_factory=list)
    sheltered: list[str] = field(default_factory=list)
    _root: tuple[str, ...] = ()
    """The classes of the root, and its id."""
    _ids: set[str] = field(default_factory=set)

    def add(self, reason: str) -> None:
        """Note a reason once."""
        _note(self.reasons, reason)

    def root(self, name: str, attributes: Mapping[str, str]) -> None:
        """Look at the root, which holds the notice; `name` is expat's, with the namespace."""
        if name != f"{allowed.SVG} svg":
            self.add("xmlns")
        self._root = (*attributes.get("class", "").split(), attributes.get("id", ""))
        self._ids.add(attributes.get("id", ""))
        for side in ("width", "height"):
            if "%" in (value := attributes.get(side, "")) and value.strip() != "100%":
                self.add(side)
        for key, value in attributes.items():
            self._attribute("svg", key, value, allowed.ROOT)

    def element(self, name: str, attributes: Mapping[str, str], parent: str) -> None:
        """Look at an element below the root, with expat's names."""
        namespace, _, local = name.rpartition(" ")
        if namespace != allowed.SVG:
            self._foreign(namespace, local)
            return
        if not parent.startswith(f"{allowed.SVG} "):
            self.add(local)
        geometry = allowed.ELEMENTS.get(local)
        if geometry is None and local not in allowed.SHELTERED:
            self.add(local)
            return
        if geometry is None:
            _note(self.sheltered, local)
        if name_ := attributes.get("id"):
            if name_ in self._ids:
                _note(self.sheltered, "id")
            self._ids.add(name_)
        for key, value in attributes.items():
            self._attribute(local, key, value, geometry)

    def _foreign(self, namespace: str, local: str) -> None:
        acted_on = namespace.strip().startswith(allowed.ACTED_ON) and namespace != allowed.RDF
        if acted_on or not namespace:
            self.add(local)

    def sheet(self, css: str) -> None:
        """Look at the content of a `style` element."""
        css = _without_comments(css)
        *rules, rest = css.split("}")
        if rest.strip():
            self.add("style")
        for rule in rules:
            selectors, brace, declarations = rule.partition("{")
            if not brace or "{" in declarations:
                self.add("style")
            for selector in selectors.split(","):
                self._selector(selector.strip())
            if "marker" in declarations:  # the notice's own paths do not rule them out
                self.add("marker")
            self._declarations("style", declarations)

    def _selector(self, selector: str) -> None:
        found = _SELECTOR.fullmatch(selector)
        if not found or not selector or found[1] == "svg" or (found[3] and found[3] in self._root):
            self.add(selector or "style")
        elif found[1] in _OURS and not found[2]:
            _note(self.sheltered, selector)

    def _attribute(
        self, local: str, key: str, value: str, geometry: Mapping[str, re.Pattern[str]] | None
    ) -> None:
        """Look at one attribute; `geometry` is None on what is sheltered."""
        name = key.removeprefix(f"{allowed.XLINK} ")
        if name == "href":
            self._reference(local, value)
        elif key in allowed.INERT or key.startswith(("data-", "aria-")):
            return
        elif " " in key:
            if key.startswith(allowed.ACTED_ON) and name == key:
                self.add(name.rpartition(" ")[2])
        elif key == "style":
            self._declarations(local, value)
        elif geometry is not None and key in geometry:
            if not geometry[key].fullmatch(value):
                self.add(key)
        elif geometry is None and key in allowed.SHELTERED_ATTRIBUTES:
            return
        else:
            self._property(local, key, value.strip(" \t\r\n"))

    def _reference(self, local: str, value: str) -> None:
        _note(self.sheltered, "href")
        pictured = local in ("image", "feImage") and _PICTURE.fullmatch(value)
        if local not in allowed.SHELTERED or not (pictured or _LOCAL.fullmatch(value)):
            self.add("href")

    def _declarations(self, local: str, css: str) -> None:
        names = set()
        for declaration in css.split(";"):
            if not declaration.strip(" \t\r\n"):
                continue
            found = _DECLARATION.fullmatch(declaration)
            if not found or found[1] in names:
                self.add("style")
                return
            names.add(found[1])
            self._property(local, found[1], found[2])

    def _property(self, local: str, name: str, value: str) -> None:
        known = allowed.ROOT_PROPERTIES if local == "svg" else allowed.PROPERTIES
        if name.startswith("background"):  # resvg does not draw it
            _note(self.sheltered, name)
        if name not in known:
            self.add(name)
        elif not allowed.is_plain(name, value):
            refers = name in allowed.REFERRING and allowed.REFERENCE.fullmatch(value)
            loose = name in allowed.SHELTERED_PROPERTIES and allowed.PLAIN.fullmatch(value)
            if refers or loose:
                _note(self.sheltered, name)
            else:
                self.add(name)


def _without_comments(css: str) -> str:
    """Return the sheet without comments; one that does not end stays, and is no rule."""
    parts, at = [], 0
    while (start := css.find("/*", at)) >= 0 and (end := css.find("*/", start + 2)) >= 0:
        parts.append(css[at:start])
        at = end + 2
    return " ".join((*parts, css[at:]))


def _note(reasons: list[str], reason: str) -> None:
    if len(reasons) < MAX_REASONS and reason[:MAX_REASON] not in reasons:
        reasons.append(reason[:MAX_REASON])
