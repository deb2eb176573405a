"""The notice on every frame of a WebP; only the chunks of pictures that it touches are new.

A lossless picture stays lossless, bit for bit outside the plate. A lossy one is encoded again as
finely as it was; its alpha stays lossless.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, NamedTuple

from kzlabel.errors import UnreadableAssetError
from kzlabel.formats._animation import Box, Dispose, FrameRect, plan
from kzlabel.formats._raster import (
    check_pixels,
    decoding,
    draw,
    open_image,
    orientation_of,
    place_on,
    stored_box,
    stored_plate,
    stored_size,
)
from kzlabel.formats._riff import HEADER, Chunk, parse_chunks
from kzlabel.formats._webp_container import (
    PICTURE,
    Canvas,
    Webp,
    bitstream_canvas,
    extend,
)
from kzlabel.formats._webp_vp8 import quality, quantiser

if TYPE_CHECKING:
    from pathlib import Path

    from PIL.Image import Image

    from kzlabel.formats._animation import FramePlan
    from kzlabel.model import Notice, Placement

ANMF_HEADER = 16
DISPOSE, NO_BLEND = 1, 2
CLOSE_INDEX = 2
"""How far the quantiser may miss before the picture is encoded once more."""


class Frame(NamedTuple):
    """One `ANMF` chunk."""

    header: bytes
    chunks: tuple[Chunk, ...]
    rect: Box

    @property
    def planned(self) -> FrameRect:
        """The frame as the planner wants it."""
        flags = self.header[15]
        dispose = Dispose.BACKGROUND if flags & DISPOSE else Dispose.KEEP
        return FrameRect(self.rect, dispose, over=not flags & NO_BLEND)


def check_frames(webp: Webp, path: Path) -> tuple[Frame, ...]:
    """Return the frames of an animation, () of a still picture.

    Raises `UnreadableAssetError` where one lies outside the canvas, `LimitError` on a bomb.
    """
    canvas = webp.canvas
    moving = [chunk for chunk in webp.chunks if chunk.name == b"ANMF"]
    check_pixels(path, canvas.width, canvas.height, frames=max(1, len(moving)))
    frames = tuple(_frame(chunk.payload, path) for chunk in moving)
    whole = Box(0, 0, canvas.width, canvas.height)
    if any(whole.hull(frame.rect) != whole for frame in frames):
        raise UnreadableAssetError("kz.error.webp-frame", path=path)
    return frames


def _frame(payload: bytes, path: Path) -> Frame:
    if len(payload) < ANMF_HEADER:
        raise UnreadableAssetError("kz.error.webp-header", path=path)
    left, top, right, bottom = (
        int.from_bytes(payload[at : at + 3], "little") for at in (0, 3, 6, 9)
    )
    rect = Box(2 * left, 2 * top, 2 * left + right + 1, 2 * top + bottom + 1)
    chunks = parse_chunks(payload[ANMF_HEADER:], path)
    if bitstream_canvas(chunks, path)[:2] != rect.size:
        raise UnreadableAssetError("kz.error.webp-frame", path=path)
    return Frame(payload[:ANMF_HEADER], chunks, rect)


def stamp(webp: Webp, notice: Notice, path: Path) -> tuple[bytes, Placement]:
    """Return the file with the notice on every frame, and where it is."""
    frames = check_frames(webp, path)
    with open_image(path, ("WEBP",)) as image, decoding(path):
        turn = orientation_of(image)
        image.load()
        placement = place_on(image, notice, turn)
        if not frames:
            drawn = draw(image, placement, turn)
            stamped = _replaced(webp, encode(drawn, webp.chunks, path))
            return _resized(stamped, placement, turn).encoded(), placement
    stamped = _stamped_frames(webp, frames, placement, turn, path)
    return _resized(stamped, placement, turn).encoded(), placement


def _replaced(webp: Webp, picture: tuple[Chunk, ...]) -> Webp:
    """Return the still file with `picture` where its own was."""
    first = next(at for at, chunk in enumerate(webp.chunks) if chunk.name in PICTURE)
    behind = (chunk for chunk in webp.chunks[first:] if chunk.name not in PICTURE)
    return webp._replace(chunks=(*webp.chunks[:first], *picture, *behind))


def _resized(webp: Webp, placement: Placement, turn: int) -> Webp:
    """Return the file with its canvas declared anew, where it declares one or has to."""
    if webp.find(b"VP8X") is None and webp.find(b"ALPH") is None:
        return webp
    alpha = webp.canvas.alpha or webp.find(b"ALPH") is not None
    return extend(webp, Canvas(*stored_size(placement, turn), alpha))


# --- Animations -----------------------------------------------------------------------------------


def _stamped_frames(
    webp: Webp, frames: tuple[Frame, ...], placement: Placement, turn: int, path: Path
) -> Webp:
    where = Box(*stored_box(placement, turn))
    # A frame's corner has even coordinates; so has what the frames are planned for.
    even = Box(where.left & ~1, where.top & ~1, where.right, where.bottom)
    plans = plan([frame.planned for frame in frames], even, path=path)
    plate = stored_plate(placement, turn)
    new = iter(
        _stamped(frame, planned, where, plate, path)
        for frame, planned in zip(frames, plans, strict=True)
    )
    chunks = tuple(next(new) if chunk.name == b"ANMF" else chunk for chunk in webp.chunks)
    grown = any(planned.extended for planned in plans)
    canvas = webp.canvas._replace(alpha=webp.canvas.alpha or grown)
    return webp._replace(chunks=chunks, canvas=canvas)


def _stamped(frame: Frame, planned: FramePlan, where: Box, plate: Image, path: Path) -> Chunk:
    """Return the frame's chunk with its part of the plate; its times and flags stay."""
    if planned.stamp.empty and not planned.extended:
        return Chunk(b"ANMF", frame.header + b"".join(chunk.encoded() for chunk in frame.chunks))
    left, top, *_ = planned.rect
    picture = _decoded(frame, path)
    if planned.extended:
        grown = _blank(planned.rect.size)
        grown.paste(picture, (frame.rect.left - left, frame.rect.top - top))
        picture = grown
    piece = where.meet(planned.rect)
    if not piece.empty:
        words = plate.crop(piece.shifted(-where.left, -where.top)).convert(picture.mode)
        picture.paste(words, piece.shifted(-left, -top))
    chunks = _replaced(
        Webp(frame.chunks, b"", Canvas(0, 0, False)), encode(picture, frame.chunks, path)
    )
    sizes = (left // 2, top // 2, planned.rect.size[0] - 1, planned.rect.size[1] - 1)
    header = b"".join(size.to_bytes(3, "little") for size in sizes) + frame.header[12:]
    return Chunk(b"ANMF", header + b"".join(chunk.encoded() for chunk in chunks.chunks))


def _blank(size: tuple[int, int]) -> Image:
    from PIL import Image

    return Image.new("RGBA", size)


def _decoded(frame: Frame, path: Path) -> Image:
    """Decode one frame as a file of its own."""
    from PIL import Image

    picture = tuple(chunk for chunk in frame.chunks if chunk.name in PICTURE)
    canvas = Canvas(*frame.rect.size, alpha=any(chunk.name == b"ALPH" for chunk in picture))
    alone = Webp(picture, b"", canvas)
    alone = extend(alone, canvas) if canvas.alpha else alone
    with decoding(path), Image.open(io.BytesIO(alone.encoded()), formats=("WEBP",)) as image:
        image.load()
        return image.copy()


# --- Encoding -------------------------------------------------------------------------------------


def encode(picture: Image, source: tuple[Chunk, ...], path: Path) -> tuple[Chunk, ...]:
    """Return the chunks of `picture`, encoded as `source` is: without loss, or as finely."""
    lossy = next((chunk for chunk in source if chunk.name == b"VP8 "), None)
    if lossy is None:
        return _encoded(picture, path, lossless=True)
    wanted = quantiser(lossy.payload)
    chunks = _encoded(picture, path, quality=quality(wanted))
    missed = wanted - quantiser(chunks[-1].payload)
    if abs(missed) <= CLOSE_INDEX:
        return chunks
    return _encoded(picture, path, quality=quality(wanted + missed))


def _encoded(picture: Image, path: Path, **options: float) -> tuple[Chunk, ...]:
    buffer = io.BytesIO()
    with decoding(path):
        # `exact` keeps the colours of transparent pixels.
        picture.save(buffer, "WEBP", exact=True, icc_profile=b"", exif=b"", xmp=b"", **options)
    chunks = parse_chunks(buffer.getvalue()[HEADER:], path)
    return tuple(chunk for chunk in chunks if chunk.name in PICTURE)
