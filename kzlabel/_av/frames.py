"""Frames of a video as pictures: upright or not, in square pixels, at times that are asked for.

A file of two hours costs seconds: for each frame the key frame before it is sought, and decoded on
from there. What that takes is bounded for all frames together; a frame that is too far from its key
frame is said to be out of reach, and no other is given in its place. The frames on the way are
given too: they have been decoded anyway.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np  # noqa: TID253  likewise
from av.error import FFmpegError  # noqa: TID253  this is the border; users import it in functions

from kzlabel._av._video_colour import picture
from kzlabel._av._video_planes import Grey
from kzlabel._av.opening import opened
from kzlabel._av.video import (
    Scan,
    VideoFacts,
    first_frame,
    only_stream,
    orientation,
    pixel_aspect,
    side_data,
)
from kzlabel.errors import UnreadableAssetError

if TYPE_CHECKING:
    from pathlib import Path

    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream
    from PIL.Image import Image

Box = tuple[int, int, int, int]
AHEAD = 24
"""Frames that are rather decoded on than sought."""
PIXELS_A_SECOND, BYTES_A_SECOND = 5e8, 1.2e7
"""What one core decodes (measured: H.264, 555 frames of 720p, 85 Mbit/s)."""
SECONDS, FILE_BYTES_A_SECOND = 24.0, 4e7
"""What decoding may take, by that reckoning, and how much more a large file is given."""
SHARES = 4
"""One frame may take so many times its share of what is left."""
LATE = 12
"""A frame that comes so many frames later is not the one that was asked for."""
_LUMA = {
    "yuv420p": 0, "yuvj420p": 0, "yuv422p": 0, "yuvj422p": 0, "yuv444p": 0, "yuvj444p": 0,
    "nv12": 0, "gray": 0, "yuv420p10le": 2, "yuv422p10le": 2, "yuv444p10le": 2,
}  # fmt: skip
"""Formats whose first plane is luma: how many bits a sample has beyond eight."""


@dataclass(frozen=True)
class Shot:
    """A frame, asked for or on the way to one that is."""

    time: float
    """Seconds from the start of the container."""
    seconds: float
    """How long it is shown."""
    number: int
    wanted: bool
    """Whether it was asked for."""
    facts: VideoFacts
    frame: VideoFrame

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in square pixels, not yet turned."""
        return max(1, round(self.frame.width * self.facts.sample_aspect)), self.frame.height

    @cached_property
    def picture(self) -> Image:
        """In square pixels, not yet turned; RGB, or RGBA where it is transparent."""
        return picture(self.frame, self.facts.sample_aspect)

    def luma(self, area: Box) -> Image | None:
        """Return the grey of an area (square pixels, not turned), as stored; None: none is there.

        Nothing is converted where the format has a plane of it.
        """
        from PIL import Image

        frame, (wide, high) = self.frame, self.size
        box = max(0, area[0]), max(0, area[1]), min(wide, area[2]), min(high, area[3])
        if box[0] >= box[2] or box[1] >= box[3]:
            return None
        extra = _LUMA.get(frame.format.name)
        if extra is None or frame.planes[0].line_size <= 0:
            part = self.picture.crop(box)
            return part.convert("L") if part.mode == "RGB" else None
        plane = frame.planes[0]
        samples = np.frombuffer(memoryview(plane), "<u2" if extra else np.uint8)
        across = frame.width / wide
        left, right = int(box[0] * across), max(int(box[0] * across) + 1, int(box[2] * across))
        rows = samples.reshape(-1, plane.line_size // (2 if extra else 1))
        return Image.fromarray((rows[box[1] : box[3], left:right] >> extra).astype(np.uint8))


def shots(
    path: Path, demuxer: str, facts: VideoFacts, scan: Scan, numbers: Sequence[int]
) -> Iterator[Shot]:
    """Yield the frames of these numbers (in the order they are shown), in order; see `passed`."""
    for shot in passed(path, demuxer, facts, scan, numbers):
        if shot.wanted:
            yield shot


def passed(
    path: Path, demuxer: str, facts: VideoFacts, scan: Scan, numbers: Sequence[int]
) -> Iterator[Shot]:
    """Yield the frames of these numbers and those on the way to them, in order.

    Frames that do not decode and those out of reach are left out; raises `UnreadableAssetError`
    where there is none at all.
    """
    wanted, found = sorted({one for one in numbers if one < len(scan.times)}), False
    with opened(path, demuxer) as container:
        reel = _Reel(container, only_stream(container, path), scan, facts)
        reel.purse = SECONDS + path.stat().st_size / FILE_BYTES_A_SECOND
        for place, number in enumerate(wanted):
            for shot in reel.to(number, reel.purse * min(1.0, SHARES / (len(wanted) - place))):
                found = True
                yield shot
    if not found:
        raise UnreadableAssetError("kz.error.video-empty", path=path)


def first_picture(path: Path, demuxer: str) -> tuple[Image, int]:
    """Return the first frame in square pixels, not yet turned, and its EXIF orientation.

    No packet is counted, so that a long film takes no longer. Raises as `facts` does.
    """
    with opened(path, demuxer) as container:
        stream = only_stream(container, path)
        stream.codec_context.thread_count = 1  # others would decode what nobody asked for
        frame = first_frame(container, stream, path)
        turn = orientation(side_data(frame).get("DISPLAYMATRIX", b""))
        return picture(frame, pixel_aspect(stream.sample_aspect_ratio)), turn or 1


def whole_costs(facts: VideoFacts, scan: Scan) -> float:
    """Return the seconds that decoding everything takes, reckoned."""
    return _cost(facts, scan) * len(scan.times)


def _cost(facts: VideoFacts, scan: Scan) -> float:
    pixels = facts.width * facts.height
    return pixels / PIXELS_A_SECOND + scan.total_bytes / len(scan.times) / BYTES_A_SECOND


class _Reel:
    """The frames of one stream, one after the other, with leaps."""

    def __init__(
        self, container: InputContainer, stream: VideoStream, scan: Scan, facts: VideoFacts
    ) -> None:
        self.container, self.stream, self.scan, self.facts = container, stream, scan, facts
        self.position = -1
        self.timed = scan.timed
        self.frames = self._decoded()
        self.cost = _cost(facts, scan)
        self.purse = 0.0
        """Seconds that are left."""

    def to(self, number: int, allowed: float) -> Iterator[Shot]:
        """Yield the frames up to that number, or until it has taken too long."""
        if self.position >= number:
            return  # a frame before it did not decode, and this one came in its place
        first = self._leap(number)
        least = self.purse - allowed
        while self.purse > least:
            frame = next(self.frames, None)
            if frame is None:
                return
            self.purse -= self.cost
            self._locate(frame)
            reached = self.position >= number
            if frame.width * frame.height and self.position >= first:
                yield self._shot(frame, wanted=reached and self.position <= number + LATE)
            if reached:
                return

    def _shot(self, frame: VideoFrame, *, wanted: bool) -> Shot:
        times, base, number = self.scan.times, self.facts.time_base, self.position
        last = number + 1 >= len(times)
        shown = self.scan.last_duration if last else times[number + 1] - times[number]
        time = float(times[number] * base) - self.facts.start
        return Shot(time, float(shown * base), number, wanted, self.facts, frame)

    def _leap(self, number: int) -> int:
        """Go to the key frame before, where it is far ahead; return the first frame that counts.

        What is shown before that key frame and yet comes after it may refer to what is not there.
        """
        at = self.scan.times[number]
        key = self.scan.key_before(at)
        if not self.timed or key is None or _index(self.scan.times, key) - self.position <= AHEAD:
            return 0  # decoded on
        try:
            self.container.seek(at, stream=self.stream, backward=True)
        except FFmpegError:
            return 0
        self.frames = self._decoded()
        return _index(self.scan.times, key)

    def _locate(self, frame: VideoFrame) -> None:
        """Find out which frame this is: by its time, else by counting."""
        if frame.pts is None or not self.scan.timed:
            self.timed = False
            self.position = min(self.position + 1, len(self.scan.times) - 1)
            return
        self.position = _index(self.scan.times, frame.pts)

    def _decoded(self) -> Iterator[VideoFrame]:
        """Yield frames from here on; packets that do not decode are left out."""
        for packet in self.container.demux(self.stream):
            try:
                yield from packet.decode()
            except FFmpegError:
                continue


def _index(times: Sequence[int], at: int) -> int:
    return max(0, bisect_right(times, at) - 1)


def grey_of(plate: Image, area: Box, canvas: tuple[int, int], *, within: bool) -> Grey:
    """Return `plate` as it fills `area` of the stored picture, its edges at even coordinates.

    They lie a sample further out, or `within` the area, where a picture adjoins it.
    """
    from PIL import Image

    left, top, right, bottom = area
    low, high = (_up, _down) if within else (_down, _up)
    box = low(left), low(top), min(high(right), canvas[0]), min(high(bottom), canvas[1])
    size = max(1, right - left), max(1, bottom - top)
    if plate.size != size:
        plate = plate.resize(size, Image.Resampling.BICUBIC, reducing_gap=3.0)
    whole = Image.new("L", (box[2] - box[0], box[3] - box[1]), 0)
    whole.paste(plate, (left - box[0], top - box[1]))
    return Grey(np.asarray(whole, np.uint8), box[0], box[1])


def _up(side: int) -> int:
    return side + side % 2


def _down(side: int) -> int:
    return side - side % 2
