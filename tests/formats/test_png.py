from __future__ import annotations

import contextlib
import io
import random
import subprocess
import zlib
from typing import TYPE_CHECKING

import png
import pytest
from PIL import Image

from kzlabel.errors import (
    KzlabelError,
    LimitError,
    RefusedError,
    UnreadableAssetError,
    UnsupportedTagsError,
)
from kzlabel.formats import _png_text
from kzlabel.formats._animation import Box
from kzlabel.formats._png_chunks import SIGNATURE, chunks, packed
from kzlabel.formats._png_text import MAX_BOMBS, MAX_TEXT, inflated
from kzlabel.formats._raster import stored_box
from kzlabel.formats.png import Png
from kzlabel.model import CarrierKind, Notice, NoticeStyle, Statement

if TYPE_CHECKING:
    from pathlib import Path

ROOM = Png()
NOTICE = Notice(statement=Statement.CREATED)
TAGS = {
    "xmp": {
        "Iptc4xmpExt:DigitalSourceType": Statement.CREATED.digital_source_type,
        "Iptc4xmpExt:AISystemUsed": "Бояу",
    }
}
OTHERS = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description rdf:about='' xmlns:dc='http://purl.org/dc/elements/1.1/' dc:format='image/png'/></rdf:RDF></x:xmpmeta>"
XMP = b"XML:com.adobe.xmp\0"
SIZE = (260, 210)
KINDS = [
    *[("grey", depth) for depth in (1, 2, 4, 8, 16)],
    *[("palette", depth) for depth in (1, 2, 4, 8)],
    *[(colour, depth) for colour in ("grey-alpha", "rgb", "rgba") for depth in (8, 16)],
]


def made(
    path: Path, colour: str, depth: int, *, size: tuple[int, int] = SIZE, **options: object
) -> Path:
    """A PNG by another library, of noise in every sample."""
    chance = random.Random(7)
    planes = {"grey": 1, "palette": 1, "grey-alpha": 2, "rgb": 3, "rgba": 4}[colour]
    if colour == "palette":
        options.setdefault("palette", colours(1 << depth))
        options["bitdepth"] = depth
        top = len(options["palette"]) - 1
    else:
        options |= {"greyscale": planes < 3, "alpha": planes in (2, 4), "bitdepth": depth}
        top = (1 << depth) - 1
    rows = [[chance.randint(0, top) for _ in range(size[0] * planes)] for _ in range(size[1])]
    with path.open("wb") as file:
        png.Writer(*size, **options).write(file, rows)
    return path


def colours(count: int) -> list[tuple[int, int, int]]:
    """Black, white, and others between."""
    return [(0, 0, 0), (255, 255, 255), *[(i, 255 - i, 90) for i in range(2, count)]]


def with_chunks(path: Path, before: bytes = b"", after: bytes = b"", tail: bytes = b"") -> Path:
    """Add chunks behind IHDR, before IEND, and bytes behind it."""
    raw = path.read_bytes()
    end = raw.index(b"IEND") - 4
    path.write_bytes(raw[:33] + before + raw[33:end] + after + raw[end:] + tail)
    return path


def listed(path: Path) -> list[tuple[bytes, bytes]]:
    """Every chunk and its data; CRCs hold."""
    with path.open("rb") as file:
        found = [(chunk, chunk.data(file)) for chunk in chunks(file, path)]
    raw = path.read_bytes()
    for chunk, data in found:
        assert raw[chunk.start : chunk.end] == packed(chunk.type, data)
    return [(chunk.type, data) for chunk, data in found]


def samples(path: Path) -> tuple[dict[str, object], list[list[int]]]:
    with path.open("rb") as file:
        _, _, rows, facts = png.Reader(file=file).read()
        return facts, [list(row) for row in rows]


def check_outside(src: Path, dst: Path, plate: Box) -> None:
    """Every sample outside the plate is the same, and the plate is not."""
    (old_facts, old), (new_facts, new) = samples(src), samples(dst)
    for name in ("planes", "bitdepth", "greyscale", "alpha", "transparent", "gamma", "size"):
        assert old_facts.get(name) == new_facts.get(name), name
    planes = old_facts["planes"]
    inside = slice(plate.left * planes, plate.right * planes)
    drawn: list[tuple[int, ...]] = []
    for y, (was, now) in enumerate(zip(old, new, strict=True)):
        if plate.top <= y < plate.bottom:
            drawn += zip(*[iter(now[inside])] * planes, strict=True)
            was[inside] = now[inside] = []
        assert was == now
    check_plate(drawn, new_facts)


