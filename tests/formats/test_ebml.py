from __future__ import annotations

from pathlib import Path

import pytest

from kzlabel.errors import LimitError, UnreadableAssetError
from kzlabel.formats import _ebml as ebml
from kzlabel.formats._ebml_sniff import Kind, kind_of

PATH = Path("film.mkv")


def parsed(content, elements=1000):
    return ebml.nodes(content, ebml.Budget(PATH, elements))


@pytest.mark.parametrize("name", [0xEC, 0x4286, 0x3CB923, 0x1A45DFA3])
@pytest.mark.parametrize("size", [0, 1, 126, 127, 128, 16382, 16383, 70000])
def test_an_element_is_read_as_it_was_written(name, size):
    raw = ebml.encoded(name, b"x" * size)
    (node,) = parsed(raw)
    assert (node.id, len(node.payload), node.raw) == (name, size, raw)


def test_sizes_take_as_few_bytes_as_they_can():
    assert ebml.head(0xEC, 126) == b"\xec\xfe"
    assert ebml.head(0xEC, 127) == b"\xec\x40\x7f"  # one byte of ones would say "unknown"
    assert ebml.head(0xEC, 5, 8) == b"\xec\x01\x00\x00\x00\x00\x00\x00\x05"
    with pytest.raises(OverflowError):
        ebml.head(0xEC, 127, 1)


def test_void_fills_any_room_but_one_byte():
    for size in (0, *range(2, 300), 5000):
        content = ebml.void(size)
        assert len(content) == size
        assert [node.id for node in parsed(content)] == ([ebml.VOID] if size else [])


def test_an_element_and_void_fill_a_room_exactly():
    assert all(ebml.fitted(0x4DBB, b"y" * 20, room) is None for room in range(20, 23))
    for room in range(23, 180):
        content = ebml.fitted(0x4DBB, b"y" * 20, room)
        assert content is not None, room
        assert len(content) == room
        assert parsed(content)[0].payload == b"y" * 20


def test_an_unknown_size_is_told_from_a_known_one():
    assert ebml.header_of(b"\x1f\x43\xb6\x75\xff").size is None
    assert ebml.header_of(b"\x1f\x43\xb6\x75\x01" + b"\xff" * 7).size is None
    assert ebml.header_of(b"\x1f\x43\xb6\x75\xfe").size == 126


@pytest.mark.parametrize("content", [b"", b"\0\0", b"\x0f\xff", b"\xec", b"\x1a\x45", b"\xec\0"])
def test_what_is_no_header_is_damage(content):
    with pytest.raises(ebml.DamagedError):
        ebml.header_of(content)


@pytest.mark.parametrize("content", [b"\xec\x85abc", b"\xec\x80\x00", b"\xec"])
def test_children_that_do_not_fill_their_master_are_damage(content):
    with pytest.raises(UnreadableAssetError):
        parsed(content)


def test_a_million_empty_elements_meet_a_limit():
    with pytest.raises(LimitError, match="more than 1000 EBML"):
        parsed(b"\xec\x80" * 1_000_000)


def test_a_crc_is_that_of_the_standard():
    # RFC 8794 11.3.1: CRC-32 of ISO 3309, little endian
    assert ebml.checked(b"123456789") == b"\xbf\x84" + bytes.fromhex("2639f4cb") + b"123456789"


def head_of(doc_type, types, segment=0x18538067):
    entries = b"".join(ebml.encoded(0xAE, ebml.number(0x83, kind)) for kind in types)
    doc = ebml.encoded(0x1A45DFA3, ebml.text(0x4282, doc_type))
    return doc + ebml.head(segment, 10**9, 8) + ebml.encoded(0x1654AE6B, entries) + b"\x1f\x43\xb6"


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (head_of("matroska", (1, 2)), Kind("matroska", audio_only=False)),
        (head_of("webm", (2, 2)), Kind("webm", audio_only=True)),
        (head_of("matroska", (17,)), Kind("matroska", audio_only=False)),
        (head_of("webm", ()), Kind("webm", audio_only=False)),
        (head_of("ebml-lacing", (1,)), None),
        (b"RIFF", None),
        (b"", None),
    ],
)
def test_the_head_says_which_matroska_it_is(head, kind):
    assert kind_of(head) == kind


def test_no_head_makes_sniffing_fail():
    whole = head_of("webm", (2,))
    for end in range(len(whole)):
        kind_of(whole[:end])
        kind_of(whole[:end] + b"\xff" * 40)
    assert kind_of(b"\x1a\x45\xdf\xa3" + b"\xec\x80" * 30000) is None
