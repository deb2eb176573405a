from __future__ import annotations

import hashlib
import json
import subprocess
import zlib
from fractions import Fraction

import av
import msgspec
import numpy as np
import pytest

from kzlabel.errors import KzlabelError, LimitError, RefusedError, UnreadableAssetError
from kzlabel.formats import BY_SUFFIX, recognise, suffix_is_honest
from kzlabel.formats import _ebml as ebml
from kzlabel.formats._matroska_chapters import shifted
from kzlabel.formats._matroska_layout import (
    ATTACHMENTS,
    CHAPTERS,
    CLUSTER,
    CUES,
    INFO,
    SEEK_HEAD,
    TAGS,
    TRACKS,
    read_layout,
)
from kzlabel.formats._matroska_tracks import ENTRY, NUMBER, TYPE, UID, restored
from kzlabel.formats.matroska import Matroska
from kzlabel.model import CarrierKind, Medium, Notice, NoticeStyle, Span, Statement

TYPE_URI = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
LABEL = {"DIGITALSOURCETYPE": TYPE_URI, "AISYSTEMUSED": "Модель", "AIPROVIDER": "ЖШС " * 60}
ROOM = Matroska()


FRAMES = 12


def film(path, muxer="matroska", video="mpeg4", audio="flac", **said):
    """A film of 320x240 and a tone, as PyAV muxes it; what is said becomes metadata."""
    with av.open(
        str(path), "w", format=muxer, options={"live": "1"} if path.stem == "live" else {}
    ) as out:
        out.metadata.update(said)
        seen = out.add_stream(video, rate=10) if video else None
        if seen:
            seen.width, seen.height, seen.pix_fmt = 320, 240, "yuv420p"
        heard = out.add_stream(audio, rate=48000, layout="mono") if audio else None
        for at in range(FRAMES if seen else 0):
            grey = np.full((240, 320, 3), 60 + at * 8, np.uint8)
            frame = av.VideoFrame.from_ndarray(grey, format="rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = at, Fraction(1, 10)
            out.mux(seen.encode(frame))
        for at in range(FRAMES * 5 if heard else 0):
            tone = (np.sin(np.arange(960) * 0.05) * 8000).astype(np.int16)[np.newaxis]
            frame = av.AudioFrame.from_ndarray(tone, format="s16", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = 48000, at * 960, Fraction(1, 48000)
            out.mux(heard.encode(frame))
        for stream in (seen, heard):
            out.mux(stream.encode(None) if stream else [])
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("films")
    return {
        "mkv": film(folder / "a.mkv", title="Film", ARTIST="somebody"),
        "webm": film(folder / "a.webm", "webm", video="libvpx", audio="libopus"),
        "live": film(folder / "live.webm", "webm", "libvpx", None),
        "mka": film(folder / "a.mka", video=None),
        "weba": film(folder / "a.weba", "webm", video=None, audio="libopus"),
    }  # fmt: skip


KINDS = ["mkv", "webm", "live", "mka", "weba"]


def packets(path):
    """All packets of a file: stream, times and bytes."""
    with av.open(str(path)) as source:
        return [
            (p.stream_index, p.pts, hashlib.sha256(bytes(p)).hexdigest())
            for p in source.demux()
            if p.size
        ]


def check_points(path):
    """Everything that SeekHead and Cues point at is there."""
    layout = read_layout(path)
    budget = ebml.Budget(path)
    content = path.read_bytes()
    start = layout.segment.start
    for seek_head in layout.all(SEEK_HEAD):
        for seek in ebml.nodes(layout.read(seek_head), budget):
            if seek.id == 0x4DBB:
                name, at = (node.number for node in ebml.nodes(seek.payload, budget))
                assert ebml.header_of(content, start + at).id == name
            elif seek.id == ebml.CRC32:
                body = content[seek_head.start + 6 : seek_head.end]
                assert seek.payload == zlib.crc32(body).to_bytes(4, "little")
    for cues in layout.all(CUES):
        for point in ebml.nodes(layout.read(cues), budget):
            for track in ebml.nodes(point.payload, budget) if point.id == 0xBB else ():
                for node in ebml.nodes(track.payload, budget) if track.id == 0xB7 else ():
                    if node.id == 0xF1:
                        assert ebml.header_of(content, start + node.number).id == CLUSTER
    return layout


def labelled(path, dst, tags=None):
    recognise(path).write_tags(path, dst, {"matroska": LABEL if tags is None else tags})
    return dst


def read(path):
    return recognise(path).read_tags(path).get("matroska", {})


def appended(path, dst, *elements):
    """The file with more elements at the end of its Segment, which nothing points at."""
    layout = read_layout(path)
    content = path.read_bytes()
    more = b"".join(elements)
    size = layout.segment.end - layout.segment.start + len(more)
    width = layout.segment.start - layout.segment.at - 4
    head = ebml.head(0x18538067, size, width)
    rest = content[layout.segment.start : layout.segment.end]
    dst.write_bytes(content[: layout.segment.at] + head + rest + more)
    return dst


# --- Recognised -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "name", "medium"),
    [
        ("mkv", "Matroska", Medium.VIDEO),
        ("webm", "WebM", Medium.VIDEO),
        ("live", "WebM", Medium.VIDEO),
        ("mka", "Matroska audio", Medium.AUDIO),
        ("weba", "Matroska audio", Medium.AUDIO),
    ],
)
def test_tracks_and_doc_type_say_which_room(made, kind, name, medium):
    spec = recognise(made[kind]).spec
    assert (spec.name, spec.medium) == (name, medium)


@pytest.mark.parametrize("kind", KINDS)
def test_a_manifest_goes_beside_the_file(made, kind):
    assert recognise(made[kind]).manifest_carrier(made[kind]).kind is CarrierKind.COMPANION


# --- Tags -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_tags_are_read_back_and_nothing_else_changes(made, kind, tmp_path):
    path = labelled(made[kind], tmp_path / made[kind].name)
    before = read(made[kind])
    assert read(path) == before | {name: text.strip("\0") for name, text in LABEL.items()}
    check_points(path)
    assert packets(path) == packets(made[kind])


def test_the_same_names_are_replaced_and_empty_ones_removed(made, tmp_path):
    first = labelled(made["mkv"], tmp_path / "1.mkv")
    second = labelled(first, tmp_path / "2.mkv", {"DIGITALSOURCETYPE": "new", "AIPROVIDER": ""})
    assert read(second)["DIGITALSOURCETYPE"] == "new"
    assert "AIPROVIDER" not in read(second)
    assert read(second)["AISYSTEMUSED"] == "Модель"
    assert read(second)["ARTIST"] == "somebody"
    layout = check_points(second)
    assert len(layout.all(TAGS)) == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.slow
def test_labelling_again_and_again_does_not_grow(made, kind, tmp_path):
    path = labelled(made[kind], tmp_path / "0")
    size = path.stat().st_size
    for turn in range(1, 5):
        path = labelled(path, tmp_path / str(turn))
    assert path.stat().st_size == size
    check_points(path)


@pytest.mark.slow
@pytest.mark.parametrize("length", [*range(1, 24), 100, 126, 127, 128, 200, 4000])
def test_tags_of_any_length_fit_soundly(made, length, tmp_path):
    path = labelled(made["mkv"], tmp_path / "1.mkv", {"A": "x" * length})
    again = labelled(path, tmp_path / "2.mkv", {"A": "y" * max(length - 7, 1)})
    check_points(again)
    assert read(again)["A"] == "y" * max(length - 7, 1)
    assert packets(again) == packets(made["mkv"])


def test_all_tags_of_ours_can_be_taken_away(made, tmp_path):
    path = labelled(made["weba"], tmp_path / "1.weba")
    gone = labelled(path, tmp_path / "2.weba", dict.fromkeys(LABEL, ""))
    check_points(gone)
    assert read(gone) == read(made["weba"])


def test_a_live_recording_shows_its_tags_before_the_media(made, tmp_path):
    content = made["live"].read_bytes()
    layout = read_layout(made["live"])
    bare = tmp_path / "bare.webm"  # as a browser records it: no SeekHead, no Void, unknown sizes
    kept = [child for child in layout.children if child.id in (INFO, TRACKS)]
    parts = [content[child.at : child.end] for child in kept]
    head = content[: layout.segment.at] + b"\x18\x53\x80\x67\x01" + b"\xff" * 7
    cluster = content[layout.clusters :]
    inside = ebml.header_of(cluster)
    assert inside.size is not None
    open_cluster = b"\x1f\x43\xb6\x75\xff" + cluster[inside.length :]
    bare.write_bytes(head + b"".join(parts) + open_cluster)
    path = labelled(bare, tmp_path / "out.webm")
    layout = read_layout(path)
    assert layout.all(TAGS)[0].end == layout.clusters
    assert not layout.segment.known
    assert packets(path) == packets(bare) == packets(made["live"])
    with av.open(str(path)) as source:
        assert source.metadata["DIGITALSOURCETYPE"] == TYPE_URI
    assert labelled(path, tmp_path / "2.webm").stat().st_size == path.stat().st_size


def simple(name, value, *inner):
    fields = ebml.text(0x45A3, name) + ebml.text(0x4487, value) + b"".join(inner)
    return ebml.encoded(0x67C8, fields)


def tag(*tags, track=0):
    targets = ebml.number(0x63C5, track) if track else b""
    return ebml.encoded(0x7373, ebml.encoded(0x63C0, targets) + b"".join(tags))


def test_tags_of_tracks_and_binary_ones_stay(made, tmp_path):
    binary = ebml.encoded(0x67C8, ebml.text(0x45A3, "COVER") + ebml.encoded(0x4485, b"\0\1\xff"))
    about_track = tag(simple("AISYSTEMUSED", "of the track"), track=77)
    nested = tag(simple("ACTOR", "A", simple("CHARACTER", "B")), binary, simple("AIGC", "{}"))
    path = appended(made["webm"], tmp_path / "1", ebml.encoded(TAGS, about_track + nested))
    assert read(path)["ACTOR/CHARACTER"] == "B"
    assert read(path)["AIGC"] == "{}"
    assert read(path)["AISYSTEMUSED"] == "of the track"
    out = labelled(path, tmp_path / "2", LABEL | {"AIGC": ""})
    content = out.read_bytes()
    assert about_track in content
    assert binary in content
    assert read(out)["AISYSTEMUSED"] == "Модель"  # the global one counts
    assert "AIGC" not in read(out)
    check_points(out)


def test_a_segment_whose_size_takes_few_bytes_gets_a_wider_one(made, tmp_path):
    layout = read_layout(made["mka"])
    content = made["mka"].read_bytes()
    inner = content[layout.segment.start : layout.segment.end]
    tight = tmp_path / "tight.mka"
    tight.write_bytes(content[: layout.segment.at] + ebml.encoded(0x18538067, inner))
    fill = (1 << 14) - 2 - len(inner)
    if fill >= 2:
        tight.write_bytes(
            content[: layout.segment.at] + ebml.encoded(0x18538067, inner + ebml.void(fill))
        )
    path = labelled(tight, tmp_path / "out.mka", LABEL | {"LONG": "x" * 20000})
    check_points(path)
    assert packets(path) == packets(made["mka"])


def test_a_damaged_tag_is_left_out_and_nothing_is_written_over_it(made, tmp_path):
    path = appended(made["webm"], tmp_path / "1", ebml.encoded(TAGS, b"\x73\x73\x9f\0\0"))
    assert "DIGITALSOURCETYPE" not in read(path)
    with pytest.raises(KzlabelError, match="no sound place for tags"):
        labelled(path, tmp_path / "2")
    assert not (tmp_path / "2").exists()


def test_a_crc_over_the_whole_segment_is_dropped(made, tmp_path):
    path = appended(made["webm"], tmp_path / "1", ebml.encoded(ebml.CRC32, b"abcd"))
    assert ebml.CRC32 not in {c.id for c in read_layout(labelled(path, tmp_path / "2")).children}


# --- Hostile --------------------------------------------------------------------------------------


def crafted(path, *children, size=None):
    head = ebml.encoded(ebml.EBML, ebml.text(ebml.DOC_TYPE, "matroska"))
    body = b"".join(children)
    path.write_bytes(head + ebml.head(0x18538067, size or len(body), 8) + body)
    return path


@pytest.mark.slow
@pytest.mark.parametrize(
    ("children", "error"),
    [
        ([b"\xec\x80" * 250_000], LimitError),
        ([ebml.encoded(TAGS, ebml.encoded(0x7373, b"\x67\xc8\x80" * 250_000))], LimitError),
        ([b"\x12\x54\xc3\x67\x08\x7f\xff\xff\xff"], UnreadableAssetError),
        ([b"\x12\x54\xc3\x67\xff", b"\xec\x80"], UnreadableAssetError),
        ([b"\0" * 40], UnreadableAssetError),
        ([b"\x1f\x43\xb6\x75\xff", b"\xa3\xff" * 40], UnreadableAssetError),
    ],
)
def test_hostile_structures_meet_an_error(children, error, tmp_path):
    path = crafted(tmp_path / "x.mkv", *children)
    with pytest.raises(error):
        ROOM.read_tags(path)


def test_deep_nesting_is_read_to_a_bound(tmp_path):
    inner = b""
    for _ in range(3000):
        inner = simple("A", "b", inner)
    path = crafted(tmp_path / "x.mkv", ebml.encoded(TAGS, tag(inner)))
    names = ROOM.read_tags(path)["matroska"]
    assert 0 < len(names) < 20


def test_a_huge_master_is_not_read_into_memory(tmp_path):
    tags = ebml.head(TAGS, 1 << 30, 8)
    path = crafted(tmp_path / "x.mkv", tags, size=len(tags) + (1 << 30))
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size + (1 << 30))  # sparse
    with pytest.raises(LimitError, match="more than 16777216 bytes"):
        ROOM.read_tags(path)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.02, 0.1, 0.5, 0.9, 0.999])