def check_plate(drawn: list[tuple[int, ...]], facts: dict[str, object]) -> None:
    """Dark and light, and nothing transparent."""
    palette = facts.get("palette")
    if palette:
        drawn = [palette[index[0]] for index in drawn]
    top = 255 if palette else (1 << facts["bitdepth"]) - 1
    greys = [pixel[0] for pixel in drawn]
    assert min(greys) < 0.4 * top < 0.6 * top < max(greys)
    if facts["alpha"] or (palette and len(palette[0]) == 4):
        assert {pixel[-1] for pixel in drawn} == {top}
    assert facts.get("transparent") not in drawn


# --- Tags -----------------------------------------------------------------------------------------


def test_tags_are_written_and_read_and_nothing_else_changes(tmp_path: Path) -> None:
    extra = (
        packed(b"tEXt", b"Comment\0caf\xe9")
        + packed(b"prVt", b"private")
        + packed(b"iTXt", XMP + b"\0\0\0\0" + OTHERS)
    )
    src, dst = (
        with_chunks(
            made(tmp_path / "a.png", "rgb", 8), extra, packed(b"tIME", b"\7\xea\1\1\1\1\1"), b"tail"
        ),
        tmp_path / "b.png",
    )
    before = src.read_bytes()
    ROOM.write_tags(src, dst, TAGS)
    assert src.read_bytes() == before
    assert ROOM.read_tags(dst) == {
        "xmp": {"dc:format": "image/png"} | TAGS["xmp"],
        "png-text": {"Comment": "café"},
    }
    old, new = listed(src), listed(dst)
    assert [kind for kind, _ in old] == [kind for kind, _ in new]
    assert [c for c in old if c[0] != b"iTXt"] == [c for c in new if c[0] != b"iTXt"]
    assert dst.read_bytes().endswith(b"tail")


def test_a_file_without_xmp_gets_it_before_the_pixels(tmp_path: Path) -> None:
    src, dst = made(tmp_path / "a.png", "palette", 4), tmp_path / "b.png"
    ROOM.write_tags(src, dst, TAGS)
    kinds = [kind for kind, _ in listed(dst)]
    assert kinds[kinds.index(b"IDAT") - 1] == b"iTXt"
    assert [c for c in listed(dst) if c[0] != b"iTXt"] == listed(src)


def test_xmp_behind_the_pixels_moves_before_them(tmp_path: Path) -> None:
    packet = packed(b"iTXt", XMP + b"\1\0\0\0" + zlib.compress(OTHERS))
    src, dst = (
        with_chunks(made(tmp_path / "a.png", "rgb", 8), after=packet, tail=b"x"),
        tmp_path / "b.png",
    )
    ROOM.write_tags(src, dst, TAGS)
    kinds = [kind for kind, _ in listed(dst)]
    assert kinds.count(b"iTXt") == 1
    assert kinds.index(b"iTXt") < kinds.index(b"IDAT")
    assert ROOM.read_tags(dst)["xmp"].keys() == {"dc:format", *TAGS["xmp"]}


@pytest.mark.slow
@pytest.mark.parametrize("body", [b"\1\0\0\0damaged", b"\0\0\0\0<no xmp", b"\0", b"\0\0\0\0"])
def test_a_packet_that_cannot_be_read_is_refused(tmp_path: Path, body: bytes) -> None:
    src = with_chunks(made(tmp_path / "a.png", "rgb", 8), packed(b"iTXt", XMP + body))
    assert "xmp" not in ROOM.read_tags(src)
    with pytest.raises(UnsupportedTagsError) as refusal:
        ROOM.write_tags(src, tmp_path / "b.png", TAGS)
    assert refusal.value.values["path"] == str(src)
    assert not (tmp_path / "b.png").exists()


def test_all_kinds_of_text_are_read(tmp_path: Path) -> None:
    extra = (
        packed(b"tEXt", b"parameters\0Steps: 20")
        + packed(b"zTXt", b"workflow\0\0" + zlib.compress(b"{}"))
        + packed(b"iTXt", "Title\0\0\0kk\0Жылы\0Қыз".encode())
        + packed(b"iTXt", b"prompt\0\1\0\0\0" + zlib.compress("қыз".encode()))
        + packed(b"tEXt", b"Title\0second")
        + packed(b"tEXt", b"no separator")
        + packed(b"zTXt", b"damaged\0\0nonsense")
        + packed(b"iTXt", b"short\0\0")
        + packed(b"tEXt", b"\0no keyword")
    )
    src = with_chunks(made(tmp_path / "a.png", "rgb", 8), b"", extra)
    texts = {"parameters": "Steps: 20", "workflow": "{}", "Title": "Қыз", "prompt": "қыз"}
    texts["Title#2"] = "second"
    assert ROOM.read_tags(src) == {"png-text": texts}


