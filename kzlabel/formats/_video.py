"""What all video rooms share: a visible notice burned in, and judged over sampled frames.

Rooms know their containers; here are only frames. `burn` writes the whole file with FFmpeg's muxer,
which keeps the streams, their order, numbers, languages, dispositions and metadata, chapters,
rotation and pixel aspect, but not what only the container says (MP4: udta, uuid and hdlr boxes,
mdcv and clli; Matroska: attachments' UIDs, tags with targets, stereo mode): rooms put that back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from kzlabel.model import Notice, NoticeReport, Placement

if TYPE_CHECKING:
    from pathlib import Path

    from kzlabel._av.video import VideoFacts


def facts(path: Path, demuxer: str) -> VideoFacts:
    """Return what the one video stream is, its packets counted; see `VideoFacts`.

    Raises `RefusedError` where there is no video stream, several, or one that nothing decodes;
    `UnreadableAssetError` where it is cut short or empty; `LimitError`, `OSError`.
    """
    from kzlabel._av.video import facts

    return facts(path, demuxer)


def burn(  # noqa: PLR0913  two files, two containers, and what is asked
    src: Path,
    dst: Path,
    demuxer: str,
    muxer: str,
    notice: Notice,
    *,
    options: Mapping[str, str] | None = None,
    light_kept: bool = False,
) -> Placement:
    """Write `src` to `dst` (a new file) with `notice` (overlay or strip) on its frames.

    `demuxer` and `muxer` are FFmpeg's names, `options` the muxer's. Frame count, times, codec,
    pixel format, profile, colour, fields and rotation stay; all other streams are copied packet
    for packet. `light_kept`: the room puts back what the container says of the mastering display
    and the light level (codecs that carry it themselves keep it anyway); else that is refused.

    Raises `RefusedError` where something would be lost or the codec cannot be encoded,
    `UnreadableAssetError` where not every frame is there and decodes, `UsageError` for a time
    that is too short, `LimitError`, `OSError`. On an exception `dst` may be there in part.
    """
    from kzlabel._av import burning, video
    from kzlabel.formats._video_layout import placed, stamp_of

    scan = video.scanned(src, demuxer)
    known = video.facts(src, demuxer, scan)
    placement = placed(src, demuxer, known, scan, notice)
    burning.burn(
        burning.Job(
            src=src,
            dst=dst,
            demuxer=demuxer,
            muxer=muxer,
            facts=known,
            scan=scan,
            stamp=stamp_of(placement, known),
            options=options or {},
            light_kept=light_kept,
        )
    )
    return placement


def judge(
    path: Path, demuxer: str, hints: Sequence[Placement], *, search: bool
) -> tuple[NoticeReport, ...]:
    """Judge each visible hint over frames of the whole duration; one report for each, in order.

    An audible hint is not for here: its report is undetermined. Without any hint and where
    `search`, our texts are looked for on a few frames, and what is found is judged likewise.

    Of a film that is cut short, what is there is judged.

    Raises `UnreadableAssetError` where nothing decodes, `RefusedError` where there is no video
    stream or several, `LimitError`, `OSError`.
    """
    from kzlabel.formats._video_judge import judged

    return judged(path, demuxer, hints, search=search)
