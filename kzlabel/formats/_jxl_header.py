"""The head of a JPEG XL codestream (ISO/IEC 18181-1, annex D): what pixels a picture has.

Fields are bits, least significant first. `U32` reads two bits that choose one of four widths.
"""

from __future__ import annotations

from dataclasses import dataclass

SIGNATURE = b"\xff\x0a"
MAX_HEADER = 4096
"""Bytes of the codestream in which the header must end."""
_ALPHA, _SPOT, _CFA = 0, 2, 5
_RGB, _GREY = 0, 1
_D65 = 1
_SRGB = 1
_TRANSFER_SRGB = 13

Widths = tuple[tuple[int, int], tuple[int, int], tuple[int, int], tuple[int, int]]
"""Four of (offset, bits)."""

_SIZE: Widths = ((1, 9), (1, 13), (1, 18), (1, 30))
_RATIOS = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))
_ENUM: Widths = ((0, 0), (1, 0), (2, 4), (18, 6))
_BITS: Widths = ((8, 0), (10, 0), (12, 0), (1, 6))
_FLOAT_BITS: Widths = ((32, 0), (16, 0), (24, 0), (1, 6))
_CHANNELS: Widths = ((0, 0), (1, 0), (2, 4), (1, 12))
_SHIFT: Widths = ((0, 0), (3, 0), (4, 0), (1, 3))
_NAME: Widths = ((0, 0), (0, 4), (16, 5), (48, 10))


class DamagedHeaderError(ValueError):
    """The header ends too early, or is not one."""


@dataclass(frozen=True)
class Header:
    """What matters of it."""

    bits: int = 8
    is_float: bool = False
    animated: bool = False
    extra: tuple[str, ...] = ()
    """Extra channels: `alpha`, `premultiplied`, `deep alpha` or a number."""
    xyb: bool = True
    """Colours were converted to XYB: a lossy picture."""
    srgb: bool = True


class _Bits:
    def __init__(self, codestream: bytes) -> None:
        self._left = len(codestream) * 8
        self._value = int.from_bytes(codestream, "little")

    def read(self, count: int) -> int:
        if count > self._left:
            msg = "codestream header cut"
            raise DamagedHeaderError(msg)
        found = self._value & ((1 << count) - 1)
        self._value >>= count
        self._left -= count
        return found

    def flag(self) -> bool:
        return bool(self.read(1))

    def u32(self, widths: Widths) -> int:
        offset, bits = widths[self.read(2)]
        return offset + self.read(bits)


def read_header(codestream: bytes) -> Header:
    """Return what the first bytes of a codestream say; raises `DamagedHeaderError`."""
    bits = _begun(codestream)
    _size(bits)
    if bits.flag():  # all_default
        return Header()
    if bits.flag():  # extra_fields
        bits.read(3)  # orientation
        if bits.flag():
            _size(bits)  # intrinsic size
        if bits.flag() | bits.flag():  # preview, animation
            return Header(animated=True)
    depth, is_float = _bit_depth(bits)
    bits.flag()  # modular_16bit_buffers
    extra = tuple(_extra_channel(bits) for _ in range(bits.u32(_CHANNELS)))
    xyb = bits.flag()
    return Header(depth, is_float, False, extra, xyb, _is_srgb(bits))


def read_size(codestream: bytes) -> tuple[int, int]:
    """Return width and height, before orientation; raises `DamagedHeaderError`."""
    return _size(_begun(codestream))


def _begun(codestream: bytes) -> _Bits:
    if not codestream.startswith(SIGNATURE):
        msg = f"begins with {codestream[:2].hex()}"
        raise DamagedHeaderError(msg)
    return _Bits(codestream[2:MAX_HEADER])


def _size(bits: _Bits) -> tuple[int, int]:
    small = bits.flag()
    height = 8 * (bits.read(5) + 1) if small else bits.u32(_SIZE)
    ratio = bits.read(3)
    if ratio:
        across, down = _RATIOS[ratio - 1]
        return height * across // down, height
    return 8 * (bits.read(5) + 1) if small else bits.u32(_SIZE), height


def _bit_depth(bits: _Bits) -> tuple[int, bool]:
    if bits.flag():
        depth = bits.u32(_FLOAT_BITS)
        bits.read(4)  # exponent
        return depth, True
    return bits.u32(_BITS), False


def _extra_channel(bits: _Bits) -> str:
    if bits.flag():
        return "alpha"
    kind = bits.u32(_ENUM)
    depth, is_float = _bit_depth(bits)
    bits.u32(_SHIFT)
    for _ in range(bits.u32(_NAME)):
        bits.read(8)
    if kind == _ALPHA:
        if bits.flag():
            return "premultiplied"
        return "alpha" if (depth, is_float) == (8, False) else "deep alpha"
    if kind == _SPOT:
        bits.read(64)
    elif kind == _CFA:
        bits.u32(((1, 0), (0, 2), (3, 4), (19, 8)))
    return str(kind)


def _is_srgb(bits: _Bits) -> bool:
    if bits.flag():  # all_default
        return True
    if bits.flag():  # an ICC profile follows
        return False
    space = bits.u32(_ENUM)
    if space not in (_RGB, _GREY) or bits.u32(_ENUM) != _D65:
        return False
    if space == _RGB and bits.u32(_ENUM) != _SRGB:
        return False
    return not bits.flag() and bits.u32(_ENUM) == _TRANSFER_SRGB