@pytest.mark.slow
def test_a_text_bomb_is_left_out(tmp_path: Path) -> None:
    bomb = packed(b"zTXt", b"bomb\0\0" + zlib.compress(b"x" * 50_000_000))
    src = with_chunks(made(tmp_path / "a.png", "rgb", 8), bomb + packed(b"tEXt", b"a\0b"))
    assert ROOM.read_tags(src) == {"png-text": {"a": "b"}}
    assert inflated(zlib.compress(b"x" * 100), 99) is None
    assert inflated(zlib.compress(b"x" * 100), 100) == b"x" * 100


def test_texts_together_meet_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_png_text, "MAX_TEXTS", 100)
    extra = b"".join(packed(b"tEXt", b"k%d\0" % i + b"x" * 40) for i in range(5))
    src = with_chunks(made(tmp_path / "a.png", "rgb", 8), extra)
    assert len(ROOM.read_tags(src)["png-text"]) == 2


@pytest.mark.needs("exiftool")
def test_exiftool_reads_the_tags(tmp_path: Path) -> None:
    src, dst = made(tmp_path / "a.png", "rgba", 8), tmp_path / "b.png"
    ROOM.write_tags(src, dst, TAGS)
    command = ["exiftool", "-s3", "-XMP-iptcExt:AISystemUsed", "-Warning", str(dst)]
    assert subprocess.check_output(command, text=True).split() == ["Бояу"]


# --- Notice ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("interlace", [False, True])
@pytest.mark.parametrize(("colour", "depth"), KINDS)
@pytest.mark.slow
def test_every_sample_outside_the_plate_stays(
    tmp_path: Path, colour: str, depth: int, *, interlace: bool
) -> None:
    src, dst = (
        made(tmp_path / "a.png", colour, depth, interlace=interlace, gamma=0.5),
        tmp_path / "b.png",
    )
    extra = packed(b"pHYs", b"\0\0\0\1\0\0\0\1\0") + packed(b"prVt", b"private")
    with_chunks(src, extra, packed(b"tEXt", b"a\0b"), b"trailing bytes")
    before = src.read_bytes()
    placement = ROOM.write_notice(src, dst, NOTICE)
    assert src.read_bytes() == before
    check_outside(src, dst, Box(*stored_box(placement, 1)))
    old, new = ([c for c in listed(p) if c[0] not in (b"IDAT", b"IHDR")] for p in (src, dst))
    assert old == new
    assert dst.read_bytes().endswith(b"trailing bytes")


@pytest.mark.slow
@pytest.mark.parametrize("depth", [2, 4, 8, 16])
@pytest.mark.parametrize("key", ["dark", "light"])
def test_the_transparent_grey_is_not_used(tmp_path: Path, depth: int, key: str) -> None:
    taken = 0 if key == "dark" else (1 << depth) - 1
    src, dst = made(tmp_path / "a.png", "grey", depth, transparent=taken), tmp_path / "b.png"
    placement = ROOM.write_notice(src, dst, NOTICE)
    check_outside(src, dst, Box(*stored_box(placement, 1)))


@pytest.mark.slow
@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("share", [0.0, 1.0])
def test_the_transparent_colour_is_not_used(tmp_path: Path, depth: int, share: float) -> None:
    taken = (round(share * ((1 << depth) - 1)),) * 3
    src, dst = made(tmp_path / "a.png", "rgb", depth, transparent=taken), tmp_path / "b.png"
    plate = Box(*stored_box(ROOM.write_notice(src, dst, NOTICE), 1))
    check_outside(src, dst, plate)
    _, rows = samples(dst)
    for row in rows[plate.top : plate.bottom]:
        inside = row[3 * plate.left : 3 * plate.right]
        assert taken not in zip(inside[::3], inside[1::3], inside[2::3], strict=True)


def test_two_colours_of_which_one_is_transparent_are_refused(tmp_path: Path) -> None:
    src = made(tmp_path / "a.png", "grey", 1, transparent=0)
    with pytest.raises(RefusedError, match="transparent"):
        ROOM.write_notice(src, tmp_path / "b.png", NOTICE)


