"""Master pages of texts and their headers (part 3, 16.9 and 16.10): what every page has.

::

    <style:master-page style:name="Standard" style:page-layout-name="…" style:next-style-name="…">
      <style:header>…</style:header>
      <style:header-left>…</style:header-left>   on left pages, where they differ
      <style:header-first>…</style:header-first> on the first page, likewise
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from kzlabel.errors import RefusedError
from kzlabel.formats._odf_flow import Flow
from kzlabel.formats._odf_look import UNDETERMINED, Ground
from kzlabel.formats._odf_names import attribute, declared, every, first, short
from kzlabel.formats._odf_over import doubted
from kzlabel.formats._odf_styles import LAYOUT, points, styles_of
from kzlabel.formats._odf_styles import first as first_of
from kzlabel.formats._odf_words import Wording, with_styles
from kzlabel.formats._xml_splice import Edit, spliced
from kzlabel.notices.phrases import find_phrases
from kzlabel.notices.prose import Run

if TYPE_CHECKING:
    from pathlib import Path

    from kzlabel.formats._odf_styles import Styles
    from kzlabel.formats._xml_splice import Element, Xml

_HEADERS = ("style:header", "style:header-left", "style:header-first", "loext:header-first")
_FIRST = _HEADERS[2:]
_FOOTERS = ("style:footer-first", "loext:footer-first", "style:footer")
"""The first page's, the special one first."""
_FLAT_POINTS = 9.0
"""A header not higher than that shows no line of text."""
STANDARD = "Standard"


@dataclass(frozen=True)
class Header:
    """A header of a master page, or the place where it has none."""

    page: Element
    element: Element | None

    @property
    def is_shown(self) -> bool:
        """Whether it is there and switched on."""
        return self.element is not None and _is_on(self.element)


class Masters:
    """The master pages that a text may use."""

    def __init__(self, path: Path, sheet: Xml, content: Styles, opening: str) -> None:
        self._path, self._sheet = path, sheet
        self._styles = styles_of(sheet.root, sheet.root)
        holder = first(sheet.root, "office:master-styles")
        pages = every(holder, "style:master-page") if holder is not None else ()
        self._pages = {attribute(page, "style:name"): page for page in pages}
        default = STANDARD if STANDARD in self._pages else next(iter(self._pages), "")
        self._opening = opening or default
        named = (*content.automatic.values(), *content.common.values())
        asked = (style.attributes.get("style:master-page-name", "") for style in named)
        self._used = self._closed([self._opening, *asked])

    def _closed(self, names: list[str]) -> dict[str, Element]:
        """Return the pages of these names and those that follow on them."""
        found: dict[str, Element] = {}
        waiting = list(reversed(names))
        while waiting:
            name = waiting.pop()
            if name in self._pages and name not in found:
                found[name] = self._pages[name]
                waiting.append(attribute(found[name], "style:next-style-name"))
        return found

    @property
    def count(self) -> int:
        """How many headers get the notice."""
        return max(1, len(self.headers))

    @cached_property
    def headers(self) -> tuple[Header, ...]:
        """The headers of all pages in use; a page without one has a place for it."""
        return tuple(header for page in self._used.values() for header in _headers(page))

    # --- Read -------------------------------------------------------------------------------------

    @property
    def ground(self) -> Ground:
        """What the text of the first page stands on."""
        page = self._pages.get(self._opening)
        return self._ground(page) if page is not None else Ground()

    @property
    def first_header(self) -> list[Run]:
        """The header of the first page."""
        page = self._pages.get(self._opening)
        held = _headers(page) if page is not None else []
        own = [h for h in held if h.element is not None and short(h.element.name) in _FIRST]
        return self._runs((own or held)[0]) if held else []

    @property
    def first_footer(self) -> list[Run]:
        """The footer of the first page, where it speaks of AI: it pushes nothing down."""
        page = self._pages.get(self._opening)
        held = {short(e.name): e for e in every(page, *_FOOTERS)} if page is not None else {}
        shown = next((held[name] for name in _FOOTERS if name in held and _is_on(held[name])), None)
        runs = self._runs(Header(page, shown), "footer") if page is not None else []
        return runs if find_phrases("".join(run.text for run in runs)) else []

    def header_runs(self) -> Iterator[list[Run]]:
        """Return the runs of each header in use."""
        return map(self._runs, self.headers)

    def _ground(self, page: Element) -> Ground:
        layout = attribute(page, "style:page-layout-name")
        style = attribute(page, "draw:style-name")
        ground = Ground().under(self._styles.levels(LAYOUT, layout, "page-layout"))
        return ground.under(self._styles.levels("drawing-page", style, "drawing-page"))

    def _runs(self, header: Header, kind: str = "header") -> list[Run]:
        if header.element is None or not header.is_shown:
            return []
        layout = attribute(header.page, "style:page-layout-name")
        levels = self._styles.levels(LAYOUT, layout, kind)
        ground = self._ground(header.page).under(levels)
        height = points(first_of(levels, "svg:height"))
        if height is not None and height < _FLAT_POINTS:
            ground = ground.but(UNDETERMINED)
        flow = Flow(self._styles)
        flow.blocks(header.element, ground)
        return doubted(flow.runs, flow.shapes, self._styles)

    # --- Written ----------------------------------------------------------------------------------

    def noticed(self, lines: Mapping[str, str], size: float) -> bytes:
        """Return styles.xml with the notice in every header; raises `RefusedError`."""
        wording = Wording(lines, self._styles, size)
        words = wording.paragraph.encode()
        if not self._pages:
            return self._with_page(wording, words)
        edits = [with_styles(self._sheet, wording.styles().encode())]
        for header in self.headers:
            edits += self._with_words(header, words)
        return spliced(self._sheet.content, edits)

    def _with_page(self, wording: Wording, words: bytes) -> bytes:
        """Return styles.xml with a master page: without any, programs take one of their own."""
        layout = f'<style:page-layout{declared("style")} style:name="{wording.name}-page"/>'
        page = (
            (
                f'<style:master-page{declared("style")} style:name="{STANDARD}"'
                f' style:page-layout-name="{wording.name}-page"><style:header>'
            ).encode()
            + words
            + b"</style:header></style:master-page>"
        )
        holder = first(self._sheet.root, "office:master-styles")
        if holder is None:
            tag = f"<office:master-styles{declared('office')}>".encode()
            page = tag + page + b"</office:master-styles>"
        edits = [
            with_styles(self._sheet, (layout + wording.styles()).encode()),
            self._sheet.closing(self._sheet.root if holder is None else holder, page),
        ]
        return spliced(self._sheet.content, edits)

    def _with_words(self, header: Header, words: bytes) -> list[Edit]:
        element = header.element
        tag = f"<style:header{declared('style')}>".encode()
        if element is None:
            return [self._sheet.opening(header.page, tag + words + b"</style:header>")]
        if header.is_shown:
            return [self._sheet.opening(element, words)]
        if element.text.strip() or any(True for child in element.children if any(child.children)):
            name = attribute(header.page, "style:name")
            raise RefusedError("kz.error.odf-header-off", path=self._path, page=name)
        return [Edit(element.start, element.end, tag + words + b"</style:header>")]


def _headers(page: Element) -> list[Header]:
    found = [
        Header(page, element)
        for element in every(page, *_HEADERS)
        if short(element.name) == "style:header" or _is_on(element)
    ]
    if not any(h.element is not None and short(h.element.name) == "style:header" for h in found):
        found.insert(0, Header(page, None))
    return found


def _is_on(header: Element) -> bool:
    return attribute(header, "style:display", "true") != "false"
