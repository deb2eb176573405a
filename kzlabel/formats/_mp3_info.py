"""The Info frame of MP3 (Xing, LAME: http://gabriel.mp3-tech.org/mp3infotag.html).

The first frame, which decodes to silence, holds after its side information
"Xing" or "Info", flags(4), frames(4), bytes(4), table of contents(100), quality(4), and LAME's 36
bytes, in which the samples before and after the programme stand in 12 bits each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kzlabel.formats._mpeg_frames import Header, mp3_header

DECODER_DELAY = 529
"""Samples by which every decoder is late; the delays in the frame are without it."""
_NAMES = (b"Xing", b"Info")
_ALL = 0x0F
_BODY, _LAME = 120, 36
_DELAYS = 21
_MUSIC = 28
_DEFAULT = b"LAME3.100" + bytes(_LAME - 9)
_CRC_POLYNOMIAL = 0xA001


@dataclass(frozen=True)
class Info:
    """What the Info frame of a file says."""

    name: bytes
    lame: bytes
    """LAME's 36 bytes; empty where there are none."""
    frames: int = 0
    """How many follow this one; 0 where it is not said."""

    @property
    def skipped(self) -> int:
        """Samples before the programme that a decoder leaves out; 0 where they are not said."""
        if not self.lame:
            return 0
        return (int.from_bytes(self.lame[_DELAYS : _DELAYS + 3]) >> 12) + DECODER_DELAY


def read_info(frame: bytes, header: Header) -> Info | None:
    """Return what an Info frame says, None where the frame is an ordinary one."""
    body = frame[header.side :]
    if body[:4] not in _NAMES:
        body = frame[header.side - (0 if frame[1] & 1 else 2) :]  # LAME puts it where no CRC is
    if body[:4] not in _NAMES:
        return None
    flags = int.from_bytes(body[4:8])
    at = 8 + 4 * (flags & 1) + 4 * (flags >> 1 & 1) + 100 * (flags >> 2 & 1) + 4 * (flags >> 3 & 1)
    lame = body[at : at + _LAME]
    known = len(lame) == _LAME and lame[:4] in (b"LAME", b"Lavf", b"Lavc")
    frames = int.from_bytes(body[8:12]) if flags & 1 else 0
    return Info(body[:4], lame if known else b"", frames)


def info_frame(
    like: bytes, info: Info | None, sizes: Sequence[int], skipped: int, padded: int
) -> bytes:
    """Return an Info frame for a file of frames of `sizes`.

    `like`: four bytes of a header of that file; `skipped` and `padded`: the samples that its first
    and last frames hold besides the programme, as encoded.
    """
    header, frame = _room(like)
    name = info.name if info else b"Info" if len(set(sizes)) <= 2 else b"Xing"  # noqa: PLR2004  padding
    total = sum(sizes) + len(frame)
    counts = _ALL.to_bytes(4) + len(sizes).to_bytes(4) + (total & 0xFFFFFFFF).to_bytes(4)
    body = name + counts + _contents(sizes, len(frame), total) + bytes(4)
    frame[header.side : header.side + _BODY] = body
    lame = bytearray((info.lame if info else b"") or _DEFAULT)
    delays = (skipped - DECODER_DELAY) << 12 | min(padded + DECODER_DELAY, 0xFFF)
    lame[_DELAYS : _DELAYS + 3] = delays.to_bytes(3)
    lame[_MUSIC : _MUSIC + 8] = (total & 0xFFFFFFFF).to_bytes(4) + bytes(4)
    frame[header.side + _BODY : header.side + _BODY + _LAME] = lame
    end = header.side + _BODY + _LAME
    frame[end - 2 : end] = _crc(bytes(frame[: end - 2])).to_bytes(2)
    return bytes(frame)


def _room(like: bytes) -> tuple[Header, bytearray]:
    """Return the header of the smallest silent frame that has room, and the frame."""
    for index in range(1, 15):
        four = bytes((like[0], like[1] | 1, index << 4 | like[2] & 0x0C, like[3]))
        header = mp3_header(four)
        if header and header.size >= header.side + _BODY + _LAME:
            return header, bytearray(four + bytes(header.size - 4))
    raise ValueError(like)


def _contents(sizes: Sequence[int], begin: int, total: int) -> bytes:
    """Return where each hundredth of the time begins, in parts of 256 of the bytes."""
    table = bytearray(100)
    at, percent = begin, 0
    for number, size in enumerate(sizes):
        while percent < len(table) and number * len(table) >= percent * len(sizes):
            table[percent] = min(255, at * 256 // total)
            percent += 1
        at += size
    return bytes(table)


def _crc(content: bytes) -> int:
    crc = 0
    for byte in content:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (_CRC_POLYNOMIAL if crc & 1 else 0)
    return crc
