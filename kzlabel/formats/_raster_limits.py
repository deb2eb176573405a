"""Opening a picture that somebody hostile may have made: limits, and Pillow's errors translated."""

from __future__ import annotations

import re
import struct
import warnings
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kzlabel.errors import LimitError, UnreadableAssetError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PIL.Image import Image

MAX_PIXELS = 89_478_485
"""Pixels of one picture: where Pillow warns of a decompression bomb (`Image.MAX_IMAGE_PIXELS`)."""
MAX_FRAMES = 2000
"""Frames of an animation, pages of a TIFF."""
MAX_TOTAL_PIXELS = 16 * MAX_PIXELS
"""Pixels of all frames together: about a minute of decoding."""

DAMAGE = (
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    EOFError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    Warning,
    struct.error,
    zlib.error,
)
"""What Pillow and its codecs raise on damaged files, besides `OSError` without an errno."""


def check_pixels(path: Path, width: int, height: int, frames: int = 1) -> None:
    """Raise `LimitError` where the pictures of a file are too many or too large."""
    pixels = width * height
    if pixels > MAX_PIXELS:
        raise LimitError("kz.error.pixels", path=path, pixels=pixels, limit=MAX_PIXELS)
    if frames > MAX_FRAMES:
        raise LimitError("kz.error.frames", path=path, frames=frames, limit=MAX_FRAMES)
    if pixels * frames > MAX_TOTAL_PIXELS:
        raise LimitError(
            "kz.error.pixels", path=path, pixels=pixels * frames, limit=MAX_TOTAL_PIXELS
        )


@contextmanager
def decoding(path: Path) -> Iterator[None]:
    """Translate what Pillow and its codecs raise on damaged pixels; `OSError` with errno passes."""
    from PIL import Image

    try:
        yield
    except Image.DecompressionBombError as exc:
        raise LimitError(
            "kz.error.pixels", path=path, pixels=f">{2 * MAX_PIXELS}", limit=MAX_PIXELS
        ) from exc
    except OSError as exc:
        if exc.errno is not None:
            raise  # the file system refused; Pillow's own OSErrors have no errno
        raise UnreadableAssetError(
            _damage(exc), path=path, detail=_REPR.sub("…", str(exc))
        ) from exc
    except DAMAGE as exc:
        detail = _REPR.sub("…", str(exc)) or type(exc).__name__
        raise UnreadableAssetError(_damage(exc), path=path, detail=detail) from exc


_REPR = re.compile(r"<.*>", re.DOTALL)
"""An object, as Python writes it: with a path and an address."""


_CUT = ("truncated", "Unexpected end of file")
"""What Pillow and libheif say of a file that ends too early."""


def _damage(exc: Exception) -> str:
    """Return the code of what Pillow says of damage most often; else that it is damage."""
    from PIL import UnidentifiedImageError

    if isinstance(exc, UnidentifiedImageError):
        return "kz.error.picture-unrecognised"
    is_cut = any(words in str(exc) for words in _CUT)
    return "kz.error.picture-cut" if is_cut else "kz.error.undecodable"


def open_image(path: Path, formats: tuple[str, ...]) -> Image:
    """Return the picture, not yet decoded, its size checked; `formats` are Pillow's names."""
    from PIL import Image

    with decoding(path), warnings.catch_warnings():
        # Our own limit is checked below, and says more.
        warnings.simplefilter("ignore")
        # A path, not a file: by its suffix Pillow 12 loads the one plug-in that is needed.
        image = Image.open(path, formats=formats)
    try:
        check_pixels(path, *image.size)
    except LimitError:
        image.close()
        raise
    return image
