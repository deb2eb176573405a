"""Front matter of a Markdown text as tags: plain and quoted scalars, and one level below.

YAML between `---` (the subset of 1.2 that people and tools write there: scalars, block scalars,
lists and mappings of scalars, flow mappings), TOML between `+++`, JSON in braces. A mapping is
given as JSON text, which is how other containers hold the same label; a list as repeats of its
name. Aliases (`AIGC: *label`, `<<: *label`) stand for what a key before was given. What is deeper
in a block is left out.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from kzlabel.formats._repeats import MAX_REPEATS, gathered
from kzlabel.formats._unread import cut

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

LONGEST = 1 << 20
"""Characters of front matter that are read."""
LONGEST_VALUE = 1 << 18
_OPENINGS = ("---", "+++", "{")
_ENDINGS = ("---", "...")
_BLOCKS = ("|", ">")
_CLOSED = "\n---\n"
MAX_ALIASES = 16
"""Aliases that are followed, each one step far: they multiply what is written once."""
_PROPERTIES = re.compile(r"(?:(?:&[\w.-]+|!\S*)(?:\s+|$))++")
"""Before a value: the name of an anchor, a tag of a type."""
_ANCHOR = re.compile(r"&([\w.-]+)")
_ALIAS = re.compile(r"\*([\w.-]+)")


def matter_tags(text: str, *, whole: bool = True) -> dict[str, str]:
    """Return the tags of the front matter that `text` begins with; none where it has none.

    Where `text` is not the whole, and its front matter does not end in it, what there is of it.
    """
    head = text[:LONGEST]
    if not head.startswith(_OPENINGS):
        return {}
    from kzlabel.formats._markdown_sight import front_matter  # its tables are large

    matter = head[: front_matter(head)]
    if not matter and not (whole and text is head):
        lines = head[: -len(_CLOSED)].rpartition("\n")[0] + _CLOSED
        matter = lines[: front_matter(lines)]
        if matter:
            cut("front-matter")
    return gathered(_flat(_mapping(matter))) if matter else {}


def _mapping(matter: str) -> Mapping[str, object]:
    if matter.startswith("{"):
        return _json(matter)
    lines = matter.replace("\r\n", "\n").rstrip("\n").split("\n")
    if matter.startswith("+++"):
        return _toml("\n".join(lines[1:-1]))
    inside = lines[1:-1] if lines[-1].rstrip() in _ENDINGS else lines[1:]
    return _Yaml(inside).mapping()


def _json(text: str) -> Mapping[str, object]:
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _toml(text: str) -> Mapping[str, object]:
    import tomllib

    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):
        return {}


def _flat(mapping: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Give names and texts; what says nothing as text is left out."""
    for name, value in mapping.items():
        for item in value[:MAX_REPEATS] if isinstance(value, list) else (value,):
            text = _text(item)
            if len(text) > LONGEST_VALUE:
                cut("front-matter")
            elif text:
                yield name, text


def _text(value: object) -> str:
    if isinstance(value, dict):
        try:
            return json.dumps(value, ensure_ascii=False, default=str)  # dates of TOML
        except RecursionError:
            return ""
    if isinstance(value, (str, int, float)):
        return str(value)
    return ""


# --- YAML -----------------------------------------------------------------------------------------