def test_a_palette_without_black_and_white_gives_free_slots(tmp_path: Path) -> None:
    palette = [(200, 180, 190), (190, 190, 190), (180, 200, 190)]
    src, dst = made(tmp_path / "a.png", "palette", 4, palette=palette), tmp_path / "b.png"
    placement = ROOM.write_notice(src, dst, NOTICE)
    check_outside(src, dst, Box(*stored_box(placement, 1)))
    assert dict(listed(dst))[b"PLTE"] == bytes(sum(palette, ())) + b"\0\0\0\xff\xff\xff"


def test_a_full_palette_of_one_tone_is_refused(tmp_path: Path) -> None:
    palette = [(200, 180 + i, 190) for i in range(16)]
    src = made(tmp_path / "a.png", "palette", 4, palette=palette)
    with pytest.raises(RefusedError):
        ROOM.write_notice(src, tmp_path / "b.png", NOTICE)
    assert not (tmp_path / "b.png").exists()


def test_transparent_palette_colours_are_not_used(tmp_path: Path) -> None:
    palette = [(0, 0, 0, 0), (255, 255, 255, 128), (10, 10, 10, 255), (240, 240, 240, 255)]
    src, dst = made(tmp_path / "a.png", "palette", 8, palette=palette), tmp_path / "b.png"
    placement = ROOM.write_notice(src, dst, NOTICE)
    check_outside(src, dst, Box(*stored_box(placement, 1)))
    assert dict(listed(dst))[b"PLTE"] == dict(listed(src))[b"PLTE"]


@pytest.mark.parametrize(("colour", "depth"), KINDS)
def test_a_small_picture_gets_a_strip(tmp_path: Path, colour: str, depth: int) -> None:
    src, dst = made(tmp_path / "a.png", colour, depth, size=(150, 40)), tmp_path / "b.png"
    placement = ROOM.write_notice(src, dst, NOTICE)
    assert placement.style is NoticeStyle.STRIP
    (_, old), (facts, new) = samples(src), samples(dst)
    assert facts["size"] == (placement.width, placement.height)
    assert facts["bitdepth"] == depth
    planes = facts["planes"]
    assert [row[: 150 * planes] for row in new[:40]] == old


