"""A short clip encoded as bare frames, to stand beside those of a programme."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np  # noqa: TID253  this is the border; its users import it inside functions
from av.audio.codeccontext import AudioCodecContext  # noqa: TID253  likewise
from av.audio.frame import AudioFrame  # noqa: TID253  likewise
from av.codec.context import CodecContext  # noqa: TID253  likewise

from kzlabel._av.encoding import refusing

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    from kzlabel._av.sound import Facts


def encoded(
    rows: npt.NDArray[np.float32],
    facts: Facts,
    bit_rate: int,
    options: Mapping[str, str],
    path: Path,
) -> list[bytes]:
    """Return the frames of a clip [n, channels] as a track of `facts` would hold them.

    Raises `RefusedError` where it cannot be encoded so.
    """
    with refusing(path, facts.codec):
        codec = CodecContext.create({"mp3": "libmp3lame"}.get(facts.codec, facts.codec), "w")
        if not isinstance(codec, AudioCodecContext):
            raise TypeError(facts.codec)
        codec.sample_rate, codec.layout, codec.format = facts.rate, facts.layout, "fltp"
        codec.time_base, codec.bit_rate = Fraction(1, facts.rate), bit_rate
        codec.options = dict(options)
        frame = AudioFrame("flt", facts.layout, len(rows))
        frame.planes[0].update(np.ascontiguousarray(rows, np.float32).tobytes())
        frame.sample_rate, frame.time_base, frame.pts = facts.rate, Fraction(1, facts.rate), 0
        return [bytes(packet) for packet in (*codec.encode(frame), *codec.encode(None))]