class _Yaml:
    """Reads a block mapping, line by line; every line is looked at once."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._at = 0
        self._anchors: dict[str, object] = {}
        """What is written at each, its own aliases not followed."""
        self._followed = 0

    def mapping(self) -> dict[str, object]:
        """Return the top-level mapping; of a key said twice, which YAML forbids, both count."""
        found: dict[str, object] = {}
        while self._at < len(self._lines):
            line = self._lines[self._at]
            self._at += 1
            entry = _entry(line) if _indent(line) == 0 else None
            if entry is None:
                continue
            name, rest = entry
            value = self._anchored(rest)
            if name == _MERGED and isinstance(value, dict):
                for key, item in value.items():
                    found.setdefault(key, item)
                continue
            earlier = found.get(name)
            if earlier is not None:
                listed = earlier if isinstance(earlier, list) else [earlier]
                value = [*listed[: MAX_REPEATS - 1], value]
            found[name] = value
        return found

    def _anchored(self, rest: str) -> object:
        """Return the value of a key, which may have a name for later, or be that of an earlier."""
        properties = _PROPERTIES.match(rest)
        anchor = _ANCHOR.search(properties[0]) if properties else None
        value = self._value(rest[properties.end() :] if properties else rest)
        if anchor:
            self._anchors[anchor[1]] = value
        return self._resolved(value)

    def _resolved(self, value: object) -> object:
        """Return a value with what its aliases stand for."""
        if isinstance(value, list):
            return [self._aliased(item) for item in value]
        if not isinstance(value, dict):
            return self._aliased(value)
        held = {name: self._aliased(item) for name, item in value.items() if name != _MERGED}
        merged = self._aliased(value.get(_MERGED))
        return {**merged, **held} if isinstance(merged, dict) else held

    def _aliased(self, value: object) -> object:
        """Return what a name stands for; one of an earlier's own is told, and not followed."""
        alias = _ALIAS.fullmatch(value) if isinstance(value, str) else None
        if alias is None or alias[1] not in self._anchors:
            return value
        self._followed += 1
        meant = self._anchors[alias[1]] if self._followed <= MAX_ALIASES else value
        if any(map(_is_alias, _parts(meant))):
            cut("front-matter")
        return meant

    def _value(self, rest: str) -> object:
        if not rest:
            return _nested(self._below())
        if rest.startswith(_BLOCKS):
            return (" " if rest[0] == ">" else "\n").join(map(str.strip, self._below()))
        if rest.startswith("{") and "}" not in rest:
            rest = " ".join([rest, *map(str.strip, self._below(flow=True))])
        return _flow(rest) if rest.startswith("{") else _scalar(rest)

    def _below(self, *, flow: bool = False) -> list[str]:
        """Return the lines that belong to the last key, and pass them.

        They are indented, or blank, or items of a list; of a flow mapping it is its bracket.
        """
        first = self._at
        while self._at < len(self._lines):
            line = self._lines[self._at]
            closes = flow and line.lstrip().startswith("}")
            if line.strip() and not _indent(line) and not line.startswith("- ") and not closes:
                break
            self._at += 1
        return [line for line in self._lines[first : self._at] if line.strip()]


_MERGED = "<<"
"""The key whose mapping is that of the block it stands in."""


def _parts(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else (value,)


def _is_alias(value: object) -> bool:
    return isinstance(value, str) and _ALIAS.fullmatch(value) is not None


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))


def _entry(line: str) -> tuple[str, str] | None:
    """Return key and value of `key: value`; None for what is none."""
    text = line.strip()
    quote = text[:1] if text[:1] in ("'", '"') else ""
    if quote:
        key, _, rest = text[1:].partition(quote)
        is_key, rest = rest.startswith(":"), rest[1:]
    else:
        key, colon, rest = f"{text} ".partition(": ")
        is_key = bool(colon)
    if not is_key or not key or key[0] in "#-?&*!|>%@`{[":
        return None
    return key.strip(), _uncommented(rest.strip())


def _nested(lines: list[str]) -> object:
    """Return a list of scalars, or a mapping of them: the lines of the shallowest indent."""
    if not lines:
        return ""
    if lines[0].lstrip().startswith("- "):
        return [_scalar(line.strip()[2:]) for line in lines if line.lstrip().startswith("- ")]
    depth = _indent(lines[0])
    entries = (_entry(line) for line in lines if _indent(line) == depth)
    return {key: _scalar(rest) for entry in entries if entry for key, rest in (entry,)}


def _flow(text: str) -> object:
    """Return a flow mapping: JSON, or its pairs with or without quotes."""
    held = _json(text)
    if held:
        return dict(held)
    inner = text.strip().removeprefix("{").removesuffix("}")
    entries = map(_entry, inner.split(","))
    return {key: _scalar(rest) for entry in entries if entry for key, rest in (entry,)}


def _scalar(text: str) -> str:
    """Return a plain or quoted scalar as its text."""
    text = text.strip()
    properties = _PROPERTIES.match(text)
    text = text[properties.end() :] if properties else text
    if len(text) > 1 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    if len(text) > 1 and text[0] == text[-1] == '"':
        try:
            return str(json.loads(text, strict=False))
        except ValueError:
            return text[1:-1]
    return text


_QUOTED = re.compile(r"""'(?:[^']|'')*+'|"(?:[^"\\]|\\.)*+"|\{.*""")


def _uncommented(text: str) -> str:
    """Return a scalar without the comment behind it; in quotes `#` is a letter."""
    quoted = _QUOTED.match(text)
    if quoted:
        return quoted[0]
    return text.partition(" #")[0].rstrip() if not text.startswith("#") else ""
