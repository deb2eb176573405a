"""Which of FFmpeg's demuxers reads a container, and which muxer writes it. Loads no FFmpeg."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Wrapping:
    """A container, to FFmpeg."""

    demuxer: str
    """`mp3`, `aac`, `flac`, `ogg`, `wav`, `aiff`, `mov`, `matroska`, `avi`."""
    muxer: str
    """`mp3`, `adts`, `flac`, `ogg`, `opus`, `ipod`, `mp4`, `mov`, `matroska`, `webm`, `avi`."""
    options: Mapping[str, str] = field(default_factory=dict)
    """The muxer's: movflags, for one."""
    only_sound: bool = False
    """Whether all other streams (cover art, as FFmpeg shows it) are left to the caller."""
