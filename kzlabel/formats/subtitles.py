"""Subtitles, SubRip and WebVTT: the rooms; their workings are in `_subtitles_room`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kzlabel.formats._deferred import Deferred, Workings
from kzlabel.formats._text_sniff import bom_of, is_text
from kzlabel.model import FormatSpec, Medium

if TYPE_CHECKING:
    from pathlib import Path

_SUFFIXES = (".srt", ".vtt")
_TIMING = re.compile(r"^[ \t]*\d+:\d\d?:\d\d?[,.]\d{1,3}[ \t]*-->", re.MULTILINE)
_HEADER = re.compile(r"WEBVTT(?:[ \t\r\n]|\Z)")
_FIRST_CUE = 8192
"""Bytes among which the first cue of SubRip begins."""


class Srt(Deferred):
    """The SubRip room."""

    spec = FormatSpec(
        name="SRT",
        medium=Medium.TEXT,
        media_types=("application/x-subrip",),
        suffixes=(".srt",),
    )

    def sniff(self, head: bytes, path: Path) -> bool:
        if path.suffix.lower() not in _SUFFIXES or not is_text(head):
            return False
        text = _text(head)
        return not _HEADER.match(text) and _TIMING.search(text) is not None

    def workings(self) -> Workings:
        from kzlabel.formats._subtitles_room import SrtRoom

        return SrtRoom()


class Vtt(Deferred):
    """The WebVTT room."""

    spec = FormatSpec(
        name="WebVTT",
        medium=Medium.TEXT,
        media_types=("text/vtt",),
        suffixes=(".vtt",),
    )

    def sniff(self, head: bytes, path: Path) -> bool:
        if path.suffix.lower() not in (*_SUFFIXES, ""):
            return False
        return _HEADER.match(_text(head)) is not None and is_text(head)

    def workings(self) -> Workings:
        from kzlabel.formats._subtitles_room import VttRoom

        return VttRoom()


def _text(head: bytes) -> str:
    bom, encoding = bom_of(head)
    return head[len(bom) : _FIRST_CUE].decode(encoding or "latin-1", "replace")
