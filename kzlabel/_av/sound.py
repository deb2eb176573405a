"""Sound in: what an audio track is, its samples in blocks, and how loud it is.

Everything is streamed: no more than a block is held, however long the file. Loudness is EBU R128
(ITU-R BS.1770-4) integrated loudness in LUFS, measured by FFmpeg's `ebur128` filter.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np  # noqa: TID253  this is the border; its users import it inside functions
from av.audio.frame import AudioFrame  # noqa: TID253  likewise
from av.stream import Disposition  # noqa: TID253  likewise

from kzlabel import _progress
from kzlabel._av._decoding import Clock, Converter, audio_stream, frames, rows, shares, weights
from kzlabel._av._metering import SILENCE, Meter
from kzlabel._av._probing import demuxer_of
from kzlabel._av.opening import opened
from kzlabel.errors import LimitError, UnreadableAssetError

__all__ = [
    "CLIP_SECONDS", "SILENCE", "Facts", "Measured", "blocks", "facts", "loudness", "loudness_of",
    "measured", "powered", "read_mono", "resampled",
]  # fmt: skip

if TYPE_CHECKING:
    import numpy.typing as npt
    from av.audio.codeccontext import AudioCodecContext
    from av.audio.layout import AudioLayout
    from av.audio.stream import AudioStream
    from av.container import InputContainer

    from kzlabel._av._decoding import AnyPacket

    Samples = npt.NDArray[np.float32]

CLIP_SECONDS = 120.0
"""How long a recording may be that is held as a whole."""


@dataclass(frozen=True)
class Facts:
    """What an audio track and its container are."""

    codec: str
    """FFmpeg's name of the codec: `mp3`, `aac`, `flac`, `opus`, `vorbis`, `pcm_s16le`, …"""
    profile: str | None
    rate: int
    """Samples a second as decoded."""
    channels: int
    layout: str
    """FFmpeg's name: `mono`, `stereo`, `5.1`, `5 channels` (positions not said), …"""
    positions: tuple[str, ...]
    """The channels in order: FL, FR, FC, LFE, …; empty where they are not said."""
    sample_format: str
    """As decoded: `s16`, `s32`, `fltp`, …"""
    bits: int
    """Of a sample of a lossless codec; 0 for others."""
    bit_rate: int
    """Bits a second as the container says; 0 where it does not."""
    duration: float
    """Seconds as the container says: it may lie. 0 where it does not say."""
    audio_tracks: int
    video_tracks: int
    """Without cover art."""


@dataclass(frozen=True)
class Measured:
    """What decoding a whole track tells."""

    loudness: float
    """LUFS, integrated."""
    samples: int
    """Of one channel."""
    seconds: float
    """With the holes of what plays with pictures."""
    bit_rate: int
    """Bits a second of the packets, on average."""


def facts(path: Path, demuxer: str, track: int = 0) -> Facts:
    """Return what the audio track of that number is.

    Raises `UnreadableAssetError` for a file without it, `LimitError`, `OSError`.
    """
    with opened(path, demuxer) as container:
        return facts_of(container, audio_stream(container, path, track))


def facts_of(container: InputContainer, stream: AudioStream) -> Facts:
    """Return what an audio track of an open container is."""
    pictures = [Disposition.attached_pic in video.disposition for video in container.streams.video]
    return Facts(
        codec=stream.codec_context.codec.canonical_name,
        profile=stream.profile,
        rate=stream.rate,
        channels=stream.channels,
        layout=stream.layout.name,
        positions=positions_of(stream.layout),
        sample_format=stream.format.name,
        bits=_bits(stream.codec_context),
        bit_rate=stream.bit_rate or 0,
        duration=_duration(container, stream),
        audio_tracks=len(container.streams.audio),
        video_tracks=pictures.count(False),
    )


def positions_of(layout: AudioLayout) -> tuple[str, ...]:
    """Return the names of a layout's channels; none where it only says how many there are."""
    usual = {1: ("FC",), 2: ("FL", "FR")}  # WAV often does not say it
    names = tuple(channel.name for channel in layout.channels)
    known = len(set(names)) == layout.nb_channels and "NONE" not in names
    return names if known else usual.get(layout.nb_channels, ())


def _bits(codec: AudioCodecContext) -> int:
    """Return the bits of a sample as the headers of FLAC and ALAC, or the name of PCM, say it."""
    name, header = codec.codec.canonical_name, codec.extradata or b""
    if name == "flac" and len(header) >= _STREAMINFO:  # the samples follow 10 bytes of sizes
        return (int.from_bytes(header[12:14]) >> 4 & 0x1F) + 1
    if name == "alac" and len(header) >= _ALAC:
        return header[17]
    return (
        codec.format.bits if name.startswith("pcm_") and "24" not in name else 24 * ("24" in name)
    )


_STREAMINFO = 34
_ALAC = 36


def _duration(container: InputContainer, stream: AudioStream) -> float:
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    return (container.duration or 0) / 1_000_000


