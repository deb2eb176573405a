"""The border to soundfile (libsndfile), which writes Ogg Vorbis with libvorbis.

FFmpeg's own encoder of Vorbis is experimental, and sounds like it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from kzlabel.errors import RefusedError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Rows = npt.NDArray[np.generic]

_ORDER = (
    (0,), (0, 1), (0, 2, 1), (0, 1, 2, 3), (0, 2, 1, 3, 4), (0, 2, 1, 4, 5, 3),
    (0, 2, 1, 5, 6, 4, 3), (0, 2, 1, 6, 7, 4, 5, 3),
)  # fmt: skip
"""Vorbis I, 4.3.9: channels in its order, as numbers of FFmpeg's order."""
_COUPLED = (45, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 500)
_ALONE = (32, 48, 60, 70, 80, 86, 96, 110, 120, 140, 160, 240)
"""Nominal kilobits a second of quality -1 to 10 at 44.1 kHz: of two channels, of one."""
_AT_ONCE = 4096
"""Samples a call: libvorbis keeps what it is given on its stack."""


def quality_of(bit_rate: int, rate: int, channels: int) -> float:
    """Return the quality (-0.1 to 1) whose nominal bit rate is nearest to `bit_rate`."""
    import numpy as np

    coupled = channels == 2  # noqa: PLR2004  stereo
    wanted = bit_rate / 1000 / (1 if coupled else channels) * 44100 / rate
    table = _COUPLED if coupled else _ALONE
    return float(np.interp(wanted, table, range(-1, len(table) - 1))) / 10


def write_vorbis(  # noqa: PLR0913, PLR0917  what an encoder must know
    dst: Path, rows: Iterator[Rows], rate: int, channels: int, quality: float, path: Path
) -> None:
    """Write rows [n, channels] (FFmpeg's order of channels) to the new file `dst` as Ogg Vorbis.

    Raises `RefusedError` for more channels than Vorbis orders, or a rate that it does not take.
    """
    import soundfile  # it ships no annotations

    if channels > len(_ORDER):
        raise RefusedError("kz.error.codec-unencodable", path=path, detail=f"vorbis, {channels}")
    level = min(max(1.0 - quality, 0.0), 1.0)
    try:
        with dst.open("xb") as raw, soundfile.SoundFile(
            raw, "w", rate, channels, "VORBIS", format="OGG", compression_level=level
        ) as file:  # fmt: skip
            for block in rows:
                ordered = block[:, list(_ORDER[channels - 1])]
                for at in range(0, len(ordered), _AT_ONCE):
                    file.write(ordered[at : at + _AT_ONCE])
    except soundfile.LibsndfileError as exc:
        raise RefusedError("kz.error.sound-refused", path=path, detail=exc) from exc
