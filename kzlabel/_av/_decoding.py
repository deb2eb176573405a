"""Decoding one audio track: every frame that a damaged file still holds, and the decoder's last.

A packet that cannot be decoded is skipped, as every player does; a file of which nothing can be
decoded raises `UnreadableAssetError`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from fractions import Fraction
from typing import TYPE_CHECKING

import av  # noqa: TID253  this is the border; its users import it inside functions
import numpy as np  # noqa: TID253  likewise
from av.audio.codeccontext import AudioCodecContext  # noqa: TID253  likewise
from av.audio.resampler import AudioResampler  # noqa: TID253  likewise

from kzlabel.errors import LimitError, RefusedError, UnreadableAssetError

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt
    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.packet import Packet
    from av.stream import Stream

    AnyPacket = Packet[Stream] | Packet[AudioStream]
    Watcher = Callable[[AnyPacket], None]
    Samples = npt.NDArray[np.float32]

MAX_CHANNELS = 64
"""FFmpeg's own limit in most decoders."""
MIN_RATE = 1000
"""Samples a second; less is no sound, and each of them becomes many where it is listened to."""
MAX_RATE = 768_000
"""Samples a second; the highest that converters are sold for."""


def audio_stream(container: InputContainer, path: Path, track: int = 0) -> AudioStream:
    """Return the audio track of that number; raises `UnreadableAssetError` where there is none."""
    streams = container.streams.audio
    if track >= len(streams):
        raise UnreadableAssetError("kz.error.no-sound", path=path)
    stream = streams[track]
    if stream.codec_context is None:  # whatever its annotation says
        raise UnreadableAssetError("kz.error.sound-undecodable", path=path)
    if not (MIN_RATE <= stream.rate <= MAX_RATE and 0 < stream.channels <= MAX_CHANNELS):
        detail = f"{stream.rate} Hz, {stream.channels} channels"
        raise LimitError("kz.error.sound-shape", path=path, detail=detail)
    return stream


def frames(
    container: InputContainer, stream: AudioStream, path: Path, watch: Watcher | None = None
) -> Iterator[AudioFrame]:
    """Yield the decoded frames; raises `UnreadableAssetError` where there is not one.

    A container that ends in damage ends there. `watch` is shown every packet.
    """
    empty, decoder = True, Decoder(stream)
    with suppress(av.error.FFmpegError):
        for packet in container.demux(stream):
            if watch is not None:
                watch(packet)
            for frame in decoder.decoded(packet):
                empty = False
                yield frame
    for frame in decoder.decoded(None):
        empty = False
        yield frame
    if empty:
        raise UnreadableAssetError("kz.error.sound-undecodable", path=path)


class Decoder:
    """Decodes the packets of a stream, Opus by libopus.

    FFmpeg's own decoder of Opus bursts on tones in its SILK and hybrid packets (FFmpeg 8: peaks of
    1.4 where libopus gives 0.25), and what is decoded here is written again.
    """

    def __init__(self, stream: AudioStream) -> None:
        self._codec = _libopus(stream) if stream.codec_context.name == "opus" else None
        self._stream = stream
        self._begun = self._codec is None

    def decoded(self, packet: AnyPacket | None) -> list[AudioFrame]:
        """Return the frames of a packet, none where it is damaged; with None, what is left."""
        try:
            if self._codec is None:
                got = self._stream.decode(packet)
            else:
                got = self._timed(self._codec.decode(packet), packet)
        except av.error.FFmpegError:  # also where the container's end had emptied it before
            return []
        return [frame for frame in got if MIN_RATE <= frame.sample_rate <= MAX_RATE]

    def _timed(self, got: list[AudioFrame], packet: AnyPacket | None) -> list[AudioFrame]:
        """Move the first frame's time by what was skipped of its packet, as no clock is known."""
        if got and packet is not None and not self._begun:
            self._begun = True
            first = got[0]
            if first.pts is not None and packet.time_base and packet.duration:
                left = round(Fraction(first.samples, first.sample_rate) / packet.time_base)
                first.pts += max(packet.duration - left, 0)
        return got


