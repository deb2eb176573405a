"""One strip or tile of a TIFF, out of its compression and back into the same.

All but JPEG work on rows of bytes, whatever the samples are, so that 16 bits, CMYK and separate
planes need no mode of Pillow's: LZW, PackBits and fax go through it as a grey or black-and-white
picture as wide as a row. TIFF 6.0 sections 9 to 11 and 13 to 14, Adobe's technical note 2 (JPEG).
"""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from kzlabel.errors import RefusedError, UnreadableAssetError
from kzlabel.formats._raster import decoding
from kzlabel.formats._tiff_ifd import Tiff

if TYPE_CHECKING:
    from pathlib import Path

    from PIL.JpegImagePlugin import JpegImageFile

NONE, RLE, GROUP3, GROUP4, LZW, JPEG, DEFLATE, PACKBITS, OLD_DEFLATE = (
    1, 2, 3, 4, 5, 7, 8, 32773, 32946,
)  # fmt: skip
FAX = (RLE, GROUP3, GROUP4)
ZLIB = (DEFLATE, OLD_DEFLATE)
PREDICTABLE = (LZW, *ZLIB)
_PILLOW_NAMES = {RLE: "tiff_ccitt", GROUP3: "group3", GROUP4: "group4", LZW: "tiff_lzw",
                 PACKBITS: "packbits"}  # fmt: skip
STRIP_OFFSETS, STRIP_COUNTS = 273, 279
_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_ADOBE_RGB = b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0\0"
_ONE_STRIP = 2**31 - 1


class Extent(NamedTuple):
    """Width in pixels, bytes of a row, and rows of a strip or tile."""

    width: int
    row_bytes: int
    rows: int

    @property
    def size(self) -> int:
        """Bytes when decoded."""
        return self.row_bytes * self.rows


@dataclass(frozen=True)
class Codec:
    """How the strips of one page are compressed."""

    compression: int
    path: Path
    reversed_bits: bool = False
    """FillOrder 2."""
    fax_options: int = 0
    jpeg_tables: bytes = b""
    jpeg_rgb: bool = False
    """Whether JPEG components are red, green and blue, which the stream does not say."""

    def decode(self, content: bytes, extent: Extent) -> bytes:
        """Return the rows of a strip; raises `UnreadableAssetError` where it holds fewer."""
        content = content.translate(_REVERSED) if self.reversed_bits else content
        if self.compression == NONE:
            rows = content[: extent.size]
        elif self.compression in ZLIB:
            with decoding(self.path):
                rows = zlib.decompressobj().decompress(content, max(1, extent.size))
        elif self.compression == JPEG:
            rows = self._open_jpeg(content, extent).tobytes()
        else:
            rows = self._through_pillow(content, extent)
        if len(rows) < extent.size:
            raise UnreadableAssetError("kz.error.tiff-strips", path=self.path)
        return rows[: extent.size]

    def encode(self, rows: bytes, extent: Extent, old: bytes) -> bytes:
        """Return the strip that decodes to `rows`; `old` is what a JPEG takes its tables from."""
        if self.compression == JPEG:
            return self._jpeg(rows, extent, old)
        if self.compression == NONE:
            content = rows
        elif self.compression in ZLIB:
            content = zlib.compress(rows)
        else:
            content = self._from_pillow(rows, extent)
        return content.translate(_REVERSED) if self.reversed_bits else content

    def _through_pillow(self, content: bytes, extent: Extent) -> bytes:
        from PIL import Image

        with decoding(self.path):
            wrapped = io.BytesIO(_wrapped(content, extent, self.compression, self.fax_options))
            with Image.open(wrapped, formats=("TIFF",)) as image:
                return image.tobytes()

    def _from_pillow(self, rows: bytes, extent: Extent) -> bytes:
        from PIL import Image

        mode, width = ("1", extent.width) if self.compression in FAX else ("L", extent.row_bytes)
        buffer = io.BytesIO()
        with decoding(self.path):
            image = Image.frombytes(mode, (width, extent.rows), rows)
            name = _PILLOW_NAMES[self.compression]
            image.save(buffer, "TIFF", compression=name, strip_size=_ONE_STRIP)
        made = Tiff(buffer, self.path)
        offsets = made.numbers(made.ifds[0], STRIP_OFFSETS)
        counts = made.numbers(made.ifds[0], STRIP_COUNTS)
        if len(offsets) != 1:
            raise RefusedError("kz.error.tiff-kept", path=self.path, detail="strips")
        return made.read(offsets[0], counts[0])

    # --- JPEG -------------------------------------------------------------------------------------

    def _open_jpeg(self, content: bytes, extent: Extent) -> JpegImageFile:
        """Decode an abbreviated stream: tables first, from their tag, then the strip."""
        from PIL.JpegImagePlugin import JpegImageFile

        tables = self.jpeg_tables[2:-2] if self.jpeg_tables.endswith(b"\xff\xd9") else b""
        # In front, so that a stream's own marker, if it has one, counts.
        marker = _ADOBE_RGB if self.jpeg_rgb else b""
        with decoding(self.path):
            whole = b"\xff\xd8" + marker + tables + content[2:]
            image = JpegImageFile(io.BytesIO(whole))
            if image.size != (extent.width, extent.rows):
                raise UnreadableAssetError("kz.error.tiff-strips", path=self.path)
            image.load()
        return image

    def _jpeg(self, rows: bytes, extent: Extent, old: bytes) -> bytes:
        from PIL import Image, JpegImagePlugin

        source = self._open_jpeg(old, Extent(*_jpeg_extent(old, extent)))
        sampling = JpegImagePlugin.get_sampling(source)
        if source.mode == "RGB" and sampling < 0:
            raise RefusedError("kz.error.tiff-kept", path=self.path, detail="JPEG sampling")
        buffer = io.BytesIO()
        with decoding(self.path):
            image = Image.frombytes(source.mode, (extent.width, extent.rows), rows)
            image.save(
                buffer, "JPEG", qtables=source.quantization, subsampling=max(sampling, 0),
                icc_profile=b"", exif=b"", keep_rgb=self.jpeg_rgb,
            )  # fmt: skip
        return buffer.getvalue()


def _jpeg_extent(content: bytes, extent: Extent) -> tuple[int, int, int]:
    """Return the size that a JPEG stream declares of itself, else `extent`."""
    position = 2
    while position + 9 <= len(content) and content[position] == 0xFF:  # noqa: PLR2004  a marker
        marker = content[position + 1]
        if marker in (0xC0, 0xC1, 0xC2):
            height, width = struct.unpack_from(">HH", content, position + 5)
            return width, extent.row_bytes, height
        position += 2 + int.from_bytes(content[position + 2 : position + 4], "big")
    return extent


def _wrapped(content: bytes, extent: Extent, compression: int, options: int) -> bytes:
    """Return a TIFF of one strip: grey, or black and white for fax."""
    fax = compression in FAX
    tags = [
        (256, extent.width if fax else extent.row_bytes),
        (257, extent.rows),
        (258, 1 if fax else 8),
        (259, compression),
        (262, 1),
        (STRIP_OFFSETS, 0),
        (277, 1),
        (278, extent.rows),
        (STRIP_COUNTS, len(content)),
    ]
    if compression in (GROUP3, GROUP4):
        tags.append((292 if compression == GROUP3 else 293, options))
    start = 8 + 2 + 12 * len(tags) + 4
    head = b"II*\0" + struct.pack("<IH", 8, len(tags))
    for tag, value in tags:
        head += struct.pack("<HHII", tag, 4, 1, start if tag == STRIP_OFFSETS else value)
    return head + bytes(4) + content
