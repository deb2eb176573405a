"""How a Matroska file asks to be played: tracks on and off, cropping, shape, editions.

TrackEntry (RFC 9559 5.1.4): FlagEnabled; in Video: PixelCrop, DisplayWidth, DisplayHeight,
DisplayUnit, AlphaMode. An edition whose chapters are ordered (5.1.7.1.5, EditionFlagOrdered) plays
these, and nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.formats import _matroska_tracks as tracks
from kzlabel.formats._ebml import Budget, first, nodes
from kzlabel.formats._film_playing import (
    CROPPED,
    REARRANGED,
    RESHAPED,
    SEE_THROUGH,
    SWITCHED_OFF,
    Film,
    Pictures,
    is_stretched,
    sound_of,
)
from kzlabel.formats._matroska_layout import CHAPTERS, Layout
from kzlabel.formats._matroska_restore import track_entries

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kzlabel.formats._ebml import Node

DEMUXER = "matroska"
_ENABLED = 0xB9
_EDITION, _ORDERED = 0x45B9, 0x45DD
_WIDTH, _HEIGHT, _DISPLAY_WIDTH, _DISPLAY_HEIGHT = 0xB0, 0xBA, 0x54B0, 0x54BA


def film_of(layout: Layout) -> Film:
    """Return how the file is to be played; raises `RefusedError` where it is encrypted."""
    budget = Budget(layout.path)
    held = track_entries(layout, budget)
    tracks.check(held, 0, budget)
    order = REARRANGED if _is_ordered(layout, budget) else ""
    seen = [fields for fields in held if tracks.value(fields, tracks.TYPE) == tracks.VIDEO]
    heard = [fields for fields in held if tracks.value(fields, tracks.TYPE) == tracks.AUDIO]
    doubt = order or next(filter(None, (_doubt(fields, budget) for fields in seen)), "")
    pictures = Pictures(doubt) if seen else None
    return Film(layout.path, DEMUXER, pictures, sound_of(map(_is_on, heard), order))


def _is_on(fields: Sequence[Node]) -> bool:
    flag = first(fields, _ENABLED)
    return flag is None or bool(flag.number)


def _is_ordered(layout: Layout, budget: Budget) -> bool:
    return any(
        tracks.value(nodes(edition.payload, budget), _ORDERED)
        for chapters in layout.all(CHAPTERS)
        for edition in nodes(layout.read(chapters), budget)
        if edition.id == _EDITION
    )


def _doubt(fields: Sequence[Node], budget: Budget) -> str:
    """Return why pictures may be shown otherwise than they are judged."""
    if not _is_on(fields):
        return SWITCHED_OFF
    video = first(fields, tracks.VIDEO_FIELDS)
    held = nodes(video.payload if video else b"", budget)
    if any(node.number for node in held if node.id in tracks.CROPS):
        return CROPPED
    if tracks.value(held, tracks.ALPHA):
        return SEE_THROUGH
    stored = tracks.value(held, _WIDTH), tracks.value(held, _HEIGHT)
    shown = tracks.value(held, _DISPLAY_WIDTH), tracks.value(held, _DISPLAY_HEIGHT)
    if all(stored) and any(shown):
        wide, high = (each or own for each, own in zip(shown, stored, strict=True))
        if is_stretched(wide * stored[1] / (high * stored[0])):
            return RESHAPED
    return ""
