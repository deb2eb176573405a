"""Where the samples of a track lie: its chunks, from `stsc`, `stsz` and `stco` (8.7 there).

A chunk is a run of samples that lie together. Their number, first sample and times follow from
`stsc` (`u32 first chunk, samples in each, description`), `stsz` (`u32 size of all, count, sizes`)
and `stts` (`u32 count, duration`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kzlabel.formats._bmff import DamagedBoxError
from kzlabel.formats._mp4_parts import Part, find, part

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from kzlabel.formats._mp4_track import Track

    Numbers = npt.NDArray[np.int64]

MAX_SAMPLES = 1 << 40
"""Samples of one track; PCM counts each of its frames."""


@dataclass(frozen=True, eq=False)
class Chunks:
    """The chunks of one track, in their order."""

    offsets: Numbers
    sizes: Numbers
    times: npt.NDArray[np.float64]
    """When their first samples are decoded, in seconds."""


def chunks_of(track: Track) -> Chunks:
    """Return where the samples lie; raises `DamagedBoxError` where the tables contradict."""
    import numpy as np

    offsets = _offsets(track.stbl)
    counts = _samples_in(track.stbl, len(offsets))
    ends = np.cumsum(counts)
    firsts = ends - counts
    total = int(ends[-1]) if len(ends) else 0
    if total > MAX_SAMPLES:
        raise DamagedBoxError("kz.error.box-table", name="stsc")
    return Chunks(offsets, _sizes(track, counts, total), _times(track, firsts))


def _table(stbl: bytes, kind: bytes, start: int, columns: int) -> Numbers:
    """Return the rows of a table of `u32`, as many as its count says."""
    import numpy as np

    payload = find(stbl, kind) or b"\0" * start
    count = int.from_bytes(payload[start - 4 : start])
    if count * columns * 4 > len(payload) - start:
        raise DamagedBoxError("kz.error.box-table", name=kind.decode())
    rows = np.frombuffer(payload, ">u4", count * columns, start)
    return rows.astype(np.int64).reshape(count, columns)


def _offsets(stbl: bytes) -> Numbers:
    if find(stbl, b"co64") is None:
        return _table(stbl, b"stco", 8, 1)[:, 0]
    pairs = _table(stbl, b"co64", 8, 2)
    return (pairs[:, 0] << 32) | pairs[:, 1]


def _samples_in(stbl: bytes, chunks: int) -> Numbers:
    """Return how many samples each chunk holds."""
    import numpy as np

    rows = _table(stbl, b"stsc", 8, 3)
    firsts = rows[:, 0] - 1
    if not chunks:
        return np.zeros(0, np.int64)
    if not len(rows) or firsts[0] != 0 or (np.diff(firsts) <= 0).any():
        raise DamagedBoxError("kz.error.box-table", name="stsc")
    runs = np.diff(np.append(np.minimum(firsts, chunks), chunks))
    return np.repeat(rows[:, 1], runs)


def _times(track: Track, samples: Numbers) -> npt.NDArray[np.float64]:
    """Return when samples are decoded; what `stts` does not cover comes with its last."""
    import numpy as np

    rows = _table(track.stbl, b"stts", 8, 2).astype(np.float64)
    if not len(rows):
        return np.zeros(len(samples))
    until = np.cumsum(rows[:, 0])
    since = np.cumsum(rows[:, 0] * rows[:, 1]) - rows[:, 0] * rows[:, 1]
    run = np.minimum(np.searchsorted(until, samples, side="right"), len(rows) - 1)
    within = samples - (until - rows[:, 0])[run]
    times: npt.NDArray[np.float64] = (since[run] + within * rows[run, 1]) / track.timescale
    return times


def _sizes(track: Track, counts: Numbers, total: int) -> Numbers:
    """Return the bytes of each chunk."""
    import numpy as np

    compact = find(track.stbl, b"stz2")
    payload = find(track.stbl, b"stsz") or b""
    if compact is not None:
        sizes = _compact(compact, total)
    elif same := int.from_bytes(payload[4:8]):
        return _of_same_size(track, counts, same)
    else:
        sizes = _table(track.stbl, b"stsz", 12, 1)[:, 0]
    if len(sizes) < total:
        raise DamagedBoxError("kz.error.box-table", name="stsz")
    sums = np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes)))
    ends = np.cumsum(counts)
    between: Numbers = sums[ends] - sums[ends - counts]
    return between


def _compact(stz2: bytes, total: int) -> Numbers:
    """`u24 0, u8 bits (4, 8, 16), u32 count, sizes`."""
    import numpy as np

    bits = stz2[7]
    if bits == 4:  # noqa: PLR2004  two in a byte
        pairs = np.frombuffer(stz2, ">u1", offset=12)
        return np.stack((pairs >> 4, pairs & 15), 1).reshape(-1)[:total].astype(np.int64)
    if bits not in (8, 16):
        raise DamagedBoxError("kz.error.box-table", name="stz2")
    kind = f">u{bits // 8}"
    count = min(total, (len(stz2) - 12) // (bits // 8))
    return np.frombuffer(stz2, kind, count, 12).astype(np.int64)


def _of_same_size(track: Track, counts: Numbers, same: int) -> Numbers:
    """Return the bytes of chunks of samples of one size.

    QuickTime counts sound in frames of PCM and says 1 for their size; the sample entry then knows
    how many bytes a packet of how many frames has (QuickTime File Format, "Sound sample
    description"): `u16 version @8, channels @16, bits @18, …, u32 frames in a packet @28, bytes in
    a packet @32, bytes in a frame @36`.
    """
    entry = track.entries[0].payload if track.entries else b""
    if track.handler != b"soun" or len(entry) < 28:  # noqa: PLR2004
        return counts * same
    version, channels, bits = (int.from_bytes(entry[at : at + 2]) for at in (8, 16, 18))
    if version == 1:
        frames, frame = int.from_bytes(entry[28:32]), int.from_bytes(entry[36:40])
        if frame and (frames > 1 or same == 1):
            return counts // max(frames, 1) * frame
    return counts * (max(channels * bits // 8, 1) if same == 1 else same)


def offset_table(offsets: Numbers, *, wide: bool) -> Part:
    """Return `co64` or `stco`."""
    head = b"\0\0\0\0" + len(offsets).to_bytes(4)
    content = offsets.astype(">u8" if wide else ">u4").tobytes()
    return part(b"co64" if wide else b"stco", head + content)
