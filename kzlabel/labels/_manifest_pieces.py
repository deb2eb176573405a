"""A manifest store in one piece, from containers that cut or encode it; to look for bytes in it.

JPEG: APP11 segments "JP" | box instance (u16) | sequence (u32) | LBox, TBox | …  (ISO 19566-5, D)
      of which all but the first repeat LBox and TBox
GIF:  application extension "C2PA_GIF" 01 00 00, then sub-blocks of up to 255 bytes (C2PA A.3.6)
SVG:  <c2pa:manifest>base64</c2pa:manifest> (C2PA A.3.3)
"""

from __future__ import annotations

import base64
import binascii
import io
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from kzlabel.errors import KzlabelError
from kzlabel.formats._jpeg_segments import segments

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_APP11 = 0xEB
_INSTANCE = b"JP"
_BOX_AT, _CONTINUED_AT = 8, 16
"""Where a segment's payload has its part of the box: the first begins with LBox and TBox itself."""
_FIRST = (1).to_bytes(4)
_GIF = b"C2PA_GIF\x01\x00\x00"
_OPEN, _CLOSE = b"<c2pa:manifest", b"</c2pa:manifest>"


def in_one_piece(content: bytes) -> bytes:
    """Return the store's bytes as far as they can be had; empty where nothing hides them."""
    for head, join in _JOINED.items():
        if content.startswith(head):
            return b"".join(join(content))
    return b""


def _segmented(content: bytes) -> Iterator[bytes]:
    """Give what the APP11 segments of a JPEG hold, down to where its segments err."""
    try:
        for segment in segments(io.BytesIO(content), Path()):
            payload = content[segment.start + 4 : segment.end] if segment.marker == _APP11 else b""
            if payload.startswith(_INSTANCE):
                yield payload[_BOX_AT if payload[4:8] == _FIRST else _CONTINUED_AT :]
    except KzlabelError:
        return


def _blocked(content: bytes) -> Iterator[bytes]:
    at = content.find(_GIF) + len(_GIF)
    while at >= len(_GIF) and at < len(content) and content[at]:
        end = at + 1 + content[at]
        yield content[at + 1 : end]
        at = end


def _encoded(content: bytes) -> Iterator[bytes]:
    element = content.partition(_OPEN)[2].partition(b">")[2]
    with suppress(binascii.Error):
        yield base64.b64decode(element.partition(_CLOSE)[0])


_JOINED: Mapping[bytes, Callable[[bytes], Iterator[bytes]]] = {
    b"\xff\xd8": _segmented,
    b"GIF8": _blocked,
    b"<": _encoded,
}
"""What a file begins with -> how the parts of its store are had."""
