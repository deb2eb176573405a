"""Office packages (OPC, ECMA-376 part 2): parts found through relationships, and parts to be.

`_rels/.rels` names the main part; `FOLDER/_rels/NAME.rels` those that `FOLDER/NAME` is related to;
`[Content_Types].xml` gives each part its content type. Namespaces of ISO 29500 Strict are read as
their transitional twins.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from kzlabel._markup import quoteattr
from kzlabel.errors import RefusedError, UnreadableAssetError
from kzlabel.formats._package import Package, opened, rewritten
from kzlabel.formats._xml_splice import Edit, Element, Xml, parse, spliced

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

TYPES = "[Content_Types].xml"
_TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
_RELATED = "http://schemas.openxmlformats.org/package/2006/relationships"
_STRICT, _PLAIN = (
    "http://purl.oclc.org/ooxml/officeDocument/relationships",
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
)
R = f"{{{_PLAIN}}}"
R_STRICT = f"{{{_STRICT}}}"
_SIGNATURES = "_xmlsignatures/"


@dataclass(frozen=True)
class Relation:
    """One relationship of a part."""

    id: str
    kind: str
    """The last step of its type: `header`, `styles`, `custom-properties`."""
    target: str
    """Name of the part; empty where it lies outside."""


@dataclass(frozen=True)
class Office:
    """An office file: its package, and how its parts hang together."""

    package: Package
    _related: dict[str, tuple[Relation, ...]] = field(default_factory=dict, compare=False)
    """What was read of relationships."""

    _held: dict[tuple[str, int], Xml] = field(default_factory=dict, compare=False)
    """What `shared` has read."""

    @property
    def path(self) -> Path:
        """The file."""
        return self.package.path

    @cached_property
    def _names(self) -> Mapping[str, str]:
        return {name.casefold(): name for name in self.package.entries}

    def actual(self, name: str) -> str | None:
        """Return the part's name as it stands in the package; OPC does not tell cases apart."""
        return self._names.get(name.casefold())

    @cached_property
    def main(self) -> str:
        """The main part; raises `UnreadableAssetError` without one."""
        found = self.related("", "officeDocument")
        if not found:
            raise UnreadableAssetError(
                "kz.error.package-damaged", path=self.path, detail="officeDocument"
            )
        return found[0].target

    @property
    def is_signed(self) -> bool:
        """Whether it carries a digital signature, which any change would break."""
        parts = any(name.casefold().startswith(_SIGNATURES) for name in self.package.entries)
        return parts or any(relation.kind == "origin" for relation in self.relations(""))

    def xml(self, part: str, *, shallow: Collection[str] = (), enough: int | None = None) -> Xml:
        """Return a part read as XML."""
        content = self.package.part(self.actual(part) or part)
        return parse(self.path, part, content, shallow=shallow, enough=enough)

    def shared(self, part: str, enough: int) -> Xml:
        """Return a part that many others take after (a layout, a theme), read once."""
        if (part, enough) not in self._held:
            self._held[part, enough] = self.xml(part, enough=enough)
        return self._held[part, enough]

    def relations(self, part: str) -> tuple[Relation, ...]:
        """Return the relationships of `part` ("": of the package); none where there are none."""
        if part not in self._related:
            name = self.actual(relations_part(part))
            self._related[part] = tuple(_relations(part, self.xml(name).root)) if name else ()
        return self._related[part]

    def related(self, part: str, kind: str) -> list[Relation]:
        """Return the relationships of that kind to parts that are there."""
        return [
            relation
            for relation in self.relations(part)
            if relation.kind == kind and self.actual(relation.target)
        ]

    def other(self, part: str, kind: str, *, shallow: Collection[str] = ()) -> Xml | None:
        """Return the part that `part` has one of (styles, settings, theme), or None."""
        found = self.related(part, kind)
        return self.xml(found[0].target, shallow=shallow) if found else None


def office(path: Path) -> Office:
    """Open an office file; raises `UnreadableAssetError`, `LimitError`, `OSError`."""
    return Office(opened(path))


