"""The border of pillow_heif (extra `heic`): HEIC pictures in, HEIC pictures out.

libheif applies `irot`, `imir` and `clap` when it decodes, so that pixels come as displayed; the
EXIF orientation, which HEIF readers ignore, is set to 1 by pillow_heif.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kzlabel.errors import MissingExtraError
from kzlabel.formats._raster import check_pixels, decoding

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from PIL.Image import Image


@dataclass(frozen=True)
class HeifPicture:
    """The primary picture, as displayed."""

    image: Image
    thumbnails: tuple[int, ...]
    """Longer sides in pixels."""


def decode(path: Path) -> HeifPicture:
    """Return the primary picture; raises `MissingExtraError` without the extra."""
    import PIL.Image

    try:
        import pillow_heif
    except ImportError as exc:
        raise MissingExtraError("kz.error.extra", path=path, extra="heic") from exc
    with decoding(path), path.open("rb") as stream:
        pillow_heif.register_heif_opener()
        image = PIL.Image.open(stream, formats=("HEIF",))
        check_pixels(path, *image.size)
        image.load()
        image.info.pop("original_orientation", None)
        return HeifPicture(image.copy(), tuple(image.info.get("thumbnails", ())))


def encode(path: Path, image: Image, *, quality: int, chroma: int, like: HeifPicture) -> None:
    """Write `image` as HEIC with the profile, Exif, XMP and thumbnail sizes of `like`."""
    import pillow_heif

    options: Mapping[str, object] = {
        "quality": quality,
        "chroma": chroma,
        "thumbnails": _smaller(like.thumbnails, image),
    }
    image.info = dict(like.image.info)
    image.info["thumbnails"] = list(like.thumbnails)
    with decoding(path):
        # x265 at its own default takes six times as long, for a file of much the same size.
        pillow_heif.from_pillow(image).save(path, enc_params={"preset": "veryfast"}, **options)


def _smaller(sizes: Sequence[int], image: Image) -> list[int]:
    return [size for size in sizes if size < max(image.size)]