def test_a_cut_file_is_an_error_and_nothing_is_written(made, share, tmp_path):
    whole = made["mkv"].read_bytes()
    path = tmp_path / "cut.mkv"
    path.write_bytes(whole[: int(len(whole) * share)])
    for attempt in (
        lambda: ROOM.manifest_carrier(path),
        lambda: ROOM.read_tags(path),
        lambda: ROOM.write_tags(path, tmp_path / "o", {"matroska": LABEL}),
        lambda: ROOM.write_notice(path, tmp_path / "o", Notice(statement=Statement.CREATED)),
        lambda: ROOM.find_notices(path, (), search=True),
    ):
        with pytest.raises(UnreadableAssetError):
            attempt()
    assert not (tmp_path / "o").exists()


# --- The notice -----------------------------------------------------------------------------------

FONT = ebml.encoded(
    0x61A7, ebml.text(0x466E, "a.ttf") + ebml.text(0x4660, "font/ttf")
    + ebml.encoded(0x465C, b"font" * 100) + ebml.number(0x46AE, 4242)
)  # fmt: skip
ATOM = ebml.encoded(0xB6, ebml.number(0x73C4, 9) + ebml.number(0x91, 0) + ebml.number(0x92, 10**9))
EDITION = ebml.encoded(0x45B9, ATOM)