@pytest.mark.slow
@pytest.mark.parametrize("turn", range(1, 9))
def test_orientation_decides_where_the_plate_lies(tmp_path: Path, turn: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = turn
    src = with_chunks(made(tmp_path / "a.png", "rgb", 16), packed(b"eXIf", exif.tobytes()[6:]))
    placement = ROOM.write_notice(src, tmp_path / "b.png", NOTICE)
    assert (placement.width > placement.height) == (turn < 5)
    check_outside(src, tmp_path / "b.png", Box(*stored_box(placement, turn)))


@pytest.mark.parametrize("exif", [b"", b"II*\0", b"nonsense" * 9, b"MM\0*\xff\xff\xff\xff"])
def test_a_damaged_orientation_is_upright(tmp_path: Path, exif: bytes) -> None:
    src = with_chunks(made(tmp_path / "a.png", "grey", 8), packed(b"eXIf", exif))
    placement = ROOM.write_notice(src, tmp_path / "b.png", NOTICE)
    assert (placement.width, placement.height) == SIZE


def test_the_manifest_goes_inside(tmp_path: Path) -> None:
    assert ROOM.manifest_carrier(tmp_path).kind is CarrierKind.EMBEDDED
    assert ROOM.sniff(SIGNATURE, tmp_path)
    assert not ROOM.sniff(b"\xff\xd8\xff", tmp_path)


@pytest.mark.parametrize(("colour", "depth"), [("rgb", 8), ("palette", 2), ("grey", 16)])
def test_the_notice_is_found_and_missed_when_painted_over(
    tmp_path: Path, colour: str, depth: int
) -> None:
    src, dst = made(tmp_path / "a.png", colour, depth), tmp_path / "b.png"
    placement = ROOM.write_notice(src, dst, NOTICE)
    (report,) = ROOM.find_notices(dst, [placement], search=False)
    assert report.perceivable is True
    (report,) = ROOM.find_notices(src, [placement], search=False)
    assert not report.perceivable


# --- Animations -----------------------------------------------------------------------------------


def animation(path: Path, mode: str = "RGBA", **options: object) -> Path:
    """Small moving sprites on a large canvas, as Pillow crops them."""
    frames = []
    for number in range(5):
        frame = Image.new(mode, SIZE)
        frame.paste(
            Image.effect_noise((60, 50), 90).convert(mode), (20 + 30 * number, 150 - 30 * number)
        )
        frames.append(frame)
    options |= {"save_all": True, "append_images": frames[1:], "duration": [100, 200, 300, 70, 90]}
    frames[0].save(path, "PNG", loop=3, **options)
    return path


def played(path: Path) -> list[tuple[bytes, object]]:
    shown = []
    with Image.open(path) as image:
        for number in range(image.n_frames):
            image.seek(number)
            shown.append((image.convert("RGBA").copy(), image.info.get("duration")))
    return shown


def check_played(src: Path, dst: Path, plate: Box) -> None:
    """Each frame looks as it did, with the plate on it; pixels that are clear have no colour."""
    old, new = played(src), played(dst)
    assert len(old) == len(new)
    for (was, time_was), (now, time_now) in zip(old, new, strict=True):
        assert time_was == time_now
        assert now.crop(plate).getchannel("A").getextrema() == (255, 255)
        assert now.crop(plate).convert("L").getextrema() == (0, 255)
        was.paste((0, 0, 0, 0), plate)
        now.paste((0, 0, 0, 0), plate)
        assert was.convert("RGBa").tobytes() == now.convert("RGBa").tobytes()


@pytest.mark.parametrize(
    ("mode", "dispose"), [("RGBA", 0), ("RGBA", 1), ("RGBA", 2), ("RGB", 0), ("L", 0)]
)
@pytest.mark.parametrize("blend", [0, 1])
def test_every_frame_shows_the_notice(tmp_path: Path, mode: str, dispose: int, blend: int) -> None:
    src, dst = (
        animation(tmp_path / "a.png", mode, disposal=dispose, blend=blend),
        tmp_path / "b.png",
    )
    placement = ROOM.write_notice(src, dst, NOTICE)
    check_played(src, dst, Box(*stored_box(placement, 1)))
    controls = [data for kind, data in listed(dst) if kind == b"fcTL"]
    assert [c[20:] for c in controls] == [d[20:] for k, d in listed(src) if k == b"fcTL"]
    numbered = [int.from_bytes(d[:4]) for k, d in listed(dst) if k in (b"fcTL", b"fdAT")]
    assert numbered == list(range(len(numbered)))
    (report,) = ROOM.find_notices(dst, [placement], search=False)
    assert report.perceivable is True
    assert report.measures["frames_shown"] == report.measures["frames"] == 5


def test_an_image_outside_the_animation_is_stamped_too(tmp_path: Path) -> None:
    src, dst = tmp_path / "a.png", tmp_path / "b.png"
    still = Image.new("RGBA", SIZE, "red")
    moving = [Image.new("RGBA", SIZE, colour) for colour in ("green", "blue")]
    still.save(src, "PNG", save_all=True, append_images=moving, default_image=True, duration=50)
    plate = Box(*stored_box(ROOM.write_notice(src, dst, NOTICE), 1))
    check_played(src, dst, plate)
    assert [k for k, _ in listed(src)] == [k for k, _ in listed(dst)]


def test_an_animation_gets_a_strip(tmp_path: Path) -> None:
    src, dst = tmp_path / "a.png", tmp_path / "b.png"
    frames = [Image.new("RGBA", (150, 60), colour) for colour in ("green", "blue")]
    frames[1].paste("red", (0, 0, 20, 20))
    frames[0].save(src, "PNG", save_all=True, append_images=frames[1:], duration=50)
    placement = ROOM.write_notice(src, dst, NOTICE)
    for (was, _), (now, _) in zip(played(src), played(dst), strict=True):
        assert now.size == (placement.width, placement.height)
        assert now.crop((0, 0, 150, 60)).tobytes() == was.tobytes()
        assert now.getchannel("A").getextrema() == (255, 255)


def spliced(*parts: tuple[bytes, bytes]) -> bytes:
    return SIGNATURE + b"".join(packed(kind, data) for kind, data in parts)


Rect = tuple[int, int, int, int]
PAGE, LOW, HIGH = (*SIZE, 0, 0), (40, 30, 0, 170), (40, 30, 200, 10)
"""Width, height, x, y."""


def built(
    path: Path, colour: str, depth: int, *frames: tuple[Rect, int, int], **options: object
) -> Path:
    """An animation of frames of noise by another library: rectangle, disposal, blending."""
    parts: list[tuple[bytes, bytes]] = []
    numbers = iter(range(99))
    for rect, dispose, blend in frames:
        one = listed(made(path, colour, depth, size=rect[:2], **options))
        control = b"".join(v.to_bytes(4) for v in (next(numbers), *rect)) + b"\0\1\0\x0a"
        pixels = b"".join(data for kind, data in one if kind == b"IDAT")
        kind = b"fdAT" if parts else b"IDAT"
        if not parts:
            parts = [one[0], (b"acTL", bytes((0, 0, 0, len(frames), 0, 0, 0, 0)))]
            parts += [c for c in one[1:] if c[0] in (b"PLTE", b"tRNS")]
        parts.append((b"fcTL", control + bytes((dispose, blend))))
        parts.append((kind, pixels if kind == b"IDAT" else next(numbers).to_bytes(4) + pixels))
    path.write_bytes(spliced(*parts, (b"IEND", b"")))
    return path


def deep_animation(path: Path) -> Path:
    """A full frame, then a sprite on the plate that is cleared, then another elsewhere."""
    return built(path, "rgba", 16, (PAGE, 1, 1), (LOW, 1, 1), (HIGH, 0, 1))


CLEAR = [
    (0, 0, 0, 255),
    (255, 255, 255, 255),
    (9, 9, 200, 0),
    *[(0, 0, i, 255) for i in range(3, 16)],
]


def test_a_frame_that_cannot_be_extended_is_refused(tmp_path: Path) -> None:
    src = built(tmp_path / "a.png", "rgb", 8, (PAGE, 1, 1), (HIGH, 0, 1))
    with pytest.raises(RefusedError, match="no transparent colour"):
        ROOM.write_notice(
            src, tmp_path / "b.png", Notice(statement=Statement.CREATED, corner="bottom-left")
        )
    assert not (tmp_path / "b.png").exists()


@pytest.mark.parametrize(
    ("colour", "depth", "options"),
    [
        *[(colour, depth, {}) for colour, depth in KINDS if colour in ("grey-alpha", "rgba")],
        *[("palette", depth, {"palette": CLEAR}) for depth in (4, 8)],
        *[("grey", depth, {"transparent": 1}) for depth in (2, 4, 8, 16)],
        *[("rgb", depth, {"transparent": (1, 2, 3)}) for depth in (8, 16)],
    ],
)
@pytest.mark.slow
def test_frames_keep_every_sample(
    tmp_path: Path, colour: str, depth: int, options: dict[str, object]
) -> None:
    frames = ((PAGE, 1, 1), (LOW, 1, 1), (HIGH, 0, 1))
    src, dst = built(tmp_path / "a.png", colour, depth, *frames, **options), tmp_path / "b.png"
    asked = Notice(statement=Statement.CREATED, corner="bottom-left")
    plate = Box(*stored_box(ROOM.write_notice(src, dst, asked), 1))
    for ((x, y, w, h), was), ((nx, ny, _, _), now) in zip(
        frames_of(src), frames_of(dst), strict=True
    ):
        planes = len(was[0]) // w
        for row in range(h):
            start = planes * (x - nx)
            kept = now[row + y - ny][start : start + planes * w]
            if plate.top <= row + y < plate.bottom:
                left, right = (planes * max(side - x, 0) for side in (plate.left, plate.right))
                was[row][left:right] = kept[left:right] = []
            assert kept == was[row]
    assert frames_of(dst)[2][0] == (
        plate.left,
        10,
        max(240, plate.right) - plate.left,
        plate.bottom - 10,
    )


def frames_of(path: Path) -> list[tuple[tuple[int, ...], list[list[int]]]]:
    """Each frame's (x, y, width, height) and samples, read by another library."""
    found, control = [], b""
    palette = [chunk for chunk in listed(path) if chunk[0] == b"PLTE"]
    head = listed(path)[0][1]
    for kind, data in listed(path):
        if kind == b"fcTL":
            control = data
        if kind in (b"IDAT", b"fdAT"):
            pixels = data if kind == b"IDAT" else data[4:]
            if found and found[-1][0] == control:
                found[-1] = (control, found[-1][1] + pixels)
            else:
                found.append((control, pixels))
    result = []
    for control, pixels in found:
        alone = spliced(
            (b"IHDR", control[4:12] + head[8:]), *palette, (b"IDAT", pixels), (b"IEND", b"")
        )
        rows = [list(row) for row in png.Reader(bytes=alone).read()[2]]
        width, height, x, y = (int.from_bytes(control[i : i + 4]) for i in (4, 8, 12, 16))
        result.append(((x, y, width, height), rows))
    return result


# --- Damage ---------------------------------------------------------------------------------------


def survives(path: Path, raw: bytes, out: Path) -> None:
    path.write_bytes(raw)
    for attempt in (
        lambda: ROOM.read_tags(path),
        lambda: ROOM.write_tags(path, out, TAGS),
        lambda: ROOM.write_notice(path, out, NOTICE),
        lambda: ROOM.find_notices(path, (), search=False),
    ):
        out.unlink(missing_ok=True)
        with contextlib.suppress(KzlabelError, OSError):
            attempt()


def small(tmp_path: Path, kind: str) -> bytes:
    path = tmp_path / "s.png"
    if kind == "apng":
        frames = [Image.new("RGBA", (40, 30), colour) for colour in ("red", "blue")]
        frames[0].save(path, save_all=True, append_images=frames[1:], duration=40)
    else:
        made(path, kind, 8, size=(20, 12))
    return with_chunks(
        path, packed(b"iTXt", XMP + b"\1\0\0\0" + zlib.compress(OTHERS))
    ).read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["palette", "grey-alpha", "apng"])
