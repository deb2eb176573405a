"""Walking an XMP packet (ISO 16684-1) with expat: names, encodings, limits.

No document type, so no entity, is ever accepted; depth, elements and bytes have limits.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Protocol
from xml.parsers import expat

from kzlabel.formats._unread import cut

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_PACKET = 16 * 1024 * 1024
"""Bytes: Photoshop's runaway `DocumentAncestors` reach some millions."""
MAX_DEPTH = 64
MAX_ELEMENTS = 400_000
MAX_NAME = 512

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
NAMESPACES: Mapping[str, str] = {
    "Iptc4xmpCore": "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "TC260": "http://www.tc260.org.cn/ns/AIGC/1.0/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "exif": "http://ns.adobe.com/exif/1.0/",
    "kzlabel": "urn:kzlabel:xmp:1#",
    "pdf": "http://ns.adobe.com/pdf/1.3/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "plus": "http://ns.useplus.org/ldf/xmp/1.0/",
    "tiff": "http://ns.adobe.com/tiff/1.0/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "xmpDM": "http://ns.adobe.com/xmp/1.0/DynamicMedia/",
    "xmpMM": "http://ns.adobe.com/xap/1.0/mm/",
    "xmpNote": "http://ns.adobe.com/xmp/note/",
    "xmpRights": "http://ns.adobe.com/xap/1.0/rights/",
}
"""Canonical prefixes: the names in `Tags["xmp"]`, whatever prefix a packet uses."""
_PREFIXES: Mapping[str, str] = {uri: prefix for prefix, uri in NAMESPACES.items()} | {
    RDF: "rdf",
    # Misprints that some writers copied.
    "http://iptc.org/std/Iptc4xmpExt/2008-02-19/": "Iptc4xmpExt",
    "http://iptc.org/std/Iptc4xmpExt/2008-02-29": "Iptc4xmpExt",
    "http://www.tc260.org.cn/ns/AIGC/1.0": "TC260",
}
STRUCTURE = frozenset({"rdf:about", "rdf:ID", "rdf:nodeID", "about", "ID", "xml:lang"})
"""Attributes of `rdf:Description` that are not properties."""


class RefusedPacketError(Exception):
    """A packet with a document type, beyond a limit, or without `rdf:RDF`."""


@lru_cache(maxsize=1024)
def canonical(name: str) -> str:
    """Return `prefix:local` for expat's "uri local prefix"; an unknown URI keeps its own prefix.

    A foreign namespace that poses under a known prefix is named by its URI instead.
    """
    uri, _, rest = name.partition(" ")
    if not rest:
        return name
    local, _, prefix = rest.partition(" ")
    known = _PREFIXES.get(uri)
    if known is None and (not prefix or prefix == "rdf" or prefix in NAMESPACES):
        return uri + local
    return f"{known or prefix}:{local}"


_UTF16 = {
    b"<\0": "utf-16-le",
    b"\xff\xfe": "utf-16-le",
    b"\0<": "utf-16-be",
    b"\xfe\xff": "utf-16-be",
}


def utf8(packet: bytes) -> tuple[bytes, str]:
    """Return the packet in UTF-8, and the encoding it was in; raises `UnicodeError`."""
    codec = _UTF16.get(packet[:2], "utf-8")
    return packet if codec == "utf-8" else packet.decode(codec).encode(), codec


class Walker(Protocol):
    """What is told of each element."""

    def attach(self, parser: expat.XMLParserType) -> None:
        """Set the parser's handlers."""
        ...


def walk(packet: bytes, walker: Walker) -> None:
    """Walk a UTF-8 packet; raises `RefusedPacketError` or `expat.ExpatError`."""
    if len(packet) > MAX_PACKET:
        cut("xmp")
        raise RefusedPacketError(f"more than {MAX_PACKET} bytes")
    parser = expat.ParserCreate("UTF-8", " ")
    parser.namespace_prefixes = True
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    walker.attach(parser)
    parser.Parse(packet, True)


def _refuse_doctype(*_: object) -> None:
    raise RefusedPacketError("a document type declaration")


class Level:
    """How deep below `rdf:RDF` (level 0) a walk is: -1 outside, 1 description, 2 property."""

    def __init__(self) -> None:
        self.depth = 0
        self.base = MAX_DEPTH + 1
        self.elements = 0

    def enter(self, name: str) -> int:
        """Count one element in, and return its level."""
        self.depth += 1
        self.elements += 1
        if self.depth > MAX_DEPTH or self.elements > MAX_ELEMENTS or len(name) > MAX_NAME:
            cut("xmp")
            raise RefusedPacketError("too deep, too many elements, or too long a name")
        if self.depth < self.base and canonical(name) == "rdf:RDF":
            self.base = self.depth
        return max(self.depth - self.base, -1)

    def leave(self) -> int:
        """Count one element out, and return the level it had."""
        level = max(self.depth - self.base, -1)
        self.depth -= 1
        if level == 0:
            self.base = MAX_DEPTH + 1
        return level
