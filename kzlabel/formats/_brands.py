"""Brands of ISO media files (ISO/IEC 14496-12 4.3): what `ftyp` says a file is."""

from __future__ import annotations

AVIF = frozenset({b"avif", b"avis"})
HEIF = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})


def brands(head: bytes) -> frozenset[bytes]:
    """Return the major and compatible brands of a file that begins with `ftyp`, else nothing."""
    size = int.from_bytes(head[:4])
    if head[4:8] != b"ftyp" or size < 16 or size % 4:  # noqa: PLR2004  fixed by ISO/IEC 14496-12
        return frozenset()
    listed = head[16 : min(size, 1024)]
    found = {listed[at : at + 4] for at in range(0, len(listed) - 3, 4)}
    return frozenset(found | {head[8:12]})


QUICKTIME = b"qt  "
AUDIO = frozenset({b"M4A ", b"M4B ", b"M4P ", b"F4A ", b"F4B "})
"""Major brands of audio and audio books."""
STILL = AVIF | HEIF | {b"crx ", b"jp2 ", b"jpx ", b"jpm ", b"mjp2", b"jxl "}
"""Pictures that have rooms of their own, or none; Canon's raw files have tracks too."""
