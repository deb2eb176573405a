"""BMP: the plate in the pixel array, and nothing else changed."""

from __future__ import annotations

import io
import random
import struct
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from kzlabel.errors import KzlabelError, RefusedError, UnreadableAssetError, UnsupportedTagsError
from kzlabel.formats.bmp import Bmp
from kzlabel.model import CarrierKind, Notice, NoticeStyle, Statement
from kzlabel.notices.visible import box

if TYPE_CHECKING:
    from pathlib import Path

ROOM = Bmp()
OVERLAY = Notice(statement=Statement.CREATED)
STRIP = Notice(statement=Statement.MODIFIED, style=NoticeStyle.STRIP)
SIZE = (401, 240)


def photo(size: tuple[int, int] = SIZE) -> Image.Image:
    noise = random.Random(7).randbytes(64 * 64 * 3)
    return Image.frombytes("RGB", (64, 64), noise).resize(size, Image.Resampling.BICUBIC)


def by_pillow(image: Image.Image) -> bytes:
    target = io.BytesIO()
    image.save(target, "BMP")
    return target.getvalue()


def by_hand(  # noqa: PLR0913  a header has many fields
    bits: int,
    *,
    header: int = 40,
    top_down: bool = False,
    masks: tuple[int, ...] = (),
    palette: tuple[tuple[int, int, int], ...] = (),
    size: tuple[int, int] = SIZE,
    used: set[int] | None = None,
) -> bytes:
    width, height = size
    stride = (width * bits + 31) // 32 * 4
    pixels = random.Random(bits).randbytes(stride * height)
    if used is not None:
        pixels = bytes(sorted(used)[byte % len(used)] for byte in pixels)
    if header == 12:
        head = struct.pack("<IHHHH", 12, width, height, 1, bits)
        table = b"".join(bytes(reversed(colour)) for colour in palette)
    else:
        compression = 3 if masks else 0
        head = struct.pack(
            "<IiiHHIIIIII", header, width, -height if top_down else height, 1, bits,
            compression, len(pixels), 2835, 2835, len(palette), 0,
        )  # fmt: skip
        inner = b"".join(struct.pack("<I", mask) for mask in masks)
        head = head + inner if header == 40 else (head + inner).ljust(header, b"\0")
        table = b"".join(bytes(reversed(colour)) + b"\0" for colour in palette)
    offset = 14 + len(head) + len(table)
    file_header = struct.pack("<2sIII", b"BM", offset + len(pixels), 0, offset)
    return file_header + head + table + pixels


