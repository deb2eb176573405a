"""Whether c2pa-rs writes its manifest into an AVI without harm (0.91: `riff_io.rs`, crate `riff`).

It holds every chunk of the first RIFF in memory, those in lists too, and writes them all again with
a chunk `C2PA` behind them: offsets stay right, but every other RIFF (OpenDML) and every byte behind
the first is lost, and a file of a hundred thousand chunks takes seconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.errors import UnreadableAssetError
from kzlabel.formats._avi_layout import HEADER, MAX_DEPTH, chunks_in, read_avi

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

    from kzlabel.formats._avi_layout import Avi, Chunk

MAX_EMBEDDED = 512 << 20
"""Bytes of a file that c2pa-rs is given to write again: it holds it, and more."""
MAX_EMBEDDED_CHUNKS = 50_000
"""Chunks, pictures and sounds included: about a quarter of an hour."""
_FORM = 4


def companion_reason(path: Path) -> str | None:
    """Return why the manifest has to go beside the file; None: it goes inside.

    Raises `UnreadableAssetError` where the file is cut.
    """
    avi = read_avi(path)
    if len(avi.riffs) > 1:
        return "kz.carrier.avi-opendml"
    if avi.size > MAX_EMBEDDED:
        return "kz.carrier.avi-large"
    if avi.end != avi.size or not avi.riffs[0].full:
        return "kz.carrier.avi-structure"
    with path.open("rb") as file:
        return _doubt(file, avi)


def _doubt(file: BinaryIO, avi: Avi) -> str | None:
    """Return what about the chunks c2pa-rs would not keep."""
    waiting = [(HEADER, avi.end, 0)]
    seen = 0
    while waiting:
        at, end, depth = waiting.pop()
        try:
            for chunk in chunks_in(file, avi.path, at, end):
                seen += 1
                if seen > MAX_EMBEDDED_CHUNKS:
                    return "kz.carrier.avi-large"
                if not _plain(file, chunk, end, depth):
                    return "kz.carrier.avi-structure"
                if chunk.name == b"LIST":
                    waiting.append((chunk.body + _FORM, chunk.body + chunk.size, depth + 1))
        except UnreadableAssetError:  # at the top `read_avi` would have raised it
            return "kz.carrier.avi-structure"
    return None


def _plain(file: BinaryIO, chunk: Chunk, end: int, depth: int) -> bool:
    """Whether a chunk is written again as it is: padded with a zero, no odd list."""
    if chunk.stop > end or chunk.name in (b"RIFF", b"seqt"):
        return False
    if chunk.name == b"LIST" and (depth >= MAX_DEPTH or chunk.size < _FORM):
        return False
    if chunk.size & 1:
        file.seek(chunk.stop - 1)
        return file.read(1) == b"\0"
    return True
