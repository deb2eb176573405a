"""Tags of films as tools that are not ours write them: what is read, and what is not."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from samples import FIXTURES, tags_or_none

from kzlabel.formats import recognise
from kzlabel.formats._mp4_parts import part, with_child
from kzlabel.formats._mp4_texts import read_items

GB = json.dumps({"AIGC": {"Label": "1", "ContentProducer": "001191440300708461136T1XGW3"}})
SUNO = "made with suno; created=2025-01-01T00:00:00Z; id=11111111-2222-3333-4444-555555555555"
COMFY = json.dumps({"prompt": {"3": {"class_type": "KSampler"}}, "workflow": {"nodes": []}})
LONG = json.dumps({"3": {"class_type": "KSampler", "inputs": {"text": "apple " * 10_000}}})
DST = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
CAMERA = DST.replace("trainedAlgorithmicMedia", "digitalCapture")
PACKET = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax'
    '-ns#"><rdf:Description xmlns:e="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
    'e:DigitalSourceType="{}"/></rdf:RDF></x:xmpmeta>'
)
UUID_XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
CHAPTERS = f";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=100\ntitle={SUNO}\n".replace(
    "; created", "\\; created"
).replace("; id", "\\; id")


def copied(name, tmp_path):
    return Path(shutil.copy(FIXTURES / name, tmp_path / name))


def read(path):
    return recognise(path).read_tags(path)


def flat(path):
    """All texts of a file by family and name."""
    return {
        f"{fam} {name}": text for fam, said in read(path).items() for name, text in said.items()
    }


def run(*command):
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, capture_output=True)


# --- FFmpeg, all at once --------------------------------------------------------------------------

KEYED = ("-movflags", "use_metadata_tags")
BY_FFMPEG = {  # file: source, options, the names of AIGC, of a comment, of a prompt
    "a.mp4": ("film.mp4", (), (None, "mp4 ©cmt", None)),
    "keyed.mp4": ("film.mp4", KEYED, ("mp4 mdta:AIGC", "mp4 mdta:comment", "mp4 mdta:prompt")),
    "a.mov": ("film.mov", (), (None, "mp4 ©cmt", None)),
    "keyed.mov": ("film.mov", KEYED, ("mp4 mdta:AIGC", "mp4 mdta:comment", "mp4 mdta:prompt")),
    "fragments.mp4": ("film.mp4", ("-movflags", "use_metadata_tags+frag_keyframe+empty_moov"),
                      ("mp4 mdta:AIGC", "mp4 mdta:comment", "mp4 mdta:prompt")),
    "a.mkv": ("film.mkv", (), ("matroska AIGC", "matroska COMMENT", "matroska PROMPT")),
    "a.webm": ("film.webm", (), ("matroska AIGC", "matroska COMMENT", "matroska PROMPT")),
    "a.avi": ("film.avi", (), (None, "riff-info ICMT", None)),  # only the names it knows
}  # fmt: skip


@pytest.fixture(scope="module")
def by_ffmpeg(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ffmpeg")
    said = [part for name, text in (("AIGC", GB), ("comment", COMFY), ("prompt", LONG))
            for part in ("-metadata", f"{name}={text}")]  # fmt: skip
    sources = sorted({source for source, _, _ in BY_FFMPEG.values()})
    command = ["ffmpeg", "-v", "error"]
    for source in sources:
        command += ["-i", FIXTURES / source]
    for name, (source, options, _) in BY_FFMPEG.items():
        command += [
            "-map",
            str(sources.index(source)),
            "-c",
            "copy",
            *said,
            *options,
            folder / name,
        ]
    run(*command)
    return folder


@pytest.mark.needs("ffmpeg")
@pytest.mark.parametrize("name", BY_FFMPEG)
def test_what_ffmpeg_writes_is_read(name, by_ffmpeg):
    said = flat(by_ffmpeg / name)
    for key, text in zip(BY_FFMPEG[name][2], (GB, COMFY, LONG), strict=True):
        assert key is None or said[key] == text
        assert key is None or f"{key}#2" not in said


@pytest.mark.needs("ffmpeg")
@pytest.mark.parametrize("suffix", ["mp4", "mov", "mkv"])
def test_titles_of_chapters_are_not_the_films(suffix, tmp_path):
    titles = tmp_path / "chapters.txt"
    titles.write_text(CHAPTERS, "utf-8")
    out = tmp_path / f"a.{suffix}"
    run("ffmpeg", "-v", "error", "-i", FIXTURES / f"film.{suffix}", "-i", titles,
        "-map", "0", "-map_metadata", "0", "-map_chapters", "1", "-c", "copy", out)  # fmt: skip
    assert SUNO.encode() in out.read_bytes() or suffix == "mov"
    assert SUNO not in flat(out).values()


@pytest.mark.needs("ffmpeg")
def test_names_and_texts_of_attachments_are_not_the_films(tmp_path):
    note = tmp_path / "AIGC"
    note.write_text(GB, "utf-8")
    out = tmp_path / "a.mkv"
    run("ffmpeg", "-v", "error", "-i", FIXTURES / "film.mkv", "-attach", note,
        "-metadata:s:t", "mimetype=text/plain", "-metadata:s:t", f"title={SUNO}",
        "-c", "copy", out)  # fmt: skip
    assert GB.encode() in out.read_bytes()
    said = flat(out)
    assert "matroska AIGC" not in said
    assert not {GB, SUNO} & set(said.values())


@pytest.mark.needs("ffmpeg")
def test_tags_of_a_track_come_after_the_films(tmp_path):
    out = tmp_path / "a.mkv"
    run("ffmpeg", "-v", "error", "-i", FIXTURES / "film.mkv", "-map", "0:v", "-c", "copy",
        "-metadata", "COMMENT=film", "-metadata:s:v", "COMMENT=track", out)  # fmt: skip
    said = flat(out)
    assert (said["matroska COMMENT"], said["matroska COMMENT#2"]) == ("film", "track")


@pytest.mark.needs("ffmpeg")
@pytest.mark.parametrize("name", BY_FFMPEG)
def test_what_is_cut_says_nothing_that_it_did_not(name, by_ffmpeg, tmp_path):
    whole = (by_ffmpeg / name).read_bytes()
    said = flat(by_ffmpeg / name)
    path = tmp_path / name
    for count in range(0, len(whole), len(whole) // 60):
        path.write_bytes(whole[:count])
        for family, texts in tags_or_none(path).items():
            for key, text in texts.items():
                assert said.get(f"{family} {key}") == text


# --- ExifTool, MKVToolNix -------------------------------------------------------------------------


@pytest.mark.needs("exiftool")
@pytest.mark.parametrize("suffix", ["mp4", "mov"])
def test_what_exiftool_writes_is_read(suffix, tmp_path):
    out = tmp_path / f"a.{suffix}"
    run("exiftool", "-q", "-o", out, f"-ItemList:Comment={SUNO}", "-Keys:Comment=keyed",
        "-UserData:Comment=old", f"-XMP-iptcExt:DigitalSourceType={DST}",
        "-ItemList:Encoder=Kling AI", FIXTURES / f"film.{suffix}")  # fmt: skip
    said = flat(out)
    assert {said["mp4 ©cmt"], said["mp4 ©cmt#2"]} == {SUNO, "old"}
    assert said["mp4 mdta:com.apple.quicktime.comment"] == "keyed"
    assert said["mp4 ©too"] == "Kling AI"
    assert said["xmp Iptc4xmpExt:DigitalSourceType"] == DST


TAGS = """<?xml version="1.0"?><Tags>
<Tag><Targets/><Simple><Name>AIGC</Name><String>one</String></Simple>
<Simple><Name>aigc</Name><String>two</String></Simple>
<Simple><Name>ORIGINAL</Name><Simple><Name>TITLE</Name><String>Түпнұсқа</String></Simple></Simple></Tag>
<Tag><Targets><ChapterUID>77</ChapterUID></Targets>
<Simple><Name>AIGC</Name><String>of a chapter</String></Simple></Tag>
<Tag><Targets><AttachmentUID>78</AttachmentUID></Targets>
<Simple><Name>AIGC</Name><String>of an attachment</String></Simple></Tag>
</Tags>"""


@pytest.mark.needs("mkvpropedit")
def test_what_mkvpropedit_writes_is_read(tmp_path):
    path = copied("film.mkv", tmp_path)
    tags = tmp_path / "tags.xml"
    tags.write_text(TAGS, "utf-8")
    run("mkvpropedit", "-q", path, "--edit", "info", "--set", "title=Атау",
        "--set", "writing-application=Kling AI", "--tags", f"all:{tags}")  # fmt: skip
    said = flat(path)
    assert [text for key, text in said.items() if "AIGC" in key] == ["one", "two"]
    assert said["matroska ORIGINAL/TITLE"] == "Түпнұсқа"
    assert (said["matroska TITLE"], said["matroska WRITINGAPP"]) == ("Атау", "Kling AI")


# --- MP4: other places ----------------------------------------------------------------------------


def full(kind, held):
    return part(kind, bytes(4) + held).raw


def data(text, kind=1):
    return part(b"data", kind.to_bytes(4) + bytes(4) + text).raw


def freeform(name, *texts):
    said = full(b"mean", b"com.apple.iTunes") + full(b"name", name) + b"".join(map(data, texts))
    return part(b"----", said).raw


def listed(*items, handler=b"mdir"):
    hdlr = full(b"hdlr", bytes(4) + handler + bytes(13))
    return full(b"meta", hdlr + part(b"ilst", b"".join(items)).raw)


def keyed(key, text, kind=1):
    keys = full(b"keys", (1).to_bytes(4) + part(b"mdta", key).raw)
    item = part((1).to_bytes(4), data(text, kind)).raw
    hdlr = full(b"hdlr", bytes(4) + b"mdta" + bytes(13))
    return part(b"meta", hdlr + keys + part(b"ilst", item).raw).raw  # QuickTime's: no version


def track(held):
    return part(b"trak", held).raw


PLACES = {
    "moov/udta/meta": lambda meta: part(b"udta", meta).raw,
    "moov/meta": lambda meta: meta,
    "trak/udta/meta": lambda meta: track(part(b"udta", meta).raw),
    "trak/meta": track,
}


@pytest.mark.parametrize("place", PLACES)
def test_lists_and_keys_are_read_wherever_they_lie(place):
    put = PLACES[place]
    assert read_items(put(listed(freeform(b"AIGC", b"x", b"y")))) == {
        "----:com.apple.iTunes:AIGC": "x",
        "----:com.apple.iTunes:AIGC#2": "y",
    }
    assert read_items(put(keyed(b"AIGC", "ә".encode("utf-16-be"), 2))) == {"mdta:AIGC": "ә"}


def test_text_without_a_type_is_read_and_numbers_are_not():
    moov = part(b"udta", listed(part(b"\xa9cmt", data(SUNO.encode(), 0)).raw,
                                part(b"trkn", data(b"\0\0\0\1\0\2\0\0", 0)).raw,
                                part(b"tmpo", data(b"\0\x78", 21)).raw))  # fmt: skip
    assert read_items(moov.raw) == {"©cmt": SUNO}


def test_old_texts_and_3gpps_are_read():
    def old(text, language=0x55C4):
        return len(text).to_bytes(2) + language.to_bytes(2) + text

    udta = part(b"\xa9cmt", old(SUNO.encode()) + old("Ä".encode("mac-roman"), 0)).raw
    udta += part(b"dscp", bytes(4) + b"\x15\xc7" + "сөз".encode() + b"\0").raw
    udta += part(b"titl", bytes(4) + b"\x15\xc7\xfe\xff" + "ә".encode("utf-16-be") + b"\0\0").raw
    udta += part(b"\xa9bad", b"\xff\xff\0\0short").raw + part(b"name", b"AIGC").raw
    assert read_items(part(b"udta", udta + bytes(4)).raw) == {
        "©cmt": SUNO, "©cmt#2": "Ä", "dscp": "сөз", "titl": "ә",
    }  # fmt: skip


def appended(name, tmp_path, *boxes):
    path = copied(name, tmp_path)
    path.write_bytes(path.read_bytes() + b"".join(boxes))
    return path


@pytest.mark.parametrize("name", ["film.mp4", "film.mov", "sound.m4a"])
def test_the_top_of_the_file_is_read(name, tmp_path):
    path = appended(name, tmp_path, listed(freeform(b"AIGC", b"x")))
    assert flat(path)["mp4 ----:com.apple.iTunes:AIGC"] == "x"


def test_boxes_of_xmp_are_read_and_what_they_say_otherwise_is_a_repeat(tmp_path):
    boxes = [
        part(b"uuid", UUID_XMP + PACKET.format(said).encode()).raw for said in (DST, DST, CAMERA)
    ]
    said = flat(appended("film.mp4", tmp_path, *boxes))
    key = "xmp Iptc4xmpExt:DigitalSourceType"
    assert {k: v for k, v in said.items() if key in k} == {key: DST, f"{key}#2": CAMERA}


@pytest.mark.parametrize("inside", [True, False], ids=["udta", "moov"])
def test_xmp_that_went_astray_in_the_movie_is_read(inside, tmp_path):
    box = part(b"uuid", UUID_XMP + PACKET.format(DST).encode()).raw
    path = copied("film.mov", tmp_path)
    whole = path.read_bytes()
    at = whole.index(b"moov") - 4
    assert at + int.from_bytes(whole[at : at + 4]) == len(whole)  # it comes last: nothing moves
    old = whole[at + 8 :]
    moov = with_child(old, b"udta", lambda udta: (udta or b"") + box) if inside else old + box
    path.write_bytes(whole[:at] + part(b"moov", moov).raw)
    assert flat(path)["xmp Iptc4xmpExt:DigitalSourceType"] == DST


def test_what_only_looks_like_tags_is_not_read(tmp_path):
    inside = listed(freeform(b"AIGC", b"x"))
    boxes = part(b"free", inside).raw, part(b"uuid", bytes(16) + inside).raw
    path = appended("film.mp4", tmp_path, *boxes, part(b"mdat", inside).raw)
    assert not [key for key in flat(path) if "AIGC" in key]


# --- AVI ------------------------------------------------------------------------------------------


def chunk(name, held):
    return name + len(held).to_bytes(4, "little") + held + bytes(len(held) & 1)


def with_chunks(path, *chunks):
    whole = path.read_bytes()
    made = b"".join(chunks)
    path.write_bytes(
        whole[:4] + (len(whole) - 8 + len(made)).to_bytes(4, "little") + whole[8:] + made
    )
    return path


def test_the_label_of_an_avi_is_read(tmp_path):
    info = chunk(
        b"LIST", b"INFO" + chunk(b"AIGC", GB.encode() + b"\0") + chunk(b"ISFT", b"Kling\0")
    )
    path = with_chunks(copied("film.avi", tmp_path), info, chunk(b"AIGC", GB.encode()),
                       chunk(b"_PMX", PACKET.format(DST).encode()), chunk(b"JUNK", b"AIGC"))  # fmt: skip
    said = flat(path)
    assert (said["riff-info AIGC"], said["riff AIGC"]) == (GB, GB)
    assert said["xmp Iptc4xmpExt:DigitalSourceType"] == DST
    assert "Kling" in said.values()
    assert not [key for key in said if "JUNK" in key]


# --- Hostile --------------------------------------------------------------------------------------


@pytest.mark.parametrize("made", [
    part(b"udta", listed(freeform(b"AIGC", b"x"))).raw,
    keyed(b"AIGC", b"x"),
    part(b"udta", part(b"\xa9cmt", b"\0\1\0\0x").raw).raw,
], ids=["list", "keys", "old"])  # fmt: skip
def test_every_cut_and_flipped_header_is_survived(made):
    for at in range(len(made)):
        read_items(made[:at])
        for byte in (0, 0x7F, 0xFF):
            read_items(made[:at] + bytes((byte,)) + made[at + 1 :])


@pytest.mark.slow
def test_ten_thousand_items_cost_little():
    items = [freeform(b"N%d" % at, b"x") for at in range(9_000)]
    moov = part(b"udta", listed(*items)).raw * 3
    tracks = track(part(b"udta", listed(freeform(b"AIGC", b"x"))).raw) * 9_000
    began = time.process_time()
    said = read_items(moov + tracks)
    assert time.process_time() - began < 2
    assert len(said) <= 4096
    assert len(read_items(tracks)) == 8


def test_depth_costs_nothing():
    held = listed(freeform(b"AIGC", b"x"))
    for _ in range(2_000):
        held = part(b"udta", held).raw
    assert read_items(held) == {}


def test_a_damaged_list_hides_no_other():
    broken = full(b"meta", full(b"hdlr", bytes(17)) + b"\0\0\xff\xffilst")
    moov = with_child(part(b"meta", broken).raw, b"udta", lambda _: listed(freeform(b"AIGC", b"x")))
    assert read_items(moov) == {"----:com.apple.iTunes:AIGC": "x"}


# --- Ogg with pictures ----------------------------------------------------------------------------


@pytest.mark.needs("ffmpeg")
def test_what_is_said_anew_in_ogg_is_left_in_no_other_stream(tmp_path):
    path, out = tmp_path / "a.ogv", tmp_path / "b.ogv"
    run("ffmpeg", "-v", "error", "-i", FIXTURES / "film.mp4", "-i", FIXTURES / "sound.wav",
        "-map", "0:v", "-map", "1:a", "-t", "0.2", "-c:v", "libtheora", "-c:a", "libvorbis",
        "-metadata", f"DIGITALSOURCETYPE={CAMERA}", "-metadata", f"AIGC={GB}", path)  # fmt: skip
    said = flat(path)
    assert (said["vorbis DIGITALSOURCETYPE"], said["vorbis AIGC"]) == (CAMERA, GB)
    assert "vorbis AIGC#2" not in said  # FFmpeg says it in both streams
    assert path.read_bytes().count(CAMERA.encode()) == 2
    recognise(path).write_tags(path, out, {"vorbis": {"DIGITALSOURCETYPE": DST}})
    said = flat(out)
    assert {k: v for k, v in said.items() if "SOURCETYPE" in k} == {"vorbis DIGITALSOURCETYPE": DST}
    assert said["vorbis AIGC"] == GB
    run("ffmpeg", "-v", "error", "-xerror", "-i", out, "-f", "null", "-")
