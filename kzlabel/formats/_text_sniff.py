"""Whether a file is text at all, by its head: UTF-8, UTF-16 with a byte order mark, or 8-bit.

What kind of text it is, content seldom tells: there the suffix chooses.
"""

from __future__ import annotations

import codecs

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROLS = bytes(set(range(0x20)) - set(b"\t\n\v\f\r\b\a\x1b")) + b"\x7f"
_RARE = 50
"""Of so many bytes, one may be a control character: a log has a stray NUL, binary files more."""
_LETTERS = bytes(range(0xC0, 0x100)) + b"\xa8\xb8"
"""Letters in the Windows and ISO code pages, and in KOI8."""
_DOS_LETTERS = bytes(range(0x80, 0xB0)) + bytes(range(0xE0, 0xF2))
_OTHERS = (b"%!PS", b"{\\rtf", b"%PDF-")
"""Text to the eye, but programs of other families."""


def bom_of(head: bytes) -> tuple[bytes, str]:
    """Return the byte order mark that `head` begins with, and its encoding; both may be empty."""
    return next(((bom, name) for bom, name in BOMS if head.startswith(bom)), (b"", ""))


def is_text(head: bytes) -> bool:
    """Whether `head` (the first 64 KiB of a file, or all of it) is text."""
    bom, encoding = bom_of(head)
    if encoding.startswith("utf-16"):
        text = head[len(bom) :].decode(encoding, "replace")
        return not _is_binary(text.encode("utf-8", "replace")) and is_mostly(text)
    if head.startswith(_OTHERS) or _is_binary(head):
        return False
    return is_mostly(head.decode("utf-8", "replace")) or _has_letters(head)


def may_be_utf16(head: bytes) -> bool:
    """Whether `head` looks like Kazakh, Russian or English in UTF-16 without a byte order mark."""
    even = len(head) // 2 * 2
    first, second = head[0:even:2], head[1:even:2]
    return _are_high(first, second) or _are_high(second, first)


def _are_high(half: bytes, other: bytes) -> bool:
    """Whether `half` may be the high bytes of Latin and Cyrillic letters, and `other` the low."""
    rare = len(half) // 20
    return len(half) > _FEW and len(half.translate(None, _HIGH)) <= rare >= other.count(0)


_HIGH = b"\x00\x04\x20"
"""Of ASCII, of Cyrillic, of dashes and quotation marks."""
_FEW = 8


def is_mostly(text: str) -> bool:
    """Whether a text that was decoded with replacements holds few of them."""
    others = len(text) - len(text.encode("ascii", "ignore"))
    lost = text.removesuffix("\ufffd").count("\ufffd")  # the head may cut a character
    return lost * 10 <= others


def _is_binary(head: bytes) -> bool:
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return b"\0\0" in head or controls * _RARE > len(head)


def _has_letters(head: bytes) -> bool:
    """Whether most of what is not ASCII are letters in one of the usual code pages."""
    high = head.translate(None, bytes(range(0x80)))
    return any(
        len(high.translate(None, letters)) * 4 <= len(high) for letters in (_LETTERS, _DOS_LETTERS)
    )
