"""PDF/A (ISO 19005): which part a document conforms to, and what that asks of its XMP.

Parts 1 to 3 allow only properties that are described: predefined ones, and those of an extension
schema inside the packet (ISO 19005-1, 6.7.8; ISO 19005-2, 6.6.2.3). Ours are neither, so they bring
their description. Parts 1, 2 and plain 4 allow no attachments that are not PDF/A themselves, which
a C2PA manifest in a PDF is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kzlabel.formats._xmp import NAMESPACES, read_packet

if TYPE_CHECKING:
    from collections.abc import Iterator

PART, LEVEL = "pdfaid:part", "pdfaid:conformance"
_DESCRIBED_PARTS = ("1", "2", "3")
_SCHEMAS = {
    "Iptc4xmpExt": (
        "IPTC Extension",
        ("DigitalSourceType", "AISystemUsed", "AISystemVersionUsed", "AIPromptInformation"),
    ),
    "kzlabel": ("kzlabel", ("Provider", "LabelId")),
}
_NAMESPACES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "pdfaExtension": "http://www.aiim.org/pdfa/ns/extension/",
    "pdfaSchema": "http://www.aiim.org/pdfa/ns/schema#",
    "pdfaProperty": "http://www.aiim.org/pdfa/ns/property#",
}
_RDF_END = re.compile(rb"</rdf:RDF\s{0,20}>")
_BAG = re.compile(rb"<pdfaExtension:schemas[^<>]{0,500}>\s{0,500}<rdf:Bag(?:\s[^<>/]{0,500})?>")


def conformance(packet: bytes | None) -> str:
    """Return the part and level of PDF/A that a packet claims: "1b", "3u", "4f", "4" or ""."""
    said = read_packet(packet or b"")
    return said.get(PART, "").strip() + said.get(LEVEL, "").strip().lower()


def described(packet: bytes) -> bytes:
    """Return the packet with a description of our properties, where its part of PDF/A asks for it.

    One in UTF-16, and one whose elements have unusual prefixes, stay as they are.
    """
    if not conformance(packet).startswith(_DESCRIBED_PARTS):
        return packet
    items = b"".join(_items(packet))
    bag, end = _BAG.search(packet), _last(_RDF_END, packet)
    if bag is not None:
        return packet[: bag.end()] + items + packet[bag.end() :]
    if end is None or not items or b"pdfaExtension:schemas" in packet:
        return packet
    opening = f'<rdf:Description{_declared("rdf", "pdfaExtension")} rdf:about="">'
    whole = f"{opening}<pdfaExtension:schemas><rdf:Bag>".encode() + items
    whole += b"</rdf:Bag></pdfaExtension:schemas></rdf:Description>\n"
    return packet[: end.start()] + whole + packet[end.start() :]


def _last(pattern: re.Pattern[bytes], packet: bytes) -> re.Match[bytes] | None:
    found = None
    for found in pattern.finditer(packet):  # noqa: B007  the last of them
        pass
    return found


def _declared(*prefixes: str) -> str:
    return "".join(f' xmlns:{prefix}="{_NAMESPACES[prefix]}"' for prefix in prefixes)


def _items(packet: bytes) -> Iterator[bytes]:
    """Yield the description of each of our schemas that the packet has no description of."""
    for prefix, (name, properties) in _SCHEMAS.items():
        uri = NAMESPACES[prefix]
        if f">{uri}<".encode() in packet:
            continue
        described = "".join(map(_property, properties))
        yield (
            f'<rdf:li{_declared("rdf", "pdfaSchema", "pdfaProperty")} rdf:parseType="Resource">'
            f"<pdfaSchema:schema>{name}</pdfaSchema:schema>"
            f"<pdfaSchema:namespaceURI>{uri}</pdfaSchema:namespaceURI>"
            f"<pdfaSchema:prefix>{prefix}</pdfaSchema:prefix>"
            f"<pdfaSchema:property><rdf:Seq>{described}</rdf:Seq></pdfaSchema:property></rdf:li>"
        ).encode()


def _property(name: str) -> str:
    return (
        '<rdf:li rdf:parseType="Resource">'
        f"<pdfaProperty:name>{name}</pdfaProperty:name>"
        "<pdfaProperty:valueType>Text</pdfaProperty:valueType>"
        "<pdfaProperty:category>external</pdfaProperty:category>"
        f"<pdfaProperty:description>{name}</pdfaProperty:description></rdf:li>"
    )