def _libopus(stream: AudioStream) -> AudioCodecContext:
    told = stream.codec_context
    codec = AudioCodecContext.create("libopus", "r")
    codec.extradata = told.extradata
    codec.layout, codec.sample_rate = told.layout, told.sample_rate
    codec.options = {"request_sample_fmt": "flt"}
    return codec


GAP = Fraction(1, 50)
"""Seconds by which timestamps may stray before a track is taken to have a hole."""
MAX_HOLE = 600
"""Seconds of a hole that is filled with silence."""


class Clock:
    """Follows the timestamps of a track that plays with pictures, and finds its holes."""

    def __init__(self, path: Path) -> None:
        self.origin: Fraction | None = None
        """Seconds at which the track begins; what lies far from 0 begins where it does."""
        self._path = path
        self._at = Fraction(0)

    def hole(self, frame: AudioFrame) -> Fraction:
        """Return the seconds of silence before a frame; raises `RefusedError` for too many."""
        length = Fraction(frame.samples, frame.sample_rate)
        begins = self._at
        if frame.pts is not None and frame.time_base is not None:
            begins = max(frame.pts * frame.time_base, begins)
        if self.origin is None:
            self.origin = self._at = begins if begins > MAX_HOLE else Fraction(0)
        missing = begins - self._at
        if missing > MAX_HOLE:
            raise RefusedError("kz.error.sound-hole", path=self._path, seconds=int(missing))
        missing = missing if missing > GAP else Fraction(0)
        self._at += missing + length
        return missing


class Converter:
    """Brings frames to one sample format, layout and rate, though a stream changes half-way.

    Without a layout or a rate, to those of the first frame.
    """

    def __init__(self, sample_format: str, layout: str | None, rate: int | None) -> None:
        self.sample_format, self.layout, self.rate = sample_format, layout, rate
        self._resampler: AudioResampler | None = None
        self._key: tuple[str, str, int] | None = None

    def converted(self, frame: AudioFrame | None) -> list[AudioFrame]:
        """Return what is ready; with None, what is left."""
        if frame is None:
            return [] if self._resampler is None else self._resampler.resample(None)
        frame.pts = None  # timestamps of a stream that was cut and joined would be refused
        key = (frame.format.name, frame.layout.name, frame.sample_rate)
        left = [] if key == self._key else self._restarted(frame)
        resampler = self._resampler
        return left + (resampler.resample(frame) if resampler else [])

    def _restarted(self, frame: AudioFrame) -> list[AudioFrame]:
        left = self.converted(None) if self._key else []
        self._key = (frame.format.name, frame.layout.name, frame.sample_rate)
        self.layout = self.layout or frame.layout.name
        self.rate = self.rate or frame.sample_rate
        self._resampler = AudioResampler(self.sample_format, self.layout, self.rate)
        return left


def rows(frame: AudioFrame) -> npt.NDArray[np.generic]:
    """Return the samples of a frame in a packed format as [samples, channels], in their own type.

    Only packed ones: PyAV 18 reads past the planes of a planar frame of eight channels or more.
    """
    return frame.to_ndarray().reshape(-1, frame.layout.nb_channels)


def weights(positions: tuple[str, ...], channels: int) -> Samples:
    """Return how loud each channel is in a mix to mono: the centre most, low effects not at all."""
    rank = [
        0.0 if name.startswith("LFE") else 1.0 if name == "FC" else 0.7071 for name in positions
    ]
    mixed = np.asarray(rank if any(rank) else [1.0] * channels, np.float32)
    mixed /= mixed.sum()
    return mixed


SURROUND = 1.41
"""Weight of the power of channels beside and behind, by BS.1770."""


def shares(positions: tuple[str, ...], channels: int) -> Samples:
    """Return what the power of each channel adds to how loud all are (BS.1770), 1 together."""
    rank = [
        0.0 if name.startswith("LFE") else SURROUND if name[0] in "BS" else 1.0
        for name in positions
    ]
    share = np.asarray(rank if any(rank) else [1.0] * channels, np.float32)
    share /= share.sum()
    return share