@pytest.fixture(scope="module")
def rich(made, tmp_path_factory):
    """A film with all that FFmpeg's muxer would lose, or change."""
    path = tmp_path_factory.mktemp("rich") / "rich.mkv"
    about = tag(simple("DIRECTOR", "of the picture"), simple("BPS", "1"), track=0x1234567890)
    layout = read_layout(made["mkv"])
    budget = ebml.Budget(path)
    entries = []
    for node in ebml.nodes(layout.read(layout.all(TRACKS)[0]), budget):
        if node.id != ENTRY:
            continue
        fields = ebml.nodes(node.payload, budget)
        video = ebml.first(fields, TYPE).number == 1
        kept = [f.raw for f in fields if f.id not in (UID, 0xE0 if video else 0, 0x22B59C)]
        kept += [ebml.number(UID, 0x1234567890 + (not video)), ebml.text(0x536E, "Жол")]
        kept += [ebml.text(0x22B59C, "kaz"), ebml.number(0x55AA, 1), ebml.number(0x88, 0)]
        if video:
            sizes = ebml.number(0xB0, 320) + ebml.number(0xBA, 240) + ebml.number(0x53B8, 11)
            kept.append(ebml.encoded(0xE0, sizes))
        entries.append(ebml.encoded(ENTRY, b"".join(kept)))
    content = made["mkv"].read_bytes()
    info = layout.all(INFO)[0]
    body = (
        content[info.at : info.end]
        + ebml.encoded(TRACKS, b"".join(entries))
        + ebml.encoded(CHAPTERS, EDITION)
        + ebml.encoded(ATTACHMENTS, FONT)
        + ebml.encoded(TAGS, about)
        + content[layout.clusters : layout.segment.end]
    )
    cluster_end = len(body) - sum(e.end - e.at for e in layout.all(CUES))
    path.write_bytes(content[: layout.segment.at] + ebml.encoded(0x18538067, body[:cluster_end], 8))
    return path


