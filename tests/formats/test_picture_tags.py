"""Tags of pictures as other tools write them, in every container, and what must not be taken for one."""

from __future__ import annotations

import hashlib
import itertools
import json
import shutil
import struct
import subprocess
import zlib
from typing import TYPE_CHECKING

import pytest
from PIL import Image, PngImagePlugin
from samples import FIXTURES

from kzlabel.formats import _jpeg_tags, recognise
from kzlabel.formats._exif_text import MAX_TEXT
from kzlabel.formats._jpeg_tags import EXTENDED, EXTENSION
from kzlabel.formats._picture_blocks import XMP
from kzlabel.formats._png_chunks import packed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kzlabel.model import Tags

SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
AIGC = '{"AIGC":{"Label":"1","ContentProducer":"x"}}'
WRITTEN = {
    "EXIF:Software": "Қазақ Tool 1.0",
    "EXIF:Make": "Ideogram AI",
    "EXIF:Model": "M1",
    "EXIF:Artist": "Ö. Author",
    "EXIF:ImageDescription": "Signature: abc",
    "EXIF:UserComment": "Steps: 20, Жұлдыз",
    "EXIF:Copyright": "(c) Ä",
    "EXIF:XPComment": "Пікір",
    "IPTC:CodedCharacterSet": "UTF8",
    "IPTC:Credit": "Made with Google AI",
    "IPTC:Source": "source",
    "IPTC:By-line": "Әкім",
    "IPTC:Caption-Abstract": "caption",
    "IPTC:SpecialInstructions": "none",
    "IPTC:Keywords": "one",
    "XMP-photoshop:Credit": "Edited with Google AI",
    "XMP-iptcExt:DigitalSourceType": SOURCE_TYPE,
    "Comment": "a comment",
}
WITH_IIM = {".jpg", ".png", ".tiff"}
CONTAINERS = [
    "picture.jpg", "picture.png", "picture.webp", "picture.tiff", "picture.avif", "picture.heic",
    "picture.jxl", "animation.png", "pages.tiff",
]  # fmt: skip


def read(path: Path) -> Tags:
    room = recognise(path)
    assert room is not None
    return room.read_tags(path)


def exiftool(*arguments: str) -> str:
    """Run exiftool; warnings, which it writes beside what it reads, make it exit with 1."""
    command = ["exiftool", "-q", "-q", *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def tagged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, dict[str, object]]]:
    """Copies of the fixtures that exiftool wrote tags into, and what it reads there."""
    folder = tmp_path_factory.mktemp("tagged")
    names = [*CONTAINERS, "animation.gif"]
    assets = [str(FIXTURES / name) for name in names]
    exiftool("-o", f"{folder}/", *(f"-{tag}={value}" for tag, value in WRITTEN.items()), *assets)
    rows = json.loads(exiftool("-j", "-G0", *(str(folder / name) for name in names)))
    return folder, dict(zip(names, rows, strict=True))


@pytest.mark.needs("exiftool")
@pytest.mark.parametrize("name", CONTAINERS)
def test_as_exiftool_reads_them(
    name: str, tagged: tuple[Path, dict[str, dict[str, object]]]
) -> None:
    folder, rows = tagged
    found = read(folder / name)
    for group, family in (("EXIF", "exif"), ("IPTC", "iim")):
        said = {tag: value for tag in WRITTEN if (value := rows[name].get(tag))}
        own = {tag.partition(":")[2]: value for tag, value in said.items() if tag.startswith(group)}
        own.pop("CodedCharacterSet", None)
        assert found.get(family, {}) == own
        assert bool(own) == (group == "EXIF" or (folder / name).suffix in WITH_IIM)
    assert found["xmp"]["Iptc4xmpExt:DigitalSourceType"] == SOURCE_TYPE
    assert found["xmp"]["photoshop:Credit"] == "Edited with Google AI"
    comment = found.get("comment", {}).get("COM") or found.get("png-text", {}).get("Comment")
    assert comment == rows[name].get("File:Comment", rows[name].get("PNG:Comment"))


