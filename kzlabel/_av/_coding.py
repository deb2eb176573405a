"""How an audio track is encoded again as it was: which encoder, at which rate, or not at all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kzlabel.errors import RefusedError

if TYPE_CHECKING:
    from pathlib import Path

    from kzlabel._av.sound import Facts

_ENCODERS = {
    "mp3": ("libmp3lame", "fltp"),
    "aac": ("aac", "fltp"),
    "opus": ("libopus", "flt"),
    "ac3": ("ac3", "fltp"),
    "mp2": ("mp2", "s16"),
}
"""Lossy codec -> FFmpeg's encoder, and the sample format it takes."""
_PLAIN_AAC = (None, "LC", "Main")
"""Profiles of AAC for which the encoder's LC stands; HE-AAC in LC sounds worse, or is larger."""
_FLAC_BITS, _ALAC_BITS = (16, 24), (16, 24)
MP3_RATES = (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 192, 224, 256, 320)
"""Kilobits a second that MP3 knows."""

CELT_RATE = 20_000
"""Bits a second of a channel from which Opus is encoded by CELT alone: it sounds the same there,
and players with FFmpeg's own decoder (mpv) burst on tones in the other packets."""


@dataclass(frozen=True)
class Coding:
    """How a track is encoded."""

    encoder: str
    sample_format: str
    """Packed, in which samples are woven."""
    encoder_format: str
    bit_rate: int = 0
    """0: lossless."""
    bits: int = 0
    """Of an integer sample, where they are less than its type has."""
    options: dict[str, str] = field(default_factory=dict)


def coding_of(facts: Facts, bit_rate: int, path: Path) -> Coding:
    """Return how a track is encoded as it was; raises `RefusedError` where this build cannot."""
    lossless = _lossless(facts)
    if lossless is not None:
        return lossless
    if facts.codec not in _ENCODERS or (facts.codec == "aac" and facts.profile not in _PLAIN_AAC):
        raise RefusedError("kz.error.codec-unencodable", path=path, detail=_said(facts))
    encoder, form = _ENCODERS[facts.codec]
    return Coding(encoder, "flt", form, _rate(facts, bit_rate), options=_options(facts, bit_rate))


def _said(facts: Facts) -> str:
    """Return a codec as people know it."""
    said = facts.profile if facts.profile and facts.codec == "aac" else facts.codec
    return f"{said}, {facts.bits} bit" if facts.bits else said


def _lossless(facts: Facts) -> Coding | None:
    packed = facts.sample_format.removesuffix("p")
    if facts.codec.startswith("pcm_"):
        bits = facts.bits if facts.bits < 32 else 0  # noqa: PLR2004  all bits of the widest type
        return Coding(facts.codec, packed, facts.sample_format, bits=bits)
    if facts.codec == "flac" and facts.bits in _FLAC_BITS:
        options = {"bits_per_raw_sample": str(facts.bits)}
        return Coding("flac", packed, packed, bits=facts.bits, options=options)
    if facts.codec == "alac" and facts.bits in _ALAC_BITS:
        return Coding("alac", packed, f"{packed}p", bits=facts.bits)
    return None


def _rate(facts: Facts, bit_rate: int) -> int:
    """Return the bit rate to ask for: what was measured, within what the codec knows."""
    if facts.codec == "mp3" and facts.bit_rate // 1000 in MP3_RATES:
        near = abs(facts.bit_rate - bit_rate) < facts.bit_rate // 20
        return facts.bit_rate if near else bit_rate
    most = {"opus": 256_000, "aac": 288_000, "mp3": 320_000}.get(facts.codec, 640_000)
    return max(6_000, min(bit_rate, most * (1 if facts.codec == "mp3" else facts.channels)))


def _options(facts: Facts, bit_rate: int) -> dict[str, str]:
    """Return what keeps a variable bit rate variable."""
    if facts.codec == "mp3":
        constant = abs(facts.bit_rate - bit_rate) < facts.bit_rate // 50
        return {} if constant else {"abr": "1"}
    if facts.codec == "opus":
        celt = bit_rate >= CELT_RATE * facts.channels
        return {"compression_level": "10"} | ({"application": "lowdelay"} if celt else {})
    return {}
