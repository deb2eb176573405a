"""A notice on an MP4, MOV or M4A file: the tracks that carry it are coded anew, no others.

The tracks to be coded are first copied out into a file of their own, so that FFmpeg sees nothing
that it cannot copy; `_mp4_graft` then puts what it made into the source. Fragmented files go
through FFmpeg whole, and `_mp4_fragments` gives them back what it dropped.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kzlabel.errors import KzlabelError, RefusedError
from kzlabel.formats._bmff import check_boxes
from kzlabel.formats._mp4_file import Movie, damage, read_movie
from kzlabel.formats._mp4_fragments import restore
from kzlabel.formats._mp4_graft import Graft, write_movie
from kzlabel.formats._mp4_keep import kept
from kzlabel.formats._mp4_parts import find
from kzlabel.formats._mp4_playing import DEMUXER, film_of
from kzlabel.formats._mp4_room import movie_edit
from kzlabel.formats._mp4_shift import Inserted, inserted, moved, with_chapters
from kzlabel.formats._mp4_splice import splice
from kzlabel.formats._mp4_tags import without_covers, without_item
from kzlabel.formats._mp4_track import (
    SOUND,
    VIDEO,
    Track,
    chapter_ids,
    timescale_of,
    tracks,
    undelayed,
)
from kzlabel.model import MEDIUM_OF, Medium, NoticeStyle

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kzlabel.model import Notice, Placement

_GAPLESS = "----:com.apple.iTunes:iTunSMPB"
"""iTunes' count of the encoder's delay: of the old encoding; the edit list says the new one's."""
_UNEDITED = "frag_keyframe+default_base_moof+empty_moov"
_EDITED = "frag_keyframe+default_base_moof+delay_moov"
_INDEXED = "dash+global_sidx"


def write_notice(src: Path, dst: Path, notice: Notice, medium: Medium) -> Placement:
    """Copy `src` to `dst` with the notice; the contract is `Format.write_notice`'s."""
    check_boxes(src)
    movie = read_movie(src)
    job = _job(movie, notice, medium)
    film = film_of(movie, medium)
    film.refuse(notice)
    with _beside(dst, "made") as made:
        with _alone(job, dst) as alone:
            placement = _coded(alone, made, notice, job)
        gaps = inserted(placement.spans if notice.style is NoticeStyle.PREPEND else ())
        if movie.fragmented:
            restore(movie, read_movie(made), dst, job.handler, _udta(job, gaps))
        else:
            _assemble(job, read_movie(made), dst, gaps)
    if notice.style is NoticeStyle.OVERLAY:
        film.refuse_cut(placement)
    return placement


@dataclass(frozen=True)
class _Job:
    """What is to be coded anew."""

    movie: Movie
    tracks: tuple[Track, ...]
    coded: tuple[Track, ...]
    handler: bytes
    muxer: str


def _job(movie: Movie, notice: Notice, medium: Medium) -> _Job:
    with damage(movie.path):
        found = tracks(movie.traks)
        schemes = sorted({each.protection for each in found if each.protection})
        if schemes:
            detail = ", ".join(schemes)
            raise RefusedError("kz.error.mp4-protected", path=movie.path, detail=detail)
        handler = VIDEO if MEDIUM_OF[notice.style] == "visible" else SOUND
        chapters = chapter_ids(found)
        coded = [each for each in found if each.handler == handler and each.id not in chapters]
    if not coded:
        code = "kz.error.mp4-no-video" if handler == VIDEO else "kz.error.mp4-no-sound"
        raise RefusedError(code, path=movie.path)
    return _Job(movie, found, tuple(coded), handler, _muxer(movie, medium))


def _muxer(movie: Movie, medium: Medium) -> str:
    if movie.brand in (b"qt  ", b""):
        return "mov"
    return "ipod" if medium is Medium.AUDIO and movie.brand.startswith(b"M4") else "mp4"


@contextmanager
def _beside(dst: Path, role: str) -> Iterator[Path]:
    """Name a file beside `dst` that is taken away again."""
    path = dst.with_name(f"{dst.name}.{role}")
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


