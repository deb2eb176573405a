"""The sections of a Word document, and which headers they show (ECMA-376 part 1, 17.10)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kzlabel.errors import UnreadableAssetError
from kzlabel.formats._ooxml_office import local, related_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kzlabel.formats._ooxml_office import Office
    from kzlabel.formats._xml_splice import Element, Xml

TRANSITIONAL = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
W = f"{{{TRANSITIONAL}}}"
W_STRICT = f"{{{STRICT}}}"
_NO = {"0", "false", "off"}
_SHALLOW = {
    namespace + name for namespace in (W, W_STRICT) for name in ("r", "hyperlink", "rPr", "tbl")
}
"""No section is described in these, and most of a document is."""


@dataclass(frozen=True)
class Sections:
    """What the document shows as headers."""

    document: Xml
    body: Element
    shown: tuple[tuple[str, ...], ...]
    """By section: the header parts it shows, default first; "" for a kind of page without one."""
    bare: tuple[tuple[Element | None, tuple[str, ...]], ...]
    """Sections, and for which kinds of page they show no header; None: the last has no mark."""
    hidden: tuple[str, ...]
    """Header parts that no page shows."""
    continuous: tuple[bool, ...]
    """By section: whether it begins on the page on which the one before ends."""

    @property
    def headers(self) -> tuple[str, ...]:
        """Every header part that some page shows."""
        parts = (part for section in self.shown for part in section if part)
        return tuple(dict.fromkeys(parts))

    @property
    def count(self) -> int:
        """How many kinds of page there are, over all sections."""
        return sum(map(len, self.shown))


def is_on(element: Element | None) -> bool:
    """Whether a property that is on or off is there, and not off."""
    return element is not None and value(element, "1").lower() not in _NO


def value(element: Element | None, otherwise: str = "", name: str = "val") -> str:
    """Return the attribute `w:val`, or another of that namespace."""
    if element is None:
        return otherwise
    held = element.attributes
    return held.get(W + name, held.get(W_STRICT + name, otherwise))


def child(element: Element | None, *path: str) -> Element | None:
    """Return the first child of a local name in the namespace of `element`, and so on."""
    for name in path:
        if element is None:
            return None
        namespace = element.name.rpartition("}")[0]
        element = element.first(f"{namespace}}}{name}")
    return element


def sections_of(office: Office) -> Sections:
    """Read the document's sections, and which headers their pages show."""
    main = office.main
    document = office.xml(main, shallow=_SHALLOW)
    body = child(document.root, "body")
    if body is None:
        raise UnreadableAssetError("kz.error.package-damaged", path=office.path, detail=main)
    parts = {relation.id: relation.target for relation in office.related(main, "header")}
    settings = office.other(main, "settings")
    even = settings is not None and is_on(child(settings.root, "evenAndOddHeaders"))
    last: dict[str, str] = {}
    shown, bare, continuous = [], [], []
    for section in _marks(body):
        last |= _references(section, parts)
        continuous.append(value(child(section, "type")) == "continuous")
        kinds = ["default", *(["even"] if even else [])]
        kinds += ["first"] if is_on(child(section, "titlePg")) else []
        without = tuple(kind for kind in kinds if kind not in last)
        shown.append(tuple(last.get(kind, "") for kind in kinds))
        if without:
            bare.append((section, without))
            last |= dict.fromkeys(without, "")  # the sections after it show what it is given
    seen = {part for section in shown for part in section}
    hidden = tuple(part for part in parts.values() if part not in seen)
    return Sections(document, body, tuple(shown), tuple(bare), hidden, tuple(continuous))


def _marks(body: Element) -> Iterator[Element | None]:
    """Return the sections' properties: each in its last paragraph, the last one's in the body."""
    for element in body.walk():
        mark = child(element, "pPr", "sectPr") if local(element.name) == "p" else None
        if mark is not None:
            yield mark
    yield child(body, "sectPr")


def _references(section: Element | None, parts: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for element in section.children if section is not None else ():
        if local(element.name) == "headerReference":
            kind = value(element, "default", "type")
            found[kind] = parts.get(related_id(element), "")
    return found
