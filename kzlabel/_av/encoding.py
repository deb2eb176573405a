"""Sound out: a file written anew with the notice in its audio tracks, all else copied.

Codec, rate, channels, bits and bit rate stay; the samples of lossless codecs outside the notice
too. Pictures, subtitles, data and cover art go over packet by packet. What this build cannot encode
as it was is refused, and nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, BinaryIO

import av  # noqa: TID253  this is the border; its users import it inside functions
import numpy as np  # noqa: TID253  likewise
from av.audio.frame import AudioFrame, format_dtypes  # noqa: TID253  likewise
from av.audio.stream import AudioStream  # noqa: TID253  likewise

from kzlabel import _progress
from kzlabel._av._coding import Coding, coding_of
from kzlabel._av._decoding import Clock, Converter, Decoder, rows
from kzlabel._av._video_copying import is_copied
from kzlabel._av.opening import opened
from kzlabel._av.weaving import Weaver, in_type
from kzlabel.errors import RefusedError, UnreadableAssetError

if TYPE_CHECKING:
    from pathlib import Path

    from av.container import InputContainer, OutputContainer
    from av.packet import Packet
    from av.stream import Stream

    from kzlabel._av.sound import Facts
    from kzlabel._av.weaving import Rows, Voice
    from kzlabel._av.wrapping import Wrapping


@dataclass(frozen=True, eq=False)
class Track:
    """What an audio track is, and the notice as it carries it."""

    facts: Facts
    voice: Voice
    bit_rate: int
    """Bits a second, measured."""


def rewrite_sound(
    src: Path, dst: Path, wrapping: Wrapping, tracks: Sequence[Track], head: bytes = b""
) -> None:
    """Write `src` to the new file `dst`, `head` first, with the notice in every audio track.

    `tracks` in the order of the file. Raises `RefusedError` for a codec that cannot be encoded as
    it was or a stream that the muxer does not take, `UnreadableAssetError`, `OSError`.
    """
    codings = [coding_of(track.facts, track.bit_rate, src) for track in tracks]
    with opened(src, wrapping.demuxer) as source, new_container(dst, wrapping, src, head) as output:
        rewriting = _Rewriting(source, output, src)
        said = iter(zip(tracks, codings, strict=True))
        for stream in source.streams:  # in the source's order
            if isinstance(stream, AudioStream):
                rewriting.voice(stream, *next(said))
            elif not wrapping.only_sound and is_copied(stream):
                rewriting.copy(stream)
        rewriting.run()


@contextmanager
def new_container(
    dst: Path, wrapping: Wrapping, src: Path, head: bytes = b""
) -> Iterator[OutputContainer]:
    """Open the new file `dst` for FFmpeg's muxer, and take it away again where writing fails."""
    with dst.open("xb") as file:
        try:
            file.write(head)
            after = _After(file, len(head)) if head else file
            with refusing(src, wrapping.muxer), _muxing(after, wrapping) as output:
                yield output
        except BaseException:
            dst.unlink(missing_ok=True)
            raise


class _After:
    """A file to FFmpeg that begins where another's first bytes end."""

    def __init__(self, file: BinaryIO, begin: int) -> None:
        self._file, self._begin = file, begin

    def write(self, content: bytes) -> int:
        return self._file.write(content)

    def tell(self) -> int:
        return self._file.tell() - self._begin

    def seek(self, to: int, whence: int = 0) -> int:
        return self._file.seek(to + (0 if whence else self._begin), whence) - self._begin


@contextmanager
def _muxing(file: BinaryIO | _After, wrapping: Wrapping) -> Iterator[OutputContainer]:
    options = dict(wrapping.options)
    output = av.open(file, "w", format=wrapping.muxer, container_options=options)
    try:
        yield output
    except BaseException:
        _abandon(output)
        raise
    output.close()


def _abandon(output: OutputContainer) -> None:
    """Close a container that failed; what its trailer still says is of no use."""
    try:
        output.close()
    except (av.error.FFmpegError, ValueError, OSError):
        return


@contextmanager
def refusing(path: Path, detail: str) -> Iterator[None]:
    """Raise `RefusedError` where an encoder or a muxer does not take what it is given."""
    try:
        yield
    except av.error.EncoderNotFoundError as exc:
        raise RefusedError("kz.error.codec-unencodable", path=path, detail=detail) from exc
    except av.error.FFmpegError as exc:  # its own text has numbers, and the file that is made
        said = f"{detail}: {exc.strerror}"
        raise RefusedError("kz.error.sound-refused", path=path, detail=said) from exc
    except ValueError as exc:
        raise RefusedError("kz.error.sound-refused", path=path, detail=f"{detail}: {exc}") from exc


