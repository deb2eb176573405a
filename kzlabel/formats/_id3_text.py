"""What a frame of ID3v2 says: its name, and its content unpacked and decoded.

Version 2.2 (https://id3.org/id3v2-00) has names of three letters; they are given as version 2.4
has them. Before the content may stand, by the frame's flags: in 2.3 its size inflated(4), method of
encryption(1), group(1); in 2.4 group(1), method of encryption(1), its size(4).
"""

from __future__ import annotations

import re
import zlib
from itertools import islice
from typing import TYPE_CHECKING

from kzlabel.formats._unread import cut

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_TEXT = 1 << 22
"""Bytes of a frame that is read as text, inflated: workflows take some hundred thousand."""
MAX_STRINGS = 256
"""Strings of one frame that are read."""
V2, V3, V4 = 2, 3, 4
LONG_NAMES = {
    "COM": "COMM", "TAL": "TALB", "TBP": "TBPM", "TCM": "TCOM", "TCO": "TCON", "TCP": "TCMP",
    "TCR": "TCOP", "TDA": "TDAT", "TDY": "TDLY", "TEN": "TENC", "TFT": "TFLT", "TIM": "TIME",
    "TKE": "TKEY", "TLA": "TLAN", "TLE": "TLEN", "TMT": "TMED", "TOA": "TOPE", "TOF": "TOFN",
    "TOL": "TOLY", "TOR": "TDOR", "TOT": "TOAL", "TP1": "TPE1", "TP2": "TPE2", "TP3": "TPE3",
    "TP4": "TPE4", "TPA": "TPOS", "TPB": "TPUB", "TRC": "TSRC", "TRD": "TRDA", "TRK": "TRCK",
    "TS2": "TSO2", "TSA": "TSOA", "TSC": "TSOC", "TSI": "TSIZ", "TSP": "TSOP", "TSS": "TSSE",
    "TST": "TSOT", "TT1": "TIT1", "TT2": "TIT2", "TT3": "TIT3", "TXT": "TEXT", "TXX": "TXXX",
    "TYE": "TDRC", "ULT": "USLT", "WAF": "WOAF", "WAR": "WOAR", "WAS": "WOAS", "WCM": "WCOM",
    "WCP": "WCOP", "WPB": "WPUB", "WXX": "WXXX",
}  # fmt: skip
"""Frames of text and links in version 2.2."""
ENCODINGS = ("latin-1", "utf-16", "utf-16-be", "utf-8")
_GROUPED = {V3: 0x20, V4: 0x40}
_PACKED = {V3: 0x80, V4: 0x08}
_ENCRYPTED = {V3: 0x40, V4: 0x04}
_SIZED = {V3: 0x80, V4: 0x09}
_UNSYNCHRONISED = 0x02
_SYNCHRONISED = re.compile(rb"\xff[\xe0-\xff]")
"""What unsynchronisation takes out."""


def long_name(name: bytes) -> str:
    """Return a frame's name as version 2.4 has it."""
    said = name.decode("ascii")
    return LONG_NAMES.get(said, said)


def is_text(name: str) -> bool:
    """Whether frames of that name hold text or a link."""
    return name[:1] in ("T", "W") or name in ("COMM", "USLT")


def is_compressed(flags: int, version: int) -> bool:
    """Whether the content of a frame has to be inflated."""
    return bool(flags & _PACKED.get(version, 0))


# --- Content --------------------------------------------------------------------------------------


def unpacked(content: bytes, flags: int, version: int, *, unsynchronised: bool) -> bytes | None:
    """Return the content as it was before the flags; None for what is encrypted, damaged or long.

    `unsynchronised`: the whole tag of version 2.4 says it is, which some writers do not repeat in
    its frames.
    """
    inner = stored(content, flags, version, unsynchronised=unsynchronised)
    if inner is None:
        return None
    return _inflated(inner) if is_compressed(flags, version) else _short(inner)


