"""Tags of a PDF: the XMP packet of the catalog, and the document information dictionary.

ISO 32000-2, 14.3.2 and 14.3.3; PDF 2.0 keeps the dictionary for older readers. The packet is stored
unpacked, so that tools find it without parsing the document; in the dictionary our names are keys
beside those of others.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from pypdf.generic import (  # noqa: TID253  imported lazily, with its border
    ArrayObject,
    ByteStringObject,
    DecodedStreamObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    PdfObject,
    StreamObject,
    TextStringObject,
)

from kzlabel.errors import (
    LimitError,
    RefusedError,
    UnreadableAssetError,
    UnsupportedTagsError,
)
from kzlabel.formats._pdf_archive import conformance, described
from kzlabel.formats._pdf_file import Document, opened, opened_to_append, resolved, unlocked
from kzlabel.formats._pdf_update import Update
from kzlabel.formats._xmp import MAX_PACKET, merge_packet, read_packet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from kzlabel.model import Tags

MOST_ENTRIES = 200
"""Entries of the information dictionary that are read."""
LONGEST_ENTRY = 65_536
_PACKED = ("/Filter", "/DecodeParms", "/DL", "/Length", "/F", "/FFilter", "/FDecodeParms")
_WITHOUT_INFO = "4"
"""PDF/A-4 (ISO 19005-4, 6.1.3) has no information dictionary of this kind."""

# --- Reading --------------------------------------------------------------------------------------


def read_document_tags(path: Path) -> Tags:
    """Read XMP and the information dictionary; none of what only a password would show."""
    try:
        return _tags_of(path, strict=True)
    except UnreadableAssetError:
        return _tags_of(path, strict=False)


def _tags_of(path: Path, *, strict: bool) -> Tags:
    """Read the tags; `strict` takes a document as it says it is, in half the time."""
    with opened(path, strict=strict) as document:
        if not unlocked(document):
            return {}
        packet = packet_of(document)
        found = {"xmp": read_packet(packet or b""), "pdf-info": dict(_information(document))}
    return {family: held for family, held in found.items() if held}


def packet_of(document: Document) -> bytes | None:
    """Return the XMP packet; None where there is none, or none that can be unpacked.

    Raises `LimitError` where it is too long: pdfium parses it whole as it opens a file.
    """
    catalog = document.catalog
    held = catalog.raw_get("/Metadata") if "/Metadata" in catalog else None
    if isinstance(held, IndirectObject) and not document.reader.encrypts_metadata:
        value: object = document.reader.in_the_clear(held)
        if isinstance(value, StreamObject):
            return _clear_packet(value)
    else:
        value = resolved(catalog, "/Metadata")
    if not isinstance(value, StreamObject):
        return None
    packet = value.get_data()
    if len(packet) > MAX_PACKET:
        raise LimitError("kz.error.pdf-limit", path=document.path, detail=f"XMP {len(packet)}")
    return packet


def _clear_packet(stream: StreamObject) -> bytes | None:
    """Return a packet that is left in the clear; a `/Crypt` filter says no more than that."""
    filters = resolved(stream, "/Filter")
    names = filters if isinstance(filters, ArrayObject) else [filters]
    rest = [name for name in names if name not in (None, "/Crypt")]
    plain = DecodedStreamObject()
    plain.set_data(stream._data)  # noqa: SLF001  pypdf has no other way to what is stored
    if not rest:
        return plain.get_data()
    if rest != ["/FlateDecode"]:
        return None
    packed = StreamObject()
    packed.update({NameObject("/Filter"): NameObject("/FlateDecode")})
    packed.set_data(plain.get_data())
    return packed.get_data()


def _information(document: Document) -> Iterator[tuple[str, str]]:
    held = resolved(document.reader.trailer, "/Info")
    if not isinstance(held, DictionaryObject):
        return
    for name in islice(held, MOST_ENTRIES):
        value = _text(resolved(held, name))
        if 0 < len(value) <= LONGEST_ENTRY:
            yield name.removeprefix("/"), value


def _text(value: object) -> str:
    """Return a text string; UTF-8 without its mark, which is not allowed, is taken too."""
    if isinstance(value, TextStringObject) and (
        value.isascii() or not value.autodetect_pdfdocencoding
    ):
        return str(value)
    if not isinstance(value, (ByteStringObject, TextStringObject)):
        return ""
    try:
        return value.original_bytes.decode()
    except ValueError:
        return str(value) if isinstance(value, TextStringObject) else ""


# --- Writing --------------------------------------------------------------------------------------


def write_document_tags(src: Path, dst: Path, tags: Tags) -> None:
    """Copy `src` to `dst` with tags; see `Format.write_tags`."""
    try:
        with opened_to_append(src) as document:
            update = Update(document)
            part = conformance(packet_of(document))
            if "xmp" in tags:
                _put_packet(update, tags["xmp"])
            if "pdf-info" in tags and (
                not part.startswith(_WITHOUT_INFO) or "/Info" in document.reader.trailer
            ):
                _put_information(update, tags["pdf-info"])
            update.write(dst)
    except RefusedError as exc:
        raise UnsupportedTagsError(exc.code, **exc.values) from exc


def _put_packet(update: Update, tags: Mapping[str, str]) -> None:
    document = update.document
    reader, catalog = document.reader, document.catalog
    held = catalog.raw_get("/Metadata") if "/Metadata" in catalog else None
    old = packet_of(document)
    packet = described(merge_packet(old, tags))
    if len(packet) > MAX_PACKET:
        raise LimitError("kz.error.pdf-limit", path=document.path, detail=f"XMP {len(packet)}")
    stream = _packet_stream(resolved(catalog, "/Metadata"), packet)
    if not isinstance(held, IndirectObject):
        held = update.add(stream)
        root = reader.trailer.raw_get("/Root")
        entries = DictionaryObject({**_entries(catalog), NameObject("/Metadata"): held})
        update.replace(root, entries)
    update.replace(held, stream, plain=not reader.encrypts_metadata)


def _packet_stream(earlier: object, packet: bytes) -> StreamObject:
    stream = DecodedStreamObject()
    if isinstance(earlier, StreamObject):
        stream.update({k: v for k, v in _entries(earlier).items() if str(k) not in _PACKED})
    stream[NameObject("/Type")] = NameObject("/Metadata")
    stream[NameObject("/Subtype")] = NameObject("/XML")
    stream.set_data(packet)
    return stream


def _put_information(update: Update, tags: Mapping[str, str]) -> None:
    trailer = update.document.reader.trailer
    held = trailer.raw_get("/Info") if "/Info" in trailer else None
    earlier = resolved(trailer, "/Info")
    entries = _entries(earlier) if isinstance(earlier, DictionaryObject) else {}
    for name, value in tags.items():
        entries.pop(NameObject(f"/{name}"), None)
        if value:
            entries[NameObject(f"/{name}")] = TextStringObject(value)
    if isinstance(held, IndirectObject) and isinstance(earlier, DictionaryObject):
        update.replace(held, DictionaryObject(entries))
    else:
        update.trailer[NameObject("/Info")] = update.add(DictionaryObject(entries))


def _entries(held: DictionaryObject) -> dict[NameObject, PdfObject]:
    return {NameObject(name): held.raw_get(name) for name in held}
