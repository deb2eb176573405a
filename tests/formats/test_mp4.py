"""MP4: tags and notices in every layout, with each packet of every other stream as it was."""

from __future__ import annotations

import hashlib
import json
import struct
import subprocess
from fractions import Fraction

import av
import numpy as np
import pytest

from kzlabel.errors import (
    KzlabelError,
    LimitError,
    RefusedError,
    UnreadableAssetError,
    UnsupportedTagsError,
)
from kzlabel.formats import recognise
from kzlabel.formats._bmff import UUID_C2PA
from kzlabel.formats._mp4_file import read_movie
from kzlabel.formats._mp4_graft import Graft, write_movie
from kzlabel.formats._mp4_parts import find, part, split, with_child
from kzlabel.formats._mp4_splice import Edit, splice
from kzlabel.formats._mp4_track import SOUND, VIDEO, changed, tracks
from kzlabel.formats.mp4 import Mp4
from kzlabel.model import CarrierKind, Notice, NoticeStyle, Placement, Region, Statement

ROOM = Mp4()
OURS = "----:com.apple.iTunes:DIGITALSOURCETYPE"
TAGS = {
    "mp4": {OURS: "http://example/ai", "----:com.apple.iTunes:AISYSTEMUSED": "Жүйе"},
    "xmp": {"Iptc4xmpExt:DigitalSourceType": "http://example/ai"},
}
LAYOUTS = {
    "moov last": {},
    "faststart": {"movflags": "faststart"},
    "fragments": {"movflags": "frag_keyframe+empty_moov+default_base_moof"},
    "fragments with base offsets and mfra": {"movflags": "frag_keyframe"},
    "indexed fragments": {"movflags": "frag_keyframe+dash+global_sidx"},
}


