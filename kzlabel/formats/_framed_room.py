"""Rooms of bare frames, MP3 and ADTS: the frames are made anew, tags around them stay."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from kzlabel.errors import LimitError, UnsupportedTagsError
from kzlabel.formats import _sound
from kzlabel.formats._ends import Ends, read_ends, with_tag
from kzlabel.formats._id3 import id3_bytes, moved_tag
from kzlabel.formats._id3_read import read_id3
from kzlabel.formats._id3v1 import as_id3v2

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kzlabel._av.wrapping import Wrapping
    from kzlabel.model import Notice, NoticeReport, Placement, Tags


class FramedRoom:
    """What MP3 and ADTS do alike."""

    kind: ClassVar[str]
    wrapping: ClassVar[Wrapping]

    def read_tags(self, path: Path) -> Tags:
        ends = read_ends(path, self.kind)
        return read_id3(ends.before, ends.after)

    def write_tags(self, src: Path, dst: Path, tags: Tags) -> None:
        ends = read_ends(src, self.kind)
        try:
            tag = id3_bytes(ends.tag or as_id3v2(ends.after), tags.get("id3", {}))
        except (UnsupportedTagsError, LimitError) as exc:
            raise type(exc)(exc.code, **{**exc.values, "path": src}) from exc
        with_tag(ends, dst, tag)

    def write_notice(self, src: Path, dst: Path, notice: Notice) -> Placement:
        ends = read_ends(src, self.kind)
        placement = self.write_sound(ends, dst, notice)
        with dst.open("ab") as file:
            file.write(ends.after)
        return placement

    def told(self, ends: Ends) -> float:  # noqa: ARG002  ADTS does not say it
        """Return the seconds that a file says it holds, at the least; 0 where it does not."""
        return 0.0

    def write_sound(self, ends: Ends, dst: Path, notice: Notice) -> Placement:
        """Write what lies before the frames, and these with the notice, to the new file `dst`."""
        ready = _sound.prepared(ends.path, self.wrapping.demuxer, notice)
        return self.write_anew(ends, dst, ready)

    def write_anew(self, ends: Ends, dst: Path, ready: _sound.Prepared) -> Placement:
        """Encode the frames again, with the notice in them."""
        from kzlabel._av.encoding import rewrite_sound

        tracks = _sound.tracks(ends.path, self.wrapping.demuxer, ready)
        rewrite_sound(ends.path, dst, self.wrapping, tracks, head_of(ends, ready))
        return _sound.placement(ready.notice, ready)

    def find_notices(
        self, path: Path, hints: Sequence[Placement], *, search: bool
    ) -> Sequence[NoticeReport]:
        told = self.told(read_ends(path, self.kind))
        return _sound.judge(path, self.wrapping.demuxer, hints, search=search, told=told)


def head_of(ends: Ends, ready: _sound.Prepared) -> bytes:
    """Return what lies before the frames, its chapters moved by the notice."""
    before, tag = ends.before, ends.tag or b""
    if ready.over or not tag:
        return before
    moved = moved_tag(tag, lambda second, end: ready.moved(second, end=end), ready.seconds)
    return moved + before[len(tag) :]
