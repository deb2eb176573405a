"""Frames of a video as pictures: upright or not, in square pixels, at times that are asked for.

A file of two hours costs seconds: for each time the key frame before it is sought, and decoded on
from there, up to a bound; where a container cannot seek, it is decoded from the beginning.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np  # noqa: TID253  likewise
from av.error import FFmpegError  # noqa: TID253  this is the border; users import it in functions

from kzlabel._av._video_colour import picture
from kzlabel._av._video_planes import Grey
from kzlabel._av.opening import opened
from kzlabel._av.video import Scan, VideoFacts, only_stream
from kzlabel.errors import UnreadableAssetError

if TYPE_CHECKING:
    from pathlib import Path

    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream
    from PIL.Image import Image

Box = tuple[int, int, int, int]
AHEAD = 96
"""Frames that are rather decoded on than sought: about two groups of pictures."""
MAX_DECODED = 1500
"""Frames decoded for one picture, from the key frame before it."""


@dataclass(frozen=True)
class Shot:
    """A frame as a picture."""

    time: float
    """Seconds from the start of the container."""
    picture: Image
    """In square pixels, not yet turned; RGB, or RGBA where it is transparent."""


def shots(
    path: Path, demuxer: str, facts: VideoFacts, scan: Scan, numbers: Sequence[int]
) -> Iterator[Shot]:
    """Yield the frames of these numbers (in the order they are shown), in order.

    Frames that do not decode are left out; raises `UnreadableAssetError` where none does.
    """
    last: int | None = None
    with opened(path, demuxer) as container:
        stream = only_stream(container, path)
        reel = _Reel(container, stream, scan)
        for number in sorted(set(numbers)):
            frame = reel.at(number)
            if frame is None or frame.width * frame.height == 0 or reel.position == last:
                continue
            last = reel.position
            seconds = float(scan.times[reel.position] * facts.time_base) - facts.start
            yield Shot(seconds, picture(frame, facts.sample_aspect))
    if last is None:
        raise UnreadableAssetError("kz.error.video-empty", path=path)


class _Reel:
    """The frames of one stream, one after the other, with leaps."""

    def __init__(self, container: InputContainer, stream: VideoStream, scan: Scan) -> None:
        self.container, self.stream, self.scan = container, stream, scan
        self.position = -1
        self.timed = scan.timed
        self.frames = self._decoded()

    def at(self, number: int) -> VideoFrame | None:
        """Return the frame of that number, or the one decoded last before the bound."""
        if number - self.position > AHEAD and self.timed:
            self._leap(number)
        frame = None
        for _ in range(MAX_DECODED if self.timed else len(self.scan.times)):
            frame = next(self.frames, None)
            if frame is None:
                return None
            self._locate(frame)
            if self.position >= number:
                break
        return frame

    def _leap(self, number: int) -> None:
        try:
            self.container.seek(self.scan.times[number], stream=self.stream, backward=True)
        except FFmpegError:
            return  # decoded on instead
        self.frames = self._decoded()

    def _locate(self, frame: VideoFrame) -> None:
        """Find out which frame this is: by its time, else by counting."""
        if frame.pts is None or not self.scan.timed:
            self.timed = False
            self.position += 1
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
    from bisect import bisect_right

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
