"""Text of which no standard, or no writer, says how it is encoded."""

from __future__ import annotations


def byte_text(raw: bytes) -> str:
    """Return text up to its first NUL: UTF-8, which is what is written today, else Latin-1."""
    raw = raw.partition(b"\0")[0]
    try:
        return raw.decode().strip()
    except UnicodeDecodeError:
        return raw.decode("latin-1").strip()
