"""The pixels of one PNG picture: decoded, stamped with a plate, and encoded as they were.

A picture is one layer, or two where its samples have 16 bits (see `_png_deep`). Greys of 2 and 4
bits are one layer of 8 whose values are the levels that the depth has.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from kzlabel.errors import RefusedError
from kzlabel.formats._png_chunks import Header, chunks, packed
from kzlabel.formats._png_deep import deep_layers, deflated, rejoined, standalone
from kzlabel.formats._raster_modes import Inks, black, in_mode, on_palette

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from PIL.Image import Image

    from kzlabel.formats._animation import Box, FramePlan

    Layers = tuple[Image, ...]
    Fill = int | tuple[int, ...]

GREY, RGB, PALETTE = 0, 2, 3
DEEP = 16
COMPRESSION = 6
MAX_RATIO = 1032
"""What deflate can make of a byte at most (https://zlib.net/zlib_tech.html)."""


@dataclass(frozen=True)
class Pixels:
    """What all pictures of one file share."""

    header: Header
    palette: bytes = b""
    """PLTE: red, green, blue, …"""
    transparency: bytes | None = None
    """tRNS: alpha by palette index, or the one colour that is transparent."""

    # --- decoding and encoding --------------------------------------------------------------------

    def decode(self, size: tuple[int, int], payloads: Sequence[bytes]) -> Layers:
        """Return the layers of a picture of `size`, given its compressed bytes.

        Pillow's errors are the caller's to translate; so is `EOFError` for too few bytes.
        """
        from PIL import Image

        header = self.header._replace(width=size[0], height=size[1])
        needed = size[0] * size[1] * header.bits // 8
        if needed > MAX_RATIO * sum(map(len, payloads)):
            # Pillow would fill up what is missing, up to a bomb of black pixels.
            raise EOFError(f"{needed} bytes of pixels are missing")
        if header.depth == DEEP:
            return deep_layers(header, payloads)
        between = packed(b"PLTE", self.palette) if header.colour == PALETTE else b""
        with Image.open(BytesIO(standalone(header, between, payloads))) as image:
            image.load()
        if header.colour == PALETTE and self.transparency is not None:
            image.info["transparency"] = self.transparency
        return (image,)

    def encode(self, layers: Layers) -> Iterable[bytes]:
        """Return the compressed bytes of a picture, not interlaced."""
        image: Image | None = layers[0].copy()
        if self.header.depth == DEEP:
            image = rejoined(self.header, layers)
        if image is None:
            return deflated(layers)
        image.info = {}
        if image.mode == "P":
            image.putpalette(bytes(768))  # or Pillow would choose a smaller depth
        target = BytesIO()
        bits = min(8, self.header.depth)
        image.save(target, "PNG", bits=bits, compress_level=COMPRESSION)
        found = chunks(target, Path("-"))
        return [chunk.data(target) for chunk in list(found) if chunk.type == b"IDAT"]

    # --- transparency -----------------------------------------------------------------------------

    @cached_property
    def key(self) -> tuple[int, ...] | None:
        """The samples of the one transparent colour of a grey or RGB picture."""
        wanted = {GREY: 2, RGB: 6}.get(self.header.colour)
        if self.transparency is None or wanted is None or len(self.transparency) < wanted:
            return None
        pairs = zip(self.transparency[:wanted:2], self.transparency[1:wanted:2], strict=True)
        return tuple(high << 8 | low for high, low in pairs)

    def clear(self, layer: int) -> Fill | None:
        """Return a fully transparent colour for a layer, or None where the file has none."""
        colour, key = self.header.colour, self.key
        if colour == PALETTE:
            index = (self.transparency or b"").find(0)
            return None if index < 0 else index
        if colour not in (GREY, RGB):
            return (0,) * len(self.header.mode)
        if key is None:
            return None
        if self.header.depth == DEEP:
            shown = tuple(sample & 0xFF if layer else sample >> 8 for sample in key)
        else:
            shown = tuple(sample * 255 // self._levels & 0xFF for sample in key)
        return shown if colour == RGB else shown[0]

    @property
    def _levels(self) -> int:
        return (1 << min(8, self.header.depth)) - 1

    # --- the plate --------------------------------------------------------------------------------

    def plate(self, plate: Image, path: Path) -> Image:
        """Return an L plate in greys that the depth has and that are not the transparent one."""
        key, levels = self.key, self._levels
        taken = None
        if key is not None and len(set(key)) == 1:
            taken = self._level(key[0])
        if taken is not None and levels == 1:
            raise RefusedError("kz.error.png-key", path=path)
        steps = [round(grey * levels / 255) for grey in range(256)]
        moved = [s if s != taken else s + 1 if s <= levels // 2 else s - 1 for s in steps]
        return plate.point([step * 255 // levels for step in moved])

    def _level(self, sample: int) -> int | None:
        if self.header.depth != DEEP:
            return sample
        return sample >> 8 if sample >> 8 == sample & 0xFF else None

    def inks(self, used: Iterable[int], path: Path) -> Inks:
        """Return the inks for a plate on a palette of which `used` are in use in any picture."""
        from PIL import Image

        beyond = range(self._levels + 1, 256)
        indexes = bytes({*used, *beyond})
        probe = (
            Image.frombytes("P", (len(indexes), 1), indexes) if indexes else Image.new("P", (1, 0))
        )
        probe.putpalette(self.palette)
        if self.transparency is not None:
            probe.info["transparency"] = self.transparency
        return on_palette(probe, path)


@dataclass(frozen=True)
class Stamp:
    """The plate for all pictures of one file."""

    pixels: Pixels
    plate: Image
    """In mode L, or in P where the pictures have a palette."""
    box: Box
    """Where the plate lies on the new canvas."""
    old: Box
    """Where the canvas without the band lies on the new one."""
    dark: int = 0
    """The palette's darkest index."""

    def on(self, layers: Layers, rect: Box, plan: FramePlan, path: Path) -> Layers:
        """Return the layers of a picture at `rect` with its part of the plate drawn."""
        part = self.plate.crop(plan.stamp.shifted(-self.box.left, -self.box.top))
        at = plan.stamp.shifted(-plan.rect.left, -plan.rect.top)
        done = []
        for number, layer in enumerate(layers):
            fill = self.pixels.clear(number)
            canvas = (
                self._extended(layer, rect, plan, fill, path) if plan.extended else layer.copy()
            )
            if not plan.stamp.empty:
                canvas.paste(part if layer.mode == "P" else in_mode(part, layer.mode, path), at[:2])
            done.append(canvas)
        return tuple(done)

    def _extended(
        self, layer: Image, rect: Box, plan: FramePlan, fill: Fill | None, path: Path
    ) -> Image:
        """Return a larger layer: clear on the old canvas, black beside the band of a strip."""
        from PIL import Image

        added = [part for around in plan.rect.without(rect) for part in around.without(self.box)]
        if fill is None and any(not part.meet(self.old).empty for part in added):
            raise RefusedError("kz.error.png-extension", path=path)
        ground = self.dark if layer.mode == "P" else black(layer.mode)
        canvas = Image.new(layer.mode, plan.rect.size, ground if fill is None else fill)
        for part in (outside for around in added for outside in around.without(self.old)):
            canvas.paste(ground, part.shifted(-plan.rect.left, -plan.rect.top))
        canvas.paste(layer, rect.shifted(-plan.rect.left, -plan.rect.top)[:2])
        return canvas