@pytest.fixture(scope="module")
def overlaid(rich):
    dst = rich.with_name("overlaid.mkv")
    placement = ROOM.write_notice(rich, dst, Notice(statement=Statement.CREATED))
    return dst, placement


@pytest.mark.slow
def test_a_notice_is_seen_and_judged(overlaid):
    path, placement = overlaid
    (report,) = ROOM.find_notices(path, [placement], search=False)
    assert report.perceivable, report.code
    spans = (Span(start=0.0, end=0.5),)
    heard = msgspec.structs.replace(placement, medium="audible", spans=spans, region=None)
    unheard, again = ROOM.find_notices(path, [heard, placement], search=False)
    assert (unheard.medium, again.medium) == ("audible", "visible")
    assert not unheard.perceivable
    assert again.perceivable


def test_what_ffmpeg_drops_is_there_again(rich, overlaid):
    path, _ = overlaid
    layout = check_points(path)
    budget = ebml.Budget(path)
    assert ebml.encoded(CHAPTERS, EDITION) in path.read_bytes()
    assert ebml.encoded(ATTACHMENTS, FONT) in path.read_bytes()
    for node in ebml.nodes(layout.read(layout.all(TRACKS)[0]), budget):
        fields = ebml.nodes(node.payload, budget)
        said = {f.id: f for f in fields}
        video = said[TYPE].number == 1
        assert said[UID].number == 0x1234567890 + (not video)
        assert said[0x536E].text == "Жол"
        assert said[0x22B59C].text == "kaz"
        assert (said[0x55AA].number, said[0x88].number) == (1, 0)
        assert len([f for f in fields if f.id == NUMBER]) == 1
        if video:
            assert ebml.first(ebml.nodes(said[0xE0].payload, budget), 0x53B8).number == 11
    assert "Film" in {n.text for n in ebml.nodes(layout.read(layout.all(INFO)[0]), budget)}
    said = read(path)
    assert (said["DIRECTOR"], "BPS" in said) == ("of the picture", False)  # it was of the old one
    assert [child.id for child in layout.children].count(ATTACHMENTS) == 1