def relations_part(part: str) -> str:
    """Return the name of the part that holds the relationships of `part`."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def _relations(part: str, root: Element) -> Iterator[Relation]:
    base = posixpath.dirname("/" + part)
    for child in root.every(f"{{{_RELATED}}}Relationship"):
        held = child.attributes
        kind = held.get("Type", "").rstrip("/").rpartition("/")[2]
        kind = "custom-properties" if kind == "customProperties" else kind
        target = posixpath.normpath(posixpath.join(base, held.get("Target", ""))).lstrip("/")
        outside = held.get("TargetMode") == "External"
        yield Relation(held.get("Id", ""), kind, "" if outside else target)


def local(name: str) -> str:
    """Return a name without its namespace."""
    return name.rpartition("}")[2]


def related_id(element: Element, name: str = "id") -> str:
    """Return the attribute `r:id`, of either edition."""
    held = element.attributes
    return held.get(R + name) or held.get(R_STRICT + name) or ""


@dataclass
class Draft:
    """An office file as it is to be written: parts changed, and parts added."""

    office: Office
    changed: dict[str, bytes] = field(default_factory=dict)
    added: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.office.is_signed:
            raise RefusedError("kz.error.office-signed", path=self.office.path)

    def xml(self, part: str, *, shallow: Collection[str] = ()) -> Xml:
        """Return a part as it stands by now."""
        return parse(self.office.path, part, self.content(part), shallow=shallow)

    def content(self, part: str) -> bytes:
        """Return a part's bytes as they stand by now."""
        name = self.office.actual(part) or part
        now = self.added.get(part, self.changed.get(name))
        return self.office.package.part(name) if now is None else now

    def edit(self, part: str, *edits: Edit) -> None:
        """Splice a part."""
        self.put(part, spliced(self.content(part), edits))

    def put(self, part: str, content: bytes) -> None:
        """Give a part new content; one that is not there comes at the end of the package."""
        name = self.office.actual(part)
        if name is None:
            self.added[part] = content
        else:
            self.changed[name] = content

    def free(self, stem: str, suffix: str) -> str:
        """Return a part's name that nobody has: STEM + number + suffix."""
        for number in range(1, len(self.office.package.entries) + len(self.added) + 2):
            name = f"{stem}{number}{suffix}"
            if self.office.actual(name) is None and name not in self.added:
                return name
        raise AssertionError(stem)

    def declare(self, part: str, content_type: str) -> None:
        """Give a new part its content type."""
        types = self.xml(TYPES)
        entry = (
            f"<Override PartName={quoteattr('/' + part)} ContentType={quoteattr(content_type)}/>"
        )
        named = _named(types, "Override", entry)
        self.put(TYPES, spliced(types.content, [types.closing(types.root, named)]))

    def relate(self, part: str, target: str, kind: str) -> str:
        """Relate `part` to `target` by the type `kind` (its last step); return the new id."""
        name = relations_part(part)
        if self.office.actual(name) is None and name not in self.added:
            root = f'<Relationships xmlns="{_RELATED}"></Relationships>'
            self.added[name] = f'<?xml version="1.0" encoding="UTF-8"?>\n{root}'.encode()
        held = self.xml(name)
        taken = {child.attributes.get("Id") for child in held.root.children}
        number = next(n for n in range(1, len(taken) + 2) if f"rIdKz{n}" not in taken)
        entry = (
            f'<Relationship Id="rIdKz{number}" Type="{self._type_of(held, kind)}"'
            f" Target={quoteattr('/' + target)}/>"
        )
        named = _named(held, "Relationship", entry)
        self.put(name, spliced(held.content, [held.closing(held.root, named)]))
        return f"rIdKz{number}"

    def _type_of(self, held: Xml, kind: str) -> str:
        """Return the type's URI, in the edition of the relationships that are there."""
        if _STRICT.encode() not in held.content:
            return f"{_PLAIN}/{kind}"
        return f"{_STRICT}/{'customProperties' if kind == 'custom-properties' else kind}"

    def write(self, dst: Path) -> None:
        """Write the file, every other part as it lies in the source."""
        rewritten(self.office.package, dst, self.changed, self.added)


def _named(xml: Xml, element: str, entry: str) -> bytes:
    """Return an entry under its namespace, whatever prefix the part has for it."""
    namespace = xml.root.name[1:].partition("}")[0]
    return entry.replace(f"<{element} ", f'<{element} xmlns="{namespace}" ', 1).encode()
