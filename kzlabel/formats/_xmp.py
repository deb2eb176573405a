"""XMP packets: properties read, ours spliced in, every other byte left as it was.

ISO 16684-1 (XMP); the AI properties are those of the IPTC Photo Metadata Standard 2025.1,
https://www.iptc.org/std/photometadata/specification/. A packet is `<?xpacket begin…`, `x:xmpmeta`,
`rdf:RDF`, any number of `rdf:Description`, padding, `<?xpacket end="w"?>`; the wrapper and the
processing instructions are optional. A property is an attribute or an element of a top-level
`rdf:Description`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING
from xml.parsers import expat

from kzlabel._markup import escape, quoteattr
from kzlabel.errors import UnsupportedTagsError
from kzlabel.formats._repeats import add_said
from kzlabel.formats._xmp_walk import (
    MAX_NAME,
    MAX_PACKET,
    NAMESPACES,
    RDF,
    STRUCTURE,
    Level,
    RefusedPacketError,
    canonical,
    utf8,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["MAX_PACKET", "NAMESPACES", "merge_packet", "read_packet"]

DESCRIPTION, PROPERTY = 1, 2
"""Levels below `rdf:RDF`."""

# --- Reading --------------------------------------------------------------------------------------


def read_packet(packet: bytes) -> dict[str, str]:
    """Return the simple properties of a packet by canonical name; {} where it is damaged.

    Of alternatives (`rdf:Alt`) the one for `x-default` counts, else the first; bags and sequences
    are joined by "; "; structures are left out; what a property says otherwise when it is said
    again stands under `NAME#2` and so on.
    """
    reader = _Reader()
    try:
        text, _ = utf8(packet)
        walk(text.rstrip(b"\0"), reader)
    except (RefusedPacketError, expat.ExpatError, UnicodeError):
        return {}
    return reader.found


class _Reader:
    """Collects the simple values of properties."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}
        self._level = Level()
        self._described = False
        self._items: list[str] = []
        self._text: list[str] = []
        self._resource = ""
        self._first_only = self._default = False

    def attach(self, parser: expat.XMLParserType) -> None:
        self._parser = parser
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        level = self._level.enter(name)
        if level == DESCRIPTION:
            self._described = canonical(name) == "rdf:Description"
            if self._described:
                for attribute, value in attributes.items():
                    self._keep(attribute, value)
        elif level >= PROPERTY and self._described:
            self._text.clear()
            if level == PROPERTY:
                self._items, self._resource = [], ""
                self._first_only = self._default = False
                self._parser.CharacterDataHandler = self._text.append
            elif canonical(name) == "rdf:Alt":
                self._first_only = True
            for attribute, value in attributes.items():
                self._attribute(level, canonical(name), canonical(attribute), value)

    def _attribute(self, level: int, element: str, name: str, value: str) -> None:
        """Note a value that is an attribute: a link, or `rdf:value` beside its qualifiers."""
        if name == "xml:lang":
            self._default = value == "x-default"
        elif name in ("rdf:resource", "rdf:value", "resource"):
            if level == PROPERTY:
                self._resource = value
            elif element in ("rdf:li", "rdf:Description"):
                self._items.append(value)

    def _end(self, name: str) -> None:
        level = self._level.leave()
        if level < PROPERTY or not self._described:
            return
        text = "".join(self._text).strip()
        self._text.clear()
        if level == PROPERTY:
            self._parser.CharacterDataHandler = None
            items = self._items[:1] if self._first_only else self._items
            self._keep(name, "; ".join(items) or text or self._resource)
        elif text and canonical(name) in ("rdf:li", "rdf:value"):
            if self._default and self._first_only:
                self._items.clear()
            self._items.append(text)
            self._default = False

    def _keep(self, name: str, value: str) -> None:
        if value and len(name) <= MAX_NAME and (tag := canonical(name)) not in STRUCTURE:
            add_said(self.found, tag, value)


# --- Merging --------------------------------------------------------------------------------------


def merge_packet(packet: bytes | None, tags: Mapping[str, str]) -> bytes:
    """Return the packet with `tags` in it; everything else stays byte for byte.

    Properties of the same names are taken out wherever they stand, and ours put before the end of
    `rdf:RDF`; an empty value takes the property out only. Padding gives way, so that the packet
    keeps its length where it can. None makes a new packet. Raises `UnsupportedTagsError` on a
    packet that cannot be parsed, and on a name with an unknown prefix.
    """
    if packet is None:
        return merge_packet(_NEW, tags)
    try:
        whole, codec = utf8(packet)
        text = whole.rstrip(b"\0")
        survey = _Surveyor(text, frozenset(tags))
        walk(text, survey)
        merged = _splice(text, survey, _properties(tags))
    except (RefusedPacketError, expat.ExpatError, UnicodeError) as exc:
        raise UnsupportedTagsError("kz.error.xmp-packet", detail=exc) from exc
    merged = _unpad(merged, len(merged) - len(text)) + whole[len(text) :]
    return merged if codec == "utf-8" else merged.decode().encode(codec)


_NEW = (
    b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="' + RDF.encode() + b'"/>'
    b'</x:xmpmeta>\n<?xpacket end="w"?>'
)


# Every character that XML 1.0 cannot say, even escaped.
@cache
def _not_xml() -> re.Pattern[str]:
    """Return what no XML document may hold; compiled where something is written: it takes 5 ms."""
    return re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


