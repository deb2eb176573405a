"""Thumbnails: as displayed, small, without anything of the source; and no picture costs a row."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import msgspec
import pytest
from msgspec import structs
from PIL import Image, ImageChops, ImageCms, ImageStat
from samples import FIXTURES, MEDIUM

from kzlabel import _thumbnailing
from kzlabel._answering import Answering
from kzlabel._options import Options
from kzlabel._thumbnail import HAVE_ONE, SIDE, thumbnail_of
from kzlabel._thumbnailing import Thumbnailing
from kzlabel.batch import verify_each
from kzlabel.errors import KzlabelError
from kzlabel.formats import FORMATS, recognise
from kzlabel.model import AssetReport, Medium, Thumbnail

SEEN = (Medium.IMAGE, Medium.VIDEO)
SHOWN = [path for path in MEDIUM if MEDIUM[path] in SEEN or path.suffix == ".pdf"]


def media_type_of(path: Path) -> str:
    room = recognise(path)
    assert room is not None
    return room.spec.media_types[0]


def made(path: Path) -> tuple[Thumbnail, Image.Image]:
    thumbnail = thumbnail_of(path, media_type_of(path))
    picture = Image.open(io.BytesIO(thumbnail.content))
    assert picture.size == (thumbnail.width, thumbnail.height)
    assert Image.MIME[picture.format or ""] == thumbnail.media_type
    assert max(picture.size) <= SIDE
    assert set(picture.info) <= {"background", "loop", "timestamp", "duration"}
    return thumbnail, picture.convert("RGB")


def near(picture: Image.Image, at: tuple[int, int], colour: tuple[int, int, int]) -> bool:
    found = picture.getpixel(at)
    assert isinstance(found, tuple)
    return all(abs(one - two) < 25 for one, two in zip(found, colour, strict=True))


def test_pictures_films_and_pdf_have_one() -> None:
    seen = {room.spec.media_types[0] for room in FORMATS if room.spec.medium in SEEN}
    assert seen | {"application/pdf"} == HAVE_ONE


@pytest.mark.parametrize("path", SHOWN, ids=lambda path: path.name)
def test_every_kind_is_shown(path: Path) -> None:
    thumbnail, picture = made(path)
    assert 100 < len(thumbnail.content) < 6000
    assert len(picture.getcolors(1 << 17) or ()) > 1


def test_a_small_picture_is_not_enlarged() -> None:
    thumbnail, _ = made(FIXTURES / "small.png")
    assert (thumbnail.width, thumbnail.height) == (128, 96)


RED, GREEN, BLUE, GREY = (200, 30, 30), (30, 160, 30), (30, 30, 200), (128, 128, 128)
UNDO = {
    1: None, 2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM, 5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_270,
}  # fmt: skip


def corners(width: int, height: int) -> Image.Image:
    """Return a picture with red at its upper left, green at its upper right, blue below left."""
    picture = Image.new("RGB", (width, height), GREY)
    half = (width // 2, height // 2)
    picture.paste(RED, (0, 0, *half))
    picture.paste(GREEN, (half[0], 0, width, half[1]))
    picture.paste(BLUE, (0, half[1], half[0], height))
    return picture


def check_corners(picture: Image.Image) -> None:
    right, bottom = picture.width - 9, picture.height - 9
    assert near(picture, (8, 8), RED)
    assert near(picture, (right, 8), GREEN)
    assert near(picture, (8, bottom), BLUE)


@pytest.mark.parametrize("orientation", UNDO)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_a_picture_is_upright(tmp_path: Path, kind: str, orientation: int) -> None:
    turned = UNDO[orientation]
    stored = corners(400, 200) if turned is None else corners(400, 200).transpose(turned)
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / f"a.{kind.lower()}"
    stored.save(path, kind, exif=exif)
    _, picture = made(path)
    assert picture.size == (256, 128)
    check_corners(picture)


@pytest.mark.needs("ffmpeg")
@pytest.mark.parametrize("degrees", [0, 90, 180, -90])
def test_a_film_is_upright_and_in_square_pixels(tmp_path: Path, degrees: int) -> None:
    import av

    path, frame = tmp_path / "a.mp4", tmp_path / "a.png"
    with av.open(str(path), "w") as film:
        stream = film.add_stream("libx264", rate=25, options={"threads": "1"})
        stream.width, stream.height, stream.pix_fmt = 320, 160, "yuv420p"
        stream.codec_context.sample_aspect_ratio = Fraction(2)
        stream.set_display_rotation(degrees)
        film.mux(stream.encode(av.VideoFrame.from_image(corners(320, 160))))
        film.mux(stream.encode())
    subprocess.run(  # which turns it
        ["ffmpeg", "-v", "error", "-i", path, "-frames:v", "1", frame], check=True
    )
    _, picture = made(path)
    assert picture.size == ((256, 64) if degrees in {0, 180} else (64, 256))
    wanted = Image.open(frame).resize(picture.size)
    assert max(ImageStat.Stat(ImageChops.difference(picture, wanted)).mean) < 5


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "RGB"])
def test_what_is_transparent_is_on_white(tmp_path: Path, mode: str) -> None:
    picture = Image.new("RGBA", (300, 300), (0, 0, 0, 0))
    picture.paste((40, 40, 40, 255), (0, 0, 150, 300))
    path = tmp_path / "a.png"
    if mode == "RGB":
        clear = Image.new("RGB", (300, 300), (1, 2, 3))
        clear.paste((40, 40, 40), (0, 0, 150, 300))
        clear.save(path, transparency=(1, 2, 3))
    else:
        picture.convert(mode).save(path)
    _, shown = made(path)
    assert near(shown, (20, 20), (40, 40, 40))
    assert near(shown, (240, 20), (255, 255, 255))


@pytest.mark.parametrize(
    ("mode", "fill", "kind"),
    [("1", 1, "PNG"), ("I;16", 65535, "PNG"), ("CMYK", (0, 0, 0, 0), "JPEG"), ("F", 1.0, "TIFF")],
)
def test_any_mode_is_shown(tmp_path: Path, mode: str, fill: float, kind: str) -> None:
    path = tmp_path / f"a.{kind.lower()}"
    Image.new(mode, (300, 200), fill).save(path, kind)
    _, picture = made(path)
    assert near(picture, (128, 80), (255, 255, 255))


def test_colours_are_those_of_the_profile(tmp_path: Path) -> None:
    """XYZ primaries that change places: red as stored is shown as blue."""
    path, source = tmp_path / "a.jpg", ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    icc = (
        source.tobytes()
        .replace(b"rXYZ", b"?XYZ")
        .replace(b"bXYZ", b"rXYZ")
        .replace(b"?XYZ", b"bXYZ")
    )
    corners(400, 400).save(path, icc_profile=icc, quality=95)
    _, picture = made(path)
    assert near(picture, (8, 8), BLUE)
    corners(400, 400).save(path, icc_profile=b"damaged", quality=95)
    check_corners(made(path)[1])


@pytest.mark.needs("exiftool")
def test_nothing_of_the_source_is_in_it(tmp_path: Path) -> None:
    source, target = tmp_path / "a.tiff", tmp_path / "thumbnail.webp"
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.new("RGB", (400, 300), 99).save(source, icc_profile=icc)
    subprocess.run(
        ["exiftool", "-q", "-overwrite_original", "-GPSLatitude=43.2", "-GPSLatitudeRef=N",
         "-Artist=Somebody", "-XMP:Creator=Somebody", "-IPTC:By-line=Somebody", source],
        check=True,
    )  # fmt: skip
    target.write_bytes(made(source)[0].content)
    said = subprocess.run(
        ["exiftool", "-j", "-G0", "-a", "-u", target], check=True, capture_output=True
    ).stdout
    groups = {name.partition(":")[0] for name in json.loads(said)[0]}
    assert groups <= {"SourceFile", "ExifTool", "File", "RIFF", "Composite"}
    assert b"Somebody" not in target.read_bytes()


def test_a_document_with_a_password_is_not_shown(tmp_path: Path) -> None:
    from pypdf import PdfWriter

    writer = PdfWriter(clone_from=FIXTURES / "document.pdf")
    writer.encrypt("secret")
    writer.write(tmp_path / "a.pdf")
    with pytest.raises(KzlabelError):
        thumbnail_of(tmp_path / "a.pdf", "application/pdf")


def test_an_animation_is_shown_and_not_what_stands_in_for_it(tmp_path: Path) -> None:
    hidden, shown = (Image.new("RGB", (300, 200), colour) for colour in (RED, GREEN))
    path = tmp_path / "a.png"
    hidden.save(path, default_image=True, save_all=True, append_images=[shown, corners(300, 200)])
    assert near(made(path)[1], (128, 80), GREEN)


@pytest.mark.parametrize("size", [(1, 5000), (5000, 1), (1, 1)])
def test_slivers_are_shown(tmp_path: Path, size: tuple[int, int]) -> None:
    Image.new("RGB", size, RED).save(tmp_path / "a.png")
    assert made(tmp_path / "a.png")[1].size == (min(size[0], 256), min(size[1], 256))


# --- In a process of its own ----------------------------------------------------------------------


@pytest.fixture
def beside() -> Iterator[Thumbnailing]:
    thumbnailing = Thumbnailing()
    yield thumbnailing
    thumbnailing.close()


JPEG = FIXTURES / "picture.jpg"


@pytest.mark.slow
def test_whatever_happens_there_costs_a_picture_and_no_more(
    beside: Thumbnailing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert beside.of(JPEG, "image/jpeg") == thumbnail_of(JPEG, "image/jpeg")
    assert beside.of(JPEG, "image/png") is None  # it does not decode as one
    assert beside.of(JPEG, "text/plain") is None
    assert beside.of(tmp_path / "gone", "image/jpeg") is None
    assert beside.of(JPEG, None) is None
    worker = beside._worker
    assert worker is not None
    os.kill(worker._process, signal.SIGKILL)
    assert beside.of(JPEG, "image/jpeg") is None
    assert beside.of(JPEG, "image/jpeg") is not None
    os.mkfifo(tmp_path / "hangs")
    with monkeypatch.context() as patch:
        patch.setattr(_thumbnailing, "SECONDS", 0.2)
        assert beside.of(tmp_path / "hangs", "image/jpeg") is None
    assert beside.of(JPEG, "image/jpeg") is not None


def test_a_file_s_time_is_not_spent_on_its_picture(beside: Thumbnailing) -> None:
    before = signal.signal(signal.SIGALRM, signal.SIG_IGN)
    try:
        signal.setitimer(signal.ITIMER_REAL, _thumbnailing.GRACE + _thumbnailing.KEPT)
        assert beside.of(JPEG, "image/jpeg") is None
        signal.setitimer(signal.ITIMER_REAL, 60)
        assert beside.of(JPEG, "image/jpeg") is not None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_no_room_for_a_process_costs_a_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(_thumbnailing, "start_worker", refused)
    thumbnailing = Thumbnailing()
    assert thumbnailing.of(JPEG, "image/jpeg") is None
    thumbnailing.close()


@pytest.mark.slow
def test_rows_are_the_same_with_pictures(tmp_path: Path) -> None:
    paths = [
        JPEG,
        FIXTURES / "film.mp4",
        FIXTURES / "text.txt",
        tmp_path / "cut.png",
        tmp_path / "no",
    ]
    paths[3].write_bytes((FIXTURES / "picture.png").read_bytes()[:900])
    plain = Options.of("kz", None, synthetic=False, look=False)
    pictured = structs.replace(plain, thumbnails=True)
    rows = {row.path: row for row in verify_each(paths, pictured, workers=1)}
    for row in verify_each(paths, plain, workers=1):
        shown = rows[row.path]
        assert structs.replace(shown, thumbnail=msgspec.UNSET, seen=row.seen) == row
    with_one = {Path(name).name for name, row in rows.items() if row.thumbnail is not msgspec.UNSET}
    assert with_one == {"picture.jpg", "film.mp4"}
    one = rows[str(JPEG)]
    assert msgspec.json.decode(msgspec.json.encode(one), type=AssetReport) == one


def test_what_asks_for_no_pictures_starts_nothing() -> None:
    answering = Answering(Options.of("kz", None, synthetic=False, look=False))
    answering(os.fsencode(JPEG))
    assert answering._thumbnailing is None