def test_damaged_files_raise_only_our_errors(tmp_path: Path, kind: str) -> None:
    raw = small(tmp_path, kind)
    for at in range(0, len(raw), 31):
        survives(tmp_path / "cut.png", raw[:at], tmp_path / "out.png")
        flipped = raw[:at] + bytes((raw[at] ^ 0x5F,)) + raw[at + 1 :]
        survives(tmp_path / "flip.png", flipped, tmp_path / "out.png")


def rechecked(raw: bytes, at: int, value: int) -> bytes:
    """Flip a byte and make every CRC hold again, so that the damage is believed."""
    flipped = bytearray(raw)
    flipped[at] ^= value
    position = 8
    while position + 12 <= len(flipped):
        length = int.from_bytes(flipped[position : position + 4])
        end = position + 12 + length
        if end > len(flipped):
            break
        flipped[end - 4 : end] = zlib.crc32(flipped[position + 4 : end - 4]).to_bytes(4)
        position = end
    return bytes(flipped)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["palette", "apng"])
def test_believable_damage_raises_only_our_errors(tmp_path: Path, kind: str) -> None:
    raw = small(tmp_path, kind)
    for at in range(8, min(len(raw), 500), 9):
        survives(tmp_path / "flip.png", rechecked(raw, at, 0x81), tmp_path / "out.png")


