"""What is beyond a limit is told: by the rooms, and by the verdict where nothing else is said."""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from samples import FIXTURES

from kzlabel import verify
from kzlabel.formats import _png_stealth, recognise
from kzlabel.formats._front_matter import LONGEST
from kzlabel.formats._html_tags import MOST_SCRIPTS
from kzlabel.formats._iim import MAX_DATASETS, read_iim
from kzlabel.formats._jpeg_tags import MAX_BYTES
from kzlabel.formats._json_ld import MOST_NODES
from kzlabel.formats._png_chunks import packed
from kzlabel.formats._png_text import MAX_ENTRIES, MAX_TEXT
from kzlabel.formats._repeats import MAX_TAGS
from kzlabel.formats._unread import FAMILY, cut, read_noting
from kzlabel.formats._vorbis_comments import MAX_COMMENTS, comments_in
from kzlabel.formats._xmp_packets import MAX_PACKETS, read_packets
from kzlabel.markers._json import MAX_JSON, object_in
from kzlabel.model import Integrity, Origin, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
SD = b"parameters\0cat\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 512x512, Model: x"
PACKET = (
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
    b'xmlns:dc="http://purl.org/dc/elements/1.1/" dc:a="%d"/></rdf:RDF>'
)


def png(*chunks: bytes) -> bytes:
    whole = (FIXTURES / "picture.png").read_bytes()
    return whole[:33] + b"".join(chunks) + whole[33:]


def jpeg(*payloads: bytes) -> bytes:
    whole = (FIXTURES / "picture.jpg").read_bytes()
    held = (b"\xff\xe1" + (len(each) + 2).to_bytes(2) + each for each in payloads)
    return whole[:2] + b"".join(held) + whole[2:]


def page(*scripts: str) -> bytes:
    held = "".join(f'<script type="application/ld+json">{each}</script>' for each in scripts)
    return f"<!DOCTYPE html><html><head><title>t</title>{held}</head><p>x</p></html>".encode()


def matter(*lines: str) -> bytes:
    return "\n".join(("---", *lines, "---", "# T", "")).encode()


