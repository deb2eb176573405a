"""Tags of sound that would cost FFmpeg and c2pa-rs a minute or a gigabyte are refused in time."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import pytest
from samples import FIXTURES

from kzlabel.errors import LimitError
from kzlabel.formats import recognise
from kzlabel.formats._id3 import MAX_FRAMES, MAX_TAG
from kzlabel.formats._riff_texts import MAX_COUNTED
from kzlabel.formats._vorbis_comments import MAX_COMMENTS

if TYPE_CHECKING:
    from pathlib import Path

LINE = b"\x03\0\0\0a=b"


def comments(count: int, *, told: int | None = None) -> bytes:
    return bytes(4) + (count if told is None else told).to_bytes(4, "little") + LINE * count


def flac(block: bytes) -> bytes:
    whole = (FIXTURES / "sound.flac").read_bytes()
    at = whole.index(b"fLaC") + 42
    return whole[:at] + b"\4" + len(block).to_bytes(3) + block + whole[at:]


def mp3(*frames: bytes) -> bytes:
    whole = (FIXTURES / "sound.mp3").read_bytes()
    body = b"".join(frames)
    size = bytes(len(body) >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\3\0\0" + size + body + whole


def frame(content: bytes, *, packed: bool = False) -> bytes:
    held = len(content).to_bytes(4) + zlib.compress(content) if packed else content
    return b"TXXX" + len(held).to_bytes(4) + bytes((0, 0x80 * packed)) + held


def ogg(count: int) -> bytes:
    whole = bytearray((FIXTURES / "sound.opus").read_bytes())
    at = whole.index(b"OpusTags") + 8
    at += 4 + int.from_bytes(whole[at : at + 4], "little")
    whole[at : at + 4] = count.to_bytes(4, "little")
    return bytes(whole)


BOMB = frame(bytes(MAX_TAG // 3), packed=True)
REFUSED = {
    "many.flac": flac(comments(MAX_COMMENTS + 1)),
    "many.opus": ogg(MAX_COMMENTS + 1),
    "many.mp3": mp3(frame(b"\0a\0b") * MAX_FRAMES),
    "bombs.mp3": mp3(BOMB * 4),
    "chained.flac": mp3(BOMB * 4)[: -len((FIXTURES / "sound.mp3").read_bytes())]
    + (FIXTURES / "sound.flac").read_bytes(),
}
TAKEN = {
    "few.flac": flac(comments(MAX_COMMENTS - 100)),
    "lying.flac": flac(comments(1, told=0xFFFFFFFF)),
    "some.mp3": mp3(frame(b"\0a\0b") * 100, BOMB * 2),
    "damaged.mp3": mp3(b"TXXX" + (8).to_bytes(4) + b"\0\x80" + b"\0\0\0\4 bad"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_costs_too_much_is_refused_before_it_is_opened(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(REFUSED[name])
    room = recognise(path)
    assert room is not None
    with pytest.raises(LimitError):
        room.find_notices(path, (), search=True)


def wave(count: int) -> bytes:
    info = b"INFO" + b"ICMT\2\0\0\0v\0" * count
    body = (FIXTURES / "sound.wav").read_bytes()[12:]
    body += b"LIST" + len(info).to_bytes(4, "little") + info
    return b"RIFF" + (len(body) + 4).to_bytes(4, "little") + b"WAVE" + body


def test_texts_of_riff_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "sound.wav"
    path.write_bytes(wave(MAX_COUNTED - 100))
    room = recognise(path)
    assert room is not None
    assert room.read_tags(path)["riff-info"]["ICMT"] == "v"
    path.write_bytes(wave(MAX_COUNTED + 1))
    with pytest.raises(LimitError, match="more than 10000 chunks"):
        room.read_tags(path)


@pytest.mark.parametrize("name", TAKEN)
def test_what_costs_little_is_read(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(TAKEN[name])
    room = recognise(path)
    assert room is not None
    room.read_tags(path)
    room.find_notices(path, (), search=True)
