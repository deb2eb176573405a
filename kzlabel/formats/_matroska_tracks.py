"""Matroska's TrackEntry (RFC 9559 5.1.4): what FFmpeg's muxer makes of it, and what it was.

FFmpeg numbers tracks anew, gives them other UIDs (tags and chapters name tracks by these), and
writes languages, flags and the description of the picture as it understands them. So what says how
a track is coded is the new file's, and what says what it is, is the source's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.errors import RefusedError
from kzlabel.formats._ebml import CRC32, VOID, Budget, Node, encoded, first, nodes, number

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

ENTRY = 0xAE
NUMBER, UID, TYPE, VIDEO_FIELDS = 0xD7, 0x73C5, 0x83, 0xE0
VIDEO, AUDIO = 1, 2
_ENCODINGS, _ENCODING, _ENCRYPTION, _ENCODING_TYPE = 0x6D80, 0x6240, 0x5035, 0x5033
_SUBTITLE, _BUTTONS = 0x11, 0x12

_IDENTITY = frozenset({
    UID, 0xB9, 0x88, 0x55AA,  # FlagEnabled, FlagDefault, FlagForced
    0x55AB, 0x55AC, 0x55AD, 0x55AE, 0x55AF,  # for whom: hearing, sight, descriptions, original …
    0x536E, 0x22B59C, 0x22B59D, 0x258688,  # Name, Language, LanguageBCP47, CodecName
    0x7446, 0x6FAB, 0x6624, 0xE2,  # AttachmentLink, TrackOverlay, TrackTranslate, TrackOperation
})  # fmt: skip
"""What a track is."""
_AS_STORED = frozenset({
    0x23E383, 0x234E7A, 0x6DE7, 0x6DF8,  # durations of a frame and a field, caches
    0x55EE, 0x41E4, 0xE0, 0xE1,  # additions to blocks, Video, Audio
})  # fmt: skip
"""What says more of packets that are the same as before."""
_RATE = frozenset({0x23E383, 0x234E7A})
"""DefaultDuration, DefaultDecodedFieldDuration: those of the source, as every frame is there."""
_LOOK = frozenset({
    0x9A, 0x9D, 0x53B8, 0x53B9, 0x54B3, 0x55B0, 0x7670,
})  # fmt: skip
"""FlagInterlaced, FieldOrder, StereoMode (and the old one), AspectRatioType, Colour, Projection."""
_LINES = 0xBA
"""PixelHeight."""
_DISPLAY_WIDTH, _DISPLAY_HEIGHT, _DISPLAY_UNIT = 0x54B0, 0x54BA, 0x54B2
_DISPLAY = frozenset({_DISPLAY_WIDTH, _DISPLAY_HEIGHT, _DISPLAY_UNIT})
_RATIO = 3
"""DisplayUnit: the two sizes are a ratio."""
CROPS = frozenset({0x54AA, 0x54BB, 0x54CC, 0x54DD})
ALPHA = 0x53C0


def entries(payload: bytes, budget: Budget) -> list[tuple[Node, ...]]:
    """Return what each TrackEntry holds."""
    return [nodes(node.payload, budget) for node in nodes(payload, budget) if node.id == ENTRY]


def value(fields: Iterable[Node], name: int) -> int:
    """Return a number of a track; 0 where it is not said."""
    node = first(fields, name)
    return node.number if node is not None else 0


def check(tracks: Sequence[Sequence[Node]], coded: int, budget: Budget) -> None:
    """Raise `RefusedError` where tracks of the type `coded` cannot be coded without loss."""
    for fields in tracks:
        _check_encryption(fields, budget)
        if value(fields, TYPE) != coded or coded != VIDEO:
            continue
        held = nodes(_payload(fields, VIDEO_FIELDS), budget)
        if any(node.number for node in held if node.id in CROPS):
            raise RefusedError("kz.error.film-cropped", path=budget.path)
        if value(held, ALPHA):
            raise RefusedError("kz.error.film-see-through", path=budget.path)


def _check_encryption(fields: Iterable[Node], budget: Budget) -> None:
    for encoding in nodes(_payload(fields, _ENCODINGS), budget):
        held = nodes(encoding.payload, budget) if encoding.id == _ENCODING else ()
        if first(held, _ENCRYPTION) is not None or value(held, _ENCODING_TYPE) == 1:
            track = value(fields, NUMBER)
            raise RefusedError("kz.error.matroska-encrypted", path=budget.path, value=track)


def _payload(fields: Iterable[Node], name: int) -> bytes:
    node = first(fields, name)
    return node.payload if node is not None else b""


def restored(
    source: Sequence[Node], made: Sequence[Node], *, coded: int, resized: bool, budget: Budget
) -> bytes:
    """Return a TrackEntry for the track as `made`, which is what `source` is.

    `coded`: the type of tracks that were coded anew; `resized`: pictures were given another size.
    """
    kind = value(source, TYPE)
    names = _IDENTITY | (_RATE if kind == coded == VIDEO else frozenset())
    if kind != coded:
        names |= _AS_STORED
    kept = _exchanged(made, source, names)
    if kind == coded == VIDEO:
        held = nodes(_payload(made, VIDEO_FIELDS), budget)
        was = nodes(_payload(source, VIDEO_FIELDS), budget)
        shown = _stretched(was, held) if resized else was
        fields = encoded(VIDEO_FIELDS, _exchanged(held, shown, _LOOK | _DISPLAY))
        others = (node for node in nodes(kept, budget) if node.id != VIDEO_FIELDS)
        kept = b"".join(node.raw for node in others) + fields
    return encoded(ENTRY, kept)


def _stretched(source: Sequence[Node], made: Sequence[Node]) -> list[Node]:
    """Return what `source` says of a picture, for one with more lines of the same pixels."""
    wide, high = (first(source, name) for name in (_DISPLAY_WIDTH, _DISPLAY_HEIGHT))
    lines, more = value(source, _LINES), value(made, _LINES)
    if wide is None or high is None or not lines:
        return list(source)
    if value(source, _DISPLAY_UNIT) == _RATIO:  # of the whole picture, in small numbers
        sizes = {wide.id: wide.number * lines, high.id: high.number * more}
    else:
        sizes = {wide.id: wide.number, high.id: round(high.number * more / lines)}
    raws = {name: number(name, size) for name, size in sizes.items()}
    return [node._replace(raw=raws.get(node.id, node.raw)) for node in source]


def _exchanged(made: Iterable[Node], source: Iterable[Node], names: Collection[int]) -> bytes:
    """Return the elements of `made`, those of these names taken from `source` instead."""
    parts = [n.raw for n in made if n.id not in names and n.id not in (CRC32, VOID)]
    return b"".join(parts + [n.raw for n in source if n.id in names])
