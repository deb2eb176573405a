"""EXIF blocks: made by Pillow where they are sound, by hand where they are not."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ExifTags, Image

from kzlabel.formats._exif_text import HEADER, MAX_ENTRIES, MAX_TEXT, NAMES, boxed, read_exif

PROSE = "Steps: 20, Sampler: Euler, Жұлдызды аспан"
USER_COMMENT = 0x9286
XP_COMMENT = 0x9C9C


def block(order: str = "<", inner: dict[int, object] | None = None, **tags: object) -> bytes:
    """Return a block with tags of IFD0 by name, and of the Exif IFD by number, as Pillow has it."""
    exif = Image.Exif()
    exif.endian = order
    for name, value in tags.items():
        exif[ExifTags.Base[name]] = value
    exif.get_ifd(ExifTags.IFD.Exif).update(inner or {})
    return exif.tobytes()


def ifd(*entries: tuple[int, int, int, bytes], order: str = "<", more: bytes = b"") -> bytes:
    """Return a block with one IFD of these entries (tag, type, count, value), by hand."""
    packed = b"".join(struct.pack(order + "HHI4s", *entry) for entry in entries)
    head = {"<": b"II*\0", ">": b"MM\0*"}[order] + struct.pack(order + "I", 8)
    return head + struct.pack(order + "H", len(entries)) + packed + bytes(4) + more


@pytest.mark.parametrize("order", ["<", ">"])
def test_both_orders_and_both_directories(order: str) -> None:
    held = block(order, {0x9286: b"ASCII\0\0\0hello", 0xA434: "RF 50"}, Make="Canon", Software="S")
    assert held.startswith(HEADER)
    expected = {"Make": "Canon", "Software": "S", "UserComment": "hello", "LensModel": "RF 50"}
    assert read_exif([held]) == expected
    assert read_exif([held.removeprefix(HEADER)]) == expected


def comment(raw: bytes, order: str = "<") -> str:
    return read_exif([block(order, {USER_COMMENT: raw})]).get("UserComment", "")


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", ["AIGC", PROSE, "{" + "x" * 9999 + "}"], ids=len)
def test_unicode_comments_in_either_order(order: str, codec: str, text: str) -> None:
    assert comment(b"UNICODE\0" + text.encode(codec), order) == text
    mark = "\ufeff".encode(codec)
    assert comment(b"UNICODE\0" + mark + text.encode(codec), order) == text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"ASCII\0\0\0plain", "plain"),
        (b"ascii\0\0\0plain", "plain"),
        (b"ASCII\0\0\0" + PROSE.encode(), PROSE),
        (b"ASCII\0\0\0" + PROSE.encode("utf-16-le"), PROSE),
        (b"ASCII\0\0\0" + "Steps".encode("utf-16-le"), "Steps"),
        (b"ASCII\0\0\0" + "Steps".encode("utf-16-be"), "Steps"),
        (b"ASCII\0\0\0" + "Жұлдыз".encode("utf-16"), "Жұлдыз"),
        (b"UNICODE\0" + PROSE.encode(), PROSE),
        (b"UNICODE\0" + b"Steps: 20, Sampler: Euler", "Steps: 20, Sampler: Euler"),
        (b"UNICODE\0" + "人工智能生成".encode("utf-16-be"), "人工智能生成"),
        (b"UNICODE\0" + "人工智能生成的图像和内容仅供参考".encode("utf-16-le"), "人工智能生成的图像和内容仅供参考"),
        (b"JIS\0\0\0\0\0" + "画像".encode("iso2022_jp"), "画像"),
        (bytes(8) + PROSE.encode(), PROSE),
        (b"        " + b"spaces", "spaces"),
        (b"no code at all", "no code at all"),
        ("без кода".encode(), "без кода"),
        (bytes(8) + "Ä".encode("latin-1"), "Ä"),
        (b"ASCII\0\0\0", ""),
        (b"UNICODE\0" + bytes(64), ""),
        (b"ASCII\0\0\0" + b" " * 64, ""),
        (b"UNICODE\0\x30", ""),
        (b"", ""),
    ],
    ids=repr,
)  # fmt: skip
def test_what_comments_really_are(raw: bytes, text: str) -> None:
    assert comment(raw, ">") == text


def test_windows_tags_are_little_endian_in_either_order() -> None:
    raw = (PROSE + "\0").encode("utf-16-le")
    for order in ("<", ">"):
        assert read_exif([block(order, None, XPComment=raw)]) == {"XPComment": PROSE}


def test_a_text_ends_at_its_nul_and_one_of_spaces_says_nothing() -> None:
    held = block("<", None, Software="A\0behind", ImageDescription=" " * 31, Make="B  ")
    assert read_exif([held]) == {"Software": "A", "Make": "B"}


def test_repeats_are_kept() -> None:
    twice = block("<", {0x0131: "inner"}, Software="outer")
    assert read_exif([twice]) == {"Software": "outer", "Software#2": "inner"}
    assert read_exif([twice, block("<", None, Software="third")])["Software#3"] == "third"


def test_what_is_not_text_is_not_read() -> None:
    made = block("<", {0x927C: b"maker's note", 0x9003: "2024:01:01 00:00:00"}, Orientation=1)
    exif = Image.Exif()
    exif[ExifTags.Base.Artist] = "me"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[1] = "N"
    assert read_exif([made]) == {}
    assert read_exif([exif.tobytes()]) == {"Artist": "me"}


SOFTWARE = 0x0131
HOSTILE = {
    "empty": b"",
    "header only": b"II*\0",
    "not one": b"II*\1" + bytes(40),
    "offset outside": b"II*\0\xff\xff\xff\xff",
    "offset to itself": b"MM\0*\0\0\0\0" + bytes(8),
    "four billion": ifd((SOFTWARE, 2, 0xFFFFFFFF, b"\x08\0\0\0")),
    "outside": ifd((SOFTWARE, 2, 100, b"\xff\xff\xff\x7f")),
    "cut": ifd((SOFTWARE, 2, 100, b"\x1a\0\0\0"), more=b"x" * 50),
    "a number": ifd((SOFTWARE, 4, 1, b"abcd")),
    "type nobody knows": ifd((SOFTWARE, 99, 4, b"abcd")),
    "loop": ifd((0x8769, 4, 1, struct.pack("<I", 8))),
    "entries beyond": b"II*\0\x08\0\0\0\xff\xff" + bytes(5),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_damaged_is_left_out(name: str) -> None:
    assert read_exif([HOSTILE[name]]) == {}
    assert read_exif([HOSTILE[name], block("<", None, Make="x")]) == {"Make": "x"}


def test_a_loop_is_read_once_more_at_most() -> None:
    held = ifd((0x8769, 4, 1, struct.pack("<I", 8)), (SOFTWARE, 2, 3, b"abc\0"))
    assert read_exif([held]) == {"Software": "abc", "Software#2": "abc"}


def test_bounds() -> None:
    many = [(SOFTWARE, 2, 3, b"abc\0")] * (MAX_ENTRIES - 1)
    last = [(0x010F, 2, 3, b"abc\0"), (0x0110, 2, 3, b"abc\0")]
    read = read_exif([ifd(*many, *last)])
    assert read.keys() == {"Software", *(f"Software#{n}" for n in range(2, 9)), "Make"}
    ascii_tags = [tag for tag in NAMES if tag != USER_COMMENT and not 0x9C9B <= tag < 0x9CA0]
    at = struct.pack("<I", 14 + 12 * len(ascii_tags))
    shared = [(tag, 2, MAX_TEXT // 2, at) for tag in ascii_tags]
    texts = read_exif([ifd(*shared, more=b"x" * MAX_TEXT)])
    assert [len(text) for text in texts.values()] == [MAX_TEXT // 2] * 2


def test_big_values_are_read_whole() -> None:
    held = ifd((USER_COMMENT, 7, MAX_TEXT, b"\x1a\0\0\0"), more=b"UNICODE\0" + b"\0\x41" * MAX_TEXT)
    assert len(read_exif([held])["UserComment"]) == (MAX_TEXT - 8) // 2


def test_a_box_says_where_its_block_starts() -> None:
    held = block("<", None, Make="x")
    for content in (b"\0\0\0\6" + held, bytes(4) + held.removeprefix(HEADER), bytes(4) + held):
        assert read_exif([boxed(content)]) == {"Make": "x"}
    for content in (b"", b"\0", b"\xff\xff\xff\xff" + held):
        assert read_exif([boxed(content)]) == {}


@given(st.binary(max_size=200), st.integers(0, 200), st.sampled_from("<>"))
def test_no_bytes_raise(noise: bytes, at: int, order: str) -> None:
    held = block(order, {USER_COMMENT: b"UNICODE\0" + noise}, Make="Canon", Software="S")
    for content in (held, held[:at], held[: 6 + at % 60] + noise + held[66:]):
        assert all(read_exif([content]).values())


def test_every_flipped_byte_is_survived() -> None:
    held = block("<", {USER_COMMENT: b"UNICODE\0" + "AIGC".encode("utf-16-le")}, Make="Canon")
    for at in range(len(held)):
        for flip in (0xFF, 0x01, 0x80):
            read_exif([held[:at] + bytes([held[at] ^ flip]) + held[at + 1 :]])