def test_other_streams_are_the_same_packets(rich, overlaid):
    path, _ = overlaid
    kept = [packet for packet in packets(rich) if packet[0] == 1]
    assert [packet for packet in packets(path) if packet[0] == 1] == kept
    assert len(packets(path)) == len(packets(rich))


def test_tags_then_find_room_before_the_media(overlaid, tmp_path):
    path, _ = overlaid
    out = labelled(path, tmp_path / "out.mkv")
    assert out.stat().st_size == path.stat().st_size
    layout = check_points(out)
    assert layout.all(TAGS)[0].at < layout.clusters


@pytest.mark.parametrize(
    ("source", "lines", "shown"),
    [
        ({0xBA: 144, 0x54B0: 256, 0x54BA: 144}, 196, (256, 196)),
        ({0xBA: 144, 0x54B0: 16, 0x54BA: 9, 0x54B2: 3}, 192, (16 * 144, 9 * 192)),
        ({0xBA: 144}, 196, None),
    ],
)
def test_more_lines_are_shown_with_the_same_pixels(source, lines, shown):
    budget = ebml.Budget(ROOM_PATH)

    def track(fields):
        held = b"".join(ebml.number(name, size) for name, size in fields.items())
        return ebml.nodes(ebml.number(TYPE, 1) + ebml.encoded(0xE0, held), budget)

    made = track({0xBA: lines, 0x54B2: 4})
    raw = restored(track(source), made, coded=1, resized=True, budget=budget)
    fields = ebml.nodes(ebml.nodes(raw, budget)[0].payload, budget)
    video = ebml.nodes(ebml.first(fields, 0xE0).payload, budget)
    sizes = [ebml.first(video, name) for name in (0x54B0, 0x54BA)]
    assert ebml.first(video, 0xBA).number == lines
    assert (tuple(size.number for size in sizes) if all(sizes) else None) == shown