class _Rewriting:
    """One pass over the packets: audio through the notice, the rest as it is."""

    def __init__(self, source: InputContainer, output: OutputContainer, path: Path) -> None:
        self.source, self.output, self.path = source, output, path
        self.voices: dict[int, _Voiced] = {}
        self.copies: dict[int, Stream] = {}
        output.metadata.update(source.metadata)

    def voice(self, stream: AudioStream, track: Track, coding: Coding) -> None:
        """Let an audio track carry the notice."""
        self.voices[stream.index] = _Voiced(stream, self.output, track, coding, self.path)

    def copy(self, stream: Stream) -> None:
        """Let a stream go over packet by packet."""
        with refusing(self.path, f"{stream.type} {stream.index}"):
            made = self.output.add_stream_from_template(stream, opaque=True)
        _dressed(stream, made)
        self.copies[stream.index] = made

    def run(self) -> None:
        """Write everything."""
        inserted = next(iter(self.voices.values())).insertions
        self.output.set_chapters([_moved(chapter, inserted) for chapter in self.source.chapters()])
        for packet in self._packets():
            if packet.stream_index in self.copies:
                self._copied(packet)
            elif packet.stream_index in self.voices and packet.size:
                self.voices[packet.stream_index].take(packet)
            if packet.pos is not None:
                done = packet.pos / max(self.source.size, 1)
                _progress.done((1 + 2 * done) / 3)  # measuring: the first third
        for voice in self.voices.values():
            voice.end()

    def _packets(self) -> Iterator[Packet[Stream]]:
        """Yield all packets; a container that ends in damage ends there."""
        try:
            yield from self.source.demux()
        except av.error.FFmpegError:
            return

    def _copied(self, packet: Packet[Stream]) -> None:
        if packet.size and (packet.dts is not None or packet.pts is not None):
            packet.stream = self.copies[packet.stream_index]
            self.output.mux(packet)


def _dressed(stream: Stream, made: Stream) -> None:
    made.metadata.update(stream.metadata)
    made.disposition = stream.disposition


Moments = Sequence[tuple[Fraction, Fraction]]
"""Where something is inserted, and how much, in seconds."""


def _moved(chapter: av.container.Chapter, inserted: Moments) -> av.container.Chapter:
    """Return a chapter as it lies after insertions: one at its start comes before it."""
    base = chapter["time_base"]
    if base is None:
        return chapter
    start, end = chapter["start"] * base, chapter["end"] * base
    before = sum(length for at, length in inserted if at <= start)
    within = sum(length for at, length in inserted if at < end)
    return {
        **chapter,
        "start": int((start + before) / base),
        "end": int((end + max(before, within)) / base),
    }


class _Voiced:
    """One audio track: decoded, woven, encoded."""

    def __init__(
        self, stream: AudioStream, output: OutputContainer, track: Track, coding: Coding, path: Path
    ) -> None:
        self.output, self.coding, self.path = output, coding, path
        self.decoder = Decoder(stream)
        self.voice, self.rate = track.voice, track.facts.rate
        self.weaver = Weaver(track.voice, coding.bits)
        self.converter = Converter(coding.sample_format, track.facts.layout, self.rate)
        self.clock = Clock(path) if track.facts.video_tracks > 0 else None
        self.pts: int | None = None
        self.detail = track.facts.codec
        with refusing(path, self.detail):
            self.made = self._added(output, track.facts)
        _dressed(stream, self.made)

    def _added(self, output: OutputContainer, facts: Facts) -> AudioStream:
        coding = self.coding
        made = output.add_stream(coding.encoder, rate=self.rate, options=coding.options)
        if not isinstance(made, AudioStream):
            raise TypeError(coding.encoder)
        made.codec_context.layout = facts.layout
        made.codec_context.format = coding.encoder_format
        if coding.bit_rate:
            made.codec_context.bit_rate = coding.bit_rate
        made.time_base = Fraction(1, self.rate)
        return made

    @property
    def insertions(self) -> Moments:
        """Where the track grows, in seconds of the source."""
        if self.voice.under is not None:
            return ()
        length = Fraction(len(self.voice.samples), self.rate)
        return [(Fraction(at, self.rate), length) for at in self.voice.starts]

    def take(self, packet: Packet[Stream]) -> None:
        """Write what a packet becomes."""
        for frame in self.decoder.decoded(packet):
            self._take(frame)

    def end(self) -> None:
        """Write what the decoder, the notice and the encoder still hold."""
        for frame in [*self.decoder.decoded(None), None]:
            self._take(frame)
        if self.pts is None:
            raise UnreadableAssetError("kz.error.sound-undecodable", path=self.path)
        for block in self.weaver.rest():
            self._encode(block)
        with refusing(self.path, self.detail):
            self.output.mux(self.made.encode(None))

    def _take(self, frame: AudioFrame | None) -> None:
        if frame is not None:
            self._follow(frame)
        for ready in self.converter.converted(frame):
            for block in self.weaver.taken(rows(ready)):
                self._encode(block)

    def _follow(self, frame: AudioFrame) -> None:
        """Keep to the timestamps of the source where pictures are shown by them."""
        hole = self.clock.hole(frame) if self.clock else Fraction(0)
        if self.pts is None:
            origin = self.clock and self.clock.origin
            self.pts = round((origin or Fraction(0)) * self.rate)
        left = round(hole * self.rate)
        while left > 0:  # a hole is filled, so that the notice over it is heard
            quiet = np.zeros((min(left, self.rate), self.made.layout.nb_channels))
            kind = np.dtype(format_dtypes[self.coding.sample_format])
            for block in self.weaver.taken(in_type(quiet, kind, kind.itemsize * 8)):
                self._encode(block)
            left -= len(quiet)

    def _encode(self, block: Rows) -> None:
        if not len(block) or self.pts is None:
            return
        frame = AudioFrame(self.coding.sample_format, self.made.layout, len(block))
        frame.planes[0].update(block.tobytes())
        frame.sample_rate, frame.time_base, frame.pts = self.rate, Fraction(1, self.rate), self.pts
        self.pts += len(block)
        with refusing(self.path, self.detail):
            self.output.mux(self.made.encode(frame))
