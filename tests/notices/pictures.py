"""Generated pictures that look enough like photographs: no photograph is in the tree."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache

import numpy as np
from PIL import Image

from kzlabel.model import Notice, Placement, Statement
from kzlabel.notices._mending import mended_words
from kzlabel.notices.visible import box, box_size, place, plate


def photo(seed: int, size: tuple[int, int]) -> Image.Image:
    """A picture of the caller's own."""
    return _photo(seed, size).copy()


@cache
def _photo(seed: int, size: tuple[int, int]) -> Image.Image:
    """Gradients, texture at seven scales, and noise."""
    rng = np.random.default_rng(seed)
    width, height = size
    samples = np.zeros((height, width, 3))
    for scale in (4, 8, 16, 32, 64, 128, 256):
        rows, columns = (max(2, scale * side // max(size)) for side in (height, width))
        grid = rng.normal(size=(rows, columns, 3)).astype("f4")
        bands = [Image.fromarray(grid[..., band]).resize(size, 3) for band in range(3)]
        samples += np.stack([np.asarray(band) for band in bands], -1) * (200 / scale**0.7)
    samples += rng.normal(size=samples.shape) * 4
    return Image.fromarray(np.clip(samples + 128, 0, 255).astype("u1"))


def jpeg(image: Image.Image, quality: int) -> Image.Image:
    file = io.BytesIO()
    image.save(file, "jpeg", quality=quality)
    return Image.open(io.BytesIO(file.getvalue())).convert("RGB")


def half(image: Image.Image) -> Image.Image:
    return image.resize((image.width // 2, image.height // 2), Image.Resampling.LANCZOS)


def with_plate(image: Image.Image, placement: Placement, drawn: Image.Image) -> Image.Image:
    """Put a plate on a picture without the code under test of formats/."""
    canvas = Image.new("RGB", (placement.width, placement.height))
    canvas.paste(image)
    canvas.paste(drawn.convert("RGB"), box(placement))
    return canvas


def other_words(placement: Placement, seed: int) -> Image.Image:
    """A plate of the same size in the same face that says something else."""
    from kzlabel.notices._text import Face

    rng = np.random.default_rng(seed)
    letters = "абвгдежзиклмнопрстуфхчшыьэюя "
    lines = tuple(
        "".join(letters[i] for i in rng.integers(0, len(letters), len(line) + 4))
        for line in placement.lines
    )
    drawn = Image.new("L", box_size(placement), 0)
    drawn.paste(Face(placement.font_size).draw(lines), (0, 0))
    return drawn


def noticed(
    seed: int, size: tuple[int, int], notice: Notice | None = None
) -> tuple[Image.Image, Placement]:
    image, placement = _noticed(seed, size, notice or Notice(statement=Statement.CREATED))
    return image.copy(), placement


@cache
def _noticed(seed: int, size: tuple[int, int], notice: Notice) -> tuple[Image.Image, Placement]:
    placement = place(notice, *size)
    return with_plate(_photo(seed, size), placement, plate(placement)), placement


@dataclass(frozen=True)
class Whole:
    """A view of an opaque, upright picture."""

    image: Image.Image

    @property
    def size(self) -> tuple[int, int]:
        return self.image.size

    def crop(self, area: tuple[int, int, int, int]) -> list[Image.Image]:
        return [self.image.crop(area)]


def mended(text: str, unsure: set[str]) -> str:
    """One line as it is taken to be, whose `unsure` words may be read wrong."""
    return " ".join(word for word, _ in mended_words(text, unsure))