def film(path, options=None, *, seconds=1, sounds=1, size=(64, 48)):
    """A test picture in motion, and noise, as H.264 and AAC."""
    random = np.random.default_rng(7)
    with av.open(str(path), "w", format="mp4", container_options=options or {}) as out:
        video = out.add_stream("libx264", rate=12, options={"preset": "ultrafast", "bf": "2"})
        video.width, video.height = size
        video.pix_fmt, video.gop_size = "yuv420p", 4
        audio = [out.add_stream("aac", rate=8000, layout="mono") for _ in range(sounds)]
        out.metadata["title"] = "Тақырып"
        for number in range(12 * seconds):
            rows = np.full((size[1], size[0], 3), 40 + number % 200, np.uint8)
            rows[: size[1] // 2, :, 1] = random.integers(0, 255, (size[1] // 2, size[0]))
            frame = av.VideoFrame.from_ndarray(rows, "rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 12)
            out.mux(video.encode(frame))
        for at, stream in enumerate(audio):
            noise = random.normal(0, 0.05, (1, 8000 * seconds)).astype(np.float32)
            frame = av.AudioFrame.from_ndarray(noise, "fltp", "mono")
            frame.sample_rate, frame.pts = 8000, 0
            stream.metadata["language"] = ("kaz", "rus")[at % 2]
            out.mux(stream.encode(frame))
        for stream in (video, *audio):
            out.mux(stream.encode(None))
    return path


def packets(path):
    """Every packet of every stream: where, when, and what."""
    with av.open(str(path)) as container:
        return [
            (p.stream_index, p.pts, p.dts, hashlib.sha256(bytes(p)).hexdigest())
            for p in container.demux()
            if p.size
        ]


def boxes(path):
    return [(box.kind, box.size) for box in read_movie(path).boxes]


def with_boxes(path, *changes):
    """Rewrite the file box by box; offsets are the caller's business."""
    content = path.read_bytes()
    for box in reversed(read_movie(path).boxes):
        for kind, new in changes:
            if box.kind == kind:
                content = (
                    content[: box.start] + new(content[box.start : box.end]) + content[box.end :]
                )
    path.write_bytes(content)
    return path


def ranges_in(path, kind):
    """Offsets that point to fragments, read by the book."""
    movie = read_movie(path)
    content = path.read_bytes()
    moofs = {box.start for box in movie.boxes if box.kind == b"moof"}
    found = []
    for table in split(content[movie.first(b"mfra").payload : movie.first(b"mfra").end]):
        if table.kind != kind:
            continue
        version, sizes, count = struct.unpack_from(">B7xII", table.payload)
        wide = 8 if version else 4
        step = 2 * wide + sum((sizes >> bits & 3) + 1 for bits in (4, 2, 0))
        places = range(16 + wide, 16 + count * step, step)
        found += [int.from_bytes(table.payload[at : at + wide]) for at in places]
    return found, moofs


@pytest.fixture(params=LAYOUTS, ids=lambda name: name.replace(" ", "-"))
def any_film(request, tmp_path):
    return film(tmp_path / "film.mp4", LAYOUTS[request.param], sounds=2)


# --- Recognised -----------------------------------------------------------------------------------


def test_films_are_mp4(any_film):
    assert recognise(any_film).spec.name == "MP4"


@pytest.mark.parametrize("length", [0, 4, 8, 12, 40])
def test_a_head_alone_never_raises(tmp_path, length):
    path = tmp_path / "x.mp4"
    path.write_bytes(film(tmp_path / "film.mp4").read_bytes()[:length])
    assert ROOM.sniff(path.read_bytes(), path) in (True, False)


def test_a_raw_photograph_and_pictures_are_not_films(tmp_path):
    path = tmp_path / "x.mp4"
    content = film(tmp_path / "film.mp4").read_bytes()
    for brand in (b"crx ", b"heic", b"avif"):
        path.write_bytes(content[:8] + brand + content[12:])
        assert not ROOM.sniff(path.read_bytes(), path)


# --- Tags -----------------------------------------------------------------------------------------


def test_tags_come_back_and_no_packet_changes(any_film, tmp_path):
    once, twice = tmp_path / "once.mp4", tmp_path / "twice.mp4"
    ROOM.write_tags(any_film, once, TAGS)
    ROOM.write_tags(once, twice, {"mp4": {OURS: ""}, "xmp": {"dc:format": "x"}})
    found = ROOM.read_tags(once)
    assert found["mp4"] | TAGS["mp4"] == found["mp4"]
    assert found["mp4"]["©nam"] == "Тақырып"
    assert found["xmp"] == TAGS["xmp"]
    assert OURS not in ROOM.read_tags(twice)["mp4"]
    assert ROOM.read_tags(twice)["xmp"] == TAGS["xmp"] | {"dc:format": "x"}
    assert packets(any_film) == packets(once) == packets(twice)


def test_writing_the_same_tags_again_changes_nothing(any_film, tmp_path):
    once, twice = tmp_path / "once.mp4", tmp_path / "twice.mp4"
    ROOM.write_tags(any_film, once, TAGS)
    ROOM.write_tags(once, twice, TAGS)
    assert len(twice.read_bytes()) == len(once.read_bytes())
    assert sum(kind == b"uuid" for kind, _ in boxes(twice)) == 1


def test_random_access_still_points_to_fragments(tmp_path):
    source = film(tmp_path / "film.mp4", LAYOUTS["fragments with base offsets and mfra"])
    out = tmp_path / "out.mp4"
    ROOM.write_tags(source, out, TAGS)
    found, moofs = ranges_in(out, b"tfra")
    assert found
    assert set(found) <= moofs
    assert boxes(out)[-1][0] == b"mfra"


def test_free_space_gives_way_before_anything_moves(tmp_path):
    source = film(tmp_path / "film.mp4", LAYOUTS["faststart"])
    first = next(box for box in read_movie(source).boxes if box.kind == b"free")
    padded = tmp_path / "padded.mp4"
    content = source.read_bytes()
    space = struct.pack(">I4s", 4000, b"free") + bytes(3992)
    # The space takes the place of samples' distance: write it by moving the movie's own tables.
    movie = read_movie(source)
    splice(movie, padded, [Edit(first.start, first.end, space)])
    assert packets(padded) == packets(source)
    out = tmp_path / "out.mp4"
    ROOM.write_tags(padded, out, {"mp4": TAGS["mp4"]})
    assert read_movie(out).first(b"mdat").start == read_movie(padded).first(b"mdat").start
    assert len(out.read_bytes()) == len(padded.read_bytes()) != len(content)


def wide_chunks(path):
    """Give every track 64-bit chunk offsets; `moov` is last, so nothing moves."""

    def table(stbl):
        parts = split(stbl)
        (old,) = (each for each in parts if each.kind == b"stco")
        count = int.from_bytes(old.payload[4:8])
        offsets = struct.unpack(f">{count}I", old.payload[8:])
        new = part(b"co64", old.payload[:8] + struct.pack(f">{count}Q", *offsets))
        return b"".join(new.raw if each is old else each.raw for each in parts)

    def movie(raw):
        moov = raw[8:]
        parts = [
            part(b"trak", changed(each.payload, (b"mdia", b"minf", b"stbl"), table)).raw
            if each.kind == b"trak"
            else each.raw
            for each in split(moov)
        ]
        return part(b"moov", b"".join(parts)).raw

    return with_boxes(path, (b"moov", movie))


def test_64_bit_chunk_offsets(tmp_path):
    source = film(tmp_path / "film.mp4")
    before = packets(source)
    wide_chunks(source)
    moved = tmp_path / "moved.mp4"
    movie = read_movie(source)
    write_movie(movie, [Graft(t, t.trak, source) for t in tracks(movie.traks)], moved, None)
    ROOM.write_tags(source, tmp_path / "out.mp4", TAGS)
    assert packets(source) == packets(tmp_path / "out.mp4") == packets(moved) == before


def test_64_bit_chunk_offsets_move_with_the_samples(tmp_path):
    source = wide_chunks(film(tmp_path / "film.mp4"))
    assert b"co64" in source.read_bytes()
    movie = read_movie(source)
    at = movie.first(b"ftyp").end
    splice(movie, tmp_path / "out.mp4", [Edit(at, at, part(b"free", bytes(1000)).raw)])
    assert packets(tmp_path / "out.mp4") == packets(source)


@pytest.mark.parametrize("last", [b"mdat", b"moov"])
def test_a_last_box_without_a_size_gets_one(tmp_path, last):
    layout = "faststart" if last == b"mdat" else "moov last"
    source = film(tmp_path / "film.mp4", LAYOUTS[layout])
    before = packets(source)
    with_boxes(source, (last, lambda raw: b"\0\0\0\0" + raw[4:]))
    assert read_movie(source).boxes[-1].open_ended
    out = tmp_path / "out.mp4"
    ROOM.write_tags(source, out, TAGS)
    assert packets(out) == before
    assert not read_movie(out).boxes[-1].open_ended
    assert ROOM.read_tags(out)["xmp"] == TAGS["xmp"]


def test_a_media_box_with_a_64_bit_size(tmp_path):
    source = film(tmp_path / "film.mp4")
    before = packets(source)
    movie = read_movie(source)
    free, media = movie.first(b"free"), movie.first(b"mdat")
    assert free.end == media.start
    content = bytearray(source.read_bytes())
    content[free.start : media.payload] = struct.pack(">I4sQ", 1, b"mdat", media.size + 8)
    source.write_bytes(content)
    ROOM.write_tags(source, tmp_path / "out.mp4", TAGS)
    assert packets(tmp_path / "out.mp4") == before


def test_other_names_and_lists_are_refused(tmp_path):
    source = film(tmp_path / "film.mp4")
    with pytest.raises(UnsupportedTagsError):
        ROOM.write_tags(source, tmp_path / "out.mp4", {"mp4": {"©nam": "x"}})
    assert not (tmp_path / "out.mp4").exists()


def test_quicktime_keys_are_read(tmp_path):
    source = film(tmp_path / "film.mp4", {"movflags": "use_metadata_tags"})
    with av.open(str(source)) as container:
        assert container.metadata["title"] == "Тақырып"
    assert ROOM.read_tags(source)["mp4"]["mdta:title"] == "Тақырып"


def test_xmp_in_udta_is_read_and_merged(tmp_path):
    from kzlabel.formats._xmp import merge_packet

    source = film(tmp_path / "film.mp4")
    packet = merge_packet(None, {"dc:format": "video/mp4"})

    def told(raw):
        with_xmp = with_child(raw[8:], b"udta", lambda u: (u or b"") + part(b"XMP_", packet).raw)
        return part(b"moov", with_xmp).raw

    with_boxes(source, (b"moov", told))
    assert ROOM.read_tags(source)["xmp"] == {"dc:format": "video/mp4"}
    ROOM.write_tags(source, tmp_path / "out.mp4", {"xmp": TAGS["xmp"]})
    both = TAGS["xmp"] | {"dc:format": "video/mp4"}
    assert ROOM.read_tags(tmp_path / "out.mp4")["xmp"] == both


@pytest.mark.slow
@pytest.mark.needs("exiftool")
def test_exiftool_reads_both_families(any_film, tmp_path):
    out = tmp_path / "out.mp4"
    ROOM.write_tags(any_film, out, TAGS)
    run = subprocess.run(
        ["exiftool", "-j", "-G1", "-DigitalSourceType", "-Title", str(out)],
        capture_output=True, check=True, text=True,
    )  # fmt: skip
    (said,) = json.loads(run.stdout)
    assert said["XMP-iptcExt:DigitalSourceType"] == "http://example/ai"
    assert said["ItemList:Title"] == "Тақырып"


def test_mutagen_reads_our_items(any_film, tmp_path):
    from mutagen.mp4 import MP4

    out = tmp_path / "out.mp4"
    ROOM.write_tags(any_film, out, TAGS)
    assert bytes(MP4(out)[OURS][0]) == b"http://example/ai"
    assert MP4(out)["©nam"] == ["Тақырып"]


# --- Carrier --------------------------------------------------------------------------------------


def test_the_manifest_goes_inside(any_film):
    assert ROOM.manifest_carrier(any_film).kind is CarrierKind.EMBEDDED


def test_a_header_whose_fragments_are_elsewhere_takes_a_companion(tmp_path):
    source = film(tmp_path / "film.mp4", LAYOUTS["fragments"])
    for kind in (b"moof", b"mdat", b"mfra"):
        with_boxes(source, (kind, lambda _: b""))
    assert ROOM.manifest_carrier(source).reason == "kz.carrier.mp4-segment"


# --- Notices --------------------------------------------------------------------------------------


def asked(style=NoticeStyle.OVERLAY):
    return Notice(statement=Statement.CREATED, style=style)


def of_kind(path, kind):
    with av.open(str(path)) as container:
        wanted = {stream.index for stream in container.streams if stream.type == kind}
    return [packet for packet in packets(path) if packet[0] in wanted]


@pytest.mark.slow
@pytest.mark.parametrize("layout", ["moov last", "faststart", "fragments", "indexed fragments"])
def test_a_notice_on_the_pictures_leaves_sound_and_order_alone(tmp_path, layout):
    source = film(tmp_path / "film.mp4", LAYOUTS[layout], sounds=2, size=(320, 240))
    out = tmp_path / "out.mp4"
    placement = ROOM.write_notice(source, out, asked())
    assert of_kind(out, "audio") == of_kind(source, "audio")
    assert of_kind(out, "video") != of_kind(source, "video")
    assert [p[1] for p in of_kind(out, "video")] == [p[1] for p in of_kind(source, "video")]
    kinds = [k for k, _ in boxes(source) if k in (b"moov", b"moof", b"mdat", b"sidx", b"mfra")]
    assert [k for k, _ in boxes(out) if k in (b"moov", b"moof", b"mdat", b"sidx", b"mfra")] == kinds
    assert ROOM.read_tags(out)["mp4"] == ROOM.read_tags(source)["mp4"]
    (report,) = ROOM.find_notices(out, [placement], search=False)
    assert report.perceivable
    assert sorted(path.name for path in tmp_path.iterdir()) == ["film.mp4", "out.mp4"]


def test_a_band_grows_the_picture_and_its_header(tmp_path):
    source = film(tmp_path / "film.mp4")
    out = tmp_path / "out.mp4"
    placement = ROOM.write_notice(source, out, asked(NoticeStyle.STRIP))
    (old,), (new,) = (
        [t for t in tracks(read_movie(path).traks) if t.handler == VIDEO] for path in (source, out)
    )
    heights = [struct.unpack_from(">H", each.entries[0].payload, 26)[0] for each in (old, new)]
    shown = [find(each.trak, b"tkhd")[80:82] for each in (old, new)]
    assert heights[0] < heights[1] == int.from_bytes(shown[1])
    assert placement.style is NoticeStyle.STRIP
    assert of_kind(out, "audio") == of_kind(source, "audio")


def test_what_only_the_container_says_stays(tmp_path):
    source = film(tmp_path / "film.mp4", size=(320, 240))
    matrix = struct.pack(">9i", 0, 65536, 0, -65536, 0, 0, 240 << 16, 0, 1 << 30)

    light = part(b"clli", struct.pack(">HH", 1000, 400)).raw

    def lit(stsd):
        (entry,) = split(stsd, 8)
        return stsd[:8] + part(entry.kind, entry.payload + light).raw

    def dressed(raw):
        parts = []
        for each in split(raw[8:]):
            payload = each.payload
            if each.kind == b"trak":

                def turned(tkhd):
                    return tkhd[:34] + b"\0\7" + tkhd[36:40] + matrix + tkhd[76:]

                if tracks([payload])[0].handler == VIDEO:
                    payload = changed(payload, (b"tkhd",), turned)
                    payload = changed(payload, (b"mdia", b"minf", b"stbl", b"stsd"), lit)
                payload += part(b"udta", part(b"name", b"Main").raw).raw
            parts.append(part(each.kind, payload).raw)
        return part(b"moov", b"".join(parts)).raw

    with_boxes(source, (b"moov", dressed))
    source.write_bytes(source.read_bytes() + part(b"uuid", bytes(16) + b"somebody's").raw)
    source.write_bytes(source.read_bytes() + part(b"uuid", UUID_C2PA + b"a manifest").raw)
    out = tmp_path / "out.mp4"
    placement = ROOM.write_notice(source, out, asked())
    new = tracks(read_movie(out).traks)
    assert [find(each.trak, b"udta", b"name") for each in new] == [b"Main", b"Main"]
    assert light in new[0].entries[0].payload
    header = find(new[0].trak, b"tkhd")
    assert header[40:76] == matrix
    assert header[34:36] == b"\0\7"
    assert placement.width < placement.height
    content = out.read_bytes()
    assert b"somebody's" in content
    assert b"a manifest" not in content
    (report,) = ROOM.find_notices(out, [placement], search=False)
    assert report.perceivable


def test_fragments_keep_what_only_their_header_says(tmp_path):
    source = film(tmp_path / "film.mp4", LAYOUTS["fragments"], size=(320, 240))
    movie = read_movie(source)

    def dressed(each):
        named = changed(
            each.payload, (b"mdia", b"hdlr"), lambda hdlr: hdlr[:24] + b"Our own name\0"
        )
        named = changed(named, (b"tkhd",), lambda tkhd: tkhd[:34] + b"\0\7" + tkhd[36:])
        return part(b"trak", named + part(b"udta", part(b"name", b"Main").raw).raw)

    parts = [dressed(each) if each.kind == b"trak" else each for each in split(movie.moov)]
    moov = part(b"moov", b"".join(each.raw for each in parts)).raw
    told = tmp_path / "told.mp4"
    end = movie.boxes[-1].end
    tail = part(b"uuid", bytes(16) + b"somebody's").raw
    splice(movie, told, [Edit(movie.box.start, movie.box.end, moov), Edit(end, end, tail)])
    out = tmp_path / "out.mp4"
    ROOM.write_notice(told, out, asked())
    for each in tracks(read_movie(out).traks):
        assert find(each.trak, b"mdia", b"hdlr")[24:] == b"Our own name\0"
        assert find(each.trak, b"udta", b"name") == b"Main"
        assert find(each.trak, b"tkhd")[34:36] == b"\0\7"
    assert b"somebody's" in out.read_bytes()
    assert of_kind(out, "audio") == of_kind(source, "audio")


def late_sound(path, ticks):
    """Let the sound begin later, by an empty edit in the movie's clock."""
    entry = struct.pack(">Iii", ticks, -1, 65536)

    def later(elst):
        count = int.from_bytes(elst[4:8]) + 1
        return elst[:4] + count.to_bytes(4) + entry + elst[8:]

    def movie(raw):
        parts = [
            part(b"trak", changed(each.payload, (b"edts", b"elst"), later)).raw
            if each.kind == b"trak" and tracks([each.payload])[0].handler == SOUND
            else each.raw
            for each in split(raw[8:])
        ]
        return part(b"moov", b"".join(parts)).raw

    return with_boxes(path, (b"moov", movie))


@pytest.mark.slow
def test_a_spoken_notice_leaves_the_pictures_alone_and_keeps_to_them(tmp_path):
    source = late_sound(film(tmp_path / "film.mp4", seconds=22), 300)
    out = tmp_path / "out.mp4"
    placement = ROOM.write_notice(source, out, asked(NoticeStyle.MIX))
    assert of_kind(out, "video") == of_kind(source, "video")
    starts = []
    for path in (source, out):
        with av.open(str(path)) as container:
            starts.append(float(container.streams.audio[0].start_time * Fraction(1, 8000)))
    assert starts[0] > 0.1
    assert starts[1] == pytest.approx(starts[0], abs=0.002)
    (report,) = ROOM.find_notices(out, [placement], search=False)
    assert report.perceivable


def test_without_sound_nothing_is_spoken(tmp_path):
    source = film(tmp_path / "film.mp4", sounds=0)
    with pytest.raises(RefusedError) as caught:
        ROOM.write_notice(source, tmp_path / "out.mp4", asked(NoticeStyle.MIX))
    assert caught.value.code == "kz.error.mp4-no-sound"


def protected(path):
    """Call the pictures encrypted, as Common Encryption does."""
    scheme = part(b"schm", b"\0\0\0\0cenc\0\1\0\0").raw

    def entries(stsd):
        old = split(stsd, 8)[0]
        return stsd[:8] + part(b"encv", old.payload + part(b"sinf", scheme).raw).raw

    def movie(raw):
        where = (b"mdia", b"minf", b"stbl", b"stsd")
        parts = [
            part(b"trak", changed(each.payload, where, entries)).raw
            if each.kind == b"trak" and tracks([each.payload])[0].handler == VIDEO
            else each.raw
            for each in split(raw[8:])
        ]
        return part(b"moov", b"".join(parts)).raw

    return with_boxes(path, (b"moov", movie))


def hint(medium="visible"):
    return Placement(
        statement=Statement.CREATED, style=NoticeStyle.OVERLAY, languages=("kk",),
        lines=("Жасанды интеллект жасаған",), medium=medium, region=Region(x=0, y=0, w=1, h=1),
    )  # fmt: skip


def test_an_encrypted_film_is_refused_by_name_but_takes_tags(tmp_path):
    source = protected(film(tmp_path / "film.mp4"))
    with pytest.raises(RefusedError, match="cenc"):
        ROOM.write_notice(source, tmp_path / "out.mp4", asked())
    (report,) = ROOM.find_notices(source, [hint()], search=True)
    assert report.perceivable is None
    ROOM.write_tags(source, tmp_path / "out.mp4", TAGS)
    assert ROOM.read_tags(tmp_path / "out.mp4")["xmp"] == TAGS["xmp"]


def test_a_notice_whose_track_was_taken_away_is_not_there(tmp_path):
    source = film(tmp_path / "film.mp4", sounds=0)
    (report,) = ROOM.find_notices(source, [hint("audible")], search=False)
    assert report.perceivable is False
    assert report.code == "kz.notice.not-heard"


# --- Hostile --------------------------------------------------------------------------------------


def test_a_file_without_its_header_is_unreadable(tmp_path):
    source = film(tmp_path / "film.mp4")
    movie = read_movie(source)
    source.write_bytes(source.read_bytes()[: movie.box.start])
    assert recognise(source).spec.name == "MP4"
    assert ROOM.read_tags(source) == {}
    for act in (ROOM.write_tags, ROOM.write_notice):
        with pytest.raises(UnreadableAssetError):
            act(source, tmp_path / "out.mp4", TAGS if act == ROOM.write_tags else asked())
    assert not (tmp_path / "out.mp4").exists()


@pytest.mark.slow
def test_a_million_empty_boxes(tmp_path):
    source = film(tmp_path / "film.mp4")
    source.write_bytes(source.read_bytes() + struct.pack(">I4s", 8, b"free") * 1_000_000)
    for act in (ROOM.read_tags, ROOM.manifest_carrier):
        with pytest.raises(LimitError):
            act(source)


def test_chunks_that_lie_over_one_another_are_no_bomb(tmp_path):
    source = film(tmp_path / "film.mp4")

    def heavy(stsz):
        return stsz[:4] + (1 << 30).to_bytes(4) + stsz[8:12]

    def movie(raw):
        parts = [
            part(b"trak", changed(each.payload, (b"mdia", b"minf", b"stbl", b"stsz"), heavy)).raw
            if each.kind == b"trak"
            else each.raw
            for each in split(raw[8:])
        ]
        return part(b"moov", b"".join(parts)).raw

    with_boxes(source, (b"moov", movie))
    with pytest.raises(UnreadableAssetError):
        ROOM.write_notice(source, tmp_path / "out.mp4", asked())


@pytest.mark.parametrize("layout", ["faststart", "fragments with base offsets and mfra"])
def test_flipped_and_cut_files_raise_nothing_else(tmp_path, layout):
    good = film(tmp_path / "film.mp4", LAYOUTS[layout]).read_bytes()
    random = np.random.default_rng(11)
    start = good.index(b"moov") - 4
    end = start + int.from_bytes(good[start : start + 4])
    path = tmp_path / "bad.mp4"
    for turn in range(60):
        bad = bytearray(good)
        for at in random.integers(start, end, 1 + turn % 5):
            bad[at : at + 1] = random.choice([b"\0", b"\1", b"\xff", b"\x7f"])
        path.write_bytes(bad if turn % 3 else bad[: int(random.integers(0, len(bad)))])
        out = tmp_path / f"{turn}.mp4"
        ROOM.sniff(path.read_bytes()[:65536], path)
        try:
            ROOM.read_tags(path)
            ROOM.write_tags(path, out, TAGS)
        except KzlabelError:
            assert not out.exists()


def test_a_manifest_that_a_companion_replaces_is_no_longer_found(tmp_path):
    source = film(tmp_path / "film.mp4", LAYOUTS["fragments"])
    for kind in (b"moof", b"mdat", b"mfra"):
        with_boxes(source, (kind, lambda _: b""))
    source.write_bytes(source.read_bytes() + part(b"uuid", UUID_C2PA + b"a manifest").raw)
    ROOM.write_tags(source, tmp_path / "out.mp4", TAGS)
    kinds = [kind for kind, _ in boxes(tmp_path / "out.mp4")]
    assert kinds.count(b"uuid") == kinds.count(b"free") == 1
    assert ROOM.read_tags(tmp_path / "out.mp4")["xmp"] == TAGS["xmp"]


@pytest.mark.parametrize("size", [2**63 - 1, 2**63, 2**64 - 1])
@pytest.mark.parametrize("kind", [b"free", b"mdat", b"moov", b"uuid"])
def test_a_size_beyond_what_can_be_sought_is_damage(tmp_path, kind, size):
    path = tmp_path / "a.mp4"
    head = b"\0\0\0\x18ftypisom\0\0\2\0isommp41"
    path.write_bytes(head + b"\0\0\0\1" + kind + size.to_bytes(8) + bytes(64))
    room = recognise(path)
    assert room is not None
    with pytest.raises(UnreadableAssetError):
        room.manifest_carrier(path)
    assert room.read_tags(path) == {}


def test_damage_is_said_in_the_language_of_the_reader(tmp_path):
    path = film(tmp_path / "a.mp4", {"movflags": "faststart"})
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(UnreadableAssetError) as caught:
        ROOM.manifest_carrier(path)
    at = caught.value.values["detail.at"]
    assert f"the box mdat at byte {at} (" in caught.value.sentence("en")
    assert f"блок mdat на байте {at} (" in caught.value.sentence("ru")
    assert f"{at}-байттағы mdat қорабы (" in caught.value.sentence("kk")


def test_a_refusal_by_ffmpeg_names_no_private_file(tmp_path):
    from kzlabel._av.encoding import refusing

    with pytest.raises(RefusedError) as caught, refusing(tmp_path / "a.mp4", "mp4"):
        raise av.error.InvalidDataError(1094995529, "Invalid data", str(tmp_path / "b.made"))
    assert caught.value.values["detail"] == "mp4: Invalid data"
