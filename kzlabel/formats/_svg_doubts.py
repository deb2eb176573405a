"""What in an SVG could hide a notice from people and not from our renderer.

resvg renders a static picture: no script, no animation, no `foreignObject`, nothing from outside
and only part of CSS. Where a document holds such things, a notice that was seen in the rendering is
not certain to be seen on a screen.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_ACTIVE = {
    "script", "handler", "animate", "animateTransform", "animateMotion", "animateColor", "set",
    "discard", "foreignObject", "iframe", "video", "canvas", "object", "embed", "link",
}  # fmt: skip
_UNSEEN = {"text", "image", "feImage", "use"}
"""What may cover the notice when it comes later: without fonts, or from outside."""
_MOVING = re.compile(
    r"(?:^|;)\s*(?:transform|translate|scale|rotate|offset|clip|mask|filter|backdrop-filter|d|x|y|"
    r"cx|cy|r|rx|ry|zoom|animation|transition|content|contain|position|inset|top|left|right|bottom|"
    r"perspective|all|margin)(?:-[\w-]+)?\s*:",
    re.IGNORECASE,
)
_SIZING = re.compile(r"(?:^|;)\s*(?:width|height)\s*:", re.IGNORECASE)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_SIMPLE_SELECTOR = re.compile(r"[\w\s.,#*-]*")


@dataclass
class Doubts:
    """The reasons found so far; `after_notice` once something follows our notice."""

    reasons: list[str] = field(default_factory=list)
    _texts: bool = False
    _outside: bool = False
    _ended: bool = False
    _later: bool = False

    def add(self, reason: str) -> None:
        """Note a reason once."""
        if reason not in self.reasons:
            self.reasons.append(reason)

    def root(self, attributes: Mapping[str, str]) -> None:
        """Look at the attributes of the root, which holds the notice."""
        self._attributes(attributes)
        if _MOVING.search(attributes.get("style", "")):
            self.add("style")

    def element(self, local: str, attributes: Mapping[str, str]) -> None:
        """Look at an element that is not the notice's."""
        if local in _ACTIVE:
            self.add(local)
        self._attributes(attributes)
        self._texts |= local == "text"
        self._outside |= local in _UNSEEN and any(
            name.endswith("href") and not value.strip().startswith(("#", "data:"))
            for name, value in attributes.items()
        )
        if self._ended:
            self._later = True
            if _MOVING.search(style := attributes.get("style", "")) or _SIZING.search(style):
                self.add("style")
        if self._later and self._texts:
            self.add("text")
        if self._later and self._outside:
            self.add("image")

    def notice_ended(self) -> None:
        """Say that what follows is drawn over a notice."""
        self._ended = True

    def sheet(self, css: str) -> None:
        """Look at the content of a `style` element."""
        css = _COMMENT.sub(" ", css)
        if any(sign in css for sign in "@\\!"):  # rules, escapes, what overrides our own style
            self.add("style")
        for rule in css.split("}"):
            selector, _, declarations = rule.partition("{")
            complicated = not _SIMPLE_SELECTOR.fullmatch(selector)
            if complicated or _MOVING.search(declarations) or _SIZING.search(declarations):
                self.add("style")

    def _attributes(self, attributes: Mapping[str, str]) -> None:
        for name in attributes:
            if name.startswith("on"):
                self.add(name)
