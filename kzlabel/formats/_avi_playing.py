"""How an AVI asks to be played: streams that are off, and the shape of pixels.

`strh`: u32 type, u32 handler, u32 flags, of which 1 (`AVISF_DISABLED`) is "off by default". `vprp`
says the shape (`_avi_shape`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.formats._avi_shape import pixel_shape, streams
from kzlabel.formats._film_playing import (
    RESHAPED,
    SWITCHED_OFF,
    Film,
    Pictures,
    is_stretched,
    sound_of,
)

if TYPE_CHECKING:
    from typing import BinaryIO

    from kzlabel.formats._avi_layout import Avi, Chunk

DEMUXER = "avi"
_FLAGS = 8
_DISABLED = 1


def film_of(avi: Avi) -> Film:
    """Return how the file is to be played, as the headers of its streams say."""
    with avi.path.open("rb") as file:
        held = list(streams(file, avi))
        on = [_is_on(file, headers.get(b"strh")) for _, headers in held]
    shapes = [pixel_shape(avi, headers) for kind, headers in held if kind == b"vids"]
    seen = [is_on for (kind, _), is_on in zip(held, on, strict=True) if kind == b"vids"]
    heard = [is_on for (kind, _), is_on in zip(held, on, strict=True) if kind == b"auds"]
    doubt = "" if all(seen) else SWITCHED_OFF
    if any(shape and is_stretched(float(shape)) for shape in shapes):
        doubt = RESHAPED
    return Film(avi.path, DEMUXER, Pictures(doubt) if seen else None, sound_of(heard))


def _is_on(file: BinaryIO, header: Chunk | None) -> bool:
    if header is None or header.size < _FLAGS + 4:
        return True
    file.seek(header.body + _FLAGS)
    return not int.from_bytes(file.read(4), "little") & _DISABLED
