"""The colour that an AV1 sequence header states (AV1 5.3, 5.5, https://aomediacodec.github.io/av1-spec/).

A HEIF file without a `colr` of type `nclx` says its primaries, transfer and matrix only there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_OBUS = 1000
MAX_METADATA = 1 << 16
UNSPECIFIED = 2
_SEQUENCE_HEADER, _METADATA = 1, 5
_PICTURE_METADATA = {b"\1", b"\2", b"\4"}
"""Light level, mastering display, ITU-T T.35: of the picture, not of its coding (5.8)."""
_SRGB, _IDENTITY = (1, 13, 0), 0
_MAX_UVLC = 32


class Colour(NamedTuple):
    """Code points of ITU-T H.273."""

    primaries: int
    transfer: int
    matrix: int
    full: bool
    """Full range, not limited ("studio")."""


class DamagedStreamError(ValueError):
    """Bits that are no sequence of OBUs, or end too early."""


def _obus(stream: bytes) -> Iterator[tuple[int, bytes, int]]:
    """Return (type, payload, where it ends) of each OBU."""
    at, count = 0, 0
    while at < len(stream):
        kind, extended, sized = stream[at] >> 3 & 15, stream[at] & 4, stream[at] & 2
        at += 2 if extended else 1
        length = len(stream) - at
        if sized:
            length, at = _leb128(stream, at)
        if length < 0 or at + length > len(stream):
            raise DamagedStreamError(f"AV1: {length} bytes at {at}")
        yield kind, stream[at : at + length], at + length
        at += length
        count += 1
        if count > MAX_OBUS:
            raise DamagedStreamError(f"AV1: more than {MAX_OBUS} OBUs")


def _leb128(stream: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 56, 7):
        if at >= len(stream):
            break
        value |= (stream[at] & 0x7F) << shift
        at += 1
        if stream[at - 1] < 0x80:  # noqa: PLR2004  the top bit says that more follow
            return value, at
    raise DamagedStreamError(f"AV1: length at {at}")


def stated_colour(stream: bytes) -> Colour:
    """Return what the first sequence header says; raises `DamagedStreamError`."""
    for kind, payload, _ in _obus(stream):
        if kind == _SEQUENCE_HEADER:
            return _SequenceHeader(payload).colour()
    raise DamagedStreamError("AV1: no sequence header")


def picture_metadata(stream: bytes) -> tuple[bytes, ...]:
    """Return what the stream says of the picture (HDR), one payload each, each once."""
    found = [p for kind, p, _ in _obus(stream) if kind == _METADATA and p[:1] in _PICTURE_METADATA]
    if sum(map(len, found)) > MAX_METADATA:
        raise DamagedStreamError(f"AV1: more than {MAX_METADATA} bytes of metadata")
    return tuple(dict.fromkeys(found))


def with_metadata(stream: bytes, payloads: tuple[bytes, ...]) -> bytes:
    """Return `stream` with metadata after its sequence header, where it belongs (7.5)."""
    at = next((end for kind, _, end in _obus(stream) if kind == _SEQUENCE_HEADER), 0)
    parts = [bytes([_METADATA << 3 | 2]) + _as_leb128(len(p)) + p for p in payloads]
    return stream[:at] + b"".join(parts) + stream[at:]


def _as_leb128(value: int) -> bytes:
    more = bytearray()
    while value > 0x7F:  # noqa: PLR2004  seven bits a byte
        more.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*more, value])


class _SequenceHeader:
    """Reads the fields one after another, as 5.5.1 lists them; most are passed over."""

    def __init__(self, payload: bytes) -> None:
        self._bits = int.from_bytes(payload)
        self._left = 8 * len(payload)

    def _take(self, count: int) -> int:
        self._left -= count
        if self._left < 0:
            raise DamagedStreamError("AV1: the sequence header is cut")
        return self._bits >> self._left & (1 << count) - 1

    def colour(self) -> Colour:
        profile = self._take(3)
        self._take(1)  # still_picture
        reduced = self._take(1)
        if reduced:
            self._take(5)  # seq_level_idx
        else:
            self._operating_points()
        self._frame_size(reduced)
        if not reduced:
            self._inter_tools()
        self._take(3)  # enable_superres, enable_cdef, enable_restoration
        return self._colour_config(profile)

    def _operating_points(self) -> None:
        delay_bits = self._timing() if self._take(1) else 0
        has_display_delay = self._take(1)
        for _ in range(self._take(5) + 1):
            self._take(12)  # operating_point_idc
            if self._take(5) > 7:  # noqa: PLR2004  levels from 4.0 have a tier
                self._take(1)
            if delay_bits and self._take(1):
                self._take(2 * delay_bits + 1)
            if has_display_delay and self._take(1):
                self._take(4)

    def _timing(self) -> int:
        """Pass over timing and decoder model; return the bits of a buffer delay, 0 for none."""
        self._take(64)  # num_units_in_display_tick, time_scale
        if self._take(1):
            zeros = 0
            while not self._take(1):  # uvlc, 4.10.3
                zeros += 1
            if zeros < _MAX_UVLC:
                self._take(zeros)
        if not self._take(1):
            return 0
        delay_bits = self._take(5) + 1
        self._take(42)  # num_units_in_decoding_tick, two lengths
        return delay_bits

    def _frame_size(self, reduced: int) -> None:
        width_bits, height_bits = self._take(4) + 1, self._take(4) + 1
        self._take(width_bits + height_bits)
        if not reduced and self._take(1):
            self._take(7)  # lengths of frame ids
        self._take(3)  # use_128x128_superblock, enable_filter_intra, enable_intra_edge_filter

    def _inter_tools(self) -> None:
        self._take(4)  # interintra, masked, warped, dual filter
        order_hint = self._take(1)
        if order_hint:
            self._take(2)
        chosen = self._take(1)
        screen_content = 2 if chosen else self._take(1)
        if screen_content and not self._take(1):
            self._take(1)
        if order_hint:
            self._take(3)

    def _colour_config(self, profile: int) -> Colour:
        if self._take(1) and profile == 2:  # noqa: PLR2004  the professional profile
            self._take(1)  # twelve_bit
        if profile != 1:
            self._take(1)  # mono_chrome
        described = self._take(1)
        points = [self._take(8) for _ in range(3)] if described else [UNSPECIFIED] * 3
        full = tuple(points) == _SRGB or bool(self._take(1))
        return Colour(points[0], points[1], points[2], full)
