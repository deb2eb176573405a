"""Ogg (RFC 3533) with Vorbis or Opus (RFC 7845): comments written by mutagen, no manifest.

Files of several streams, beside or after one another, and other codecs are labelled without a
notice: it would be heard in one of them only.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from kzlabel._av.wrapping import Wrapping
from kzlabel.errors import RefusedError, UnsupportedTagsError
from kzlabel.formats import _sound
from kzlabel.formats._mutagen import copy_ogg_comments, ogg_comments, write_ogg_comments
from kzlabel.formats._new_file import new_file
from kzlabel.formats._ogg_pages import all_codecs, check_end, codecs, nominal_bit_rate
from kzlabel.formats._vorbis_comments import check_ogg, named, ogg_texts
from kzlabel.model import Carrier, CarrierKind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kzlabel.model import Notice, NoticeReport, Placement, Tags

_OPUS = Wrapping("ogg", "opus", only_sound=True)
_TAGGED = ("vorbis", "opus", "speex", "flac", "theora")


class OggRoom:
    """Ogg Vorbis and Opus; others as far as their comments."""

    def manifest_carrier(self, path: Path) -> Carrier:
        codecs(path)
        return Carrier(kind=CarrierKind.COMPANION, reason="kz.carrier.ogg")

    def read_tags(self, path: Path) -> Tags:
        codecs(path)
        text = named(ogg_texts(path))
        return {"vorbis": text} if text else {}

    def write_tags(self, src: Path, dst: Path, tags: Tags) -> None:
        first, *others = [*_tagged(src), ""]
        if not first:
            detail = ", ".join(codecs(src))
            raise UnsupportedTagsError("kz.error.comments-damaged", path=src, detail=detail)
        with src.open("rb") as source, new_file(dst) as file:
            shutil.copyfileobj(source, file, 1 << 20)
        changes = tags.get("vorbis", {})
        try:
            write_ogg_comments(dst, first, changes)
            for codec in filter(None, others):  # what is said anew is not left there as it was
                if stale := {name for name, _ in _said(src, codec)} & changes.keys():
                    write_ogg_comments(dst, codec, dict.fromkeys(stale, ""))
        except BaseException:
            dst.unlink(missing_ok=True)
            raise

    def write_notice(self, src: Path, dst: Path, notice: Notice) -> Placement:
        held = codecs(src) and all_codecs(src)
        if held not in (("vorbis",), ("opus",)):
            raise RefusedError("kz.error.ogg-streams", path=src, detail=", ".join(held))
        check_end(src)
        check_ogg(src)
        ready = _sound.prepared(src, "ogg", notice)
        try:
            (_write_opus if held == ("opus",) else _write_vorbis)(src, dst, ready)
            copy_ogg_comments(src, dst, held[0], ready)
        except BaseException:
            dst.unlink(missing_ok=True)
            raise
        return _sound.placement(notice, ready)

    def find_notices(
        self, path: Path, hints: Sequence[Placement], *, search: bool
    ) -> Sequence[NoticeReport]:
        check_end(path)
        check_ogg(path)
        return _sound.judge(path, "ogg", hints, search=search)


def _tagged(path: Path) -> list[str]:
    """Return the codecs that have comments; the first one's are the file's."""
    held = codecs(path)
    return [name for name in _TAGGED if name in held]


def _said(path: Path, codec: str) -> list[tuple[str, str]]:
    """Return the comments of the first stream of a codec, names in capitals; damaged ones: none."""
    try:
        return [(name.upper(), value) for name, value in ogg_comments(path, codec)]
    except UnsupportedTagsError:
        return []


def _write_opus(src: Path, dst: Path, ready: _sound.Prepared) -> None:
    from kzlabel._av.encoding import rewrite_sound

    rewrite_sound(src, dst, _OPUS, _sound.tracks(src, "ogg", ready))


def _write_vorbis(src: Path, dst: Path, ready: _sound.Prepared) -> None:
    from kzlabel._av.sound import blocks
    from kzlabel._av.weaving import woven
    from kzlabel.formats._vorbis import quality_of, write_vorbis

    track = _sound.tracks(src, "ogg", ready)[0]
    rate, channels = track.facts.rate, track.facts.channels
    quality = quality_of(nominal_bit_rate(src) or track.bit_rate, rate, channels)
    rows = woven(blocks(src, "ogg", mono=False), track.voice)
    write_vorbis(dst, rows, rate, channels, quality, src)
