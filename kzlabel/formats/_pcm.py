"""Samples of sound files as numbers, and numbers as samples: every layout of linear PCM and G.711.

Integers are left-justified in the bytes of their container (a 20-bit sample in three bytes has four
zero bits below); 8 bits are unsigned in WAV and signed in AIFF. A-law and mu-law: ITU-T G.711.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np  # noqa: TID253  loaded only where samples change

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Samples = NDArray[np.float64]


class Coding(StrEnum):
    """What a sample's bytes are."""

    SIGNED = "signed"
    UNSIGNED = "unsigned"
    FLOAT = "float"
    A_LAW = "a-law"
    MU_LAW = "mu-law"


class Pcm(NamedTuple):
    """How samples lie in a file."""

    coding: Coding
    width: int
    """Bytes of one sample."""
    bits: int
    """Bits of it that count."""
    order: Literal["little", "big"]
    channels: int
    rate: int

    @property
    def frame(self) -> int:
        """Bytes of one sample of every channel."""
        return self.width * self.channels


def decoded(raw: bytes | memoryview, pcm: Pcm) -> Samples:
    """Return whole frames as [frames, channels], full scale -1 to 1."""
    if pcm.coding is Coding.FLOAT:
        found = np.frombuffer(raw, _number("f", pcm)).astype(np.float64)
    elif pcm.coding in (Coding.A_LAW, Coding.MU_LAW):
        found = _table(pcm.coding)[np.frombuffer(raw, np.uint8)]
    else:
        found = _integers(raw, pcm) / _full_scale(pcm.width * 8)
    return found.reshape(-1, pcm.channels)


def encoded(samples: NDArray[np.floating], pcm: Pcm) -> bytes:
    """Return [frames, channels] as bytes: rounded to the bits that count, held to full scale."""
    flat = np.asarray(samples, np.float64).reshape(-1)
    if pcm.coding is Coding.FLOAT:
        return flat.astype(_number("f", pcm)).tobytes()
    if pcm.coding in (Coding.A_LAW, Coding.MU_LAW):
        return _nearest(flat, pcm.coding).tobytes()
    top = _full_scale(pcm.bits)
    whole = np.clip(np.rint(flat * top), -top, top - 1).astype(np.int64)
    return _bytes_of(whole << (pcm.width * 8 - pcm.bits), pcm)


def _full_scale(bits: int) -> float:
    return float(1 << (bits - 1))


def _number(kind: str, pcm: Pcm) -> np.dtype[np.generic]:
    return np.dtype(f"{'<' if pcm.order == 'little' else '>'}{kind}{pcm.width}")


def _integers(raw: bytes | memoryview, pcm: Pcm) -> NDArray[np.int64]:
    if pcm.coding is Coding.UNSIGNED:
        return np.frombuffer(raw, np.uint8).astype(np.int64) - 128
    if pcm.width in (1, 2, 4):
        return np.frombuffer(raw, _number("i", pcm)).astype(np.int64)
    three = np.frombuffer(raw, np.uint8).reshape(-1, 3)
    wide = np.zeros((len(three), 4), np.uint8)
    if pcm.order == "little":
        wide[:, 1:] = three
        return wide.view("<i4").reshape(-1).astype(np.int64) >> 8
    wide[:, :3] = three
    return wide.view(">i4").reshape(-1).astype(np.int64) >> 8


def _bytes_of(whole: NDArray[np.int64], pcm: Pcm) -> bytes:
    if pcm.coding is Coding.UNSIGNED:
        return (whole + 128).astype(np.uint8).tobytes()
    if pcm.width in (1, 2, 4):
        return whole.astype(_number("i", pcm)).tobytes()
    little = pcm.order == "little"
    four = whole.astype("<i4" if little else ">i4").view(np.uint8).reshape(-1, 4)
    return np.ascontiguousarray(four[:, :3] if little else four[:, 1:]).tobytes()


# --- G.711 ----------------------------------------------------------------------------------------


@cache
def _table(coding: Coding) -> Samples:
    """Return what each byte stands for."""
    codes = np.arange(256)
    if coding is Coding.A_LAW:
        code = codes ^ 0x55
        step, segment = (code & 0x0F) << 4, (code & 0x70) >> 4
        size = np.where(segment > 0, (step + 0x108) << np.maximum(segment - 1, 0), step + 8)
        positive = (code & 0x80) > 0
    else:
        code = ~codes & 0xFF
        size = ((((code & 0x0F) << 3) + 0x84) << ((code & 0x70) >> 4)) - 0x84
        positive = (code & 0x80) == 0
    return np.where(positive, size, -size) / _full_scale(16)


def _nearest(flat: Samples, coding: Coding) -> NDArray[np.uint8]:
    """Return the code whose value is nearest to each sample."""
    table = _table(coding)
    rising = np.argsort(table, kind="stable")
    middles = (table[rising][1:] + table[rising][:-1]) / 2
    return rising[np.searchsorted(middles, flat)].astype(np.uint8)
