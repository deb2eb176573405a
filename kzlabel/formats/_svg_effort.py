"""How much work a rendering is, estimated before it begins: resvg has no time limit of its own.

References multiply it (a `use` of a group of `use`s, a filter on each of a thousand shapes), so
costs are summed over the graph of what refers to what. The unit is what resvg 0.5 took for one
translucent rectangle over 900 x 600 pixels.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kzlabel.formats._svg_size import numbers

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_EFFORT = 4000
"""At 15 ms a unit, a minute."""
UNIT_PIXELS = 900 * 600
_SHAPE = 0.2
"""Most shapes cover little of a picture."""
_VERTEX = 0.003
_LAYER = 2.0
_MARKER = 0.2
_STEP = 15.0
_OCTAVE = 9.0
_COSTS = {"mask": 6.0, "clipPath": 4.0, "pattern": 4.0, "image": 4.0, "linearGradient": 0.0,
          "radialGradient": 0.0, "stop": 0.0, "defs": 0.0, "title": 0.0, "desc": 0.0,
          "metadata": 0.0, "style": 0.0}  # fmt: skip
_URL = re.compile(r"url\(\s*+['\"]?\s*+#([^)'\"\s]+)")
_LAYERED = re.compile(
    r"(?<![\w-])(?:opacity|mix-blend-mode|isolation)\s*+:\s*+(?!1\s*+(?:;|$)|normal|auto)"
)
_LAST = re.compile(r"[.#]?[\w-]+$")
"""Of a selector: a class, an id or a name."""
_ALL, _MARKERS = "*", ">"
"""Nodes of the graph that are not an element's."""


@dataclass
class _Node:
    own: float = 0.0
    targets: Counter[str] = field(default_factory=Counter)


@dataclass
class Effort:
    """The graph: elements with an id (`#id`), classes (`.class`), names, and the root ("")."""

    _nodes: dict[str, _Node] = field(default_factory=dict)
    _open: list[str] = field(default_factory=lambda: [""])
    _in_marker: int = 0

    def start(self, local: str, attributes: Mapping[str, str], pixels: int) -> None:
        """Enter an element; `pixels` are those of the picture that an `image` embeds."""
        parent = self._open[-1]
        name = f"#{attributes['id']}" if attributes.get("id") else parent
        node = self._node(name)
        if name != parent:
            self._node(parent).targets[name] += 1
        self._open.append(name)
        node.own += _own(local, attributes) + pixels / UNIT_PIXELS
        node.targets.update(_referred(local, attributes))
        node.targets.update(f".{word}" for word in attributes.get("class", "").split())
        node.targets.update((_ALL, local))
        vertices = len(attributes.get("d", "") + attributes.get("points", "")) // 4
        if local == "marker":
            self._in_marker = self._in_marker or len(self._open)
            self._node(_MARKERS).targets[name] += 1
        elif not self._in_marker and vertices:
            node.targets[_MARKERS] += max(1, math.ceil(vertices * _MARKER))

    def end(self) -> None:
        """Leave an element."""
        if self._in_marker == len(self._open):
            self._in_marker = 0
        self._open.pop()

    def sheet(self, css: str) -> None:
        """Look at a style sheet: what its rules refer to, each element of a class refers to."""
        for rule in css.split("}"):
            selectors, _, declarations = rule.rpartition("{")
            for selector in selectors.split(","):
                named = _LAST.search(selector.strip()[-100:])
                node = self._node(named[0] if named else _ALL)
                node.own += _LAYER if _LAYERED.search(declarations) else 0.0
                node.targets.update(f"#{name}" for name in _URL.findall(declarations))

    def total(self) -> float:
        """Return the units for the whole document; infinite where references run in a circle."""
        costs: dict[str, float] = {}
        waiting, entered = [""], set()
        while waiting:
            name = waiting[-1]
            if name in costs:
                waiting.pop()
                continue
            node = self._nodes.get(name, _Node())
            missing = [target for target in node.targets if target not in costs]
            if not missing:
                costs[name] = node.own + sum(n * costs[t] for t, n in node.targets.items())
            elif name in entered:
                return math.inf
            else:
                entered.add(name)
                waiting += missing
        return costs[""]

    def _node(self, name: str) -> _Node:
        return self._nodes.setdefault(name, _Node())


def _referred(local: str, attributes: Mapping[str, str]) -> list[str]:
    found = []
    for name, value in attributes.items():
        found += [f"#{target}" for target in _URL.findall(value)]
        if name.rpartition(":")[2] == "href" and value.startswith("#") and local != "a":
            found.append(value)
    return found


def _own(local: str, attributes: Mapping[str, str]) -> float:
    layered = attributes.get("opacity", "1").strip() != "1" or "mix-blend-mode" in attributes
    layered = layered or bool(_LAYERED.search(attributes.get("style", "")))
    drawn = len(attributes.get("d", "") + attributes.get("points", "")) / 4 * _VERTEX
    if local.startswith("fe"):
        return _step(local, attributes)
    return _COSTS.get(local, _SHAPE) + drawn + layered * _LAYER


def _step(local: str, attributes: Mapping[str, str]) -> float:
    if local == "feMorphology":  # its time grows with the square of a radius that units scale
        return math.inf if any(numbers(attributes.get("radius", ""))) else _STEP
    if local == "feTurbulence":
        return _STEP + _OCTAVE * max(numbers(attributes.get("numOctaves", "")), default=1.0)
    if local == "feConvolveMatrix":
        order = numbers(attributes.get("order", "")) or [3.0]
        return _STEP + abs(order[0] * order[-1]) / 3
    return _STEP
