"""How a page's content ends: what it leaves open, and what it closes that was never open.

Our notice is drawn after the page's own content, in the state the page began with. For that every
`q`, `BT` and marked content left open is closed. A `Q` too many does nothing in readers, but would
take away our own `q`: such are blanked out. Only strings, comments and inline images need telling
from operators (ISO 32000-2, 7.8.2, 8.9.7).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_APART = rb"\0\t\n\f\r \[\]()<>{}"
_TOKEN = re.compile(
    rb"[(%%]|(?<![^%b])(?:BT|ET|BMC|BDC|EMC|ID|[qQ])(?![^%b/%%])" % (_APART, _APART)
)
_STRING = re.compile(rb"[()]|\\.", re.DOTALL)
_LINE_END = re.compile(rb"[\r\n]")
_IMAGE_END = re.compile(rb"[\0\t\n\f\r ]EI(?=[\0\t\n\f\r ]|$)")
_AFTER_IMAGE = re.compile(rb"[\t\n\f\r\x20-\x7e]{0,24}$")
_PATH = {b"m", b"l", b"c", b"v", b"y", b"h", b"re", b"W", b"W*"}
MOST_TOKENS = 1_000_000
"""Strings, states and marks on one page; a dense map has a tenth of that."""
_MOST_CANDIDATES = 10_000
"""Possible ends of inline images that are looked at."""


class BrokenContentError(ValueError):
    """A string or an inline image that does not end."""


@dataclass
class Ending:
    """What a page's content leaves behind."""

    states: int = 0
    """`q` that are not closed."""
    marks: int = 0
    """`BMC` and `BDC` that are not closed."""
    in_text: bool = False
    in_path: bool = False
    surplus: list[int] = field(default_factory=list)
    """Where each `Q` stands that closes nothing."""

    @property
    def closing(self) -> bytes:
        """The operators that close what is open."""
        path = b"n\n" if self.in_path else b""
        text = b"ET\n" if self.in_text else b""
        return path + text + b"EMC\n" * self.marks + b"Q\n" * self.states


def ending_of(content: bytes) -> Ending:
    """Return how `content` ends; raises `BrokenContentError`."""
    ending, at, count = Ending(), 0, 0
    while (token := _TOKEN.search(content, at)) is not None:
        at, count = token.end(), count + 1
        if count > MOST_TOKENS:
            raise BrokenContentError(f"more than {MOST_TOKENS} strings and states")
        match token[0]:
            case b"(":
                at = _string_end(content, at)
            case b"%":
                line = _LINE_END.search(content, at)
                at = line.end() if line else len(content)
            case b"ID":
                at = _image_end(content, at)
            case operator:
                _count(ending, operator, token.start())
    last = content[-64:].split()[-1:]
    ending.in_path = bool(last) and last[0] in _PATH
    return ending


def _count(ending: Ending, operator: bytes, at: int) -> None:
    match operator:
        case b"q":
            ending.states += 1
        case b"Q" if ending.states:
            ending.states -= 1
        case b"Q":
            ending.surplus.append(at)
        case b"BT" | b"ET":
            ending.in_text = operator == b"BT"
        case b"BMC" | b"BDC":
            ending.marks += 1
        case b"EMC":
            ending.marks = max(0, ending.marks - 1)


def _string_end(content: bytes, at: int) -> int:
    depth = 1
    for part in _STRING.finditer(content, at):
        if part[0] in (b"(", b")"):
            depth += 1 if part[0] == b"(" else -1
        if not depth:
            return part.end()
    raise BrokenContentError("a string does not end")


def _image_end(content: bytes, at: int) -> int:
    """Return where inline image data end: at an `EI` after which text follows, not samples."""
    for count, end in enumerate(_IMAGE_END.finditer(content, at)):
        if _AFTER_IMAGE.match(content[end.end() : end.end() + 24]):
            return end.end()
        if count > _MOST_CANDIDATES:
            break
    raise BrokenContentError("an inline image does not end")


def without(content: bytes, surplus: list[int]) -> bytes:
    """Return `content` with the operators at these places blanked out."""
    cleared = bytearray(content)
    for at in surplus:
        cleared[at : at + 1] = b" "
    return bytes(cleared)
