"""The plate in each of Pillow's modes, so that a picture keeps the mode it has.

A palette picture keeps its palette where two of its colours are far enough apart; else slots that
no pixel uses are given to the plate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kzlabel.errors import RefusedError
from kzlabel.notices.contrast import MIN_CONTRAST, contrast, luminance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL.Image import Image

Colour = tuple[int, int, int, int]

LEVELS = 16
"""Steps of grey that the edges of letters have on a palette."""
SLOTS = 256
OPAQUE = 255
DARK, LIGHT = (0, 0, 0, OPAQUE), (OPAQUE, OPAQUE, OPAQUE, OPAQUE)


def black(mode: str) -> float | tuple[int, ...]:
    """Return the colour of a new canvas: opaque black."""
    return {"LA": (0, 255), "RGBA": (0, 0, 0, 255), "CMYK": (0, 0, 0, 255), "RGB": (0, 0, 0),
            "RGBX": (0, 0, 0, 255)}.get(mode, 0)  # fmt: skip


def in_mode(plate: Image, mode: str, path: object) -> Image:
    """Return an L `plate` in `mode`, opaque; `P` is for `on_palette`.

    Raises `RefusedError` for a mode that cannot be drawn on without loss.
    """
    from PIL import Image, ImageChops

    if mode == "L":
        return plate
    if mode == "1":
        return plate.convert("1", dither=Image.Dither.NONE)
    opaque, none = Image.new("L", plate.size, 255), Image.new("L", plate.size, 0)
    bands = {
        "LA": (plate, opaque),
        "RGB": (plate, plate, plate),
        "RGBA": (plate, plate, plate, opaque),
        "RGBX": (plate, plate, plate, opaque),
        "CMYK": (none, none, none, ImageChops.invert(plate)),
    }.get(mode)
    if bands is not None:
        return Image.merge(mode, bands)
    if mode in ("I;16", "I;16L", "I;16B"):
        return Image.frombytes(mode, plate.size, _doubled(plate.tobytes()))
    raise RefusedError("kz.error.mode", path=path, mode=mode)


def _doubled(samples: bytes) -> bytes:
    # A sample times 257 is the same byte twice, in either byte order.
    wide = bytearray(2 * len(samples))
    wide[::2] = wide[1::2] = samples
    return bytes(wide)


# --- Palettes -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Inks:
    """The palette of a picture with a plate on it."""

    palette: tuple[Colour, ...]
    """Red, green, blue, alpha."""
    dark: int
    light: int
    usable: tuple[int, ...]
    """Indexes that a plate may use."""
    changed: bool = False

    @property
    def contrast(self) -> float:
        """WCAG contrast of the two inks."""
        return contrast(_luminance(self.palette[self.dark]), _luminance(self.palette[self.light]))

    def table(self) -> list[int]:
        """Return the palette index for each grey of a plate."""
        steps = [self._nearest(step / (LEVELS - 1)) for step in range(LEVELS)]
        return [steps[round(grey * (LEVELS - 1) / 255)] for grey in range(256)]

    def _nearest(self, share: float) -> int:
        dark, light = self.palette[self.dark], self.palette[self.light]
        wanted = [a + (b - a) * share for a, b in zip(dark, light, strict=True)]
        return min(
            (self.dark, self.light, *self.usable),
            key=lambda i: sum((a - b) ** 2 for a, b in zip(self.palette[i], wanted, strict=True)),
        )

    def dye(self, image: Image) -> None:
        """Give `image` this palette, where it differs from its own."""
        if self.changed:
            mode = image.palette.mode if image.palette else "RGB"
            image.putpalette([v for colour in self.palette for v in colour[: len(mode)]], mode)


def on_palette(image: Image, path: object) -> Inks:
    """Return the inks for a plate on a palette picture, its palette changed as little as can be.

    Raises `RefusedError` where the contrast of 4.5 cannot be had.
    """
    palette = _palette(image)
    opaque = [i for i in range(SLOTS) if _is_opaque(image, palette, i)]
    inks = _extremes(palette, [i for i in opaque if i < len(palette)])
    if inks is not None and inks.contrast >= MIN_CONTRAST:
        return inks
    counts = image.histogram()
    free = [i for i in opaque if not counts[i]]
    # Slots beyond the palette first: nobody's colours change.
    spare = sorted(free, key=lambda i: (i < len(palette), i))[:2]
    if len(spare) < 2:  # noqa: PLR2004  one ink and one ground
        raise RefusedError("kz.error.palette", path=path, colours=len(palette))
    missing = max(*spare, len(palette) - 1) + 1 - len(palette)
    colours = [*palette, *[DARK] * missing]
    colours[spare[0]], colours[spare[1]] = DARK, LIGHT
    return Inks(tuple(colours), spare[0], spare[1], (), changed=True)


def _palette(image: Image) -> list[Colour]:
    flat = image.getpalette("RGBA") or []
    return list(zip(flat[::4], flat[1::4], flat[2::4], flat[3::4], strict=True))[:SLOTS]


def _is_opaque(image: Image, palette: Sequence[Colour], index: int) -> bool:
    transparency: object = image.info.get("transparency")
    if isinstance(transparency, bytes) and index < len(transparency):
        return transparency[index] == OPAQUE
    if index < len(palette) and palette[index][3] != OPAQUE:
        return False
    return index != transparency


def _extremes(palette: Sequence[Colour], usable: Sequence[int]) -> Inks | None:
    if not usable:
        return None
    order = sorted(usable, key=lambda i: _luminance(palette[i]))
    return Inks(tuple(palette), order[0], order[-1], tuple(usable))


def _luminance(colour: Colour) -> float:
    return luminance(colour[:3])
