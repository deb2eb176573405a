"""Pictures, sounds and films with other people's marks, by tools that are not ours; what we find."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from kzlabel.formats import recognise
from kzlabel.markers import MARKERS
from kzlabel.model import Marker

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SIZE = (64, 48)
EXIF_TAGS = {"ImageDescription": 0x010E, "Make": 0x010F, "Model": 0x0110, "Software": 0x0131,
             "Artist": 0x013B}  # fmt: skip
XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
 xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">{}</rdf:Description></rdf:RDF>
</x:xmpmeta>"""


def marks_in(tags: Mapping[str, Mapping[str, str]]) -> dict[str, Marker]:
    """Return what every marker says, by scheme."""
    found = (marker.detect(tags) for marker in MARKERS)
    return {mark.scheme: mark for mark in found if mark}


def marks_of(path: Path) -> dict[str, Marker]:
    """Return the marks of a file."""
    room = recognise(path)
    assert room is not None
    return marks_in(room.read_tags(path))


def only_mark_of(path: Path) -> Marker:
    """Return the one mark of a file; what two rooms claim is a mistake of one."""
    (mark,) = marks_of(path).values()
    return mark


def png(path: Path, *, zipped: bool = False, **texts: str) -> Path:
    """Write a PNG with texts; Pillow writes tEXt, iTXt where that has no letter, or zTXt."""
    info = PngInfo()
    for name, text in texts.items():
        info.add_text(name, text, zip=zipped)
    Image.new("RGB", SIZE, "teal").save(path, pnginfo=info)
    return path


def exif(path: Path, comment: str = "", **tags: str) -> Path:
    """Write a picture with EXIF: JPEG or WebP, by the suffix."""
    held = Image.Exif()
    for name, text in tags.items():
        held[EXIF_TAGS[name]] = text
    if comment:
        held.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + comment.encode("utf-16-be")
    Image.new("RGB", SIZE, "teal").save(path, exif=held)
    return path


def xmp(path: Path, properties: str) -> Path:
    """Write a picture with an XMP packet: JPEG or WebP."""
    Image.new("RGB", SIZE, "teal").save(path, xmp=XMP.format(properties).encode())
    return path


def stealth(
    path: Path, text: str, size: tuple[int, int] = (128, 160), *, zipped: bool = True
) -> Path:
    """Write a PNG with text in the lowest bits of alpha, as NovelAI's own script does it."""
    import numpy as np

    stored = gzip.compress(text.encode()) if zipped else text.encode()
    sign = b"stealth_pngcomp" if zipped else b"stealth_pnginfo"
    hidden = sign + (8 * len(stored)).to_bytes(4) + stored
    bits = np.unpackbits(np.frombuffer(hidden, np.uint8))
    width, height = size
    plane = np.full(width * height, 255, np.uint8)
    plane[: len(bits)] = 254 | bits
    pixels = np.zeros((height, width, 4), np.uint8)
    pixels[..., 0] = np.arange(width)[None, :]
    pixels[..., 1] = np.arange(height)[:, None]
    pixels[..., 3] = plane.reshape(width, height).T
    Image.fromarray(pixels).save(path)
    return path