def test_seeking_works_in_the_new_file(overlaid):
    path, _ = overlaid
    with av.open(str(path)) as source:
        source.seek(900_000)
        assert next(source.decode(video=0)) is not None


def with_encodings(rich, tmp_path, encodings):
    layout = read_layout(rich)
    budget = ebml.Budget(rich)
    first, *others = ebml.nodes(layout.read(layout.all(TRACKS)[0]), budget)
    entry = ebml.encoded(ENTRY, first.payload + ebml.encoded(0x6D80, encodings))
    tracks = ebml.encoded(TRACKS, entry + b"".join(node.raw for node in others))
    content = rich.read_bytes()
    old = layout.all(TRACKS)[0]
    inner = content[layout.segment.start : old.at] + tracks + content[old.end :]
    path = tmp_path / "coded.mkv"
    path.write_bytes(content[: layout.segment.at] + ebml.encoded(0x18538067, inner, 8))
    return path


def test_an_encrypted_track_is_refused(rich, tmp_path):
    encoding = ebml.encoded(0x6240, ebml.number(0x5033, 1) + ebml.encoded(0x5035, b""))
    path = with_encodings(rich, tmp_path, encoding)
    with pytest.raises(RefusedError, match="encrypted"):
        ROOM.write_notice(path, tmp_path / "o", Notice(statement=Statement.CREATED))
    with pytest.raises(RefusedError, match="encrypted"):
        ROOM.find_notices(path, (), search=True)
    assert not (tmp_path / "o").exists()


@pytest.mark.parametrize(
    ("kind", "style", "message"),
    [
        ("live", NoticeStyle.MIX, "no audio in the file"),
        ("mka", NoticeStyle.OVERLAY, "no video track"),
    ],
)
def test_without_a_track_for_it_a_notice_is_refused(made, kind, style, message, tmp_path):
    with pytest.raises(RefusedError, match=message):
        ROOM.write_notice(
            made[kind], tmp_path / "o", Notice(statement=Statement.CREATED, style=style)
        )
    assert not list(tmp_path.iterdir())


