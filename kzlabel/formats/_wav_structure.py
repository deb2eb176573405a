"""WAV, RF64 and BW64: what `fmt ` says of the samples, and a new file around changed chunks.

`fmt ` (Multimedia Programming Interface 1.0; mmreg.h): format tag, channels, rate, bytes a second,
bytes a frame, bits; tag 0xFFFE (WAVE_FORMAT_EXTENSIBLE) goes on with a size, the bits that count, a
mask of channels and a GUID that begins with the real tag. A RIFF that grows past 4 GiB becomes an
RF64 (EBU Tech 3306); so does none that was smaller.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

from kzlabel.errors import RefusedError, UnreadableAssetError
from kzlabel.formats._new_file import new_file
from kzlabel.formats._pcm import Coding, Pcm
from kzlabel.formats._pcm_chunks import DS64, UNKNOWN, Chunk, Container, read_chunks
from kzlabel.formats._pcm_splice import Stretch, respliced, size_of, write_pieces

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

    from kzlabel.formats._pcm_splice import Added, Edits, Piece

FORM = (b"WAVE",)
EXTENSIBLE = 0xFFFE
_FMT = struct.Struct("<HHIIHH")
_EXTENDED = 40
_INTEGER, _FLOAT, _A_LAW, _MU_LAW = 1, 3, 6, 7
_GUID_TAIL = bytes.fromhex("000000001000800000aa00389b71")
_FLOATS = (32, 64)
_MAX_BITS = 32
_MAX_CHANNELS = 64
_NAMES = {
    0x0002: "Microsoft ADPCM", 0x0011: "IMA ADPCM", 0x0014: "G.723 ADPCM", 0x0022: "TrueSpeech",
    0x0031: "GSM 6.10", 0x0040: "G.721 ADPCM", 0x0045: "G.726 ADPCM", 0x0050: "MPEG layer II",
    0x0055: "MP3", 0x0064: "G.726 ADPCM", 0x0092: "Dolby AC-3", 0x00FF: "AAC", 0x0161: "WMA 2",
    0x0162: "WMA Pro", 0x0270: "ATRAC3", 0x2000: "AC-3", 0x2001: "DTS", 0xF1AC: "FLAC",
}  # fmt: skip


class Wave(NamedTuple):
    """A WAV's chunks, and the two that it is about."""

    container: Container
    fmt: bytes
    """Empty where there is none."""
    data: Chunk | None


def read_wave(file: BinaryIO, path: Path) -> Wave:
    """Walk an open WAV; raises `UnreadableAssetError`, `LimitError`."""
    container = read_chunks(file, path, FORM)
    fmt = container.find(b"fmt ")
    held = container.read(file, fmt) if fmt else b""
    return Wave(container, held, container.find(b"data"))


def written_on(wave: Wave) -> Container:
    """Return the chunks of a WAV that something can be written into.

    Raises `UnreadableAssetError` where it is cut, or has nothing that is heard.
    """
    if wave.data is None:
        raise UnreadableAssetError("kz.error.pcm-missing", path=wave.container.path)
    return wave.container.whole()


def sound_of(wave: Wave) -> tuple[Pcm, Chunk]:
    """Return how the samples lie, and where; refuses what is not PCM or G.711, or in two parts."""
    path = written_on(wave).path
    if len(wave.container.all(b"data")) > 1:
        raise RefusedError("kz.error.pcm-parts", path=path)
    if wave.data is None or len(wave.fmt) < _FMT.size:
        raise UnreadableAssetError("kz.error.pcm-missing", path=path)
    return pcm_of(wave.fmt, path), wave.data