@contextmanager
def _alone(job: _Job, dst: Path) -> Iterator[Path]:
    """Give a file of nothing but the tracks to be coded, without covers: the source, if it is one.

    Sound that begins late begins at once there; `kept` lets it begin late again. Fragmented files
    keep all tracks.
    """
    movie = job.movie
    traks = [each.trak if job.handler == VIDEO else undelayed(each.trak) for each in job.coded]
    whole = movie.fragmented or traks == [each.trak for each in job.tracks]
    with damage(movie.path):
        bare = without_covers(movie.moov)
    if whole and bare == movie.moov:
        yield movie.path
        return
    with _beside(dst, "part") as path:
        if movie.fragmented:
            splice(movie, path, [movie_edit(movie, bare)])
        else:
            pairs = zip(job.coded, traks, strict=True)
            grafts = [Graft(each, trak, movie.path) for each, trak in pairs]
            write_movie(replace(movie, moov=bare), grafts, path, None)
        yield path


def _coded(src: Path, dst: Path, notice: Notice, job: _Job) -> Placement:
    """Have FFmpeg write `dst`; what it says of `src` is said of the file it was taken from."""
    try:
        if job.handler == VIDEO:
            from kzlabel.formats import _video

            return _video.burn(
                src, dst, DEMUXER, job.muxer, notice, options=_options(job), light_kept=True
            )
        return _spoken(src, dst, notice, job)
    except KzlabelError as exc:
        if exc.values.get("path") == str(src):
            exc.values["path"] = str(job.movie.path)
        raise


def _spoken(src: Path, dst: Path, notice: Notice, job: _Job) -> Placement:
    """Write `dst` with the notice in its sound, timed as the pictures that are not in `src`."""
    from kzlabel._av.encoding import rewrite_sound
    from kzlabel._av.wrapping import Wrapping
    from kzlabel.formats import _sound

    ready = _sound.prepared(src, DEMUXER, notice, timed=True)
    voiced = _sound.tracks(src, DEMUXER, ready)
    if ready.over:  # a hole in the sound stays one, so that it keeps to the pictures
        voiced = tuple(replace(each, facts=replace(each.facts, video_tracks=1)) for each in voiced)
    rewrite_sound(src, dst, Wrapping(DEMUXER, job.muxer, _options(job)), voiced)
    return _sound.placement(notice, ready)


def _options(job: _Job) -> dict[str, str]:
    """Return the muxer's options: the movie's own clock, fragments like the source's."""
    options = {"movie_timescale": str(_clock(job.movie))}
    if job.movie.fragmented:
        # Without edit lists the delay of a sound encoder would move everything.
        edited = job.handler == SOUND or any(find(each.trak, b"edts") for each in job.tracks)
        flags = [
            _EDITED if edited else _UNEDITED,
            *([_INDEXED] if job.movie.first(b"sidx") else []),
        ]
        options["movflags"] = "+".join(flags)
    return options


def _clock(movie: Movie) -> int:
    return timescale_of(find(movie.moov, b"mvhd") or b"")


def _assemble(job: _Job, made: Movie, dst: Path, gaps: Inserted) -> None:
    """Put the tracks made into the source."""
    with damage(job.movie.path):
        anew = _paired(job, made)
        grafts = [_graft(job, each, anew.get(each.id), made, gaps) for each in job.tracks]
    write_movie(job.movie, grafts, dst, _udta(job, gaps))


def _udta(job: _Job, gaps: Inserted) -> bytes | None:
    """Return what the new file says in `udta`: chapters moved, nothing of the old encoding."""
    with damage(job.movie.path):
        udta = find(job.movie.moov, b"udta")
        if udta is None or job.handler != SOUND:
            return udta
        return with_chapters(find(without_item(job.movie.moov, _GAPLESS), b"udta") or b"", gaps)


def _paired(job: _Job, made: Movie) -> dict[int, Track]:
    """Return the tracks made by the number of those that they were made from."""
    new = [each for each in tracks(made.traks) if each.handler == job.handler]
    if len(new) != len(job.coded):
        detail = f"{len(new)} / {len(job.coded)}"
        raise RefusedError("kz.error.mp4-track-lost", path=job.movie.path, detail=detail)
    return dict(zip((each.id for each in job.coded), new, strict=True))


def _graft(job: _Job, source: Track, anew: Track | None, made: Movie, gaps: Inserted) -> Graft:
    clocks = _clock(job.movie), _clock(made)
    if anew is not None:
        return Graft(anew, kept(source, anew, clocks, gaps.total), made.path)
    trak = moved(source, gaps, clocks[0]) if gaps.total else source.trak
    return Graft(source, trak, job.movie.path)