@pytest.mark.needs("exiftool")
def test_gif_comments_and_xmp(tagged: tuple[Path, dict[str, dict[str, object]]]) -> None:
    folder, rows = tagged
    found = read(folder / "animation.gif")
    assert (
        found["comment"] == {"COM": "a comment"} == {"COM": rows["animation.gif"]["File:Comment"]}
    )
    assert found["xmp"]["Iptc4xmpExt:DigitalSourceType"] == SOURCE_TYPE


@pytest.mark.needs("mogrify")
@pytest.mark.needs("exiftool")
def test_imagemagick_keeps_blocks_as_hexadecimal_text(
    tmp_path: Path, tagged: tuple[Path, object]
) -> None:
    source = shutil.copy(tagged[0] / "picture.jpg", tmp_path / "a.jpg")
    subprocess.run(["mogrify", "-format", "png", source], check=True)
    found = read(tmp_path / "a.png")
    assert found["iim"] == read(tmp_path / "a.jpg")["iim"]
    assert found["exif"] == read(tmp_path / "a.jpg")["exif"]
    assert found["xmp"]["Iptc4xmpExt:DigitalSourceType"] == SOURCE_TYPE
    assert found["png-text"]["comment"] == "a comment"
    assert not any(name.startswith("Raw") for name in found["png-text"])


# --- Pillow ---------------------------------------------------------------------------------------


def photo(path: Path, **options: object) -> Path:
    Image.new("RGB", (16, 16), "teal").save(path, **options)
    return path


def exif(**tags: str) -> bytes:
    made = Image.Exif()
    names = {"Software": 0x0131, "Make": 0x010F, "ImageDescription": 0x010E}
    for name, value in tags.items():
        made[names[name]] = value
    return made.tobytes()


def packet(**properties: str) -> bytes:
    written = " ".join(f"{name}={json.dumps(value)}" for name, value in properties.items())
    return (
        (
            '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
            'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
            'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:T="http://www.tc260.org.cn/ns/AIGC/1.0/" '
            f'xmlns:xmpNote="http://ns.adobe.com/xmp/note/" {written}/></rdf:RDF></x:xmpmeta>'
        )
        .replace("xmp_", "xmp:")
        .encode()
    )


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".avif", ".tiff"])
def test_pillow_writes_exif_and_xmp(tmp_path: Path, suffix: str) -> None:
    own = packet(xmp_CreatorTool="Reve")
    text = PngImagePlugin.PngInfo()
    text.add_itxt("XML:com.adobe.xmp", own.decode(), zip=True)
    block = {"exif": exif(Make="prompt:{}", Software="NovelAI")}
    special = {
        ".png": block | {"pnginfo": text},
        ".tiff": {"tiffinfo": {271: "prompt:{}", 305: "NovelAI", 700: own}},
    }
    made = photo(tmp_path / f"a{suffix}", **special.get(suffix, block | {"xmp": own}))
    assert read(made) == {
        "exif": {"Make": "prompt:{}", "Software": "NovelAI"},
        "xmp": {"xmp:CreatorTool": "Reve"},
    }


def test_all_texts_of_a_png(tmp_path: Path) -> None:
    text = PngImagePlugin.PngInfo()
    text.add_text("parameters", "Steps: 20")
    text.add_text("AIGC", AIGC, zip=True)
    text.add_itxt("prompt", "Жұлдыз", zip=True)
    text.add_itxt("AIGC", AIGC)
    made = photo(tmp_path / "a.png", pnginfo=text)
    expected = {"parameters": "Steps: 20", "AIGC": AIGC, "prompt": "Жұлдыз", "AIGC#2": AIGC}
    assert read(made) == {"png-text": expected}


def test_png_texts_are_latin_1_or_what_people_write(tmp_path: Path) -> None:
    raw = photo(tmp_path / "a.png").read_bytes()
    texts = (
        packed(b"tEXt", b"a\0\xc4rger")
        + packed(b"tEXt", b"b\0" + "Жұлдыз\n".encode())
        + packed(b"iTXt", b"c\0\0\0\0\0\xc4")
    )
    (tmp_path / "a.png").write_bytes(raw[:33] + texts + raw[33:])
    assert read(tmp_path / "a.png")["png-text"] == {"a": "Ärger", "b": "Жұлдыз\n", "c": "\ufffd"}


