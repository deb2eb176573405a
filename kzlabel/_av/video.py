"""What a video stream is: its size as stored and as displayed, its timing, its colour.

The container's header may lie about frames and duration: the packets are counted (`scanned`).

The display matrix (ISO/IEC 14496-12 8.3.2.2, FFmpeg's `AV_PKT_DATA_DISPLAYMATRIX`) is nine
integers `a b u c d v x y w`; a stored point (p, q) is shown at (ap + cq + x, bp + dq + y).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from av.sidedata.sidedata import SideData  # noqa: TID253  this is the border

from kzlabel._av._video_chroma import chroma_location
from kzlabel._av._video_scan import Scan, check_size, only_stream, scanned
from kzlabel._av.opening import opened
from kzlabel.errors import UnreadableAssetError

if TYPE_CHECKING:
    from pathlib import Path

    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

__all__ = ["Colour", "Scan", "VideoFacts", "colour_of", "facts", "only_stream", "scanned"]

PROBED_PACKETS = 400
"""Packets that are decoded until the first frame comes."""
WIDEST_PIXEL = 8
"""A pixel is at most so many times as wide as it is high, or the other way round."""
_INTERLACED = 2
"""From here on FFmpeg's field orders are interlaced (`AV_FIELD_TT`)."""
_TURNS = {
    (1, 0, 0, 1): 1, (-1, 0, 0, 1): 2, (-1, 0, 0, -1): 3, (1, 0, 0, -1): 4,
    (0, 1, 1, 0): 5, (0, 1, -1, 0): 6, (0, -1, -1, 0): 7, (0, -1, 1, 0): 8,
}  # fmt: skip
"""Signs of a, b, c, d to the EXIF orientation that does the same."""


@dataclass(frozen=True)
class Colour:
    """Code points of ISO/IEC 23091-2, as FFmpeg counts them; 2: not said."""

    full: bool
    primaries: int
    transfer: int
    matrix: int
    range_code: int = 0
    """FFmpeg's: 0 not said, 1 limited, 2 full."""


@dataclass(frozen=True)
class VideoFacts:
    """A video stream, as its packets and its first frame show it."""

    index: int
    """Of the stream in the container."""
    codec: str
    """FFmpeg's name of the codec: h264, hevc, vp9, …"""
    profile: str
    level: int
    tag: str
    """The container's four characters."""
    pixel_format: str
    """FFmpeg's name: yuv420p, yuv422p10le, …"""
    width: int
    height: int
    """As stored."""
    sample_aspect: Fraction
    """Width of a pixel by its height."""
    orientation: int
    """As in EXIF, 1 to 8; 0 where the display matrix is no quarter turn."""
    displayed: tuple[int, int]
    """Width and height in square pixels, upright."""
    time_base: Fraction
    rate: Fraction
    """Frames a second, on average."""
    start: float
    """Seconds at which the container begins; all other times count from there."""
    frames: int
    """Packets that show something."""
    duration: float
    """Seconds to the end of the last frame, or of the container where that is later."""
    bit_rate: int
    """Measured: bits of the packets a second."""
    key_gap: int
    """Frames from one key frame to the next, at most."""
    reordered: bool
    """Whether there are B-frames."""
    interlaced: bool
    field_order: int
    colour: Colour
    chroma: int = 0
    """Where chroma samples lie; see `chroma_location`."""
    side_data: dict[str, bytes] = field(default_factory=dict)
    """Of the first frame, by FFmpeg's name."""


def facts(path: Path, demuxer: str, scan: Scan | None = None, *, coded: bool = True) -> VideoFacts:
    """Return what the one video stream is; `coded`: also what only encoding it again asks for.

    Raises `RefusedError` where there is none, several, or one that nothing decodes;
    `UnreadableAssetError` and `LimitError`; `OSError`.
    """
    scan = scan or scanned(path, demuxer)
    with opened(path, demuxer) as container:
        stream = only_stream(container, path)
        # No thread may be decoding while `chroma_location` listens to what FFmpeg says: it would
        # wait for the interpreter in its log, and the interpreter, closing the decoder, for it.
        stream.codec_context.thread_count = 1
        frame = first_frame(container, stream, path)
        check_size(path, frame.width, frame.height)
        known = _facts(path, container, stream, frame, scan)
        return replace(known, chroma=chroma_location(stream)) if coded else known


