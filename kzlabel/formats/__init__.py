"""One room per container. A new format is one file here and one line in `FORMATS`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from kzlabel.formats._code_syntax import named
from kzlabel.formats.aac import Aac
from kzlabel.formats.aiff import Aiff
from kzlabel.formats.avi import Avi
from kzlabel.formats.avif import Avif
from kzlabel.formats.bmp import Bmp
from kzlabel.formats.code import Code
from kzlabel.formats.csv_table import CsvTable
from kzlabel.formats.epub import Epub
from kzlabel.formats.flac import Flac
from kzlabel.formats.gif import Gif
from kzlabel.formats.heic import Heic
from kzlabel.formats.html import Html
from kzlabel.formats.jpeg import Jpeg
from kzlabel.formats.json_data import JsonData
from kzlabel.formats.jxl import Jxl
from kzlabel.formats.m4a import M4a
from kzlabel.formats.markdown import Markdown
from kzlabel.formats.matroska import Matroska
from kzlabel.formats.mka import Mka
from kzlabel.formats.mov import Mov
from kzlabel.formats.mp3 import Mp3
from kzlabel.formats.mp4 import Mp4
from kzlabel.formats.odf import Odp, Ods, Odt
from kzlabel.formats.ogg import Ogg
from kzlabel.formats.ooxml import Docx, Pptx, Xlsx
from kzlabel.formats.pdf import Pdf
from kzlabel.formats.plain import Plain
from kzlabel.formats.png import Png
from kzlabel.formats.subtitles import Srt, Vtt
from kzlabel.formats.svg import Svg
from kzlabel.formats.tiff import Tiff
from kzlabel.formats.wav import Wav
from kzlabel.formats.webm import Webm
from kzlabel.formats.webp import Webp
from kzlabel.model import SNIFFED_BYTES, Format, Medium

FORMATS: tuple[Format, ...] = (
    Jpeg(), Png(), Webp(), Gif(), Tiff(), Avif(), Heic(), Jxl(), Bmp(), Svg(),
    Wav(), Aiff(), Flac(), Ogg(), Mp3(), Aac(),
    M4a(), Mp4(), Mov(),
    Mka(), Matroska(), Webm(), Avi(),
    Pdf(),
    Docx(), Xlsx(), Pptx(),
    Odt(), Ods(), Odp(), Epub(),
    Html(), Srt(), Vtt(), CsvTable(), JsonData(), Markdown(), Code(), Plain(),
)  # fmt: skip

BY_SUFFIX: Mapping[str, Format] = {
    suffix: room for room in FORMATS for suffix in room.spec.suffixes
}


def recognise(path: Path) -> Format | None:
    """Return the room whose content `path` holds, or None; raises `OSError`."""
    with path.open("rb") as file:
        head = file.read(SNIFFED_BYTES)
    return next((room for room in FORMATS if room.sniff(head, path)), None)


def suffix_is_honest(path: Path, room: Format) -> bool:
    """Whether the file's name does not contradict its content; a bare name says nothing.

    Some names say more than their suffix: `CMakeLists.txt` is source code.
    """
    suffix = path.suffix.lower()
    if not suffix or suffix in room.spec.suffixes:
        return True
    return isinstance(room, Code) and named(path) is not None


def keeps_kind(source: Path, target: Path, room: Format) -> bool:
    """Whether the text at `source`, called as `target` is, would be of `room` again.

    Texts are known by their names, and so are their comments. Raises `OSError`.
    """
    if room.spec.medium is not Medium.TEXT:
        return True
    with source.open("rb") as file:
        head = file.read(SNIFFED_BYTES)
    if next((one for one in FORMATS if one.sniff(head, target)), None) is not room:
        return False
    return not isinstance(room, Code) or room.syntax(head, source) == room.syntax(head, target)
