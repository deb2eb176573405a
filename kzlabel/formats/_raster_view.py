"""A decoded picture, looked at as displayed: upright, in RGB, on a white and on a black ground."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, overload

from kzlabel.formats._raster_orientation import Box, Size, displayed_size, undo, upright

if TYPE_CHECKING:
    from PIL.Image import Image

PALETTES = ("P", "PA")
DEEP = ("I;16", "I;16L", "I;16B", "I;16N")
GROUNDS = ("white", "black")
OPAQUE = (255, 255)
COLOUR_DATA = {"icc_profile", "gamma"}
"""Pillow's names of what says how pixels look."""


@dataclass(frozen=True)
class RasterView:
    """One frame."""

    image: Image
    orientation: int = 1
    managed: bool = False
    """Whether it is seen as stored only, or also through its colour profile."""

    @property
    def size(self) -> Size:
        """Width and height as displayed."""
        return displayed_size(self.image, self.orientation)

    @property
    def as_stored(self) -> RasterView:
        """The same without its colour profile: of a code, only what is dark matters."""
        return RasterView(self.image, self.orientation)

    def crop(self, area: Box) -> Sequence[Image]:
        """Return the area in RGB, once for each ground it is seen on; black beyond the edges.

        Raises `ColourError` where `managed` and nobody can say how it looks.
        """
        # Cropped first: only a small piece of a large picture is converted.
        box = undo(area, self.size, self.orientation)
        whole = box == (0, 0, *self.image.size)
        if whole:
            self.image.load()
        piece = self.image if whole else self.image.crop(box)
        shown = on_grounds(piece, managed=self.managed)
        return Made([partial(_upright_of, make, self.orientation) for make in shown.makers])

    def fingerprint(self, area: Box) -> bytes:
        """Return a digest of the pixels of the area, palette and transparency included."""
        piece = self.image.crop(undo(area, self.size, self.orientation))
        digest = sha256(repr((piece.mode, piece.size, piece.info.get("transparency"))).encode())
        digest.update(bytes(piece.getpalette("RGBA") or ()) if piece.mode in PALETTES else b"")
        for name in sorted(COLOUR_DATA):
            digest.update(repr(piece.info.get(name)).encode())
        digest.update(piece.tobytes())
        return digest.digest()


class Made(Sequence["Image"]):
    """Pictures made when they are asked for: large ones are held one at a time."""

    def __init__(self, makers: Sequence[Callable[[], Image]]) -> None:
        self.makers = makers

    def __len__(self) -> int:
        return len(self.makers)

    @overload
    def __getitem__(self, index: int) -> Image: ...
    @overload
    def __getitem__(self, index: slice) -> Made: ...
    def __getitem__(self, index: int | slice) -> Image | Made:
        return Made(self.makers[index]) if isinstance(index, slice) else self.makers[index]()


def _upright_of(make: Callable[[], Image], orientation: int) -> Image:
    return upright(make(), orientation)


def on_grounds(piece: Image, *, managed: bool = False) -> Made:
    """Return `piece` in RGB; where it is transparent, on white and on black.

    Where `managed`, as stored and through its colour profile: raises `ColourError`.
    """
    if piece.mode in DEEP:
        colours, alpha = _shallow(piece)
    elif "transparency" in piece.info or piece.mode in ("LA", "La", "PA", "RGBA", "RGBa"):
        colours = _with_alpha(piece)
        alpha = colours.getchannel("A")
    else:
        colours, alpha = _eight_bit(piece), None
    ways = [colours]
    if managed and COLOUR_DATA & piece.info.keys():
        from kzlabel.formats._raster_colour import shown_ways

        ways = shown_ways(piece, colours.convert("RGB"))
    if alpha is None or alpha.getextrema() == OPAQUE:
        return Made([partial(way.convert, "RGB") for way in ways])
    return Made([partial(_on_ground, way, alpha, name) for way in ways for name in GROUNDS])


def _on_ground(colours: Image, alpha: Image, name: str) -> Image:
    from PIL import Image

    ground = Image.new("RGB", colours.size, name)
    ground.paste(colours, mask=alpha)  # RGBA as it is: a large picture is not converted for it
    return ground


def _with_alpha(piece: Image) -> Image:
    if piece.mode == "La":
        piece = piece.convert("LA")
    return piece if piece.mode == "RGBA" else piece.convert("RGBA")


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