def test_misspelt_chunks_of_webp(tmp_path: Path) -> None:
    made = photo(tmp_path / "a.webp", xmp=packet(xmp_CreatorTool="Reve"), exif=exif(Make="x"))
    made.write_bytes(made.read_bytes().replace(b"XMP ", b"XMP\0"))
    assert read(made) == {"xmp": {"xmp:CreatorTool": "Reve"}, "exif": {"Make": "x"}}
    made.write_bytes(made.read_bytes().replace(b"XMP\0", b"XMPX").replace(b"EXIF", b"EXIX"))
    assert read(made) == {}


def test_what_lies_behind_the_pixels_and_megabytes_deep(tmp_path: Path) -> None:
    raw = photo(tmp_path / "a.png").read_bytes()
    end = raw.index(b"IEND") - 4
    deep = packed(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + packet(xmp_CreatorTool="deep"))
    filler = packed(b"prVt", bytes(5_000_000))
    late = packed(b"eXIf", exif(Make="late").removeprefix(b"Exif\0\0"))
    (tmp_path / "a.png").write_bytes(raw[:end] + filler + deep + late + raw[end:])
    assert read(tmp_path / "a.png") == {
        "xmp": {"xmp:CreatorTool": "deep"},
        "exif": {"Make": "late"},
    }
    (tmp_path / "a.png").write_bytes(raw + deep + late)
    assert read(tmp_path / "a.png") == {}


def test_damaged_profiles_in_png_are_left_out(tmp_path: Path) -> None:
    block = exif(Make="a maker").hex()
    bad = ["", "\n", f"\nexif\n 99\n{block[:-1]}", "\nexif\n 9\nzz", f"\nexif\n 9\n{block[:60]}"]
    for profile in bad:
        text = PngImagePlugin.PngInfo()
        text.add_text("Raw profile type exif", profile)
        assert read(photo(tmp_path / "a.png", pnginfo=text)) == {}
    named = (XMP + packet(xmp_CreatorTool="Reve")).hex()
    text.add_text("Raw profile type xmp", f"\nxmp\n   99\n{named}\n")
    assert read(photo(tmp_path / "a.png", pnginfo=text)) == {"xmp": {"xmp:CreatorTool": "Reve"}}
    text = PngImagePlugin.PngInfo()
    text.add_text("Raw profile type APP1", f"\ngeneric profile\n   99\n{block}\n", zip=True)
    assert read(photo(tmp_path / "a.png", pnginfo=text)) == {"exif": {"Make": "a maker"}}


# --- JPEG -----------------------------------------------------------------------------------------


def segment(marker: int, payload: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(payload) + 2).to_bytes(2) + payload


def jpeg(path: Path, *segments: bytes, tail: bytes = b"") -> Path:
    raw = photo(path, format="JPEG").read_bytes()
    path.write_bytes(raw[:2] + b"".join(segments) + raw[2:] + tail)
    return path


def extended(whole: bytes, *cuts: int, digest: str = "", length: int | None = None) -> list[bytes]:
    """Return the packet that names an extended one, and that in parts, as segments."""
    name = digest or hashlib.md5(whole, usedforsecurity=False).hexdigest().upper()
    total = (len(whole) if length is None else length).to_bytes(4)
    edges = [0, *cuts, len(whole)]
    parts = [
        EXTENSION + name.encode() + total + start.to_bytes(4) + whole[start:end]
        for start, end in itertools.pairwise(edges)
    ]
    main = packet(xmp_CreatorTool="main").replace(b"/></rdf:RDF", f' {EXTENDED}="{name}"/></rdf:RDF'.encode())  # fmt: skip
    return [segment(0xE1, XMP + main), *(segment(0xE1, part) for part in parts)]