XMP = b"http://ns.adobe.com/xap/1.0/\0" + PACKET % 1
CUT = {
    "entries.png": (png(packed(b"tEXt", b"a\0b") * MAX_ENTRIES, packed(b"tEXt", SD)), "png-text"),
    "long.png": (png(packed(b"tEXt", b"a\0" + bytes(MAX_TEXT))), "png-text"),
    "bomb.png": (png(packed(b"zTXt", b"a\0\0" + zlib.compress(bytes(MAX_TEXT + 1)))), "png-text"),
    "full.jpg": (jpeg(*[XMP + b" " * 65_000] * (MAX_BYTES // 65_000 + 1)), "xmp"),
    "scripts.html": (page(*["{}"] * (MOST_SCRIPTS + 1)), "json-ld"),
    "nodes.html": (page(json.dumps([{}] * (MOST_NODES + 2))), "json-ld"),
    "keys.md": (matter(*(f"k{number}: v" for number in range(MAX_TAGS + 1))), "tags"),
    "long.md": (matter("a: b", *["# comment"] * (LONGEST // 9), "c: d"), "front-matter"),
}
WHOLE = {
    "entries.png": png(packed(b"tEXt", b"a\0b") * (MAX_ENTRIES - 1), packed(b"tEXt", b"c\0d")),
    "damaged.png": png(packed(b"zTXt", b"a\0\0damaged"), packed(b"zTXt", b"a\0\0") * 7),
    "scripts.html": page(*["{}"] * MOST_SCRIPTS),
    "keys.md": matter(*(f"k{number}: v" for number in range(MAX_TAGS))),
    "long.md": b"---\nnot a key\n" + b"text\n" * LONGEST,
    "repeats.md": matter(*["AIGC: x"] * 50),
}


def _read(path: Path) -> dict[str, str]:
    room = recognise(path)
    assert room is not None
    return dict(read_noting(room.read_tags, path).get(FAMILY, {}))


@pytest.mark.slow
@pytest.mark.parametrize("name", CUT)
def test_what_is_cut_is_told_and_the_verdict_is_open(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    content, family = CUT[name]
    path.write_bytes(content)
    assert list(_read(path)) == [family]
    row = verify(path, look=False)
    assert (row.origin, row.integrity) == (Origin.UNDECLARED, Integrity.UNREADABLE)
    assert row.verdict is Verdict.UNDETERMINED
    (said,) = [each for each in row.findings if each.code == "kz.tags.unread"]
    assert said.values["where"] == family


@pytest.mark.parametrize("name", WHOLE)
def test_what_is_read_to_the_end_is_not_called_unread(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(WHOLE[name])
    assert _read(path) == {}


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.*")), ids=lambda path: path.name)
def test_ordinary_files_are_read_to_the_end(path: Path) -> None:
    room = recognise(path)
    assert room is None or FAMILY not in read_noting(room.read_tags, path)


def test_a_mark_that_was_read_still_counts(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(png(packed(b"tEXt", SD), packed(b"tEXt", b"a\0b") * MAX_ENTRIES))
    row = verify(path, look=False)
    assert (row.origin, row.integrity) == (Origin.AI_GENERATED, Integrity.UNPROTECTED)
    assert "kz.tags.unread" in {each.code for each in row.findings}


def test_a_workflow_of_megabytes_is_read(tmp_path: Path) -> None:
    node = {"class_type": "KSampler", "inputs": {"seed": 1, "image": "A" * 4_000_000}}
    path = tmp_path / "picture.png"
    path.write_bytes(png(packed(b"tEXt", b"prompt\0" + json.dumps({"3": node}).encode())))
    assert verify(path, look=False).origin is Origin.AI_GENERATED


def test_a_number_of_many_digits_is_no_end() -> None:
    assert object_in('{"a":' + "9" * 5000 + ',"b":1}', "b") is not None
    assert object_in('{"a":' + "9" * 5000 + ',"b"', "b") is None
    assert MAX_JSON >= MAX_TEXT


def _noted(read: Callable[[], object]) -> dict[str, str]:
    def reading(_: Path) -> dict[str, dict[str, str]]:
        read()
        return {}

    return dict(read_noting(reading, FIXTURES).get(FAMILY, {}))


def test_helpers_tell_of_their_limits() -> None:
    line = b"\x03\0\0\0a=b"
    few, many = (n.to_bytes(4, "little") + line * n for n in (MAX_COMMENTS, MAX_COMMENTS + 1))
    assert _noted(lambda: list(comments_in(bytes(4) + few))) == {}
    assert _noted(lambda: list(comments_in(bytes(4) + many))) == {"vorbis": "1"}
    packets = [PACKET % number for number in range(MAX_PACKETS + 1)]
    assert _noted(lambda: read_packets(packets[:-1])) == {}
    assert _noted(lambda: read_packets(packets)) == {"xmp": "1"}
    dataset = b"\x1c\x02\x05\0\x01a"
    assert _noted(lambda: read_iim([dataset * MAX_DATASETS])) == {}
    assert _noted(lambda: read_iim([dataset * (MAX_DATASETS + 1)])) == {"iim": "1"}
    cut("what nobody asks for")


def test_a_picture_too_large_to_be_looked_into_is_told_only_where_it_begins_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_png_stealth, "MAX_PIXELS_BYTES", 100)
    for sign, found in ((b"stealth_pnginfo", {"stealth": "1"}), (b"else", {})):
        bits = "".join(f"{byte:08b}" for byte in sign).ljust(256, "0")
        picture = Image.new("RGBA", (2, 256))
        picture.putdata([(0, 0, 0, int(bit)) for bit in bits for _ in (0, 1)])
        picture.save(tmp_path / "picture.png")
        assert _read(tmp_path / "picture.png") == found
