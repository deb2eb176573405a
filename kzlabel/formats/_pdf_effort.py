"""What it would take to draw a page, reckoned before anything draws it.

A few bytes of a PDF can ask for hours: forms that draw forms (ISO 32000-2, 8.10), tilings with tiny
steps (8.7.3.3), glyphs that are drawings themselves (9.6.4), masks (11.6.5.2), programs that are
run for each pixel (7.10.5). So every content stream that a page may use is unpacked here, within
bounds, and counted as often as it is used. Effort is told in bytes of content: pdfium goes through
some thirty million of them in a second. It is reckoned too high rather than too low.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from pypdf.generic import (  # noqa: TID253  imported lazily, with its border
    ArrayObject,
    DictionaryObject,
    PdfObject,
    StreamObject,
)

from kzlabel.errors import LimitError
from kzlabel.formats._pdf_file import Document, resolved
from kzlabel.formats._pdf_page import Page, view_of

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_EFFORT = 32 * 1024 * 1024
"""Of one page, in bytes of content; a dense map has some millions."""
MOST_ANNOTATIONS = 5_000
"""On one page; an index has some hundreds of links."""
MOST_TILES = 1_000_000
"""Of one pattern on one page: hatching a point wide takes half of that."""
MOST_PROGRAM = 2_000
"""Bytes of a function that is run for each pixel."""
DEEPEST = 30
"""Forms within forms; pdfium gives up soon after."""
SHOWING, DOING, SHADING, TILING = 160, 256, 4096, 0.02
"""What words shown, a form used, a shading and a tile take."""
_APART = rb"\0\t\n\f\r ()<>\[\]{}/%"
_DO = re.compile(rb"/([^%b]*)[\0\t\n\f\r ]+Do(?![^%b])" % (_APART, _APART))
_STRAY = re.compile(rb"(?<![^\0\t\n\f\r )>\]}])Do(?![^%b])" % _APART)
_PAINT = re.compile(rb"(?<![^%b])(?:[fbB]\*?|[FsS'\"]|sh|Do|T[jJ])(?![^%b])" % (_APART, _APART))
_NAME = re.compile(rb"/([^%b]*)" % _APART)
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_INNER = rb"(?:[^()\\]|\\.)*+"
_STRING = re.compile(rb"\((?:[^()\\]|\\.|\(%b\))*+(\)?)|<[^<>]*+>" % _INNER, re.DOTALL)


@dataclass
class Drawing:
    """All that one page draws, as far as it was looked through."""

    document: Document
    page: Page
    number: int
    """From 1."""
    resources: dict[int, DictionaryObject] = field(default_factory=dict)
    """Every dictionary of resources in use."""
    layered: list[DictionaryObject] = field(default_factory=list)
    """Forms and pictures in use: they may belong to layers."""
    annotations: list[DictionaryObject] = field(default_factory=list)
    _known: dict[int, float | None] = field(default_factory=dict)
    """By form, what it takes; None while it is being looked through."""

    def reckon(self) -> Drawing:
        """Go through all of it; raises `LimitError`."""
        effort = self._content(_unpacked(self.page.get("/Contents")), self._own, 0)
        for appearance in self._appearances():
            effort += self._form(appearance, self._own, 0)
        self._bounded(effort, "content")
        return self

    @property
    def _own(self) -> DictionaryObject:
        held = self.page.get("/Resources")
        return held if isinstance(held, DictionaryObject) else DictionaryObject()

    def _bounded(self, effort: float, detail: str) -> float:
        if effort > MOST_EFFORT:
            raise self.too_much(detail)
        return effort

    def too_much(self, detail: str) -> LimitError:
        """Return what is raised for something of which there is too much."""
        return LimitError(
            "kz.error.pdf-effort", path=self.document.path, page=self.number, detail=detail
        )

    # --- Content ------------------------------------------------------------------------------

    def _content(self, content: bytes, resources: DictionaryObject, depth: int) -> float:
        """Return what content takes with all that it uses."""
        shown = sum(map(content.count, (b"Tj", b"TJ", b"'", b'"')))
        effort = self._bounded(len(content) + SHOWING * shown, "content")
        effort += self._done(content, resources, depth)
        self.resources.setdefault(id(resources), resources)
        for one in (self._tilings, self._shadings, self._masks, self._glyphs):
            effort += one(content, resources, depth)
        return self._bounded(effort, "content")

    def _done(self, content: bytes, resources: DictionaryObject, depth: int) -> float:
        """Return what the forms take that content uses."""
        if b"Do" not in content:
            return 0.0
        names = Counter(map(_name, _DO.findall(content)))
        held = self._held(resources, "/XObject", content)
        known = sum(names[name] for name in held)
        # One whose name is not plain to see may be any.
        stray = names.total() - known
        if content.count(b"Do") != names.total():
            stray = max(names.total(), sum(1 for _ in _STRAY.finditer(content))) - known
        used = {name: resolved(held, name) for name in held if stray or name in names}
        self.layered += [one for one in used.values() if isinstance(one, DictionaryObject)]
        efforts = {name: self._form(one, resources, depth + 1) for name, one in used.items()}
        named = sum(names[name] * (DOING + effort) for name, effort in efforts.items())
        return named + stray * (DOING + max(efforts.values(), default=0.0))

    def _form(self, form: object, inherited: DictionaryObject, depth: int) -> float:
        """Return what one form takes, or pattern, or glyph; nothing for a picture."""
        if not isinstance(form, StreamObject) or form.get("/Subtype") == "/Image":
            return 0.0
        if depth > DEEPEST:
            raise self.too_much("nested forms")
        known = self._known.get(id(form), -1.0)
        if known is None:
            raise self.too_much("forms in a circle")
        if known < 0:
            self._known[id(form)] = None
            own = resolved(form, "/Resources")
            resources = own if isinstance(own, DictionaryObject) else inherited
            known = self._content(_unpacked(form), resources, depth)
            self._known[id(form)] = known
        return known

    # --- What content may use -----------------------------------------------------------------

    def _held(self, resources: DictionaryObject, kind: str, content: bytes) -> DictionaryObject:
        """Return the resources that content names: what a form does not have, its page has."""
        held = _dictionary(self._own, kind) | _dictionary(resources, kind)
        names = _names(content) if held else frozenset()
        return DictionaryObject({name: held[name] for name in held if _plain(name) in names})

    def _each(
        self, resources: DictionaryObject, kind: str, content: bytes
    ) -> Iterator[DictionaryObject]:
        held = self._held(resources, kind, content)
        every = (resolved(held, name) for name in held)
        return (one for one in every if isinstance(one, DictionaryObject))

    def _tilings(self, content: bytes, resources: DictionaryObject, depth: int) -> float:
        efforts = []
        for pattern in self._each(resources, "/Pattern", content):
            if isinstance(pattern, StreamObject):
                tiles = self._tiles(pattern)
                if not 0 <= tiles <= MOST_TILES:
                    raise self.too_much("tiles of a pattern")
                efforts.append(self._form(pattern, resources, depth + 1) + TILING * tiles)
        return max(efforts) * (1 + _paints(content)) if efforts else 0.0

    def _tiles(self, pattern: StreamObject) -> float:
        """Return how many tiles cover the page."""
        view = view_of(self.page)
        area = view.size[0] * view.size[1] / view.unit**2 if view else 0.0
        across, down = _number(resolved(pattern, "/XStep")), _number(resolved(pattern, "/YStep"))
        matrix = resolved(pattern, "/Matrix")
        a, b, c, d = 1.0, 0.0, 0.0, 1.0
        if isinstance(matrix, ArrayObject) and len(matrix) == 6:  # noqa: PLR2004  ISO 32000-2, 8.3.3
            a, b, c, d = (_number(part.get_object()) for part in matrix[:4])
        step = abs(across * down * (a * d - b * c))
        return area / step if step else MOST_TILES + 1.0

    def _shadings(self, content: bytes, resources: DictionaryObject, _depth: int) -> float:
        shadings: list[object] = list(self._each(resources, "/Shading", content))
        shadings += [
            resolved(one, "/Shading") for one in self._each(resources, "/Pattern", content)
        ]
        for shading in shadings:
            if isinstance(shading, DictionaryObject) and resolved(shading, "/ShadingType") == 1:
                self._programs(resolved(shading, "/Function"))
        return SHADING * content.count(b"sh") if shadings else 0.0

    def _programs(self, function: object) -> None:
        """Raise `LimitError` where what is run for each pixel is long."""
        parts = function if isinstance(function, ArrayObject) else [function]
        for part in parts[:DEEPEST]:
            program = part.get_object() if isinstance(part, PdfObject) else None
            is_plain = isinstance(program, DictionaryObject) and "/Functions" not in program
            if not is_plain or len(_unpacked(program)) > MOST_PROGRAM:
                raise self.too_much("shading by a function")

    def _masks(self, content: bytes, resources: DictionaryObject, depth: int) -> float:
        efforts = []
        for state in self._each(resources, "/ExtGState", content):
            mask = resolved(state, "/SMask")
            if isinstance(mask, DictionaryObject):
                group = self._form(resolved(mask, "/G"), resources, depth + 1)
                efforts.append(DOING + group)
        return max(efforts) * (1 + _paints(content)) if efforts else 0.0

    def _glyphs(self, content: bytes, resources: DictionaryObject, depth: int) -> float:
        most = 0.0
        for font in self._each(resources, "/Font", content):
            if font.get("/Subtype") == "/Type3":
                own = resolved(font, "/Resources")
                inherited = own if isinstance(own, DictionaryObject) else resources
                glyphs = _dictionary(font, "/CharProcs")
                efforts = (
                    self._form(resolved(glyphs, key), inherited, depth + 1) for key in glyphs
                )
                most = max(most, *efforts, 0.0)
        return most * _shown(content) if most else 0.0

    def _appearances(self) -> Iterator[object]:
        """Yield what annotations look like."""
        every = self.page.get("/Annots")
        if not isinstance(every, ArrayObject):
            return
        if len(every) > MOST_ANNOTATIONS:
            raise self.too_much(f"{len(every)} annotations")
        for one in every:
            annotation = one.get_object()
            if isinstance(annotation, DictionaryObject):
                self.annotations.append(annotation)
                looks = resolved(annotation, "/AP") if "/AP" in annotation else None
                look = resolved(looks, "/N") if isinstance(looks, DictionaryObject) else None
                if isinstance(look, DictionaryObject) and not isinstance(look, StreamObject):
                    yield from (resolved(look, state) for state in look)
                else:
                    yield look


def _shown(content: bytes) -> int:
    """Return how many characters are shown at most."""
    shown = 0
    for string in _STRING.finditer(content):
        if string[0][:1] == b"(" and not string[1]:
            return len(content)  # nested deeper, or not one
        shown += len(string[0])
    return shown


def _paints(content: bytes) -> int:
    return sum(1 for _ in _PAINT.finditer(content))


def _name(written: bytes) -> str:
    plain = _ESCAPE.sub(lambda found: bytes.fromhex(found[1].decode()), written)
    return _plain("/" + plain.decode("latin-1"))


def _plain(name: str) -> str:
    """Return a name; all with other letters than ASCII are one: readers decode them otherwise."""
    return str(name) if name.isascii() else "/?"


@lru_cache(1)
def _names(content: bytes) -> frozenset[str]:
    """Return all names in content."""
    return frozenset(map(_name, set(_NAME.findall(content))))


def _dictionary(held: DictionaryObject, name: str) -> DictionaryObject:
    found = resolved(held, name)
    return found if isinstance(found, DictionaryObject) else DictionaryObject()


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0


def _unpacked(held: object) -> bytes:
    """Return content, of one stream or of several; pypdf bounds each."""
    streams = held if isinstance(held, ArrayObject) else [held]
    found, room = [], MOST_EFFORT + 1
    for stream in streams:
        value = stream.get_object() if isinstance(stream, PdfObject) else None
        if isinstance(value, StreamObject) and room > 0:
            found.append(value.get_data())
            room -= len(found[-1])
    return b"\n".join(found)
