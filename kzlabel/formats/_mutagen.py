"""The border to mutagen, which edits Vorbis comments in Ogg: pages are cut and numbered anew there.

ID3 tags and FLAC blocks are moved as they stand by `_id3` and `_flac_blocks`: through mutagen,
what does not parse would be lost. Files are checked for their size in headers before they come
here, since mutagen holds what it reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from kzlabel.errors import UnsupportedTagsError

if TYPE_CHECKING:
    from mutagen.ogg import OggFileType

    from kzlabel.formats._sound import Prepared

__all__ = [
    "calling",
    "copy_ogg_comments",
    "ogg_comments",
    "write_ogg_comments",
]


@contextmanager
def calling(path: Path) -> Iterator[None]:
    """Translate the errors of mutagen, which damaged files also make raise in other ways."""
    from mutagen import MutagenError

    try:
        yield
    except (MutagenError, ValueError, KeyError, IndexError, AttributeError, TypeError) as exc:
        if isinstance(exc, MutagenError) and exc.args and isinstance(exc.args[0], OSError):
            raise exc.args[0] from exc
        raise UnsupportedTagsError("kz.error.comments-damaged", path=path, detail=exc) from exc


def _opened(path: Path, codec: str) -> OggFileType:
    from mutagen.oggflac import OggFLAC
    from mutagen.oggopus import OggOpus
    from mutagen.oggspeex import OggSpeex
    from mutagen.oggtheora import OggTheora
    from mutagen.oggvorbis import OggVorbis

    kinds: dict[str, type[OggFileType]] = {
        "vorbis": OggVorbis,
        "opus": OggOpus,
        "speex": OggSpeex,
        "flac": OggFLAC,
        "theora": OggTheora,
    }
    return kinds[codec](path)


def ogg_comments(path: Path, codec: str) -> list[tuple[str, str]]:
    """Return the comments of an Ogg stream; `codec`: vorbis, opus, speex, flac or theora.

    Raises `UnsupportedTagsError` where they are damaged.
    """
    with calling(path):
        tags: list[tuple[str, str]] | None = _opened(path, codec).tags
        return list(tags or ())


def write_ogg_comments(path: Path, codec: str, changes: Mapping[str, str]) -> None:
    """Change comments of an Ogg file in place: same names replaced, an empty value removes."""
    with calling(path):
        file = _opened(path, codec)
        for name, value in changes.items():
            file[name] = [value] if value else []
        file.save()


def copy_ogg_comments(src: Path, dst: Path, codec: str, ready: Prepared) -> None:
    """Give `dst` the comments of `src`, its chapters moved by the notice."""
    comments = [(name, _moved(name, value, ready)) for name, value in ogg_comments(src, codec)]
    with calling(dst):
        file = _opened(dst, codec)
        tags: list[tuple[str, str]] | None = file.tags
        if tags is not None:  # as it is in every file that has headers
            tags[:] = comments
        file.save()


def _moved(name: str, value: str, ready: Prepared) -> str:
    """Return a comment; the time of a chapter (CHAPTER001=HH:MM:SS.sss) as it is now."""
    hours, minutes, seconds = [*value.split(":"), "", ""][:3]
    if not (name.upper().startswith("CHAPTER") and name[7:].isdigit() and seconds):
        return value
    try:
        second = ready.moved(int(hours) * 3600 + int(minutes) * 60 + float(seconds))
    except ValueError:
        return value
    whole, thousandths = divmod(round(second * 1000), 1000)
    clock = f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"
    return f"{clock}.{thousandths:03}"
