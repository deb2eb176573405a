"""Where a notice goes in a video, and how its plate lies in the stored frames.

Three pictures are to be told apart: the one displayed (upright, square pixels), the same not yet
turned (square pixels, as stored), and the stored one, whose pixels may be wider than high. Notices
are placed on the first and burned into the last, at even coordinates: samples of colour are shared.
"""

from __future__ import annotations

from statistics import fmean
from typing import TYPE_CHECKING

import msgspec

from kzlabel.errors import RefusedError, UsageError
from kzlabel.formats._raster_orientation import (
    displayed_size,
    stored_box,
    stored_plate,
    stored_region,
    stored_size,
    undo,
)
from kzlabel.model import Notice, NoticeStyle, Placement, Region, Span
from kzlabel.notices.visible import picture_size, place

if TYPE_CHECKING:
    from pathlib import Path

    from PIL.Image import Image

    from kzlabel._av.burning import Stamp
    from kzlabel._av.video import Scan, VideoFacts

LEAST_SECONDS = 2.0
"""How long a notice is shown at least, each time: two lines are read in it."""
LOOKED_AT, LOOKED_SIDE = 5, 960
"""Frames by which the calmest corner is chosen, and the size to which they are reduced."""
BUSY_SAMPLES = 48
"""Side of the thumbnail in which a corner's busyness is measured."""
EVEN = 4
"""Canvases and plates end at multiples of this: chroma samples and fields are shared by pairs."""
MAX_SPANS = 1000
"""Times that a notice is shown."""


def placed(path: Path, demuxer: str, facts: VideoFacts, scan: Scan, notice: Notice) -> Placement:
    """Return where and when `notice` goes; raises `UsageError`, `RefusedError`."""
    if not facts.orientation:
        raise RefusedError("kz.error.video-turned", path=path)
    spans = schedule(path, notice, facts.duration)
    pictures = _pictures(path, demuxer, facts, scan)

    def busyness(region: Region) -> float:
        size = displayed_size(pictures[0], facts.orientation)
        area = stored_region(region, size, facts.orientation)
        return fmean(_busyness(picture.crop(area)) for picture in pictures)

    placement = place(notice, *facts.displayed, busyness)
    placement = _evened(placement, facts)
    return msgspec.structs.replace(placement, spans=spans, duration=facts.duration)


def schedule(path: Path, notice: Notice, duration: float) -> tuple[Span, ...]:
    """Return when the notice is shown; nothing: the whole time.

    For `notice.seconds` from the start on, and again every `notice.every` seconds; what would be
    cut off by the end is left out.
    """
    seconds = notice.seconds
    if seconds is None:
        return ()
    if seconds < LEAST_SECONDS:
        raise UsageError(
            "kz.error.video-seconds", path=path, seconds=f"{seconds:g}", least=f"{LEAST_SECONDS:g}"
        )
    if seconds >= duration or (notice.every is not None and notice.every <= seconds):
        return ()
    step = notice.every or duration
    count = min(int((duration - LEAST_SECONDS) / step) + 1, MAX_SPANS)
    return tuple(
        Span(start=number * step, end=min(number * step + seconds, duration))
        for number in range(max(1, count))
    )


def _pictures(path: Path, demuxer: str, facts: VideoFacts, scan: Scan) -> list[Image]:
    from kzlabel._av.frames import shots

    last = len(scan.times) - 1
    numbers = [last * number // (LOOKED_AT - 1) for number in range(LOOKED_AT)]
    found = []
    for shot in shots(path, demuxer, facts, scan, numbers):
        small = shot.picture.convert("L")  # large ones are not held
        small.thumbnail((LOOKED_SIDE, LOOKED_SIDE), reducing_gap=2.0)
        found.append(small)
    return found


def _busyness(crop: Image) -> float:
    from PIL import Image, ImageFilter, ImageStat

    small = crop.resize((BUSY_SAMPLES, BUSY_SAMPLES), Image.Resampling.BOX)
    edges = small.filter(ImageFilter.FIND_EDGES)
    return ImageStat.Stat(small).stddev[0] + ImageStat.Stat(edges).mean[0]


def _evened(placement: Placement, facts: VideoFacts) -> Placement:
    """Return a placement whose band ends with whole chroma samples, in stored pixels."""
    if placement.style is not NoticeStyle.STRIP:
        return placement
    high = picture_size(placement)[1]
    across, down = _scale(facts)
    turned = facts.orientation >= 5  # noqa: PLR2004  as in EXIF
    fine = (across if turned else down), (down if turned else across)
    height, width = _up(placement.height, fine[0]), _up(placement.width, fine[1])
    band = height - high
    region = Region(x=0.0, y=high / height, w=1.0, h=band / height)
    return msgspec.structs.replace(placement, width=width, height=height, region=region)


def _up(side: int, scale: float) -> int:
    """Return the least length of at least `side` that is a multiple of `EVEN` stored pixels."""
    stored = -(-round(side * scale) // EVEN) * EVEN
    length = round(stored / scale)
    return length if round(length * scale) == stored else round((stored + EVEN) / scale)


def _scale(facts: VideoFacts) -> tuple[float, float]:
    """Return stored pixels by square ones, across and down."""
    return facts.width / max(1, round(facts.width * facts.sample_aspect)), 1.0


def stamp_of(placement: Placement, facts: VideoFacts) -> Stamp:
    """Return the plate as it lies in the stored frames."""
    from kzlabel._av.burning import Stamp
    from kzlabel._av.frames import grey_of

    turn, (across, _) = facts.orientation, _scale(facts)
    size = stored_size(placement, turn)
    canvas = (round(size[0] * across), size[1])
    offset = (0, 0)
    if placement.style is NoticeStyle.STRIP:
        canvas = (canvas[0] // EVEN * EVEN, canvas[1] // EVEN * EVEN)
        shown = (0, 0, *facts.displayed)
        inside = undo(shown, (placement.width, placement.height), turn)
        # At even places, as the plate: next to a picture of odd size a black line stays.
        offset = ((canvas[0] - facts.width) // 2 * 2 if inside[0] else 0, inside[1] // 2 * 2)
    else:
        canvas = (facts.width, facts.height)
    left, top, right, bottom = stored_box(placement, turn)
    area = (round(left * across), top, round(right * across), bottom)
    within = placement.style is NoticeStyle.STRIP
    grey = grey_of(stored_plate(placement, turn), area, canvas, within=within)
    spans = tuple((span.start, span.end) for span in placement.spans)
    return Stamp(grey=grey, canvas=canvas, offset=offset, spans=spans)