def test_extended_xmp(tmp_path: Path) -> None:
    whole = packet(xmp_Label="deep", xmp_CreatorTool="other")
    expected = {"xmp:CreatorTool": "main", "xmp:Label": "deep", "xmp:CreatorTool#2": "other"}
    main, *parts = extended(whole, 50, 90)
    for order in ([main, *parts], [*parts, main], [main, *reversed(parts)]):
        found = dict(read(jpeg(tmp_path / "a.jpg", *order))["xmp"])
        assert len(found.pop(EXTENDED)) == 32
        assert found == expected


@pytest.mark.needs("exiftool")
def test_extended_xmp_by_exiftool(tmp_path: Path) -> None:
    (tmp_path / "long.txt").write_text("Жұлдыз " * 12_000)
    made = photo(tmp_path / "a.jpg")
    tags = [f"-XMP-dc:Description<={tmp_path / 'long.txt'}", "-XMP-photoshop:Credit=short"]
    exiftool("-overwrite_original", *tags, str(made))
    found = read(made)["xmp"]
    assert EXTENDED in found
    assert found["photoshop:Credit"] == "short"
    assert found["dc:description"] == ("Жұлдыз " * 12_000).strip()


def _damaged() -> Mapping[str, list[bytes]]:
    whole = packet(xmp_Label="deep")
    main, *parts = extended(whole, 50, 90)
    return {
        "a gap": [main, parts[0], parts[2]],
        "no first part": [main, *parts[1:]],
        "an overlap": [main, *parts, parts[1]],
        "another MD5": extended(whole, 50, digest="0" * 32),
        "4 GB": extended(whole, 50, length=0xFFFFFFFF),
        "too short a length": extended(whole, 50, length=10),
        "two lengths": [*extended(whole, 50)[:2], extended(whole, 50, length=9)[2]],
        "not named": [segment(0xE1, XMP + packet(xmp_CreatorTool="main")), *parts],
        "one flipped byte": [main, *parts[:2], parts[2].replace(b"xmpmeta", b"xmpmetA")],
        "a stump": [main, segment(0xE1, EXTENSION), segment(0xE1, EXTENSION + b"0" * 20)],
        "an offset beyond": [main, *parts[:2], parts[2].replace((90).to_bytes(4), b"\xff" * 4)],
    }


@pytest.mark.parametrize("name", _damaged())
def test_extended_xmp_that_does_not_fit_is_left_out(tmp_path: Path, name: str) -> None:
    found = read(jpeg(tmp_path / "a.jpg", *_damaged()[name]))
    assert found["xmp"].keys() - {EXTENDED} == {"xmp:CreatorTool"}


def test_a_second_packet_says_what_it_says_otherwise(tmp_path: Path) -> None:
    first, second = (
        packet(xmp_CreatorTool="a", xmp_Label="l"),
        packet(xmp_CreatorTool="b", xmp_Label="l"),
    )
    made = jpeg(tmp_path / "a.jpg", segment(0xE1, XMP + first), segment(0xE1, XMP + second))
    expected = {"xmp:CreatorTool": "a", "xmp:Label": "l", "xmp:CreatorTool#2": "b"}
    assert read(made) == {"xmp": expected}


@pytest.mark.parametrize(
    ("payload", "text"),
    [
        (b"AIGC" + AIGC.encode(), "AIGC" + AIGC),
        (b"AIGC\0" + AIGC.encode(), "AIGC" + AIGC),
        (AIGC.encode() + b"\0\0", AIGC),
        ("Жұлдыз\r\n\t".encode() * 30, ("Жұлдыз\r\n\t" * 30).strip()),
        (b"x" * 65_000, "x" * 65_000),
    ],
    ids=["bare", "named", "padded", "kk", "long"],
)
def test_text_without_a_standard(tmp_path: Path, payload: bytes, text: str) -> None:
    made = jpeg(tmp_path / "a.jpg", segment(0xEA, payload), segment(0xFE, payload))
    assert read(made)["jpeg-app"] == {"APP10": text}
    assert read(made)["comment"]["COM"].replace("\0", "") in (text, "AIGC")
    for marker, name in ((0xE1, "APP1"), (0xE4, "APP4"), (0xEF, "APP15")):
        assert read(jpeg(tmp_path / "a.jpg", segment(marker, payload)))["jpeg-app"] == {name: text}