def stored(content: bytes, flags: int, version: int, *, unsynchronised: bool) -> bytes | None:
    """Return the content behind what its flags put before it; None for what is encrypted."""
    if version == V2:
        return content
    if flags & _ENCRYPTED[version]:
        return None
    group = bool(flags & _GROUPED[version])
    inner = content[group + 4 * bool(flags & _SIZED[version]) :]
    if version == V4 and _is_unsynchronised(inner, flags, whole=unsynchronised):
        inner = inner.replace(b"\xff\x00", b"\xff")
    return inner


def _is_unsynchronised(content: bytes, flags: int, *, whole: bool) -> bool:
    return bool(flags & _UNSYNCHRONISED) or (whole and not _SYNCHRONISED.search(content))


def _short(content: bytes) -> bytes | None:
    if len(content) <= MAX_TEXT:
        return content
    cut("id3")
    return None


def _inflated(content: bytes) -> bytes | None:
    inflate = zlib.decompressobj()
    try:
        return _short(inflate.decompress(content, MAX_TEXT + 1))
    except zlib.error:
        return None


# --- Text -----------------------------------------------------------------------------------------


def named(name: str, content: bytes) -> tuple[str, str]:
    """Return `NAME` or `NAME:DESCRIPTION`, and the text; both empty where it is damaged."""
    try:
        return _named(name, content)
    except UnicodeError:
        return "", ""


def _named(name: str, content: bytes) -> tuple[str, str]:
    if name in ("COMM", "USLT"):  # a language stands after the encoding
        return _described(name, content[:1] + content[4:])
    if name == "TXXX":
        return _described(name, content)
    if name == "WXXX":
        return _link(content)
    if name.startswith("T"):
        return name, "/".join(strings(content))
    return name, content.split(b"\0", 1)[0].decode("latin-1")


def _described(name: str, content: bytes) -> tuple[str, str]:
    """Return `NAME:DESCRIPTION`, and the value."""
    description, *rest = [*strings(content), ""]
    full = f"{name}:{description}" if description or name == "TXXX" else name
    return full, "/".join(part for part in rest if part)


def _link(content: bytes) -> tuple[str, str]:
    """Return `WXXX:DESCRIPTION`, and the link: always in Latin-1."""
    width = _width(content)
    description = next(_parts(content[1:], width))
    link = content[1 + len(description) + width :].split(b"\0", 1)[0]
    return f"WXXX:{strings(content[:1] + description)[0]}", link.decode("latin-1")


def _width(content: bytes) -> int:
    """Return the bytes of a null in the encoding that a content begins with."""
    return 2 if content[:1] in (b"\1", b"\2") else 1


def strings(content: bytes) -> list[str]:
    """Return the strings of an encoding byte and what follows it, parted and ended by nulls."""
    if not content or content[0] >= len(ENCODINGS):
        raise UnicodeError
    encoding, order = ENCODINGS[content[0]], "utf-16"
    texts = []
    for part in islice(_parts(content[1:], _width(content)), MAX_STRINGS):
        if part[:2] == b"\xfe\xff":  # those that follow may have no mark of their own
            order = "utf-16-be"
        marked = encoding != "utf-16" or part[:2] in (b"\xfe\xff", b"\xff\xfe")
        texts.append(part.decode(encoding if marked else order).removeprefix("\ufeff"))
    while len(texts) > 1 and not texts[-1]:
        texts.pop()
    return texts


def described(content: bytes) -> bytes:
    """Return the description that follows an encoding byte, in UTF-8; as it is where damaged."""
    try:
        return strings(content)[0].encode()
    except UnicodeError:
        return content


def _parts(content: bytes, width: int) -> Iterator[bytes]:
    """Yield what lies between nulls of `width` bytes, aligned."""
    begin = at = 0
    while (at := content.find(bytes(width), at)) >= 0:
        if (at - begin) % width:
            at += 1
            continue
        yield content[begin:at]
        begin = at = at + width
    yield content[begin:]
