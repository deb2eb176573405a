"""Text in JPEG segments: EXIF, XMP and extended XMP, IPTC-IIM, comments, text without a standard.

APP1 `Exif` holds an EXIF block, APP1 `http://ns.adobe.com/xap/1.0/` an XMP packet. What does not
fit into its 64 KiB lies in APP1 segments `http://ns.adobe.com/xmp/extension/`: MD5 of the whole in
32 hexadecimal digits, bytes of the whole (4), offset of this part (4), part; and the packet names
the MD5 in `xmpNote:HasExtendedXMP` (XMP part 3, 1.1.3.1). APP13 holds Photoshop's image resources,
which may go on in the next one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from kzlabel.formats._byte_text import byte_text
from kzlabel.formats._exif_text import HEADER as EXIF
from kzlabel.formats._exif_text import read_exif
from kzlabel.formats._iim import RESOURCES, iim_of, read_iim
from kzlabel.formats._jpeg_segments import APP1, APP15, COM, segments
from kzlabel.formats._picture_blocks import XMP
from kzlabel.formats._repeats import gathered
from kzlabel.formats._samsung import read_samsung
from kzlabel.formats._unread import cut
from kzlabel.formats._xmp_packets import add_packet, read_packets

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from kzlabel.model import Tags

EXTENSION = b"http://ns.adobe.com/xmp/extension/\0"
EXTENDED = "xmpNote:HasExtendedXMP"
MAX_BYTES = 16 * 1024 * 1024
"""Bytes of all segments of one kind together."""
MAX_EXTENDED = 4
"""Wholes of extended XMP in one file: one packet can name but one."""
_GUID = 32
_HEAD = _GUID + 8
_PEEK = len(EXTENSION)
_BINARY = b"Adobe\0"
"""How colours are coded (APP14), in numbers that may look like text."""
_CONTROL = bytes(code for code in range(32) if code not in b"\t\n\r") + b"\x7f"
_TEXT = b""
"""The signature of a segment that has none."""
_SIGNATURES = {EXIF: "exif", XMP: "xmp", EXTENSION: "xmp", RESOURCES: "iim"}


def read_jpeg(file: BinaryIO, path: Path) -> Tags:
    """Return the families xmp, exif, iim, comment, jpeg-app and samsung.

    Raises `UnreadableAssetError` where the segments are damaged; damaged tags are left out.
    """
    held = _Held()
    for segment in segments(file, path):
        if APP1 <= segment.marker <= APP15 or segment.marker == COM:
            held.take(segment.marker, file, segment.end - segment.start - 4)
    families = {
        "xmp": _xmp(held.of(XMP), held.of(EXTENSION)),
        "exif": read_exif(held.of(EXIF)),
        "iim": read_iim(iim_of(b"".join(held.of(RESOURCES)))),
        "comment": gathered(held.texts(COM)),
        "jpeg-app": gathered(held.texts(*range(APP1, APP15 + 1))),
        "samsung": read_samsung(file),
    }
    return {name: family for name, family in families.items() if family}


class _Held:
    """The payloads of segments that may be text, in their order."""

    def __init__(self) -> None:
        self._payloads: list[tuple[int, bytes, bytes]] = []
        self._left: dict[bytes, int] = {}

    def take(self, marker: int, file: BinaryIO, length: int) -> None:
        """Read the payload that lies next in the file, if its first bytes look like ours."""
        head = file.read(min(length, _PEEK))
        signature = next((known for known in _SIGNATURES if head.startswith(known)), _TEXT)
        if signature is _TEXT and marker != COM and not _is_text(head, whole=length <= _PEEK):
            return
        left = self._left.get(signature, MAX_BYTES)
        if length > left:
            cut(_SIGNATURES.get(signature, "comment" if marker == COM else "jpeg-app"))
        else:
            self._left[signature] = left - length
            payload = head + file.read(length - len(head))
            self._payloads.append((marker, signature, payload[len(signature) :]))

    def of(self, signature: bytes) -> list[bytes]:
        """Return what follows a signature."""
        return [payload for _, own, payload in self._payloads if own is signature]

    def texts(self, *markers: int) -> Iterator[tuple[str, str]]:
        """Yield the texts of segments without a signature, by the names of their markers."""
        for marker, signature, payload in self._payloads:
            if signature is _TEXT and marker in markers and (marker == COM or _is_text(payload)):
                name = "COM" if marker == COM else f"APP{marker - APP1 + 1}"
                yield name, byte_text(payload.rstrip(b"\0").replace(b"\0", b"", 1))


def _is_text(payload: bytes, *, whole: bool = True) -> bool:
    """Whether there is nothing but text, behind a name that may end with a NUL."""
    if payload.startswith(_BINARY):
        return False
    text = (payload.rstrip(b"\0") if whole else payload).replace(b"\0", b"", 1)
    return bool(text) and len(text.translate(None, _CONTROL)) == len(text)


# --- XMP ------------------------------------------------------------------------------------------


def _xmp(packets: Sequence[bytes], extensions: Sequence[bytes]) -> dict[str, str]:
    found = read_packets(packets)
    if extensions:
        named = [value for name, value in found.items() if name.partition("#")[0] == EXTENDED]
        if len(named) > MAX_EXTENDED:
            cut("xmp")
        for digest in named[:MAX_EXTENDED]:
            whole = _whole(digest.strip().upper().encode(), extensions)
            if whole is not None:
                add_packet(found, whole)
    return found


def _whole(digest: bytes, parts: Iterable[bytes]) -> bytes | None:
    """Put the parts of an extended packet together; None where they are not just that packet."""
    import hashlib  # 3 ms, for the few that have any

    own = [part for part in parts if part[:_GUID].upper() == digest]
    lengths = {part[_GUID : _GUID + 4] for part in own}
    placed = sorted((int.from_bytes(part[_GUID + 4 : _HEAD]), part[_HEAD:]) for part in own)
    whole = b"".join(part for _, part in placed)
    at = 0
    for offset, part in placed:
        if offset != at:
            return None
        at += len(part)
    if lengths != {len(whole).to_bytes(4)}:
        return None
    said = hashlib.md5(whole, usedforsecurity=False).hexdigest().upper().encode()
    return whole if said == digest else None
