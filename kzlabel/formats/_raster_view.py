"""A decoded picture, looked at as displayed: upright, in RGB, on a white and on a black ground."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from kzlabel.formats._raster_orientation import Box, Size, displayed_size, undo, upright

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL.Image import Image

PALETTES = ("P", "PA")
DEEP = ("I;16", "I;16L", "I;16B", "I;16N")
GROUNDS = ("white", "black")
OPAQUE = (255, 255)


@dataclass(frozen=True)
class RasterView:
    """One frame."""

    image: Image
    orientation: int = 1

    @property
    def size(self) -> Size:
        """Width and height as displayed."""
        return displayed_size(self.image, self.orientation)

    def crop(self, area: Box) -> Sequence[Image]:
        """Return the area in RGB, once for each ground it is seen on; black beyond the edges."""
        # Cropped first: only a small piece of a large picture is converted.
        piece = self.image.crop(undo(area, self.size, self.orientation))
        return [upright(seen, self.orientation) for seen in on_grounds(piece)]

    def fingerprint(self, area: Box) -> bytes:
        """Return a digest of the pixels of the area, palette and transparency included."""
        piece = self.image.crop(undo(area, self.size, self.orientation))
        digest = sha256(repr((piece.mode, piece.size, piece.info.get("transparency"))).encode())
        digest.update(bytes(piece.getpalette("RGBA") or ()) if piece.mode in PALETTES else b"")
        digest.update(piece.tobytes())
        return digest.digest()


def on_grounds(piece: Image) -> list[Image]:
    """Return `piece` in RGB; where it is transparent, on white and on black."""
    from PIL import Image

    if piece.mode in DEEP:
        colours, alpha = _shallow(piece)
    elif "transparency" in piece.info or piece.mode in ("LA", "La", "PA", "RGBA", "RGBa"):
        whole = _with_alpha(piece)
        colours, alpha = whole.convert("RGB"), whole.getchannel("A")
    else:
        colours, alpha = _eight_bit(piece).convert("RGB"), None
    if alpha is None or alpha.getextrema() == OPAQUE:
        return [colours]
    grounds = [Image.new("RGB", piece.size, name) for name in GROUNDS]
    return [Image.composite(colours, ground, alpha) for ground in grounds]


def _with_alpha(piece: Image) -> Image:
    if piece.mode == "La":
        piece = piece.convert("LA")
    if piece.mode == "PA":
        piece = piece.convert("RGBA")
    return piece.convert("RGBA")


def _eight_bit(piece: Image) -> Image:
    from PIL import Image

    if piece.mode == "I":
        # 16 bits in 32: what PNG and TIFF decode to.
        return piece.point(lambda sample: sample * (1 / 256)).convert("L")
    if piece.mode == "F":
        low, high = piece.getextrema()
        unit = isinstance(high, float) and high <= 1.0 and isinstance(low, float)
        return piece.point(lambda sample: sample * (255.0 if unit else 1.0)).convert("L")
    if piece.mode == "P" and piece.palette is None:
        return Image.frombytes("L", piece.size, piece.tobytes())
    return piece


def _shallow(piece: Image) -> tuple[Image, Image | None]:
    """Return the upper bytes of 16-bit grey, and what its transparent value leaves."""
    from PIL import Image

    wide = piece.tobytes()
    big = piece.mode == "I;16B"
    grey = Image.frombytes("L", piece.size, wide[0 if big else 1 :: 2]).convert("RGB")
    key = piece.info.get("transparency")
    if not isinstance(key, int):
        return grey, None
    wanted = (key & 0xFFFF).to_bytes(2, "big" if big else "little")
    solid = bytes(0 if wide[at : at + 2] == wanted else 255 for at in range(0, len(wide), 2))
    return grey, Image.frombytes("L", piece.size, solid)