def times(chapters):
    budget = ebml.Budget(ROOM_PATH)
    atoms = ebml.nodes(ebml.nodes(chapters, budget)[0].payload, budget)
    fields = [ebml.nodes(atom.payload, budget) for atom in atoms]
    return [(ebml.first(f, 0x91).number, ebml.first(f, 0x92).number) for f in fields]


ROOM_PATH = ROOM  # a budget names its file only in errors


def test_chapters_move_by_what_was_inserted_before_them():
    second = 10**9
    atoms = b"".join(
        ebml.encoded(0xB6, ebml.number(0x91, start * second) + ebml.number(0x92, end * second))
        for start, end in [(0, 10), (10, 20), (20, 30)]
    )
    chapters = ebml.encoded(0x45B9, atoms)
    spans = (Span(start=0, end=5), Span(start=15, end=20), Span(start=40, end=45))
    moved = shifted(chapters, spans, ebml.Budget(ROOM_PATH))
    assert times(moved) == [
        (5 * second, 15 * second), (20 * second, 30 * second), (30 * second, 40 * second),
    ]  # fmt: skip


def test_atoms_nested_without_end_are_refused():
    atom = b""
    for _ in range(50):
        atom = ebml.encoded(0xB6, atom)
    with pytest.raises(RefusedError):
        shifted(ebml.encoded(0x45B9, atom), (), ebml.Budget(ROOM_PATH))


# --- Read back by others --------------------------------------------------------------------------


@pytest.mark.needs("ffprobe")
@pytest.mark.parametrize("kind", ["mkv", "webm", "mka", "weba"])
def test_ffprobe_reads_the_tags(made, kind, tmp_path):
    path = labelled(made[kind], tmp_path / made[kind].name)
    shown = subprocess.run(
        ["ffprobe", "-v", "error", "-of", "json", "-show_format", path],
        capture_output=True, check=True,
    )  # fmt: skip
    assert not shown.stderr
    assert json.loads(shown.stdout)["format"]["tags"]["DIGITALSOURCETYPE"] == TYPE_URI


@pytest.mark.slow
@pytest.mark.needs("mkvinfo")
def test_mkvinfo_finds_nothing_wrong(overlaid, tmp_path):
    path = labelled(overlaid[0], tmp_path / "out.mkv")
    shown = subprocess.run(["mkvinfo", "-v", path], capture_output=True, text=True, check=True)
    for part in ("|+ Tags", "|+ Chapters", "|+ Attachments", "|+ Cues", "Name: AISYSTEMUSED"):
        assert part in shown.stdout
    assert "unknown" not in shown.stdout.lower()


@pytest.mark.needs("mkvextract")
def test_mkvextract_reads_tags_and_attachments(overlaid, tmp_path):
    path = labelled(overlaid[0], tmp_path / "out.mkv")
    font = tmp_path / "a.ttf"
    subprocess.run(
        ["mkvextract", path, "attachments", f"1:{font}"], check=True, capture_output=True
    )
    assert font.read_bytes() == b"font" * 100
    shown = subprocess.run(["mkvextract", path, "tags", "-"], capture_output=True, check=True)
    assert TYPE_URI in shown.stdout.decode()


@pytest.mark.needs("exiftool")
def test_exiftool_reads_the_tags(overlaid, tmp_path):
    path = labelled(overlaid[0], tmp_path / "out.mkv")
    shown = subprocess.run(
        ["exiftool", "-j", "-Digitalsourcetype", path], capture_output=True, check=True
    )
    assert json.loads(shown.stdout)[0]["Digitalsourcetype"] == TYPE_URI


@pytest.mark.parametrize("suffix", [".webm", ".mkv"])
def test_sound_alone_may_be_named_as_a_film(made, suffix, tmp_path):
    path = (tmp_path / "a").with_suffix(suffix)
    path.write_bytes(made["weba"].read_bytes())
    room = recognise(path)
    assert room.spec.medium is Medium.AUDIO
    assert suffix_is_honest(path, room)
    assert BY_SUFFIX[suffix].spec.medium is Medium.VIDEO
