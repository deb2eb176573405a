"""IPTC-IIM: datasets and Photoshop's image resources, by hand; whole files are `test_picture_tags`'s."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kzlabel.formats._iim import MAX_BYTES, MAX_RESOURCES, RESOURCES, iim_of, read_iim

UTF8 = (1, 90, b"\x1b%G")
CREDIT, KEYWORDS, SOURCE = 110, 25, 115


def datasets(*values: tuple[int, int, bytes]) -> bytes:
    return b"".join(
        bytes((0x1C, record, number)) + len(value).to_bytes(2) + value
        for record, number, value in values
    )


def resource(number: int, content: bytes, name: bytes = b"") -> bytes:
    named = bytes((len(name),)) + name
    padded = named + b"\0" * (len(named) & 1)
    body = len(content).to_bytes(4) + content + b"\0" * (len(content) & 1)
    return b"8BIM" + number.to_bytes(2) + padded + body


@pytest.mark.parametrize(
    ("charset", "raw", "text"),
    [
        ((UTF8,), "Қазақ".encode() + b"\0\0behind", "Қазақ"),
        ((UTF8,), "Қазақ".encode(), "Қазақ"),
        ((UTF8,), b"\xc4 broken", "Ä broken"),
        ((), "Қазақ".encode(), "Қазақ"),
        ((), "Ärger".encode("latin-1"), "Ärger"),
        (((1, 90, b"\x1b.A"),), "Ä".encode(), "Ã\x84"),
    ],
)
def test_the_character_set(
    charset: tuple[tuple[int, int, bytes], ...], raw: bytes, text: str
) -> None:
    assert read_iim([datasets(*charset, (2, CREDIT, raw))]) == {"Credit": text}


def test_repeats_and_what_is_not_text() -> None:
    held = datasets(
        (2, 0, b"\0\4"), (2, KEYWORDS, b"a"), (2, KEYWORDS, b"b"), (2, 55, b"20240101"),
        (3, CREDIT, b"record three"), (2, CREDIT, b"x"), (2, SOURCE, b""),
    )  # fmt: skip
    assert read_iim([held]) == {"Keywords": "a", "Keywords#2": "b", "Credit": "x"}


def test_long_datasets() -> None:
    text = b"x" * 40_000
    held = bytes((0x1C, 2, CREDIT)) + b"\x80\x04" + len(text).to_bytes(4) + text
    assert read_iim([held + datasets((2, SOURCE, b"s"))]) == {
        "Credit": text.decode(),
        "Source": "s",
    }


@pytest.mark.parametrize(
    "tail",
    [
        b"\x1c", b"\x1c\2\x73\0", b"\x1c\2\x73\x7f\xffshort", b"\x1c\2\x73\xff\xff", b"junk",
        b"\x1c\2\x73\x80\x04\xff\xff\xff\xff", b"\x1c\2\x73\x80\x08" + bytes(8) + b"x", bytes(9),
    ],
)  # fmt: skip
def test_what_follows_damage_is_left_out(tail: bytes) -> None:
    assert read_iim([datasets((2, CREDIT, b"x")) + tail]) == {"Credit": "x"}


@pytest.mark.parametrize("name", [b"", b"a", b"ab"])
@pytest.mark.parametrize("before", [b"", b"odd"])
def test_resources_are_walked(name: bytes, before: bytes) -> None:
    held = datasets((2, CREDIT, b"odd"))
    whole = resource(0x03ED, before, name) + resource(0x0404, held, name) + resource(0x040F, b"icc")
    assert list(iim_of(whole)) == [held]


@pytest.mark.parametrize(
    "resources",
    [
        b"", b"8BIM", b"8BIM\4\4", b"8BIM\4\4\xff", b"8BIM\4\4\0\0\xff\xff\xff\xff", RESOURCES,
        b"8BIM\4\4\0\0\0\0\0\x09\x1c\2\x6e\0\4abc", b"PHUT" + resource(0x0404, b"x"),
    ],
)  # fmt: skip
def test_damaged_resources_hold_nothing(resources: bytes) -> None:
    assert list(iim_of(resources)) == []


def test_a_last_resource_without_its_padding_counts() -> None:
    held = datasets((2, CREDIT, b"even"))
    assert list(iim_of(resource(0x0404, held)[:-1])) == [held]


def test_many_and_large_ones_have_limits() -> None:
    assert len(list(iim_of(resource(0x0404, b"") * 500_000))) == MAX_RESOURCES
    many = datasets((2, KEYWORDS, b"k")) * (MAX_BYTES // 6 + 9)
    assert len(read_iim([many])) == 8


@given(st.binary(max_size=300))
def test_no_bytes_raise(noise: bytes) -> None:
    for block in (noise, b"8BIM\4\4" + noise, b"\x1c\2" + noise):
        list(iim_of(block))
        assert all(read_iim([block]).values())
