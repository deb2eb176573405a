"""The packets of a video stream, counted and not decoded: what a header says may be a lie.

A film that is cut short is told from a whole one here: MP4 and AVI announce their packets, Matroska
its duration.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from av.stream import Discard, Disposition  # noqa: TID253  this is the border

from kzlabel._av.opening import opened
from kzlabel.errors import LimitError, RefusedError, UnreadableAssetError

if TYPE_CHECKING:
    from pathlib import Path

    from av.container import InputContainer
    from av.packet import Packet
    from av.video.stream import VideoStream

MAX_PIXELS = 1 << 26
"""Pixels of a frame, stored or displayed: twice those of 8K."""
MAX_PACKETS = 4_000_000
"""Packets of a video stream: 37 hours at 30 a second."""
MIN_PACKETS_SHARE = 0.98
"""Packets that must be there of those that the header announces."""
MISSING_SECONDS, MISSING_SHARE = 0.5, 0.005
"""How much earlier a film may end than its header announces, in seconds and by the whole."""
_UNTIMED = ("avi",)
"""Demuxers that guess when a frame is shown, and wrongly where there are B-frames."""


@dataclass
class Scan:
    """The packets of a video stream, counted and not decoded."""

    times: array[int] = field(default_factory=lambda: array("q"))
    """When each frame is shown, in the stream's time base, sorted."""
    key_times: array[int] = field(default_factory=lambda: array("q"))
    """When the key frames among them are shown, sorted."""
    total_bytes: int = 0
    key_gap: int = 0
    keys: int = 0
    last_duration: int = 0
    since_key: int = 0
    timed: bool = True
    """Whether every packet says when it is shown; else their order is all there is."""

    def add(self, packet: Packet[VideoStream]) -> None:
        """Count a packet that shows something."""
        self.since_key = 1 if packet.is_keyframe else self.since_key + 1
        self.keys += packet.is_keyframe
        self.key_gap = max(self.key_gap, self.since_key)
        self.total_bytes += packet.size
        self.last_duration = packet.duration or self.last_duration
        self.timed &= packet.pts is not None
        at = packet.pts if self.timed else packet.dts
        self.times.append(at if at is not None else len(self.times))
        if packet.is_keyframe:
            self.key_times.append(self.times[-1])

    def key_before(self, at: int) -> int | None:
        """Return when the last key frame before a time is shown, or at it; None: there is none."""
        place = bisect_right(self.key_times, at)
        return self.key_times[place - 1] if place else None


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
        raise RefusedError("kz.error.video-codec", path=path, codec="?")
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
    scan.key_times = array("q", sorted(scan.key_times))
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
