"""What FFmpeg's own programs say of a sound or film: streams, packets, samples, by subprocess.

Not PyAV, which kzlabel itself uses: what reads back should not be what wrote.
"""

from __future__ import annotations

import json
import subprocess
import wave
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kzlabel.model import Span

_KEPT = (
    "codec_type", "codec_name", "width", "height", "pix_fmt", "sample_rate", "channels",
    "channel_layout", "bits_per_raw_sample", "sample_aspect_ratio", "field_order", "color_range",
    "color_space", "color_transfer", "color_primaries",
)  # fmt: skip
"""What ffprobe says of a stream that labelling must not change."""
_LOSSLESS = {"flac", "alac", "wavpack", "tta"}
FRAME_SECONDS = 0.15
"""How far durations may differ: frames of MP3 that are joined leave up to five of them between."""


@dataclass(frozen=True)
class Probed:
    """One file as ffprobe sees it."""

    streams: tuple[Mapping[str, object], ...]
    duration: float
    frames: tuple[int, ...]
    """That are shown, of each video stream."""

    @property
    def kinds(self) -> set[str]:
        """What kinds of streams there are."""
        return {str(stream["codec_type"]) for stream in self.streams}

    @property
    def lossless_sound(self) -> bool:
        """Whether the first sound stream is kept bit for bit by its codec."""
        names = [str(s["codec_name"]) for s in self.streams if s.get("codec_type") == "audio"]
        return bool(names) and (names[0] in _LOSSLESS or names[0].startswith("pcm_"))

    @property
    def rate(self) -> int:
        """Sample rate of the first sound stream."""
        rates = [s["sample_rate"] for s in self.streams if s.get("codec_type") == "audio"]
        return int(str(rates[0]))


def _said(command: Sequence[str]) -> bytes:
    return subprocess.run(command, capture_output=True, check=True).stdout


def _probed(path: Path, *options: str) -> dict[str, list[dict[str, object]]]:
    command = ["ffprobe", "-v", "error", "-of", "json", *options, "-show_streams", str(path)]
    said: dict[str, list[dict[str, object]]] = json.loads(_said(command))
    return said


def probe(path: Path) -> Probed:
    """Return the streams of `path`; raises `CalledProcessError` where ffprobe cannot open it."""
    streams = _probed(path, "-count_frames")["streams"]
    length = _said(
        ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", str(path)]
    ).decode()
    pictures = [stream for stream in streams if stream["codec_type"] == "video"]
    return Probed(
        tuple(_kept(stream) for stream in streams),
        0.0 if empty(path) else float(length),
        tuple(int(str(stream.get("nb_read_frames", 0))) for stream in pictures),
    )


def _kept(stream: Mapping[str, object]) -> Mapping[str, object]:
    facts = {name: stream.get(name) for name in _KEPT}
    if facts["sample_aspect_ratio"] in {None, "0:1"}:  # not said: the same as square
        facts["sample_aspect_ratio"] = "1:1" if stream["codec_type"] == "video" else None
    return facts


def empty(path: Path) -> bool:
    """Whether this is a WAV whose `data` has no bytes; FFmpeg takes all that follows for them."""
    try:
        with wave.open(str(path)) as file:
            return bool(file.getnframes() == 0)
    except (wave.Error, EOFError):
        return False


def video_bits(path: Path) -> int:
    """Return the bit rate of the first video stream, as its container states it."""
    said = _said(
        ["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "stream=bit_rate",
         "-of", "csv=p=0", str(path)]
    )  # fmt: skip
    return int(said)


def plays(path: Path) -> bool:
    """Whether ffprobe finds packets in a stream of sound or pictures."""
    try:
        streams = _probed(path, "-count_packets")["streams"]
        return any(int(str(stream.get("nb_read_packets", 0))) for stream in streams)
    except subprocess.CalledProcessError:
        return False


def decodes(path: Path) -> bool:
    """Whether ffmpeg decodes all of the file without a word."""
    done = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", str(path), "-f", "null", "-"],
        capture_output=True, check=False,
    )  # fmt: skip
    return done.returncode == 0 and not done.stderr


def copied(path: Path, kind: str = "audio") -> bytes:
    """Return the hashes of the packets' contents of all streams of a kind, stream by stream."""
    if kind not in probe(path).kinds:
        return b""
    return _said(
        ["ffmpeg", "-v", "error", "-i", str(path), "-map", f"0:{kind[0]}", "-c", "copy",
         "-f", "streamhash", "-hash", "sha256", "-"]
    )  # fmt: skip


def samples(path: Path) -> bytes:
    """Return the first sound stream, decoded to 32-bit samples; lossless ones lose nothing."""
    if empty(path):
        return b""
    return _said(
        ["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:a:0", "-f", "s32le", "-"]
    )  # fmt: skip


def outside(path: Path, facts: Probed, spans: Sequence[Span]) -> bytes:
    """Return the samples of the file outside `spans`."""
    whole = samples(path)
    stream = next(s for s in facts.streams if s.get("codec_type") == "audio")
    width = 4 * int(str(stream["channels"]))
    kept, at = [], 0
    for span in spans:
        kept.append(whole[at : round(span.start * facts.rate) * width])
        at = round(span.end * facts.rate) * width
    return b"".join([*kept, whole[at:]])