def test_a_cut_file_is_unreadable(tmp_path: Path) -> None:
    raw = made(tmp_path / "a.png", "rgb", 8).read_bytes()
    for cut in (0, 5, 8, 20, 40, len(raw) - 1):
        (tmp_path / "a.png").write_bytes(raw[:cut])
        with pytest.raises(UnreadableAssetError, match="byte"):
            ROOM.read_tags(tmp_path / "a.png")


@pytest.mark.slow
def test_a_million_chunks_meet_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    src = with_chunks(made(tmp_path / "a.png", "grey", 8), packed(b"prVt", b"") * 140_000)
    with pytest.raises(LimitError, match="131072"):
        ROOM.read_tags(src)


@pytest.mark.parametrize("head", [(60000, 60000, 8, 2), (2**31, 1, 1, 0)])
def test_a_bomb_is_refused_before_it_is_decoded(tmp_path: Path, head: tuple[int, ...]) -> None:
    data = head[0].to_bytes(4) + head[1].to_bytes(4) + bytes((head[2], head[3], 0, 0, 0))
    src = tmp_path / "a.png"
    src.write_bytes(spliced((b"IHDR", data), (b"IDAT", zlib.compress(b"\0" * 9)), (b"IEND", b"")))
    with pytest.raises(LimitError):
        ROOM.write_notice(src, tmp_path / "b.png", NOTICE)
    with pytest.raises(LimitError):
        ROOM.find_notices(src, (), search=True)


def test_pixels_that_cannot_be_in_the_file_are_not_made_up(tmp_path: Path) -> None:
    head = (20).to_bytes(4) + (2_400_000).to_bytes(4) + bytes((8, 4, 0, 0, 0))
    src = tmp_path / "a.png"
    src.write_bytes(spliced((b"IHDR", head), (b"IDAT", zlib.compress(bytes(99))), (b"IEND", b"")))
    with pytest.raises(UnreadableAssetError, match="missing"):
        ROOM.write_notice(src, tmp_path / "b.png", NOTICE)


