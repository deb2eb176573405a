"""How finely a lossy WebP was quantised, so that it can be encoded again as finely.

RFC 6386 section 9 (https://www.rfc-editor.org/rfc/rfc6386#section-9): a key frame's header is coded
as bools, most of them with an even chance; the quantiser index runs from 0 (fine) to 127.
"""

from __future__ import annotations

_FRAME_HEADER = 10
SEGMENTS = 4
MAX_INDEX = 127
_HEADER_BYTES = 256
"""More than the fields up to the quantiser can take."""


class _BoolDecoder:
    """RFC 6386 section 7.3, for bools with an even chance; beyond the end come zeros."""

    def __init__(self, content: bytes) -> None:
        self._bits = 8 * (len(content) + 2)
        self._value = int.from_bytes(content + b"\0\0", "big")
        self._range = 255

    def bool(self, probability: int = 128) -> int:
        split = 1 + ((self._range - 1) * probability >> 8)
        wide = split << (self._bits - 8)
        if self._value >= wide:
            self._value -= wide
            self._range -= split
            bit = 1
        else:
            self._range = split
            bit = 0
        while self._range < 128 and self._bits > 8:  # noqa: PLR2004  a byte's top bit
            self._range <<= 1
            self._bits -= 1
        return bit

    def number(self, width: int) -> int:
        value = 0
        for _ in range(width):
            value = value << 1 | self.bool()
        return value

    def flagged(self, width: int) -> int | None:
        """Return an optional signed number."""
        if not self.bool():
            return None
        value = self.number(width)
        return -value if self.bool() else value


def quantiser(payload: bytes) -> float:
    """Return the mean quantiser index of the segments of a `VP8 ` chunk, 0 to 127."""
    bools = _BoolDecoder(payload[_FRAME_HEADER : _FRAME_HEADER + _HEADER_BYTES])
    bools.number(2)  # colour space, clamping
    absolute, segments = _segments(bools)
    bools.number(1 + 6 + 3)  # filter: type, level, sharpness
    if bools.bool() and bools.bool():  # deltas of the filter, updated
        for _ in range(8):
            bools.flagged(6)
    bools.number(2)  # partitions
    base = bools.number(7)
    indexes = [value if absolute else base + value for value in segments] or [base]
    return sum(min(MAX_INDEX, max(0, index)) for index in indexes) / len(indexes)


def _segments(bools: _BoolDecoder) -> tuple[bool, list[int]]:
    """Return whether the segments' quantisers are absolute, and them; [] where there is one."""
    if not bools.bool():
        return False, []
    update_map, update_values = bools.bool(), bools.bool()
    absolute, values = False, list[int]()
    if update_values:
        absolute = bool(bools.bool())
        values = [bools.flagged(7) or 0 for _ in range(SEGMENTS)]
        for _ in range(SEGMENTS):
            bools.flagged(6)  # filter levels
    if update_map:
        for _ in range(3):
            if bools.bool():
                bools.number(8)
    return absolute, values


def quality(index: float) -> float:
    """Return the libwebp quality (0 to 100) that aims at this quantiser index.

    The inverse of `QualityToCompression` in libwebp 1.6, src/enc/quant_enc.c.
    """
    linear = (1 - min(MAX_INDEX, max(0.0, index)) / MAX_INDEX) ** 3
    return 100 * (linear * 1.5 if linear < 0.5 else (linear + 1) / 2)  # noqa: PLR2004  the knee
