"""What a video stream is: its size as stored and as displayed, its timing, its colour.

The container's header may lie about frames and duration: the packets are counted (`scanned`).

The display matrix (ISO/IEC 14496-12 8.3.2.2, FFmpeg's `AV_PKT_DATA_DISPLAYMATRIX`) is nine
integers `a b u c d v x y w`; a stored point (p, q) is shown at (ap + cq + x, bp + dq + y).
"""

from __future__ import annotations

import struct
from array import array
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from av.stream import Discard, Disposition  # noqa: TID253  this is the border

from kzlabel._av._video_chroma import chroma_location
from kzlabel._av.opening import opened
from kzlabel.errors import LimitError, RefusedError, UnreadableAssetError

if TYPE_CHECKING:
    from pathlib import Path

    from av.container import InputContainer
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

MAX_PIXELS = 1 << 26
"""Pixels of a frame, stored or displayed: twice those of 8K."""
MAX_PACKETS = 4_000_000
"""Packets of a video stream: 37 hours at 30 a second."""
MISSING_SECONDS, MISSING_SHARE = 0.5, 0.005
"""How much earlier a film may end than its header announces, in seconds and by the whole."""
PROBED_PACKETS = 400
"""Packets that are decoded until the first frame comes."""
WIDEST_PIXEL = 8
"""A pixel is at most so many times as wide as it is high, or the other way round."""
MIN_PACKETS_SHARE = 0.98
"""Packets that must be there of those that the header announces."""
_INTERLACED = 2
"""From here on FFmpeg's field orders are interlaced (`AV_FIELD_TT`)."""
_UNTIMED = ("avi",)
"""Demuxers that guess when a frame is shown, and wrongly where there are B-frames."""
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
    chroma: int
    """Where chroma samples lie; see `chroma_location`."""
    side_data: dict[str, bytes] = field(default_factory=dict)
    """Of the first frame, by FFmpeg's name."""


@dataclass
class Scan:
    """The packets of a video stream, counted and not decoded."""

    times: array[int] = field(default_factory=lambda: array("q"))
    """When each frame is shown, in the stream's time base, sorted."""
    total_bytes: int = 0
    key_gap: int = 0
    keys: int = 0
    last_duration: int = 0
    since_key: int = 0
    timed: bool = True
    """Whether every packet says when it is shown; else their order is all there is."""

    def add(self, packet: Packet) -> None:
        """Count a packet that shows something."""
        self.since_key = 1 if packet.is_keyframe else self.since_key + 1
        self.keys += packet.is_keyframe
        self.key_gap = max(self.key_gap, self.since_key)
        self.total_bytes += packet.size
        self.last_duration = packet.duration or self.last_duration
        self.timed &= packet.pts is not None
        at = packet.pts if self.timed else packet.dts
        self.times.append(at if at is not None else len(self.times))


def real_streams(container: InputContainer) -> list[VideoStream]:
    """Return the video streams that play: no cover art, no thumbnails."""
    still = Disposition.attached_pic | Disposition.timed_thumbnails
    return [
        stream
        for stream in container.streams.video
        if not stream.disposition & still and stream.discard != Discard.all
    ]


def only_stream(container: InputContainer, path: Path) -> VideoStream:
    """Return the one video stream that plays.

    Raises `RefusedError` where there is none or several, and where nothing decodes its codec.
    """
    streams = real_streams(container)
    if not streams:
        raise RefusedError("kz.error.video-none", path=path)
    if len(streams) > 1:
        raise RefusedError("kz.error.video-several", path=path, streams=len(streams))
    stream = streams[0]
    if getattr(stream, "codec_context", None) is None:
        raise RefusedError("kz.error.video-codec", path=path, codec=stream.codec_tag or "?")
    check_size(path, stream.codec_context.width, stream.codec_context.height)
    stream.codec_context.options = {"max_pixels": str(MAX_PIXELS)}
    stream.thread_type = "AUTO"
    return stream


def check_size(path: Path, width: int, height: int) -> None:
    """Raise `LimitError` where a frame has too many pixels."""
    if width * height > MAX_PIXELS:
        raise LimitError("kz.error.pixels", path=path, pixels=width * height, limit=MAX_PIXELS)


def scanned(path: Path, demuxer: str, *, whole: bool = True) -> Scan:
    """Return the packets of the one video stream, counted.

    Raises `UnreadableAssetError` where there are none and, if it must be `whole`, where there
    are fewer than the header announces.
    """
    scan, there = Scan(timed=demuxer not in _UNTIMED), 0
    with opened(path, demuxer) as container:
        stream = only_stream(container, path)
        announced = stream.frames
        for packet in container.demux(stream):
            there += packet.size > 0
            if packet.size and not packet.is_discard:  # what an edit list leaves out is not shown
                scan.add(packet)
            if there > MAX_PACKETS:
                raise LimitError("kz.error.frames", path=path, frames=there, limit=MAX_PACKETS)
    if not scan.times:
        raise UnreadableAssetError("kz.error.video-empty", path=path)
    if whole and there < announced * MIN_PACKETS_SHARE - 1:
        raise UnreadableAssetError(
            "kz.error.video-cut", path=path, frames=there, announced=announced
        )
    scan.times = array("q", sorted(scan.times))
    if whole:
        _check_end(path, demuxer, scan)
    return scan


def _check_end(path: Path, demuxer: str, scan: Scan) -> None:
    """Raise `UnreadableAssetError` where all streams end long before the header says."""
    with opened(path, demuxer) as container:
        said = (container.duration or 0) / 1_000_000
        base = only_stream(container, path).time_base or Fraction(1)
        start = (container.start_time or 0) / 1_000_000
        least = start + said - max(MISSING_SECONDS, said * MISSING_SHARE)
        if scan.times[-1] * base >= least or not scan.timed:
            return  # AVI's header counts its frames, and guesses what its sound lasts
        for packet in container.demux():
            at = packet.pts if packet.pts is not None else packet.dts
            end = (at or 0) + (packet.duration or 0)
            if packet.time_base and end * packet.time_base >= least:
                return
    raise UnreadableAssetError(
        "kz.error.video-short", path=path, seconds=f"{scan.times[-1] * base - start:.1f}",
        announced=f"{said:.1f}",
    )  # fmt: skip


def facts(path: Path, demuxer: str, scan: Scan | None = None) -> VideoFacts:
    """Return what the one video stream is.

    Raises `RefusedError` where there is none, several, or one that nothing decodes;
    `UnreadableAssetError` and `LimitError`; `OSError`.
    """
    scan = scan or scanned(path, demuxer)
    with opened(path, demuxer) as container:
        stream = only_stream(container, path)
        frame = _first_frame(container, stream, path)
        check_size(path, frame.width, frame.height)
        return _facts(path, container, stream, frame, scan)


def _first_frame(container: InputContainer, stream: VideoStream, path: Path) -> VideoFrame:
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
    side = {one.type.name: bytes(one) for one in frame.side_data}
    aspect = _aspect(stream.sample_aspect_ratio)
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
        chroma=chroma_location(stream),
        side_data=side,
    )


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


def _aspect(ratio: Fraction | None) -> Fraction:
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