@pytest.mark.parametrize(
    "payload",
    [
        b"ICC_PROFILE\0\1\1" + AIGC.encode(), b"MPF\0MM\0*\0\0\0\x08" + AIGC.encode(), b"",
        b"Adobe\0d\0\0\0\0\0", AIGC.encode() + b"\1", b"\0" * 40, b"a\0b\0" + AIGC.encode(),
        b"x" * 40 + b"\x02" + b"x" * 40,
    ],
)  # fmt: skip
def test_binary_segments_are_not_text(tmp_path: Path, payload: bytes) -> None:
    assert read(jpeg(tmp_path / "a.jpg", segment(0xEA, payload))) == {}


def test_only_the_first_picture_of_a_file_speaks(tmp_path: Path) -> None:
    inner = jpeg(tmp_path / "b.jpg", segment(0xFE, b"second"), segment(0xE1, exif(Make="second")))
    thumbnail = segment(0xE1, exif(Make="first") + inner.read_bytes())
    made = jpeg(tmp_path / "a.jpg", thumbnail, tail=inner.read_bytes())
    assert read(made) == {"exif": {"Make": "first"}}
    made.write_bytes(made.read_bytes().replace(b"first\0", b"\0" * 6))
    assert read(made) == {}


# --- Samsung --------------------------------------------------------------------------------------

EDITED = {"genAIType": 8, "on": True, "inner": {"k": "v"}, "more": '{"deep": 1.5}', "none": None}


def trailer(*blocks: bytes, length: int | None = None) -> bytes:
    """Return blocks of JSON with their directory, as Samsung's gallery appends them."""
    named = [struct.pack("<HHI", 0, 0x0BA1, 4) + b"name" + block for block in blocks]
    sizes = [len(block) for block in named]
    entries = b"".join(
        struct.pack("<HHII", 0, 0x0BA1, sum(sizes[number:]), size)
        for number, size in enumerate(sizes)
    )
    directory = b"SEFH" + struct.pack("<II", 106, len(named)) + entries
    total = len(directory) if length is None else length
    return b"".join(named) + directory + struct.pack("<I", total) + b"SEFT"


def test_the_trailer_of_samsung(tmp_path: Path) -> None:
    tail = trailer(b"\x01binary", json.dumps(EDITED).encode(), b"[1]", b"{broken", b"")
    made = jpeg(tmp_path / "a.jpg", tail=b"video" * 9 + tail)
    assert read(made)["samsung"] == {
        "genAIType": "8",
        "on": "true",
        "more": '{"deep": 1.5}',
        "deep": "1.5",
        "k": "v",
    }


@pytest.mark.needs("exiftool")
def test_exiftool_finds_the_same_blocks(tmp_path: Path) -> None:
    made = jpeg(tmp_path / "a.jpg", tail=trailer(json.dumps(EDITED).encode()))
    assert "SamsungTrailer_0x0ba1" in exiftool("-u", "-s", "-G1", str(made)).replace(" ", "")
    assert read(made)["samsung"]["genAIType"] == "8"


@pytest.mark.parametrize(
    "tail",
    [
        b"SEFT", b"\xff\xff\xff\xffSEFT", b"\x0c\0\0\0SEFT", trailer(length=13), trailer(b"{}")[:-1],
        trailer(b'{"a": 1}') + b"more", trailer(b"{" * 100_000), trailer(b'{"a":' * 40_000 + b"1" + b"}" * 40_000),
        trailer(b'{"a": 1}').replace(b"SEFH", b"SEFX"), trailer(b'{"a": 1}' + b" " * 300_000),
        b"SEFH" + struct.pack("<IIHHII", 1, 1, 0, 1, 0xFFFFFFFF, 0xFFFFFFFF) + b"\x18\0\0\0SEFT",
        b"SEFH" + struct.pack("<IIHHII", 1, 1, 0, 1, 0xFFFFFFFF, 20) + b"\x18\0\0\0SEFT",
        b"\0" * 8 + b'{"a": 1}SEFH' + struct.pack("<IIHHII", 1, 1, 0, 1, 16, 40) + b"\x18\0\0\0SEFT",
    ],
    ids=range(13),
)  # fmt: skip
def test_damaged_trailers_say_nothing(tmp_path: Path, tail: bytes) -> None:
    assert read(jpeg(tmp_path / "a.jpg", tail=tail)) == {}


