"""WAV: https://learn.microsoft.com/windows/win32/medfound/tutorial--decoding-audio; EBU Tech 3285.

`_pcm_chunks` walks the file, `_wav_structure` knows its samples, `_pcm_notice` where the notice
goes, `_wav_tags` the tags. C2PA puts its manifest into a chunk `C2PA` at the end of the RIFF.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kzlabel.formats._pcm_chunks import UNKNOWN, Chunk
from kzlabel.formats._pcm_markers import (
    moved_adtl,
    moved_cue,
    moved_peak,
    moved_plst,
    moved_smpl,
    points_of,
)
from kzlabel.formats._wav_structure import Wave, read_wave
from kzlabel.model import Carrier, CarrierKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from typing import BinaryIO

    from kzlabel.formats._pcm_notice import Given
    from kzlabel.model import Notice, NoticeReport, Placement, Tags

DEMUXER = "wav"


class WavRoom:
    """WAV, RF64 and BW64."""

    def manifest_carrier(self, path: Path) -> Carrier:
        from kzlabel.formats._wav_carrier import companion_reason

        reason = companion_reason(path)
        if reason is None:
            return Carrier(kind=CarrierKind.EMBEDDED, reason="kz.carrier.wav")
        return Carrier(kind=CarrierKind.COMPANION, reason=reason)

    def read_tags(self, path: Path) -> Tags:
        from kzlabel.formats._wav_tags import read_wave_tags

        return read_wave_tags(path)

    def write_tags(self, src: Path, dst: Path, tags: Tags) -> None:
        from kzlabel.formats._wav_tags import write_wave_tags

        write_wave_tags(src, dst, tags)

    def write_notice(self, src: Path, dst: Path, notice: Notice) -> Placement:
        from kzlabel.formats._pcm_notice import give
        from kzlabel.formats._pcm_splice import Stretch
        from kzlabel.formats._wav_structure import sound_of, write_wave

        with src.open("rb") as file:
            wave = read_wave(file, src)
            pcm, data = sound_of(wave)
            given = give(file, src, DEMUXER, notice, pcm, Stretch(data.body, data.size))
            edits = {data: given.pieces, **dict(_moved(file, wave, given))}
            write_wave(file, dst, wave, edits)
        return given.placement

    def find_notices(
        self, path: Path, hints: Sequence[Placement], *, search: bool
    ) -> Sequence[NoticeReport]:
        from kzlabel.formats._sound import judge

        return judge(path, DEMUXER, hints, search=search)


def _moved(file: BinaryIO, wave: Wave, given: Given) -> Iterator[tuple[Chunk, list[bytes] | None]]:
    """Yield the chunks that count samples or say where they are, as they are around the notice.

    A digest of the old samples (`MD5 `, BWF MetaEdit) would be false: it goes.
    """
    container = wave.container
    cue = container.find(b"cue ")
    move = _Moves(wave, given, points_of(container.read(file, cue)) if cue else {})
    known = {b"fact": move.fact, b"cue ": move.cue, b"plst": move.plst, b"smpl": move.smpl,
             b"LIST": move.adtl, b"PEAK": move.peak}  # fmt: skip
    for chunk in container.chunks:
        if chunk.name == b"MD5 ":
            yield chunk, None
        elif chunk.name in known and _is_wanted(file, chunk):
            yield chunk, [known[chunk.name](container.read(file, chunk))]


def _is_wanted(file: BinaryIO, chunk: Chunk) -> bool:
    """Whether a list is one of passages; other lists may be of any size."""
    file.seek(chunk.body)
    return chunk.name != b"LIST" or file.read(4) == b"adtl"


class _Moves(NamedTuple):
    """What each chunk becomes around the notice."""

    wave: Wave
    given: Given
    points: dict[int, int]

    def fact(self, held: bytes) -> bytes:
        """Return the count of frames; where 32 bits cannot say it, `ds64` does."""
        if self.wave.container.kind != b"RIFF" and held[:4] == b"\xff\xff\xff\xff":
            return held
        return min(self.given.frames, UNKNOWN).to_bytes(4, "little") + held[4:]

    def cue(self, held: bytes) -> bytes:
        return moved_cue(held, self.given.shift)

    def plst(self, held: bytes) -> bytes:
        return moved_plst(held, self.given.shift, self.points)

    def smpl(self, held: bytes) -> bytes:
        return moved_smpl(held, self.given.shift)

    def adtl(self, held: bytes) -> bytes:
        return moved_adtl(held, self.given.shift, self.points)

    def peak(self, held: bytes) -> bytes:
        return moved_peak(held, self.given.shift, "<")
