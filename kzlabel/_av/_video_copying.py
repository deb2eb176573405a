"""Streams, chapters and names that go from one container to another as they are.

What FFmpeg's muxers make themselves is left to them: the timecode track of MOV (from the video
stream's `timecode`) and the text track of chapters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from av.audio.stream import AudioStream  # noqa: TID253  this is the border
from av.error import FFmpegError  # noqa: TID253  likewise
from av.stream import Discard, Disposition  # noqa: TID253  likewise

from kzlabel._av.opening import opened
from kzlabel.errors import LimitError, RefusedError

if TYPE_CHECKING:
    from pathlib import Path

    from av.container import InputContainer, OutputContainer
    from av.packet import Packet
    from av.stream import Stream

MAX_COVER = 1 << 26
"""Bytes of an attached picture."""
ATTACHING = ("matroska",)
"""Muxers in which attached pictures are attachments."""
_TIMECODE = "timecode"
_MP3 = ("mp3", "mp3float")
_OWN_WORDS = frozenset({"DURATION", "ENCODER", "encoder", "_STATISTICS_TAGS"})
"""What a muxer says of a stream by itself."""
MOV_FAMILY = ("mov", "mp4", "ipod", "3gp", "3g2", "psp", "ismv", "f4v")


def is_copied(stream: Stream) -> bool:
    """Whether a stream goes over; chapters and timecode are made anew by the muxer."""
    timecode = stream.type == "data" and _TIMECODE in stream.metadata
    return stream.discard != Discard.all and not timecode


def add_copy(target: OutputContainer, stream: Stream, path: Path) -> Stream:
    """Add a stream to `target` whose packets are those of `stream`.

    Raises `RefusedError` where the container cannot carry it.
    """
    try:
        if target.format.name == "avi" and isinstance(stream, AudioStream) and stream.name in _MP3:
            copy: Stream = _mp3(target, stream)
        else:
            copy = target.add_stream_from_template(stream, opaque=True)
    except (ValueError, FFmpegError) as exc:
        name = f"{stream.type} #{stream.index}"
        said = exc.strerror if isinstance(exc, FFmpegError) else exc  # the other names the new file
        raise RefusedError("kz.error.video-stream", path=path, stream=name, detail=said) from exc
    name_stream(copy, stream)
    return copy


def _mp3(target: OutputContainer, stream: AudioStream) -> Stream:
    """Add a stream of MP3 to AVI: one packet is one frame there, whatever its bytes.

    From a template FFmpeg takes the block size of WAVEFORMATEX and counts bytes by it; its own
    command line leaves that out, and so does an encoder that is never given anything.
    """
    copy = target.add_stream("libmp3lame", rate=stream.rate)
    copy.codec_context.layout = stream.layout
    copy.codec_context.bit_rate = stream.bit_rate or 0
    return copy


def is_cover(stream: Stream) -> bool:
    """Whether a stream is one picture, attached."""
    return Disposition.attached_pic in stream.disposition


def cover_of(path: Path, demuxer: str, index: int) -> bytes:
    """Return the bytes of an attached picture; raises `LimitError`."""
    with opened(path, demuxer) as container:
        for packet in container.demux(container.streams[index]):
            if packet.size > MAX_COVER:
                raise LimitError("kz.error.frames", path=path, frames=packet.size, limit=MAX_COVER)
            return bytes(packet)
    return b""


def attach(target: OutputContainer, stream: Stream, picture: bytes) -> None:
    """Add a picture as an attachment: a muxer that has them would make it a film of one frame."""
    kind = "image/png" if picture.startswith(b"\x89PNG") else "image/jpeg"
    name = stream.metadata.get("filename", f"cover.{kind[-3:].replace('peg', 'jpg')}")
    target.add_attachment(name, stream.metadata.get("mimetype", kind), picture)


def name_stream(copy: Stream, stream: Stream) -> None:
    """Give `copy` the number, the disposition and the names of `stream`."""
    copy.id = stream.id
    copy.disposition = stream.disposition
    copy.metadata.update({k: v for k, v in stream.metadata.items() if k not in _OWN_WORDS})


def copy_names(target: OutputContainer, source: InputContainer) -> None:
    """Give `target` the metadata and the chapters of `source`."""
    target.metadata.update({k: v for k, v in source.metadata.items() if k not in _OWN_WORDS})
    chapters = source.chapters()
    if chapters:
        target.set_chapters(chapters)


def put(target: OutputContainer, stream: Stream, packet: Packet[Stream]) -> None:
    """Write one packet into `stream` as it is."""
    if packet.dts is None:
        packet.dts = packet.pts
    packet.stream = stream
    target.mux_one(packet)