GREYS = tuple((n * 17, n * 17, n * 17) for n in range(16))
KINDS = {
    "24": by_pillow(photo()),
    "8 palette": by_pillow(photo().quantize(64)),
    "8 grey": by_pillow(photo().convert("L")),
    "1": by_pillow(photo().convert("1")),
    "24 top-down": by_hand(24, top_down=True),
    "32": by_hand(32),
    "32 masks": by_hand(32, header=56, masks=(0xFF0000, 0xFF00, 0xFF, 0xFF000000)),
    "16 555": by_hand(16),
    "16 565": by_hand(16, masks=(0xF800, 0x7E0, 0x1F)),
    "4": by_hand(4, palette=GREYS[::-1]),
    "24 core": by_hand(24, header=12),
    "8 core": by_hand(8, header=12, palette=tuple((n, n, n // 2) for n in range(256))),
    "8 free slots": by_hand(8, palette=((90, 90, 90),) * 8, used={0, 1, 2}),
    "24 V5": by_hand(24, header=124),
}


def written(tmp_path: Path, source: bytes, notice: Notice = OVERLAY):
    src, dst = tmp_path / "a.bmp", tmp_path / "b.bmp"
    src.write_bytes(source)
    placement = ROOM.write_notice(src, dst, notice)
    assert src.read_bytes() == source
    return placement, dst


@pytest.mark.parametrize("kind", KINDS)
def test_notice_is_seen_and_nothing_else_changes(kind: str, tmp_path: Path) -> None:
    placement, dst = written(tmp_path, KINDS[kind])
    (report,) = ROOM.find_notices(dst, (placement,), search=False)
    assert report.perceivable, report
    before, after = Image.open(io.BytesIO(KINDS[kind])), Image.open(dst)
    assert (before.mode, before.size) == (after.mode, after.size)
    left, top, right, bottom = box(placement)
    inside = Image.new("1", before.size, 1)
    inside.paste(0, (left, top, right, bottom))
    black = Image.new("RGB", before.size)
    outside = [
        Image.composite(each.convert("RGB"), black, inside).tobytes() for each in (before, after)
    ]
    assert outside[0] == outside[1]
    assert len(KINDS[kind]) == dst.stat().st_size


@pytest.mark.parametrize("kind", KINDS)
def test_band_is_added(kind: str, tmp_path: Path) -> None:
    placement, dst = written(tmp_path, KINDS[kind], STRIP)
    (report,) = ROOM.find_notices(dst, (placement,), search=False)
    assert report.perceivable, report
    before, after = Image.open(io.BytesIO(KINDS[kind])), Image.open(dst)
    assert (after.mode, after.size) == (before.mode, (placement.width, placement.height))
    picture = after.convert("RGB").crop((0, 0, *before.size))
    assert picture.tobytes() == before.convert("RGB").tobytes()
    assert struct.unpack_from("<I", dst.read_bytes(), 2)[0] == dst.stat().st_size


@pytest.mark.parametrize(
    ("bits", "palette"), [(1, ((0, 0, 0), (255, 255, 255))), (4, GREYS), (24, ())]
)
def test_narrow_picture_grows_to_the_right(bits: int, palette, tmp_path: Path) -> None:
    source = by_hand(bits, palette=palette, size=(21, 30))
    placement, dst = written(tmp_path, source)
    assert placement.width > 21
    before, after = Image.open(io.BytesIO(source)).convert("RGB"), Image.open(dst).convert("RGB")
    assert after.size == (placement.width, placement.height)
    assert after.crop((0, 0, 21, 30)).tobytes() == before.tobytes()
    assert not any(after.crop((22, 0, placement.width, 30)).tobytes())


def test_trailing_bytes_stay(tmp_path: Path) -> None:
    _, dst = written(tmp_path, KINDS["24"] + b"tail", STRIP)
    assert dst.read_bytes().endswith(b"tail")


def test_profile_of_v5_is_found_again(tmp_path: Path) -> None:
    source = bytearray(KINDS["24 V5"])
    struct.pack_into("<I", source, 14 + 112, len(source) - 14)
    _, dst = written(tmp_path, bytes(source) + b"profile", STRIP)
    content = dst.read_bytes()
    assert content[14 + struct.unpack_from("<I", content, 14 + 112)[0] :] == b"profile"


def test_same_colours_everywhere_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedError):
        written(tmp_path, by_hand(8, palette=((90, 90, 90),) * 4, used={0, 1, 2, 3}))


def test_compressed_is_refused(tmp_path: Path) -> None:
    source = bytearray(KINDS["8 grey"])
    struct.pack_into("<I", source, 30, 1)
    with pytest.raises(KzlabelError):
        written(tmp_path, bytes(source))


def test_unlabelled_has_no_notice(tmp_path: Path) -> None:
    path = tmp_path / "a.bmp"
    path.write_bytes(KINDS["24"])
    assert not ROOM.find_notices(path, (), search=True)
    assert ROOM.read_tags(path) == {}
    assert ROOM.manifest_carrier(path).kind is CarrierKind.COMPANION
    with pytest.raises(UnsupportedTagsError):
        ROOM.write_tags(path, tmp_path / "b.bmp", {"xmp": {}})


def test_sniff(tmp_path: Path) -> None:
    assert all(ROOM.sniff(source[:65536], tmp_path) for source in KINDS.values())
    assert not any(
        ROOM.sniff(head, tmp_path) for head in (b"", b"BM", b"BMW drives on the road", b"\x89PNG")
    )


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_damage_is_named(kind: str, tmp_path: Path) -> None:
    chance = random.Random(kind)
    whole = KINDS[kind]
    mutants = [whole[: chance.randrange(200)] for _ in range(8)] + [whole[: len(whole) // 2]]
    for _ in range(12):
        flipped = bytearray(whole)
        flipped[chance.randrange(2, 80)] ^= 1 << chance.randrange(8)
        mutants.append(bytes(flipped))
    for mutant in mutants:
        try:
            placement, dst = written(tmp_path, mutant)
            ROOM.find_notices(dst, (placement,), search=True)
        except (KzlabelError, OSError):
            continue


def test_cut_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(UnreadableAssetError):
        written(tmp_path, KINDS["24"][:-5000])
