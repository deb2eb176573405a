"""Frames of MPEG audio (ISO/IEC 11172-3, 13818-3) and of ADTS (13818-7): enough to know them apart.

* MPEG: sync(11) version(2) layer(2) unprotected(1) bit rate(4) rate(2) padding(1) private(1)
  mode(2) and six bits more
* ADTS: sync(12) id(1) layer(2) = 0 unprotected(1) profile(2) rate(4) private(1) channels(3) four
  flags, size(13), all in bits
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kzlabel.formats._id3 import tag_size

if TYPE_CHECKING:
    from pathlib import Path

WINDOW = 4096
"""Bytes after a tag in which the first frame is looked for: some writers pad with zeros."""
_V1_RATES = (44100, 48000, 32000)
_ADTS_RATES = (
    96000,
    88200,
    64000,
    48000,
    44100,
    32000,
    24000,
    22050,
    16000,
    12000,
    11025,
    8000,
    7350,
)
_V1_BITS = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_V2_BITS = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)


@dataclass(frozen=True)
class Header:
    """What the header of one frame says."""

    kind: str
    """`mp3` or `aac`."""
    rate: int
    channels: int
    size: int
    """Bytes of the frame; 0 in free format."""
    bits: int = 0
    """Bits a second of MP3."""
    samples: int = 1152
    layout: bytes = b""
    """Of MP3: what must be the same in all frames of one stream."""
    side: int = 0
    """Bytes of header and side information of MP3, after which the main data begin."""


def mp3_header(four: bytes) -> Header | None:
    """Return what the header of an MP3 frame says, None where it is none."""
    if len(four) < 4 or four[0] != 0xFF or four[1] & 0xE6 != 0xE2:  # noqa: PLR2004  sync and layer III
        return None
    version, index, number = four[1] >> 3 & 3, four[2] >> 4, four[2] >> 2 & 3
    if version == 1 or index == 15 or number == 3:  # noqa: PLR2004  reserved values
        return None
    first, mono = version == 3, four[3] >> 6 == 3  # noqa: PLR2004  MPEG-1; one channel
    rate = _V1_RATES[number] >> (0 if first else 1 if version == 2 else 2)  # noqa: PLR2004  MPEG-2, 2.5
    bits = 1000 * (_V1_BITS if first else _V2_BITS)[index]
    size = (144 if first else 72) * bits // rate + (four[2] >> 1 & 1) if bits else 0
    crc = 0 if four[1] & 1 else 2
    side = 4 + crc + ((17 if mono else 32) if first else (9 if mono else 17))
    layout = bytes((four[1] & 0x1E, four[2] & 0x0C, mono))
    return Header("mp3", rate, 1 if mono else 2, size, bits, 1152 if first else 576, layout, side)


def adts_header(seven: bytes) -> Header | None:
    """Return what the header of an ADTS frame says, None where it is none."""
    if len(seven) < 7 or seven[0] != 0xFF or seven[1] & 0xF6 != 0xF0:  # noqa: PLR2004  sync and layer 0
        return None
    number = seven[2] >> 2 & 15
    size = (seven[3] & 3) << 11 | seven[4] << 3 | seven[5] >> 5
    if number >= len(_ADTS_RATES) or size < 7:  # noqa: PLR2004  no less than its header
        return None
    channels = (seven[2] & 1) << 2 | seven[3] >> 6
    return Header("aac", _ADTS_RATES[number], channels, size, samples=1024)


def header_at(content: bytes, at: int) -> Header | None:
    """Return the header that begins there, of either kind."""
    four = content[at : at + 7]
    return mp3_header(four) or adts_header(four)


def first_frame(head: bytes, path: Path) -> tuple[int, Header] | None:
    """Return where the first frame of a file begins, and its header; None where there is none.

    It is followed by another of its kind, or by the file's end. Looked for after an ID3v2 tag, and
    without one only at the very start. Raises `OSError`.
    """
    begin = tag_size(head)
    content = head[begin:] if begin + 2 * WINDOW <= len(head) else _read(path, begin)
    for at in range(min(WINDOW, len(content)) if begin else 1):
        if content[at : at + 1] != b"\xff":
            continue
        header = header_at(content, at)
        if header and _confirmed(content, at, header):
            return begin + at, header
    return None


def _read(path: Path, at: int) -> bytes:
    with path.open("rb") as file:
        file.seek(at)
        return file.read(4 * WINDOW)


def _confirmed(content: bytes, at: int, header: Header) -> bool:
    """Whether another frame of the kind follows, or a tag, or the end."""
    if not header.size:
        return at == 0  # free format: nothing says where the next begins
    after = at + header.size
    if after >= len(content) - 7:
        return after <= len(content)
    following = header_at(content, after)
    if following is None:
        return content[after : after + 3] in (b"TAG", b"APE", b"ID3")
    return (following.kind, following.rate) == (header.kind, header.rate)
