"""Which demuxer a caller's own recording needs, by its first bytes."""

from __future__ import annotations

_MAGIC = (
    (0, b"RIFF", "wav"),
    (0, b"RF64", "wav"),
    (0, b"fLaC", "flac"),
    (0, b"OggS", "ogg"),
    (0, b"FORM", "aiff"),
    (4, b"ftyp", "mov"),
    (0, b"\x1aE\xdf\xa3", "matroska"),
    (0, b"ID3", "mp3"),
)


def demuxer_of(head: bytes) -> str | None:
    """Return the name of FFmpeg's demuxer for a file that begins so, or None."""
    for at, magic, demuxer in _MAGIC:
        if head[at : at + len(magic)] == magic:
            return demuxer
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:  # noqa: PLR2004  a frame sync
        return "mp3" if head[1] & 0x06 else "aac"  # ADTS has layer 0
    return None