# On a tag that expat has accepted; possessive, so linear.
_TAG = re.compile(rb"""<[^\s/>]++((?:\s++[^\s=/>]++\s*+=\s*+(?:"[^"]*+"|'[^']*+'))*+)\s*+(/?)>""")
_ATTRIBUTE = re.compile(rb"""\s++([^\s=]++)\s*+=\s*+(?:"[^"]*+"|'[^']*+')""")


def _properties(tags: Mapping[str, str]) -> bytes:
    """Return `tags` as elements, each with its namespace declared."""
    written = []
    for tag, value in tags.items():
        prefix, _, local = tag.partition(":")
        if prefix not in NAMESPACES or not local.isalnum():
            raise UnsupportedTagsError("kz.error.xmp-name", name=tag)
        if value:
            text = escape(_not_xml().sub("\ufffd", value))
            written.append(f'<{tag} xmlns:{prefix}="{NAMESPACES[prefix]}">{text}</{tag}>')
    return "".join(written).encode()


@dataclass
class _Element:
    """A start tag, and what of it we know by the time it ends."""

    start: int
    tag: re.Match[bytes]
    properties: int = 0
    doomed: list[tuple[int, int]] = field(default_factory=list)


class _Surveyor:
    """Finds where our properties stand (`cuts`), and where `rdf:RDF` begins and ends."""

    def __init__(self, packet: bytes, names: frozenset[str]) -> None:
        self.cuts: list[tuple[int, int]] = []
        self.root: _Element | None = None
        self.root_end = 0
        self.about = ""
        self._packet = packet
        self._names = names
        self._level = Level()
        self._described = False
        self._open: dict[int, _Element] = {}

    def attach(self, parser: expat.XMLParserType) -> None:
        self._parser = parser
        parser.ordered_attributes = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end

    def _start(self, name: str, attributes: list[str]) -> None:
        level = self._level.enter(name)
        if 0 <= level <= PROPERTY:
            start = self._parser.CurrentByteIndex
            tag = _TAG.match(self._packet, start)
            if tag is None:
                raise RefusedPacketError(f"a tag at byte {start}")
            self._open[level] = _Element(start, tag)
        if level == 0 and self.root is None:
            self.root = self._open[0]
        elif level == DESCRIPTION:
            self._described = canonical(name) == "rdf:Description"
            if self._described:
                self._describe(self._open[DESCRIPTION], attributes)

    def _describe(self, description: _Element, attributes: list[str]) -> None:
        """Doom our attributes; expat gives them in their order, without namespace declarations."""
        raw = _ATTRIBUTE.finditer(self._packet, description.tag.start(1), description.tag.end(1))
        spans = [m.span() for m in raw if m[1] != b"xmlns" and not m[1].startswith(b"xmlns:")]
        for expanded, value, span in zip(attributes[::2], attributes[1::2], spans, strict=True):
            name = canonical(expanded)
            if name in ("rdf:about", "about"):
                self.about = self.about or value
            elif name not in STRUCTURE:
                description.properties += 1
                if name in self._names:
                    description.doomed.append(span)

    def _end(self, name: str) -> None:
        level = self._level.leave()
        if not 0 <= level <= PROPERTY:
            return
        element = self._open[level]
        index = self._parser.CurrentByteIndex
        end = element.tag.end() if element.tag[2] else self._packet.index(b">", index) + 1
        if level == 0:
            self.root_end = self.root_end or index
        elif level == PROPERTY:
            description = self._open[DESCRIPTION]
            description.properties += 1
            if self._described and canonical(name) in self._names:
                description.doomed.append((element.start, end))
        elif element.doomed and len(element.doomed) == element.properties:
            self.cuts.append((element.start, end))  # nothing but ours: no empty husk stays
        else:
            self.cuts.extend(element.doomed)


def _splice(packet: bytes, survey: _Surveyor, properties: bytes) -> bytes:
    if survey.root is None:
        raise RefusedPacketError("no rdf:RDF")
    about = quoteattr(survey.about)
    opening = f'<rdf:Description xmlns:rdf="{RDF}" rdf:about={about}>'.encode()
    ours = opening + properties + b"</rdf:Description>" if properties else b""
    tag = survey.root.tag
    edits = [(start, stop, b"") for start, stop in survey.cuts]
    if tag[2]:
        name = tag[0][1:].split(maxsplit=1)[0].rstrip(b"/>")
        edits.append((tag.start(2), tag.end(), b">" + ours + b"</" + name + b">"))
    else:
        edits.append((survey.root_end, survey.root_end, ours))
    return b"".join(_edited(packet, edits))


def _edited(packet: bytes, edits: list[tuple[int, int, bytes]]) -> Iterator[bytes]:
    at = 0
    for start, stop, replacement in sorted(edits):
        yield packet[at:start]
        yield replacement
        at = stop
    yield packet[at:]


def _unpad(packet: bytes, growth: int) -> bytes:
    """Return the packet with its padding shorter by `growth`, as far as there is any."""
    trailer = packet.rfind(b"<?xpacket end=")
    if trailer < 0 or growth <= 0:
        return packet
    content = packet[:trailer].rstrip()
    padding = packet[len(content) : trailer]
    return content + padding[min(growth, max(len(padding) - 1, 0)) :] + packet[trailer:]
