"""Small recordings for tests: noise like a programme, written with PyAV in any codec."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from kzlabel._av import sound
from kzlabel.model import Notice, NoticeStyle, Statement

PREPEND = Notice(statement=Statement.CREATED, style=NoticeStyle.PREPEND)
MIX = Notice(statement=Statement.CREATED, style=NoticeStyle.MIX)


def noise(seconds: float, rate: int, channels: int = 1, level: float = 0.1) -> np.ndarray:
    """Return rows [n, channels] that swell and fade, so that every place can be told from others."""
    generator = np.random.default_rng(7)
    rows = generator.standard_normal((round(seconds * rate), channels)) * level
    swell = 1 + 0.5 * np.sin(np.arange(len(rows)) / rate * 2)
    return (rows * swell[:, np.newaxis]).clip(-0.95, 0.95).astype(np.float32)


def write(  # noqa: PLR0913, PLR0917  what an encoder must know
    path: Path, rows: np.ndarray, rate: int, codec: str, muxer: str, layout: str = "mono",
    form: str = "flt", options: dict[str, str] | None = None, bit_rate: int = 0, **container: str,
) -> Path:  # fmt: skip
    """Encode rows of floats (or of the type that `form` says) into a new file."""
    with (
        path.open("wb") as file,
        av.open(file, "w", format=muxer, container_options=container) as out,
    ):
        stream = out.add_stream(codec, rate=rate, options=options or {})
        stream.codec_context.layout = layout
        if codec in ("flac", "alac"):
            stream.codec_context.format = form + ("p" if codec == "alac" else "")
        if bit_rate:
            stream.codec_context.bit_rate = bit_rate
        frame = av.AudioFrame(form, layout, len(rows))
        frame.planes[0].update(np.ascontiguousarray(rows).tobytes())
        frame.sample_rate, frame.time_base, frame.pts = rate, Fraction(1, rate), 0
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def decoded(path: Path, demuxer: str) -> np.ndarray:
    """Return all samples [n, channels]."""
    return np.concatenate(list(sound.blocks(path, demuxer, mono=False)))