def first_frame(container: InputContainer, stream: VideoStream, path: Path) -> VideoFrame:
    """Return the first frame that decodes; raises `UnreadableAssetError` where none comes soon."""
    for number, packet in enumerate(container.demux(stream)):
        for frame in packet.decode():
            return frame
        if number > PROBED_PACKETS:
            break
    raise UnreadableAssetError("kz.error.video-empty", path=path)


def _facts(
    path: Path, container: InputContainer, stream: VideoStream, frame: VideoFrame, scan: Scan
) -> VideoFacts:
    context, base = stream.codec_context, stream.time_base or Fraction(1, 1000)
    start = (container.start_time or 0) / 1_000_000
    shown = Fraction(max(1, scan.times[-1] - scan.times[0] + scan.last_duration)) * base
    end = float((scan.times[-1] + scan.last_duration) * base) - start
    side = side_data(frame)
    aspect = pixel_aspect(stream.sample_aspect_ratio)
    turn = orientation(side.get("DISPLAYMATRIX", b""))
    displayed = displayed_size(frame.width, frame.height, aspect, turn)
    check_size(path, *displayed)
    return VideoFacts(
        index=stream.index,
        codec=context.codec.canonical_name,
        profile=stream.profile or "",
        level=context.level,
        tag=context.codec_tag,
        pixel_format=frame.format.name,
        width=frame.width,
        height=frame.height,
        sample_aspect=aspect,
        orientation=turn,
        displayed=displayed,
        time_base=base,
        rate=_rate(stream, Fraction(len(scan.times)) / shown),
        start=start,
        frames=len(scan.times),
        duration=max(end, (container.duration or 0) / 1_000_000),
        bit_rate=round(scan.total_bytes * 8 / shown),
        key_gap=scan.key_gap,
        reordered=context.has_b_frames,
        interlaced=frame.interlaced_frame or context.field_order >= _INTERLACED,
        field_order=context.field_order,
        colour=colour_of(frame),
        side_data=side,
    )


def side_data(frame: VideoFrame) -> dict[str, bytes]:
    """Return what is said beside the samples of a frame, by FFmpeg's names."""
    entries: Iterable[object] = frame.side_data  # PyAV's annotations take them for names
    return {one.type.name: bytes(one) for one in entries if isinstance(one, SideData)}


def colour_of(frame: VideoFrame) -> Colour:
    """Return how a frame's samples are to be understood."""
    jpeg = frame.format.name.startswith("yuvj")
    code = int(frame.color_range)
    rgb = frame.format.is_rgb
    return Colour(
        full=jpeg or code == 2 or (rgb and code != 1),  # noqa: PLR2004  AVCOL_RANGE_JPEG
        primaries=int(frame.color_primaries),
        transfer=int(frame.color_trc),
        matrix=int(frame.colorspace),
        range_code=code,
    )


def _rate(stream: VideoStream, measured: Fraction) -> Fraction:
    """Return the frames a second: as the container says where the packets agree, else measured."""
    said = stream.average_rate or stream.guessed_rate
    near = said and abs(float(said / measured) - 1) < 0.1  # noqa: PLR2004  a tenth
    return said if said and near else measured.limit_denominator(1001)


def pixel_aspect(ratio: Fraction | None) -> Fraction:
    """Return the shape of a pixel, width by height; square where what is said makes no sense."""
    sane = ratio and Fraction(1, WIDEST_PIXEL) <= ratio <= WIDEST_PIXEL
    return Fraction(ratio) if ratio and sane else Fraction(1)


def displayed_size(width: int, height: int, aspect: Fraction, turn: int) -> tuple[int, int]:
    """Return width and height in square pixels, upright."""
    wide = max(1, round(width * aspect))
    return (height, wide) if turn >= 5 else (wide, height)  # noqa: PLR2004  as in EXIF


def orientation(matrix: bytes) -> int:
    """Return the EXIF orientation of a display matrix; 0 where it is no quarter turn or mirror."""
    if len(matrix) != 36:  # noqa: PLR2004  nine integers
        return 1
    a, b, _, c, d, *_ = struct.unpack("=9i", matrix)
    return _TURNS.get((_sign(a), _sign(b), _sign(c), _sign(d)), 0)


def _sign(value: int) -> int:
    return (value > 0) - (value < 0)
