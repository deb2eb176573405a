"""Which encoder makes what a decoder took apart, and how it is set: one table by codec.

The frame rate control follows the source's own bit rate (one pass, average), its key frames stay
where they were, and so do profile, level and B-frames or their absence. Presets are fast ones:
a notice is burned into long programmes, and the bit rate is the source's anyway.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from av.codec import Codec  # noqa: TID253  this is the border
from av.video.format import VideoFormat  # noqa: TID253  likewise

from kzlabel._av._video_light import light_of
from kzlabel.errors import RefusedError

if TYPE_CHECKING:
    from pathlib import Path

    from kzlabel._av.video import VideoFacts

MAX_GOP = 600
"""Frames from one key frame to the next at most: one can then seek within seconds."""
GENERATION = 1.1
"""Bit rate by the source's: what was compressed once costs a little more to keep."""
LEAST_BITS = 0.02
"""Bits a pixel and frame at least: a still picture costs next to nothing, its notice does not."""
PLATE_BITS = 0.5
"""Bits a pixel of the plate costs in each key frame."""
MAX_COUNTED = 65535
"""Ticks a second at most in MPEG-4 Part 2, whose encoders count frames and not time."""


@dataclass(frozen=True)
class Recipe:
    """How one codec is encoded."""

    encoder: str
    options: Mapping[str, str] = field(default_factory=dict)
    rated: bool = True
    """Whether it takes a bit rate."""
    fields: str = ""
    """Flags for interlaced frames; empty where it cannot encode them as such."""
    counted: bool = False
    """Whether it counts frames and not time."""


_FIELDS = "+ildct+ilme"


def _whole(encoder: str, options: Mapping[str, str] | None = None, *, fields: str = "") -> Recipe:
    """Return the recipe of a codec without a bit rate."""
    return Recipe(encoder, options or {}, rated=False, fields=fields)


RECIPES: Mapping[str, Recipe] = {
    "h264": Recipe("libx264", {"preset": "veryfast"}, fields=_FIELDS),
    "hevc": Recipe("libx265", {"preset": "veryfast", "forced-idr": "1"}),
    "vp8": Recipe("libvpx", {"deadline": "good", "cpu-used": "4", "auto-alt-ref": "0"}),
    "vp9": Recipe("libvpx-vp9", {"deadline": "good", "cpu-used": "5", "row-mt": "1"}),
    "av1": Recipe("libsvtav1", {"preset": "9"}),
    "mpeg4": Recipe("mpeg4", fields=_FIELDS, counted=True),
    "mpeg2video": Recipe("mpeg2video", fields=_FIELDS, counted=True),
    "mpeg1video": Recipe("mpeg1video", counted=True),
    "mjpeg": Recipe("mjpeg", {"qmin": "1"}, counted=True),
    "prores": _whole("prores_ks", {"vendor": "apl0"}, fields="+ildct"),
    "dnxhd": Recipe("dnxhd", fields="+ildct"),
    "dvvideo": _whole("dvvideo", fields="+ildct"),
    "ffv1": _whole("ffv1", {"level": "3", "slicecrc": "1"}, fields="+ildct"),
    "huffyuv": _whole("huffyuv", fields="+ildct"),
    "ffvhuff": _whole("ffvhuff", fields="+ildct"),
    "utvideo": _whole("utvideo"),
    "magicyuv": _whole("magicyuv"),
    "rawvideo": _whole("rawvideo", fields="+ildct"),
    "v210": _whole("v210", fields="+ildct"),
    "qtrle": _whole("qtrle"),
    "png": _whole("png"),
}
"""FFmpeg's names of the codecs that can be written as they were read."""

_DNXHD = (
    36, 42, 45, 60, 63, 75, 80, 84, 85, 90, 100, 110, 115, 120, 145, 175, 180, 185, 220, 365, 440,
)  # fmt: skip
"""Mbit/s of DNxHD (SMPTE ST 2019-1)."""
_H264_PROFILES = {
    "Constrained Baseline": "baseline", "Baseline": "baseline", "Main": "main", "High": "high",
    "High 10": "high10", "High 4:2:2": "high422", "High 4:4:4 Predictive": "high444",
}  # fmt: skip
_PRORES_PROFILES = {
    "apco": "proxy", "apcs": "lt", "apcn": "standard", "apch": "hq", "ap4h": "4444",
    "ap4x": "4444xq",
}  # fmt: skip
_MPEG = ("mpeg4", "mpeg2video", "mpeg1video")
_REORDERING = ("h264", "hevc", *_MPEG)
_BOTTOM_FIRST = (3, 4)
"""FFmpeg's field orders in which the bottom field is shown first."""
_KEPT_TAGS = ("hvc1", "hev1", "XVID", "xvid", "DIVX", "divx", "DX50", "FMP4", "mp4v")
"""Names of a codec that players go by, where it has several."""


