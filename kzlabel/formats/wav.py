"""WAV, and its RF64 and BW64 for what is larger: the room; its workings are in `_wav_room`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.formats._deferred import Deferred, Workings
from kzlabel.model import FormatSpec, Medium

if TYPE_CHECKING:
    from pathlib import Path


class Wav(Deferred):
    """The WAV room."""

    spec = FormatSpec(
        name="WAV",
        medium=Medium.AUDIO,
        media_types=("audio/wav", "audio/x-wav", "audio/vnd.wave", "audio/wave"),
        suffixes=(".wav", ".wave", ".bwf", ".rf64"),
        tags=("id3", "xmp"),
    )

    def sniff(self, head: bytes, path: Path) -> bool:  # noqa: ARG002  content decides
        return head[:4] in (b"RIFF", b"RF64", b"BW64") and head[8:12] == b"WAVE"

    def workings(self) -> Workings:
        from kzlabel.formats._wav_room import WavRoom

        return WavRoom()