def test_deep_objects_are_left(tmp_path: Path) -> None:
    deep = b'{"a":1,"b":' * 400 + b"{}" + b"}" * 400
    found = read(jpeg(tmp_path / "a.jpg", tail=trailer(deep)))["samsung"]
    assert set(found.values()) == {"1"}
    wide = json.dumps({str(number): number for number in range(5_000)}).encode()
    assert len(read(jpeg(tmp_path / "a.jpg", tail=trailer(wide)))["samsung"]) == 1024


# --- TIFF -----------------------------------------------------------------------------------------


def directory(*entries: tuple[int, int, int, int], order: str = "<", more: bytes = b"") -> bytes:
    """Return a TIFF of a directory that no library would write, one pixel of no picture."""
    size = [
        (256, 3, 1, 1 if order == "<" else 1 << 16),
        (257, 3, 1, 1 if order == "<" else 1 << 16),
    ]
    packed = b"".join(struct.pack(order + "HHII", *entry) for entry in (*size, *entries))
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)
    return head + struct.pack(order + "H", len(entries) + 2) + packed + bytes(4) + more


def tiff(path: Path, content: bytes) -> Tags:
    path.write_bytes(content)
    return read(path)


@pytest.mark.parametrize(
    "entry",
    [
        (0x0131, 2, 0xFFFFFFFF, 8), (0x0131, 2, 100, 0x7FFFFFFF), (0x0131, 99, 100, 8),
        (700, 1, 0xFFFFFFFF, 8), (33723, 4, 0xFFFFFFFF, 8), (34377, 7, 0x7FFFFFFF, 8),
        (0x8769, 4, 0xFFFFFFFF, 8), (0x8769, 4, 1, 0xFFFFFFFF), (0x8769, 2, 1, 8),
        (0x8769, 4, 1, 8),
    ],
    ids=range(10),
)  # fmt: skip
def test_damaged_entries_of_tiff_are_left_out(
    tmp_path: Path, entry: tuple[int, int, int, int]
) -> None:
    found = tiff(tmp_path / "a.tiff", directory(entry, (0x010F, 2, 3, 0x00616161)))
    assert found["exif"]["Make"] == "aaa"
    assert found.keys() == {"exif"}
    assert set(found["exif"]) <= {"Make", "Make#2"}  # a loop is read once more