@dataclass(frozen=True)
class Coding:
    """An encoder and its settings."""

    recipe: Recipe
    options: dict[str, str]
    bit_rate: int
    gop: int
    rate: Fraction
    time_base: Fraction
    tag: str


def coding(
    path: Path, facts: VideoFacts, plate_pixels: int, *, grown: bool, light_kept: bool
) -> Coding:
    """Return how `facts` is encoded again.

    Raises `RefusedError` where the codec, the pixel format, interlaced fields or what is said of
    the light of HDR would be lost. `grown`: the frame gets a band, and may need another level;
    `light_kept`: the container says what there is of the light, and will.
    """
    recipe = RECIPES.get(facts.codec)
    if recipe is None:
        raise RefusedError("kz.error.video-codec", path=path, codec=facts.codec)
    _check(path, facts, recipe)
    gop = min(max(1, facts.key_gap), MAX_GOP)
    rate = facts.rate
    if recipe.counted and rate.numerator > MAX_COUNTED:
        rate = rate.limit_denominator(max(1, MAX_COUNTED // (int(rate) + 1)))
    return Coding(
        recipe=recipe,
        options=_options(path, facts, recipe, grown=grown, light_kept=light_kept),
        bit_rate=_bits(facts, plate_pixels, gop) if recipe.rated else 0,
        gop=gop,
        rate=rate,
        time_base=1 / rate if recipe.counted else facts.time_base,
        tag=facts.tag if facts.tag in _KEPT_TAGS else "",
    )


def _bits(facts: VideoFacts, plate_pixels: int, gop: int) -> int:
    """Return the bit rate: the source's and a little more; in DNxHD one of those there are."""
    keys = float(facts.rate) / gop
    most = facts.bit_rate / 1_000_000
    if facts.codec == "dnxhd" and not facts.profile.startswith("DNXHR"):
        return max((rate for rate in _DNXHD if rate <= most), default=_DNXHD[0]) * 1_000_000
    least = facts.width * facts.height * float(facts.rate) * LEAST_BITS
    return round(max(least, facts.bit_rate * GENERATION + plate_pixels * PLATE_BITS * keys))


def _check(path: Path, facts: VideoFacts, recipe: Recipe) -> None:
    formats = Codec(recipe.encoder, "w").video_formats
    if formats and facts.pixel_format not in {one.name for one in formats}:
        if any(one.is_alpha for one in VideoFormat(facts.pixel_format).components):
            raise RefusedError("kz.error.film-see-through", path=path)
        raise RefusedError(
            "kz.error.video-pixels", path=path, codec=facts.codec, detail=facts.pixel_format
        )
    if facts.interlaced and not recipe.fields:
        raise RefusedError("kz.error.video-fields", path=path, codec=facts.codec)


def _options(
    path: Path, facts: VideoFacts, recipe: Recipe, *, grown: bool, light_kept: bool
) -> dict[str, str]:
    options = dict(recipe.options)
    if facts.interlaced:
        options["flags"] = recipe.fields
    if facts.chroma:
        options["chroma_sample_location"] = str(facts.chroma)
    if facts.codec in _REORDERING and not facts.reordered:
        options["bf"] = "0"
    elif facts.codec in _MPEG:
        options["bf"] = "2"
    match facts.codec:
        case "h264":
            options |= _h264(facts, grown=grown)
        case "prores" if facts.tag in _PRORES_PROFILES:
            options["profile"] = _PRORES_PROFILES[facts.tag]
        case "dnxhd" if facts.profile.startswith("DNXHR"):
            options["profile"] = facts.profile.lower().replace(" ", "_")
    return options | _own_words(path, facts, light_kept=light_kept)


def _own_words(path: Path, facts: VideoFacts, *, light_kept: bool) -> dict[str, str]:
    """Return what an encoder must be told in its own words: fields, and the light of HDR."""
    light = light_of(path, facts.side_data)
    match facts.codec:
        case "h264":
            first = ["bff=1" if facts.field_order in _BOTTOM_FIRST else "tff=1"]
            name, words = "x264-params", [*(first if facts.interlaced else []), *light.x264]
        case "hevc":
            name, words = "x265-params", ["log-level=error", *light.x265]
        case "av1":
            name, words = "svtav1-params", light.svtav1
        case _:
            if light and not light_kept:
                raise RefusedError("kz.error.video-light", path=path, codec=facts.codec)
            return {}
    return {name: ":".join(words)} if words else {}


def _h264(facts: VideoFacts, *, grown: bool) -> dict[str, str]:
    options: dict[str, str] = {}
    if facts.profile in _H264_PROFILES:
        options["profile"] = _H264_PROFILES[facts.profile]
    if facts.profile == "High 4:4:4 Predictive" and "444" not in facts.pixel_format:
        options["qp"] = "0"  # a profile that other samplings need for lossless coding only
    if facts.level > 0 and not grown:
        options["level"] = str(facts.level)
    return options
