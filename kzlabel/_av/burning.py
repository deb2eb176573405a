"""A plate burned into a video: decoded, patched, encoded as it was; all other streams are copied.

1. The one video stream is decoded, frame for frame; a packet that does not decode is an error.
2. The plate is pasted into the samples, nothing else is touched (`_video_planes`); a band is added
   by FFmpeg's `pad`, which keeps what goes with a frame.
3. The frame is encoded (`_video_coding`) with its own time, its key frames where they were.
4. Every other packet is copied (`_video_copying`).

A frame may have no time of its own (AVI); the packets', in order, are taken then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from os import environ
from typing import TYPE_CHECKING

import av  # noqa: TID253  this is the border; its users import it inside functions
from av.error import FFmpegError  # noqa: TID253  likewise
from av.filter import Graph  # noqa: TID253  likewise
from av.video.frame import PictureType  # noqa: TID253  likewise
from av.video.stream import VideoStream  # noqa: TID253  likewise

from kzlabel import _progress
from kzlabel._av._scheduling import as_scheduled
from kzlabel._av._video_clock import Clock
from kzlabel._av._video_coding import Coding, coding
from kzlabel._av._video_copying import (
    ATTACHING,
    MOV_FAMILY,
    add_copy,
    attach,
    copy_names,
    cover_of,
    is_copied,
    is_cover,
    name_stream,
    put,
)
from kzlabel._av._video_planes import Grey, Patch, lay, paste, patches
from kzlabel._av.opening import opened
from kzlabel._av.video import Scan, VideoFacts, only_stream
from kzlabel.errors import RefusedError, UnreadableAssetError

if TYPE_CHECKING:
    from pathlib import Path

    from av.container import InputContainer, OutputContainer
    from av.packet import Packet
    from av.stream import Stream
    from av.video.format import VideoFormat
    from av.video.frame import VideoFrame

LOST_FRAMES = 0.01
"""Share of the frames that may be missing: the first ones of an open group cannot be decoded."""
MAX_TIMESCALE = (1 << 31) - 1
Span = tuple[float, float]


@dataclass(frozen=True)
class Stamp:
    """What is burned in, in stored pixels."""

    grey: Grey
    canvas: tuple[int, int]
    """Width and height of the frames that are written."""
    offset: tuple[int, int] = (0, 0)
    """Where the source's frame lies in it."""
    spans: tuple[Span, ...] = ()
    """When the plate is shown, in seconds; the whole time where empty."""

    def shown(self, time: float) -> bool:
        """Whether the plate is on a frame of that time."""
        return not self.spans or any(start <= time < end for start, end in self.spans)


@dataclass(frozen=True)
class Job:
    """A video to be written anew."""

    src: Path
    dst: Path
    demuxer: str
    muxer: str
    facts: VideoFacts
    scan: Scan
    stamp: Stamp
    options: Mapping[str, str]
    """The muxer's."""
    light_kept: bool = False
    """Whether the caller puts back what the container says of HDR's light."""


def burn(job: Job) -> None:
    """Write the video with its plate to `job.dst`, a new file.

    Raises `RefusedError` where something would be lost, `UnreadableAssetError` where not all
    frames decode, `OSError`. Says how far it is through `_progress`.
    """
    # SVT-AV1 talks to stderr unless it is told otherwise; it has no other way to be told.
    environ.setdefault("SVT_LOG", "1")
    plate = job.stamp.grey.samples.size
    grown = job.stamp.canvas != (job.facts.width, job.facts.height)
    settings = coding(job.src, job.facts, plate, grown=grown, light_kept=job.light_kept)
    with (
        opened(job.src, job.demuxer) as source,
        job.dst.open("xb+") as file,
        av.open(file, "w", format=job.muxer, container_options=_options(job)) as target,
    ):
        _Burning(job, settings, source, target).run()
    _progress.done(1.0)


def _options(job: Job) -> dict[str, str]:
    options = dict(job.options)
    base = job.facts.time_base
    if job.muxer in MOV_FAMILY and base.numerator == 1 and base.denominator <= MAX_TIMESCALE:
        options.setdefault("video_track_timescale", str(base.denominator))
    return options


@contextmanager
def _refusing(job: Job) -> Iterator[None]:
    """Say what FFmpeg will not encode or write as a refusal."""
    try:
        yield
    except FFmpegError as exc:
        raise RefusedError(
            "kz.error.video-unwritten", path=job.src, codec=job.facts.codec, detail=exc.strerror
        ) from exc
    except ValueError as exc:
        raise RefusedError(
            "kz.error.video-unwritten", path=job.src, codec=job.facts.codec, detail=exc
        ) from exc