def blocks(
    path: Path, demuxer: str, rate: int | None = None, *, mono: bool = True, track: int = 0
) -> Iterator[Samples]:
    """Yield a track's samples in blocks of about a second: float32, -1 to 1.

    At `rate` (None: its own); mono [n] (all channels but low effects, the centre most), else
    [n, channels]. Damaged packets are skipped; where nothing decodes, `UnreadableAssetError`.
    """
    with opened(path, demuxer) as container:
        stream = audio_stream(container, path, track)
        yield from _blocks(frames(container, stream, path), rate, mono=mono)


def powered(path: Path, demuxer: str, rate: int, track: int = 0) -> Iterator[Samples]:
    """Yield blocks [n, channels] at `rate`, as `blocks`, in which channels weigh as BS.1770 says.

    The powers of all add up to the power of one where each has the same sound, in phase or not.
    """
    with opened(path, demuxer) as container:
        stream = audio_stream(container, path, track)
        gain: Samples | None = None
        for block in _blocks(frames(container, stream, path), rate, mono=False):
            if gain is None:
                positions = positions_of(stream.layout)
                known = len(positions) == block.shape[1]
                gain = np.sqrt(shares(positions if known else (), block.shape[1]))
            yield (block * gain)[:, gain > 0]


def _blocks(source: Iterator[AudioFrame], rate: int | None, *, mono: bool) -> Iterator[Samples]:
    converter = Converter("flt", None, rate)
    held: list[Samples] = []
    count = 0
    for frame in _then_none(source):
        for ready in converter.converted(frame):
            held.append(_samples(ready, mono=mono))
            count += ready.samples
        if held and (frame is None or count >= (converter.rate or 1)):
            yield np.concatenate(held)
            held, count = [], 0


def _then_none(source: Iterator[AudioFrame]) -> Iterator[AudioFrame | None]:
    yield from source
    yield None


def _samples(frame: AudioFrame, *, mono: bool) -> Samples:
    samples = rows(frame).astype(np.float32, copy=False)
    if not mono:
        return samples
    return samples @ weights(positions_of(frame.layout), frame.layout.nb_channels)


def read_mono(path: Path, rate: int, most: float = CLIP_SECONDS) -> Samples:
    """Return a whole recording as mono float32 at `rate`.

    Raises `LimitError` where it is longer than `most` seconds, `UnreadableAssetError` where it is
    of no kind that is known (WAV, FLAC, Ogg, MP3, AAC, MP4, AIFF, Matroska) or holds no sound.
    """
    with path.open("rb") as file:
        demuxer = demuxer_of(file.read(64))
    if demuxer is None:
        raise UnreadableAssetError("kz.error.recording-unknown", path=path)
    held: list[Samples] = []
    count = 0
    for block in blocks(path, demuxer, rate):
        held.append(block)
        count += len(block)
        if count > most * rate:
            raise LimitError("kz.error.recording-long", path=path, limit=f"{most:g}")
    return np.concatenate(held) if held else np.zeros(0, np.float32)


def resampled(samples: Samples, rate_from: int, rate_to: int) -> Samples:
    """Return mono samples at another rate, aligned, n * rate_to / rate_from of them."""
    if rate_from == rate_to or not len(samples):
        return samples.astype(np.float32, copy=False)
    wanted = round(len(samples) * rate_to / rate_from)
    made = np.concatenate([*_blocks(_framed(samples, rate_from), rate_to, mono=True)])
    return np.pad(made, (0, max(0, wanted - len(made))))[:wanted]


def _framed(samples: Samples, rate: int) -> Iterator[AudioFrame]:
    for at in range(0, len(samples), rate):
        part = np.ascontiguousarray(samples[at : at + rate], np.float32)
        frame = AudioFrame.from_ndarray(part[np.newaxis], "flt", "mono")
        frame.sample_rate = rate
        yield frame


def loudness(path: Path, demuxer: str, track: int = 0) -> float:
    """Return a track's integrated loudness in LUFS, at least `SILENCE`."""
    return measured(path, demuxer, track).loudness


def loudness_of(samples: Samples, rate: int) -> float:
    """Return the integrated loudness of mono samples in LUFS, at least `SILENCE`."""
    meter = Meter()
    for frame in _framed(samples, rate):
        meter.add(frame)
    return meter.loudness()


def measured(path: Path, demuxer: str, track: int = 0, *, timed: bool = False) -> Measured:
    """Decode a whole track once, and return what that tells; `timed`: with its holes."""
    with opened(path, demuxer) as container:
        stream = audio_stream(container, path, track)
        meter, size, holes, clock = Meter(), 0, Fraction(0), Clock(path)

        def watch(packet: AnyPacket) -> None:
            nonlocal size
            size += packet.size
            if packet.pos is not None:
                _progress.done(packet.pos / max(container.size, 1) / 3)  # a third of the work

        for frame in frames(container, stream, path, watch):
            holes += clock.hole(frame) if timed else 0
            meter.add(frame)
        integrated = meter.loudness()
        seconds = meter.seconds + float(holes)
        samples = round(meter.samples * seconds / meter.seconds)
        return Measured(integrated, samples, seconds, int(size * 8 / meter.seconds))