def pcm_of(fmt: bytes, path: Path) -> Pcm:
    """Return what a `fmt ` chunk says; refuses what is not PCM or G.711."""
    tag, channels, rate, _, frame, bits = _FMT.unpack_from(fmt)
    counted = bits
    if tag == EXTENSIBLE and len(fmt) >= _EXTENDED and fmt[26:_EXTENDED] == _GUID_TAIL:
        tag = int.from_bytes(fmt[24:26], "little")
        counted = int.from_bytes(fmt[18:20], "little") or bits
    coding, width = _coding(tag, bits), (bits + 7) // 8
    if coding is None:
        said = f"0x{tag:04x}, {bits} bit"
        detail = f"{_NAMES[tag]} ({said})" if tag in _NAMES else said
        raise RefusedError("kz.error.pcm-codec", path=path, detail=detail)
    whole = 0 < channels <= _MAX_CHANNELS and frame == channels * width and rate
    if not whole or not 0 < counted <= bits:
        detail = f"{channels} x {counted}/{bits} bit, {frame} bytes, {rate} Hz"
        raise RefusedError("kz.error.pcm-layout", path=path, detail=detail)
    return Pcm(coding, width, counted, "little", channels, rate)


def _coding(tag: int, bits: int) -> Coding | None:
    if tag == _INTEGER and 0 < bits <= _MAX_BITS:
        return Coding.UNSIGNED if bits <= 8 else Coding.SIGNED  # noqa: PLR2004  a byte
    if tag == _FLOAT and bits in _FLOATS:
        return Coding.FLOAT
    if bits == 8:  # noqa: PLR2004  G.711 has bytes
        return {_A_LAW: Coding.A_LAW, _MU_LAW: Coding.MU_LAW}.get(tag)
    return None


# --- Writing --------------------------------------------------------------------------------------


def write_wave(file: BinaryIO, dst: Path, wave: Wave, edits: Edits, added: Added = ()) -> None:
    """Write a WAV whose chunks in `edits` hold something else, with `added` behind the others.

    All else stays where it was, bytes behind the RIFF too. Raises `FileExistsError`.
    """
    container = written_on(wave)
    chunks = respliced(container, edits, added)
    if (ds64 := _ds64(container)) is not None:
        with_sizes = {**edits, ds64: [_sizes_again(file, wave, edits, size_of(chunks))]}
        chunks = respliced(container, with_sizes, added)
        head = container.kind + UNKNOWN.to_bytes(4, "little") + b"WAVE"
    elif size_of(chunks) + 4 < UNKNOWN:
        head = b"RIFF" + (size_of(chunks) + 4).to_bytes(4, "little") + b"WAVE"
    else:
        data = _data_size(wave, edits)
        sizes = size_of(chunks) + 4 + 8 + DS64, data, _frames(wave, data), 0
        wide = b"ds64" + DS64.to_bytes(4, "little") + struct.pack("<QQQI", *sizes)
        head = b"RF64" + UNKNOWN.to_bytes(4, "little") + b"WAVE" + wide
    rest = Stretch(container.end, container.size - container.end)
    with new_file(dst) as target:
        write_pieces(file, target, [head, *chunks, rest])


def _ds64(container: Container) -> Chunk | None:
    first = container.chunks[0] if container.chunks else None
    if container.kind == b"RIFF":
        return None
    if first is None or first.name != b"ds64" or first.size < DS64:
        raise UnreadableAssetError("kz.error.pcm-header", path=container.path, name="RF64")
    return first


def _sizes_again(file: BinaryIO, wave: Wave, edits: Edits, chunks: int) -> Piece:
    """Return what `ds64` holds, with the sizes of the new file; its table stays."""
    container = wave.container
    old = container.read(file, container.chunks[0])
    data = _data_size(wave, edits)
    samples = int.from_bytes(old[16:24], "little")
    if wave.data in edits and samples:
        samples = _frames(wave, data)
    return struct.pack("<QQQ", chunks + 4, data, samples) + old[24:]


def _frames(wave: Wave, data: int) -> int:
    """Return how many frames so many bytes are; 0 where `fmt ` does not say."""
    frame = int.from_bytes(wave.fmt[12:14], "little")
    return data // frame if frame else 0


def _data_size(wave: Wave, edits: Edits) -> int:
    if wave.data is None:
        return 0
    held = edits.get(wave.data)
    return wave.data.size if held is None else size_of(held)