@pytest.mark.slow
def test_too_many_frames_meet_a_limit(tmp_path: Path) -> None:
    src = deep_animation(tmp_path / "a.png")
    parts = listed(src)
    start = sum(kind in (b"fcTL", b"fdAT") for kind, _ in parts)
    more = [
        (kind, (start + number).to_bytes(4) + data[4:])
        for number, (kind, data) in enumerate(parts[-3:-1] * 2100)
    ]
    count = (sum(kind == b"fcTL" for kind, _ in parts) + 2100).to_bytes(4)
    head = [(k, count + d[4:]) if k == b"acTL" else (k, d) for k, d in parts[:-1]]
    many = [*head, *more, parts[-1]]
    src.write_bytes(spliced(*many))
    with pytest.raises(LimitError, match="2000"):
        ROOM.write_notice(src, tmp_path / "b.png", NOTICE)


@pytest.mark.slow
@pytest.mark.parametrize("wrong", [0, 1, 99, "twice", "late", "sequence"])
def test_an_animation_that_readers_disagree_about_is_damaged(tmp_path: Path, wrong: object) -> None:
    src = deep_animation(tmp_path / "a.png")
    parts = listed(src)
    at = next(number for number, (kind, _) in enumerate(parts) if kind == b"acTL")
    if wrong == "twice":
        parts.insert(at, parts[at])
    elif wrong == "late":
        late = parts.pop(at)
        parts.insert(-1, late)
    elif wrong == "sequence":
        last = max(number for number, (kind, _) in enumerate(parts) if kind == b"fdAT")
        parts[last] = (b"fdAT", bytes(4) + parts[last][1][4:])
    else:
        parts[at] = (b"acTL", int(str(wrong)).to_bytes(4) + bytes(4))
    ROOM.find_notices(src, (), search=True)
    src.write_bytes(spliced(*parts))
    with pytest.raises(UnreadableAssetError, match="damaged"):
        ROOM.find_notices(src, (), search=True)


@pytest.mark.slow
def test_text_bombs_are_tried_a_few_times_only(tmp_path: Path) -> None:
    bomb = packed(b"zTXt", b"a\0\0" + zlib.compress(bytes(MAX_TEXT + 1)))
    fine = packed(b"zTXt", b"b\0\0" + zlib.compress(b"seen"))
    some = with_chunks(made(tmp_path / "a.png", "grey", 8), bomb * (MAX_BOMBS - 1) + fine)
    assert ROOM.read_tags(some)["png-text"] == {"b": "seen"}
    many = with_chunks(made(tmp_path / "b.png", "grey", 8), bomb * MAX_BOMBS + fine)
    assert ROOM.read_tags(many) == {}


def test_the_destination_is_a_new_file(tmp_path: Path) -> None:
    src = made(tmp_path / "a.png", "rgb", 8)
    before = src.read_bytes()
    for write in (
        lambda: ROOM.write_tags(src, src, TAGS),
        lambda: ROOM.write_notice(src, src, NOTICE),
    ):
        with pytest.raises(FileExistsError):
            write()
    assert src.read_bytes() == before


def test_a_palette_picture_without_a_palette_is_unreadable(tmp_path: Path) -> None:
    parts = [c for c in listed(made(tmp_path / "a.png", "palette", 8)) if c[0] != b"PLTE"]
    (tmp_path / "a.png").write_bytes(spliced(*parts))
    with pytest.raises((UnreadableAssetError, RefusedError)):
        ROOM.write_notice(tmp_path / "a.png", tmp_path / "b.png", NOTICE)


def test_other_libraries_read_the_deep_filters(tmp_path: Path) -> None:
    """Smooth pictures make every filter of the encoder come up."""
    rows = [
        [v for x in range(240) for v in (x * 250, y * 300, (x * y) % 65536)] for y in range(215)
    ]
    src, dst = tmp_path / "a.png", tmp_path / "b.png"
    target = io.BytesIO()
    png.Writer(240, 215, greyscale=False, bitdepth=16).write(target, rows)
    src.write_bytes(target.getvalue())
    plate = Box(*stored_box(ROOM.write_notice(src, dst, NOTICE), 1))
    check_outside(src, dst, plate)
    filtered = zlib.decompress(b"".join(d for k, d in listed(dst) if k == b"IDAT"))
    assert len(set(filtered[:: 240 * 6 + 1])) > 1
    assert len(dst.read_bytes()) < len(src.read_bytes())
