"""Files that are made to harm whoever opens them, from nothing, by name: bombs, floods, depths.

Small on disk and large when opened, or cheap to write and dear to read. The measured harm that some
of them do to bare libraries stands in the project's reference: 200,000 boxes keep c2pa-rs busy for
minutes, a PDF of 0.4 MB takes 420 MB.
"""

from __future__ import annotations

import io
import os
import shutil
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from benchmarks._chaos import png

FIXTURES = Path(__file__).parent.parent / "fixtures"
MEGA, GIGA = 1_000_000, 1_000_000_000


class Scale(NamedTuple):
    """How large the harm is; a test takes less of it."""

    bomb: int = GIGA
    """Bytes that a bomb opens to."""
    side: int = 10_000
    """Pixels of each side of a picture that is too large."""
    largest: int = 9_400
    """Of one that just is not."""
    boxes: int = 200_000
    blocks: int = 1_000_000
    packet: int = 60 * MEGA
    sparse: int = 3 * GIGA
    depth: int = 1_000_000


def make(folder: Path, scale: Scale) -> list[Path]:
    """Write every file of the set."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for name, write in FILES.items():
        path = folder / name
        write(path, scale)
        made.append(path)
    return made


# --- Packages -------------------------------------------------------------------------------------


@lru_cache(maxsize=4)
def _deflated(size: int) -> bytes:
    """Return so many zeros as zlib packs them, without holding them."""
    packer, piece = zlib.compressobj(9), bytes(MEGA)
    return b"".join(packer.compress(piece) for _ in range(size // MEGA)) + packer.flush()


def _stored(package: zipfile.ZipFile, name: str, size: int) -> None:
    with package.open(name, "w", force_zip64=True) as entry:
        for _ in range(size // MEGA):
            entry.write(b" " * MEGA)


def _docx_bomb(path: Path, scale: Scale) -> None:
    with (
        zipfile.ZipFile(FIXTURES / "document.docx") as whole,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package,
    ):
        for name in whole.namelist():
            if name == "word/document.xml":
                _stored(package, name, scale.bomb)
            else:
                package.writestr(name, whole.read(name))


def _epub_bomb(path: Path, scale: Scale) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        package.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        _stored(package, "META-INF/container.xml", scale.bomb)


def _nested(path: Path, scale: Scale) -> None:
    """Packages in packages, six deep, ten wide, in a document like any other."""
    inner = _zipped({"zeros": bytes(min(scale.bomb // 100, 10 * MEGA))})
    for _ in range(5):
        inner = _zipped({f"{number}.zip": inner for number in range(10)})
    shutil.copyfile(FIXTURES / "document.docx", path)
    with zipfile.ZipFile(path, "a") as package:
        package.writestr("word/embeddings/all.zip", inner)


def _overlapped(path: Path, scale: Scale) -> None:
    """One entry that the directory names twenty thousand times."""
    whole = _zipped({"word/document.xml": bytes(min(scale.bomb // 100, 10 * MEGA))})
    at = whole.index(b"PK\x01\x02")
    entry, end = whole[at : whole.index(b"PK\x05\x06")], whole[whole.index(b"PK\x05\x06") :]
    count = 20_000
    total = struct.pack("<HHII", count, count, count * len(entry), at)
    path.write_bytes(whole[:at] + entry * count + end[:8] + total + end[20:])


def _zipped(entries: Mapping[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in entries.items():
            package.writestr(name, content)
    return held.getvalue()


# --- PDF ------------------------------------------------------------------------------------------


def _pdf(*objects: bytes, xref: bytes = b"") -> bytes:
    """Put objects 1, 2 … into a file; the first is its catalogue."""
    text, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(text))
        text += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(text)
    if xref:
        text += b"%d 0 obj\n%s\nendobj\n" % (len(objects) + 1, xref)
    else:
        rows = b"".join(b"%010d 00000 n \n" % place for place in places)
        size = len(objects) + 1
        text += b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, rows)
        text += b"trailer\n<</Size %d/Root 1 0 R>>\n" % size
    return text + b"startxref\n%d\n%%%%EOF\n" % start


def _stream(entries: bytes, content: bytes) -> bytes:
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (entries, len(content), content)


_PAGED = (
    b"<</Type/Catalog/Pages 2 0 R/Metadata 5 0 R>>",
    b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
    b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R>>",
)


def _pdf_bomb(path: Path, scale: Scale) -> None:
    content = _stream(b"/Filter/FlateDecode", _deflated(scale.bomb))
    metadata = _stream(b"/Type/Metadata/Subtype/XML/Filter/FlateDecode", _deflated(scale.bomb))
    path.write_bytes(_pdf(*_PAGED, content, metadata))


def _pdf_twice(path: Path, scale: Scale) -> None:
    """Packed twice: kilobytes that become a gigabyte."""
    twice = zlib.compress(_deflated(scale.bomb), 9)
    packed = _stream(b"/Filter[/FlateDecode/FlateDecode]", twice)
    path.write_bytes(_pdf(*_PAGED, packed, packed))


def _pdf_references(path: Path, scale: Scale) -> None:
    entries = b"/Type/XRef/Root 1 0 R/W[1 8 8]/Size %d/Filter/FlateDecode"
    size = scale.bomb // 17
    path.write_bytes(_pdf(*_PAGED, xref=_stream(entries % size, _deflated(scale.bomb))))


# --- Film and animations --------------------------------------------------------------------------


def _box_flood(path: Path, scale: Scale) -> None:
    kind = struct.pack(">I4s4sI4s4s", 24, b"ftyp", b"isom", 512, b"isom", b"mp42")
    path.write_bytes(kind + struct.pack(">I4s", 8, b"free") * scale.boxes)


def _gif_flood(path: Path, scale: Scale) -> None:
    head = b"GIF89a" + struct.pack("<HHBBB", 8, 8, 0x80, 0, 0) + bytes(6)
    frame = b"," + struct.pack("<HHHHB", 0, 0, 8, 8, 0) + b"\x02\x02\x4c\x01\x00"
    path.write_bytes(head + b"!\xfe\x01A\x00" * scale.blocks + frame + b";")


def _sparse_film(path: Path, scale: Scale) -> None:
    with path.open("wb") as file:
        file.write(struct.pack(">I4s4sI4s4s", 24, b"ftyp", b"isom", 512, b"isom", b"mp42"))
        file.write(struct.pack(">I4sQ", 1, b"mdat", scale.sparse - 24))
        file.truncate(scale.sparse)


def _sparse(path: Path, scale: Scale) -> None:
    path.touch()
    os.truncate(path, scale.sparse)


# --- Pictures -------------------------------------------------------------------------------------


def _png_large(path: Path, scale: Scale) -> None:
    lines = scale.side * (scale.side + 1)
    path.write_bytes(png(scale.side, scale.side, _deflated(lines + MEGA)))


def _large(path: Path, scale: Scale) -> None:
    _encoded(path, scale.side)


def _largest(path: Path, scale: Scale) -> None:
    _encoded(path, scale.largest)


def _encoded(path: Path, side: int) -> None:
    from PIL import Image

    ramp = Image.linear_gradient("L").resize((256, 256)).convert("RGB")
    large = ramp.resize((side, side), Image.Resampling.NEAREST)
    large.save(path, quality=30, method=0, speed=10)


def _svg_laughs(path: Path, _scale: Scale) -> None:
    names = "abcdefghij"
    entities = "".join(
        f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in pairwise(names)
    )
    path.write_text(
        f'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "ha">{entities}]>'
        '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text>&j;</text></svg>'
    )


def _svg_uses(path: Path, _scale: Scale) -> None:
    """Ten uses of ten uses of …: ten milliards of rectangles."""
    layers = "".join(
        f'<g id="g{level}">' + f'<use href="#g{level - 1}" x="1"/>' * 10 + "</g>"
        for level in range(1, 11)
    )
    path.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="900" height="900"><defs>'
        f'<g id="g0"><rect width="9" height="9"/></g>{layers}</defs><use href="#g10"/></svg>'
    )


def _svg_deep(path: Path, scale: Scale) -> None:
    path.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">'
        + "<g>" * scale.depth + "</g>" * scale.depth + "</svg>"
    )  # fmt: skip


def _svg_filter(path: Path, _scale: Scale) -> None:
    blurs = '<feGaussianBlur stdDeviation="900"/>' * 500
    path.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="30000" height="30000"><filter id="f" '
        f'x="-9" y="-9" width="20" height="20">{blurs}</filter>'
        '<rect width="30000" height="30000" filter="url(#f)"/></svg>'
    )


# --- Texts and tags -------------------------------------------------------------------------------


def _json_deep(path: Path, scale: Scale) -> None:
    path.write_text("[" * scale.depth + "]" * scale.depth)


def _html_deep(path: Path, scale: Scale) -> None:
    path.write_text("<!doctype html><html><body>" + "<div>" * scale.depth)


def _packet(scale: Scale) -> Iterator[bytes]:
    yield b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-'
    yield b'rdf-syntax-ns#"><rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/">'
    item = b"<dc:subject><rdf:Bag><rdf:li>a tag of many</rdf:li></rdf:Bag></dc:subject>"
    yield item * (scale.packet // len(item))
    yield b"</rdf:Description></rdf:RDF></x:xmpmeta>"


def _xmp_large(path: Path, scale: Scale) -> None:
    _with_packet(path, b"\0\0\0\0" + b"".join(_packet(scale)))


def _xmp_packed(path: Path, scale: Scale) -> None:
    _with_packet(path, b"\1\0\0\0" + zlib.compress(b"".join(_packet(scale)), 9))


def _with_packet(path: Path, text: bytes) -> None:
    body = b"iTXt" + b"XML:com.adobe.xmp\0" + text
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    plain = png(8, 8, zlib.compress(bytes(72)))
    path.write_bytes(plain[:33] + chunk + plain[33:])


FILES: Mapping[str, Callable[[Path, Scale], None]] = {
    "bomb.docx": _docx_bomb,
    "bomb.epub": _epub_bomb,
    "nested.docx": _nested,
    "overlapped.docx": _overlapped,
    "bomb.pdf": _pdf_bomb,
    "twice.pdf": _pdf_twice,
    "references.pdf": _pdf_references,
    "boxes.mp4": _box_flood,
    "blocks.gif": _gif_flood,
    "sparse.mp4": _sparse_film,
    "sparse.txt": _sparse,
    "large.png": _png_large,
    "large.jpg": _large,
    "large.webp": _large,
    "large.avif": _large,
    "largest.png": _largest,
    "largest.jpg": _largest,
    "largest.webp": _largest,
    "largest.avif": _largest,
    "laughs.svg": _svg_laughs,
    "uses.svg": _svg_uses,
    "deep.svg": _svg_deep,
    "filter.svg": _svg_filter,
    "deep.json": _json_deep,
    "deep.html": _html_deep,
    "packet.png": _xmp_large,
    "packed.png": _xmp_packed,
}
"""A name -> who writes it."""