def test_texts_of_tiff_have_a_limit_together(tmp_path: Path) -> None:
    tags = (0x010E, 0x010F, 0x0110, 0x0131)
    entries = [(tag, 2, MAX_TEXT // 2, 8 + 2 + 12 * 6 + 4) for tag in tags]
    found = tiff(tmp_path / "a.tiff", directory(*entries, more=b"x" * MAX_TEXT))
    assert found["exif"].keys() == {"ImageDescription", "Make"}


@pytest.mark.parametrize("order", ["<", ">"])
def test_datasets_kept_as_numbers(tmp_path: Path, order: str) -> None:
    held = bytes((0x1C, 2, 110, 0, 5)) + b"Lumin" + bytes(2)
    swapped = b"".join(held[at : at + 4][::-1] for at in range(0, len(held), 4))
    at = 8 + 2 + 36 + 4
    for block in (held, swapped):
        made = directory((33723, 4, len(block) // 4, at), order=order, more=block)
        assert tiff(tmp_path / "a.tiff", made) == {"iim": {"Credit": "Lumin"}}


def test_the_same_datasets_in_two_places_are_one(tmp_path: Path) -> None:
    held = bytes((0x1C, 2, 110, 0, 6)) + b"Lumina" + b"\0"
    both = b"8BIM\4\4\0\0" + len(held).to_bytes(4) + held
    at = 8 + 2 + 48 + 4
    entries = (33723, 7, len(held), at + 12), (34377, 7, len(both), at)
    found = tiff(tmp_path / "a.tiff", directory(*entries, more=both))
    assert found == {"iim": {"Credit": "Lumina"}}


# --- HEIF and JPEG XL -----------------------------------------------------------------------------


def box(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return (len(body) + 8).to_bytes(4) + kind + body


def heif(*items: tuple[bytes, bytes], method: int = 1, about: tuple[int, ...] = ()) -> bytes:
    """Return a HEIF file of a picture (1) and of items (kind, content) in its `idat`, or in two
    extents behind `meta`; `about` says which picture each of them describes.
    """
    held = b"".join(content for _, content in items)

    def meta(base: int) -> bytes:
        named, placed, at = [box(b"infe", b"\2\0\0\0\0\1\0\0av01\0")], [], base
        for number, (kind, content) in enumerate(items, 2):
            kinds = b"mime\0application/rdf+xml\0" if kind == b"mime" else kind + b"\0"
            named.append(box(b"infe", b"\2\0\0\0", number.to_bytes(2), b"\0\0", kinds))
            half = len(content) // 2
            extents = struct.pack(">IIII", at, half, at + half, len(content) - half)
            placed.append(struct.pack(">HHHH", number, method, 0, 2) + extents)
            at += len(content)
        links = [
            box(b"cdsc", struct.pack(">HHH", number, 1, picture))
            for number, picture in enumerate(about, 2)
        ]
        return box(
            b"meta", bytes(4), box(b"pitm", bytes(4), b"\0\1"),
            box(b"iinf", bytes(4), len(named).to_bytes(2), *named), box(b"iref", bytes(4), *links),
            box(b"iloc", b"\1\0\0\0\x44\0", len(placed).to_bytes(2), *placed),
            box(b"idat", held) if method == 1 else b"",
        )  # fmt: skip

    head = box(b"ftyp", b"avif", bytes(4), b"avifmif1")
    if method == 1:
        return head + meta(0)
    return head + meta(len(head) + len(meta(0)) + 8) + box(b"mdat", held)


EXIF_ITEM = (b"Exif", b"\0\0\0\6" + exif(Make="Reve"))
XMP_ITEM = (b"mime", packet(xmp_CreatorTool="main"))
OTHER_ITEM = (b"mime", packet(xmp_CreatorTool="other", xmp_Label="l"))


@pytest.mark.parametrize("method", [0, 1])
def test_items_of_heif(tmp_path: Path, method: int) -> None:
    made = tmp_path / "a.avif"
    made.write_bytes(heif(EXIF_ITEM, XMP_ITEM, method=method))
    assert read(made) == {"xmp": {"xmp:CreatorTool": "main"}, "exif": {"Make": "Reve"}}
    made.write_bytes(heif(OTHER_ITEM, XMP_ITEM, method=method, about=(7, 1)))
    assert read(made) == {"xmp": {"xmp:CreatorTool": "main"}}, "what describes another picture"
    made.write_bytes(heif(OTHER_ITEM, XMP_ITEM, method=method, about=(1, 1)))
    assert read(made)["xmp"]["xmp:CreatorTool#2"] == "main"


def test_samsung_has_a_box_in_heif(tmp_path: Path) -> None:
    made = tmp_path / "a.avif"
    own = box(b"sefd", trailer(b'{"genAIType": 8}'))
    made.write_bytes(heif(XMP_ITEM) + own + box(b"free", bytes(9)))
    assert read(made)["samsung"] == {"genAIType": "8"}
    made.write_bytes(heif(XMP_ITEM) + box(b"free", trailer(b'{"genAIType": 8}')))
    assert "samsung" not in read(made)


def test_damaged_items_of_heif_are_left_out(tmp_path: Path) -> None:
    made = tmp_path / "a.avif"
    for bad in (b"", b"\0\0", b"\xff\xff\xff\xff" + exif(Make="x"), b"\0\0\0\x01" + exif(Make="x")):
        made.write_bytes(heif((b"Exif", bad), XMP_ITEM))
        assert read(made) == {"xmp": {"xmp:CreatorTool": "main"}}
    whole = heif(EXIF_ITEM, XMP_ITEM, method=0)
    apart = whole.replace(b"\0\2\0\0\0\0\0\2", b"\0\2\0\0\0\7\0\2", 1)
    assert apart != whole
    made.write_bytes(apart)
    assert read(made) == {"xmp": {"xmp:CreatorTool": "main"}}, "in another file"
    made.write_bytes(heif(*[XMP_ITEM] * 3000))
    assert read(made) == {"xmp": {"xmp:CreatorTool": "main"}}


def test_boxes_of_jpeg_xl(tmp_path: Path) -> None:
    made = shutil.copy(FIXTURES / "picture.jxl", tmp_path / "a.jxl")
    before = made.read_bytes()
    boxes = (
        box(EXIF_ITEM[0], EXIF_ITEM[1]) + box(b"xml ", XMP_ITEM[1]) + box(b"xml ", OTHER_ITEM[1])
    )
    made.write_bytes(before + boxes + box(b"brob", b"xml ", b"compressed"))
    assert read(made)["exif"] == {"Make": "Reve"}
    assert read(made)["xmp"]["xmp:CreatorTool#2"] == "other"
    made.write_bytes(before + box(b"Exif", b"\0") + box(b"xml ", b"<svg/>") + box(b"exif", boxes))
    assert read(made) == {}


# --- Damage ---------------------------------------------------------------------------------------


def test_each_kind_of_segment_has_its_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_jpeg_tags, "MAX_BYTES", 300)
    long, short = segment(0xFE, b"c" * 400), segment(0xFE, b"short")
    made = jpeg(tmp_path / "a.jpg", long, short, segment(0xE1, exif(Make="behind")))
    assert read(made) == {"exif": {"Make": "behind"}, "comment": {"COM": "short"}}


@pytest.mark.slow
def test_ten_thousand_segments_and_bombs(tmp_path: Path) -> None:
    comments = [segment(0xFE, b"c")] * 8000
    found = read(jpeg(tmp_path / "a.jpg", *comments, segment(0xE1, exif(Make="behind"))))
    assert found["exif"] == {"Make": "behind"}
    assert len(found["comment"]) == 8
    large = [segment(0xE1, XMP + packet(xmp_CreatorTool=str(n)) + b" " * 60_000) for n in range(90)]
    assert len(read(jpeg(tmp_path / "a.jpg", *large))["xmp"]) == 8
    bomb = packed(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(b"0" * 50_000_000))
    raw = photo(tmp_path / "a.png").read_bytes()
    (tmp_path / "a.png").write_bytes(raw[:33] + bomb * 40 + raw[33:])
    assert read(tmp_path / "a.png") == {}


@pytest.mark.slow
@pytest.mark.needs("exiftool")
@pytest.mark.parametrize("name", ["picture.jpg", "picture.png", "picture.webp", "picture.tiff"])
def test_flipped_bytes_raise_nothing_new(
    name: str, tmp_path: Path, tagged: tuple[Path, object]
) -> None:
    from kzlabel.errors import KzlabelError

    raw = (tagged[0] / name).read_bytes()
    room = recognise(tagged[0] / name)
    assert room is not None
    start = max(raw.find(b"Ideogram") - 300, 0)
    for at in range(start, min(start + 900, len(raw)), 9):
        damaged = tmp_path / name
        damaged.write_bytes(raw[:at] + bytes([raw[at] ^ 0xFF]) + raw[at + 1 :])
        try:
            found = room.read_tags(damaged)
        except KzlabelError:
            continue
        assert all(value for family in found.values() for value in family.values())
