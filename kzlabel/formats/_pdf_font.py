"""Open Sans SemiBold as a PDF font: a subset, embedded, with the text behind every glyph.

A composite font (ISO 32000-2, 9.7) whose character identifiers are ours, one a character, in the
order of code points: `CIDToGIDMap` leads from them to the glyphs of the subset, `ToUnicode` to the
text. Latin and Cyrillic letters that share a shape stay two characters. With `CIDSet` and widths it
meets the rules of every part of PDF/A.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from pypdf.generic import (  # noqa: TID253  imported lazily, with its border
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    PdfObject,
    StreamObject,
    TextStringObject,
)

from kzlabel.notices._text import Face

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reportlab.pdfbase.ttfonts import TTFontFile

    from kzlabel.formats._pdf_update import Update

EM = 100
"""Any size: its file is asked for."""
NAME = "OpenSans-SemiBold"
_NONSYMBOLIC = 1 << 5
_CID_BYTES = 2
_MOST_IN_A_SECTION = 100
"""Entries of one `beginbfchar` (Adobe Technical Note 5411)."""


@dataclass(frozen=True)
class Subset:
    """What is embedded of the font for some characters."""

    characters: str
    """In the order of their identifiers, which count from 1."""
    program: bytes
    glyphs: tuple[int, ...]
    """Glyph of each character in the program."""
    widths: tuple[int, ...]
    """In thousandths of an em."""
    measures: Mapping[str, int]

    def encoded(self, text: str) -> bytes:
        """Return `text` as a hexadecimal string of identifiers."""
        return b"<%s>" % "".join(f"{self.characters.index(c) + 1:04x}" for c in text).encode()


@cache
def subset_of(characters: str) -> Subset:
    """Return the subset of the font for `characters`, which are sorted and come once each."""
    face = _face()
    codes = [ord(character) for character in characters]
    glyphs = [face.charToGlyph[code] for code in codes]
    order = list(dict.fromkeys([0, *glyphs]))  # how reportlab numbers the glyphs it keeps
    lowest, highest = math.floor(face.bbox[1]), math.ceil(face.bbox[3])
    return Subset(
        characters=characters,
        program=bytes(face.makeSubset(codes)),
        glyphs=tuple(order.index(glyph) for glyph in glyphs),
        widths=tuple(round(face.charWidths[code]) for code in codes),
        measures={
            "left": math.floor(face.bbox[0]), "low": lowest,
            "right": math.ceil(face.bbox[2]), "high": highest,
            "ascent": round(face.ascent), "descent": round(face.descent),
            "capitals": round(face.capHeight), "stem": round(face.stemV),
        },
    )  # fmt: skip


@cache
def _face() -> TTFontFile:
    from reportlab.pdfbase.ttfonts import TTFontFile

    return TTFontFile(str(Face(EM).font.path))


# --- Objects --------------------------------------------------------------------------------------


def add_font(update: Update, subset: Subset) -> PdfObject:
    """Add the font to the document; returns the reference to it."""
    tag = hashlib.sha256(subset.characters.encode()).digest()
    name = "".join(chr(ord("A") + byte % 26) for byte in tag[:6]) + "+" + NAME
    descendant = _dictionary(
        Type="/Font",
        Subtype="/CIDFontType2",
        BaseFont=f"/{name}",
        CIDSystemInfo=DictionaryObject(
            {
                NameObject("/Registry"): TextStringObject("Adobe"),
                NameObject("/Ordering"): TextStringObject("Identity"),
                NameObject("/Supplement"): NumberObject(0),
            }
        ),
        FontDescriptor=update.add(_descriptor(update, subset, name)),
        DW=0,
        W=ArrayObject([NumberObject(1), ArrayObject(map(NumberObject, subset.widths))]),
        CIDToGIDMap=update.add(_stream(_glyph_map(subset))),
    )
    return update.add(
        _dictionary(
            Type="/Font",
            Subtype="/Type0",
            BaseFont=f"/{name}",
            Encoding="/Identity-H",
            DescendantFonts=ArrayObject([update.add(descendant)]),
            ToUnicode=update.add(_stream(_to_unicode(subset))),
        )
    )


def _descriptor(update: Update, subset: Subset, name: str) -> DictionaryObject:
    program = _stream(subset.program)
    program[NameObject("/Length1")] = NumberObject(len(subset.program))
    measures = subset.measures
    box = (measures[side] for side in ("left", "low", "right", "high"))
    return _dictionary(
        Type="/FontDescriptor",
        FontName=f"/{name}",
        Flags=_NONSYMBOLIC,
        FontBBox=ArrayObject(map(NumberObject, box)),
        ItalicAngle=0,
        Ascent=measures["ascent"],
        Descent=measures["descent"],
        CapHeight=measures["capitals"],
        StemV=measures["stem"],
        FontFile2=update.add(program),
        CIDSet=update.add(_stream(_cid_set(subset))),
    )


def _dictionary(**entries: str | int | PdfObject) -> DictionaryObject:
    """Return a dictionary; a text that begins with a slash is a name."""
    return DictionaryObject({NameObject(f"/{name}"): _value(v) for name, v in entries.items()})


def _value(value: str | int | PdfObject) -> PdfObject:
    if isinstance(value, PdfObject):
        return value
    return NameObject(value) if isinstance(value, str) else NumberObject(value)


def _stream(content: bytes) -> StreamObject:
    decoded = DecodedStreamObject()
    decoded.set_data(content)
    return decoded.flate_encode()


def _glyph_map(subset: Subset) -> bytes:
    glyphs = (0, *subset.glyphs)
    return b"".join(glyph.to_bytes(_CID_BYTES, "big") for glyph in glyphs)


def _cid_set(subset: Subset) -> bytes:
    """Return a bit for each identifier, the highest first; 0 (.notdef) is always there."""
    count = len(subset.characters) + 1
    octets = -(-count // 8)
    return (((1 << count) - 1) << (octets * 8 - count)).to_bytes(octets, "big")


def _to_unicode(subset: Subset) -> bytes:
    return "\n".join(_map_lines(subset)).encode("ascii")


def _map_lines(subset: Subset) -> Iterator[str]:
    yield "/CIDInit /ProcSet findresource begin 12 dict begin begincmap"
    yield "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def"
    yield "/CMapName /Adobe-Identity-UCS def /CMapType 2 def"
    yield "1 begincodespacerange <0000> <FFFF> endcodespacerange"
    pairs = list(enumerate(subset.characters, 1))
    for start in range(0, len(pairs), _MOST_IN_A_SECTION):
        section = pairs[start : start + _MOST_IN_A_SECTION]
        yield f"{len(section)} beginbfchar"
        for identifier, character in section:
            yield f"<{identifier:04x}> <{character.encode('utf-16-be').hex()}>"
        yield "endbfchar"
    yield "endcmap CMapName currentdict /CMap defineresource pop end end"
