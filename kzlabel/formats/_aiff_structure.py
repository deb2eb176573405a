"""AIFF and AIFF-C: what `COMM` says of the samples, and a new file around changed chunks.

AIFF 1.3 (Apple, 1989) and AIFF-C (1991): `COMM` holds the channels (2 bytes), the frames (4), the
bits (2), the rate (an extended float of 10 bytes) and in AIFF-C a compression type of four letters
and its name; `SSND` holds an offset (4), a block size (4), `offset` bytes of nothing, the samples.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

from kzlabel.errors import LimitError, RefusedError, UnreadableAssetError
from kzlabel.formats._new_file import new_file
from kzlabel.formats._pcm import Coding, Pcm
from kzlabel.formats._pcm_chunks import UNKNOWN, Chunk, Container, named, read_chunks
from kzlabel.formats._pcm_splice import Stretch, respliced, size_of, write_pieces

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO, Literal

    from kzlabel.formats._pcm_splice import Added, Edits

FORMS = (b"AIFF", b"AIFC")
FRAMES_AT = 2
"""Where `COMM` has the number of frames."""
_COMM, _TYPE_AT = struct.Struct(">hIhHQ"), 18
_SSND = 8
_MAX_BITS = 32
_MAX_CHANNELS = 64
_MAX_RATE = 1 << 31
_BIAS = 16383 + 63
_FIXED: dict[bytes, tuple[Coding, int, Literal["little", "big"]]] = {
    b"sowt": (Coding.SIGNED, 2, "little"),
    b"raw": (Coding.UNSIGNED, 1, "big"),
    b"fl32": (Coding.FLOAT, 4, "big"),
    b"fl64": (Coding.FLOAT, 8, "big"),
    b"in24": (Coding.SIGNED, 3, "big"),
    b"in32": (Coding.SIGNED, 4, "big"),
    b"ulaw": (Coding.MU_LAW, 1, "big"),
    b"alaw": (Coding.A_LAW, 1, "big"),
}  # as FFmpeg reads them: whatever the bits in COMM
_SOWT_BITS = range(9, 17)


class Aiff(NamedTuple):
    """An AIFF's chunks, and the two that it is about."""

    container: Container
    comm: Chunk | None
    ssnd: Chunk | None


def read_aiff(file: BinaryIO, path: Path) -> Aiff:
    """Walk an open AIFF; raises `UnreadableAssetError`, `LimitError`."""
    container = read_chunks(file, path, FORMS)
    return Aiff(container, container.find(b"COMM"), container.find(b"SSND"))


def written_on(aiff: Aiff) -> Container:
    """Return the chunks of an AIFF that something can be written into.

    Raises `UnreadableAssetError` where it is cut, or nothing says what is heard.
    """
    if aiff.comm is None:
        raise UnreadableAssetError("kz.error.pcm-missing", path=aiff.container.path)
    return aiff.container.whole()


class Sound(NamedTuple):
    """The samples of an AIFF."""

    pcm: Pcm
    comm: bytes
    header: Stretch
    """What `SSND` begins with, the bytes that its offset skips included."""
    samples: Stretch


def sound_of(file: BinaryIO, aiff: Aiff) -> Sound:
    """Return the samples; refuses other codecs."""
    container, path = written_on(aiff), aiff.container.path
    if aiff.comm is None or aiff.ssnd is None or aiff.ssnd.size < _SSND:
        raise UnreadableAssetError("kz.error.pcm-missing", path=path)
    comm = container.read(file, aiff.comm)
    file.seek(aiff.ssnd.body)
    skipped = _SSND + int.from_bytes(file.read(4))
    if len(comm) < _COMM.size or skipped > aiff.ssnd.size:
        raise UnreadableAssetError("kz.error.pcm-missing", path=path)
    header = Stretch(aiff.ssnd.body, skipped)
    samples = Stretch(aiff.ssnd.body + skipped, aiff.ssnd.size - skipped)
    return Sound(pcm_of(comm, container), comm, header, samples)


def pcm_of(comm: bytes, container: Container) -> Pcm:
    """Return what a `COMM` chunk says; refuses what is not PCM or G.711."""
    channels, _, bits, exponent, mantissa = _COMM.unpack_from(comm)
    kind = comm[_TYPE_AT : _TYPE_AT + 4] if container.form == b"AIFC" else b"NONE"
    found = _coding(kind, bits)
    if found is None:
        detail = f"{named(kind)}, {bits} bit"
        raise RefusedError("kz.error.pcm-codec", path=container.path, detail=detail)
    shift = _BIAS - exponent
    rate = mantissa >> shift if 0 <= shift < 64 else 0  # noqa: PLR2004  bits of the mantissa
    if not (0 < channels <= _MAX_CHANNELS and 0 < rate < _MAX_RATE):
        detail = f"{channels} x {bits} bit, {rate} Hz"
        raise RefusedError("kz.error.pcm-layout", path=container.path, detail=detail)
    coding, width, counted, order = found
    return Pcm(coding, width, counted, order, channels, rate)


def _coding(kind: bytes, bits: int) -> tuple[Coding, int, int, Literal["little", "big"]] | None:
    if kind in (b"NONE", b"twos"):
        width = (bits + 7) // 8
        return (Coding.SIGNED, width, bits, "big") if 0 < bits <= _MAX_BITS else None
    fixed = _FIXED.get(kind.lower().rstrip())
    if fixed is None or (kind == b"sowt" and bits not in _SOWT_BITS):
        return None
    coding, width, order = fixed
    return coding, width, width * 8, order


def write_aiff(file: BinaryIO, dst: Path, aiff: Aiff, edits: Edits, added: Added = ()) -> None:
    """Write an AIFF whose chunks in `edits` hold something else, with `added` behind the others.

    All else stays where it was. Raises `FileExistsError`, `LimitError` beyond 4 GiB.
    """
    container = written_on(aiff)
    chunks = respliced(container, edits, added)
    size = size_of(chunks) + 4
    if size >= UNKNOWN:
        raise LimitError("kz.error.aiff-large", path=container.path, limit=UNKNOWN)
    rest = Stretch(container.end, container.size - container.end)
    with new_file(dst) as target:
        head = b"FORM" + size.to_bytes(4) + container.form
        write_pieces(file, target, [head, *chunks, rest])