@dataclass
class _Burning:
    """One run."""

    job: Job
    settings: Coding
    source: InputContainer
    target: OutputContainer

    def run(self) -> None:
        """Write everything."""
        job = self.job
        self.video = only_stream(self.source, job.src)
        self.clock = Clock(job.facts, job.scan, job.muxer, counted=self.settings.recipe.counted)
        self.said = 0.0
        self.ready: list[Patch] = []
        self.pad: Graph | None = None
        with _refusing(job):
            streams = self._streams()
            copy_names(self.target, self.source)
            with as_scheduled():
                self.target.start_encoding()
        for packet in self.source.demux():
            number = packet.stream.index  # packets that flush have no number of their own
            if number == self.video.index:
                self._burned(packet)
            elif number in streams and packet.size:
                with _refusing(job):
                    put(self.target, streams[number], packet)
        self._write(None)
        self._check_count()

    def _streams(self) -> dict[int, Stream]:
        copies: dict[int, Stream] = {}
        for stream in self.source.streams:
            if stream.index == self.video.index:
                self.encoder = self._encoder()
            elif is_cover(stream) and self.job.muxer in ATTACHING:
                attach(self.target, stream, cover_of(self.job.src, self.job.demuxer, stream.index))
            elif is_copied(stream):
                copies[stream.index] = add_copy(self.target, stream, self.job.src)
        return copies

    def _encoder(self) -> VideoStream:
        job, settings, facts = self.job, self.settings, self.job.facts
        stream = self.target.add_stream(
            settings.recipe.encoder, rate=settings.rate, options=settings.options
        )
        if not isinstance(stream, VideoStream):  # an encoder of ours that is none of video
            raise RefusedError("kz.error.video-codec", path=job.src, codec=facts.codec)
        context = stream.codec_context
        context.thread_type = "AUTO"  # PyAV's default has x264 slice each frame: slower, worse
        context.width, context.height = job.stamp.canvas
        context.pix_fmt = facts.pixel_format
        context.time_base = settings.time_base
        stream.time_base = facts.time_base
        context.sample_aspect_ratio = facts.sample_aspect
        context.color_range = 2 if facts.colour.full else facts.colour.range_code
        context.color_primaries = facts.colour.primaries
        context.color_trc = facts.colour.transfer
        context.colorspace = facts.colour.matrix
        context.gop_size = settings.gop
        if settings.bit_rate:
            context.bit_rate = context.bit_rate_tolerance = settings.bit_rate
        if facts.field_order:
            context.field_order = facts.field_order
        if settings.tag:
            context.codec_tag = settings.tag
        matrix = facts.side_data.get("DISPLAYMATRIX")
        if matrix:
            stream.set_display_matrix(memoryview(matrix).cast("i").tolist())
        name_stream(stream, self.video)
        return stream

    def _burned(self, packet: Packet[Stream]) -> None:
        try:
            frames = self.video.decode(packet)
        except FFmpegError as exc:
            raise UnreadableAssetError(
                "kz.error.video-broken",
                path=self.job.src,
                frame=self.clock.number,
                detail=exc.strerror,
            ) from exc
        for frame in frames:
            self._check_frame(frame)
            at = self.clock.time(frame)
            seconds = float(at * self.job.facts.time_base) - self.job.facts.start
            self._write(self._patched(frame, at, seconds))
            if seconds >= self.said + 1:
                self.said = seconds
                _progress.done(seconds / max(self.job.facts.duration, seconds))

    def _check_frame(self, frame: VideoFrame) -> None:
        facts = self.job.facts
        shape = frame.width, frame.height, frame.format.name
        if shape != (facts.width, facts.height, facts.pixel_format):
            raise RefusedError(
                "kz.error.video-changes",
                path=self.job.src,
                detail=f"{frame.width} x {frame.height} {frame.format.name}",
            )

    def _patched(self, frame: VideoFrame, at: int, seconds: float) -> VideoFrame:
        """Return the frame with the plate, ready for the encoder."""
        stamp, key = self.job.stamp, frame.key_frame
        if stamp.canvas != (frame.width, frame.height) or frame.planes[0].line_size < 0:
            frame = self._padded(frame)
        if stamp.shown(seconds):
            frame.make_writable()
            self.ready = self.ready or self._patches(frame.format)
            paste(frame, self.ready)
        counted = self.settings.recipe.counted
        frame.pts = self.clock.number - 1 if counted else at
        frame.time_base = self.settings.time_base
        frame.pict_type = PictureType.I if key else PictureType.NONE
        return frame

    def _patches(self, shape: VideoFormat) -> list[Patch]:
        return patches(self.job.src, shape, self.job.facts.colour, self.job.stamp.grey)

    def _padded(self, frame: VideoFrame) -> VideoFrame:
        """Return a copy of the frame on the canvas, with all that goes with it."""
        if self.pad is None:
            self.pad = Graph()
            (width, height), (left, top) = self.job.stamp.canvas, self.job.stamp.offset
            self.pad.link_nodes(
                self.pad.add_buffer(
                    width=frame.width, height=frame.height, format=frame.format,
                    time_base=self.job.facts.time_base,
                ),
                self.pad.add("pad", f"{width}:{height}:{left}:{top}:black"),
                self.pad.add("copy"),
                self.pad.add("buffersink"),
            ).configure()  # fmt: skip
        self.pad.vpush(frame)
        padded = self.pad.vpull()
        if (frame.width % 2 or frame.height % 2) and padded.format.name == frame.format.name:
            padded.make_writable()
            lay(frame, padded, self.job.stamp.offset)
        return padded

    def _write(self, frame: VideoFrame | None) -> None:
        with _refusing(self.job):
            for packet in self.encoder.encode(frame):
                self.clock.restore(packet)
                self.target.mux_one(packet)

    def _check_count(self) -> None:
        """Refuse a film of which a part is missing: it would be silently shortened."""
        there, done = len(self.job.scan.times), self.clock.number
        hidden = self.job.facts.codec in ("vp8", "vp9")  # packets that show nothing
        if done == 0 or (done < there * (1 - LOST_FRAMES) - 2 and not hidden):
            raise UnreadableAssetError(
                "kz.error.video-cut", path=self.job.src, frames=done, announced=there
            )
