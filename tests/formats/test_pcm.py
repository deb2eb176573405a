"""Linear PCM: samples and numbers, chunks walked and respliced, positions moved."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kzlabel.errors import KzlabelError, LimitError, UnreadableAssetError
from kzlabel.formats import _pcm_markers as markers
from kzlabel.formats._pcm import Coding, Pcm, decoded, encoded
from kzlabel.formats._pcm_chunks import MAX_CHUNKS, read_chunks
from kzlabel.formats._pcm_splice import Made, Stretch, respliced, size_of, write_pieces

NOWHERE = Path("sound.wav")
LAYOUTS = [
    Pcm(Coding.UNSIGNED, 1, 8, "little", 2, 8000),
    *(Pcm(Coding.SIGNED, w, 8 * w, order, 3, 8000) for w in (1, 2, 3, 4) for order in ("little", "big")),
    Pcm(Coding.A_LAW, 1, 8, "big", 1, 8000),
]  # fmt: skip


def chunk(name, held, order="little"):
    return name + len(held).to_bytes(4, order) + held + b"\0" * (len(held) & 1)


def riff(*chunks, kind=b"RIFF", form=b"WAVE", order="little", tail=b"", size=None):
    body = form + b"".join(chunks)
    return kind + (len(body) if size is None else size).to_bytes(4, order) + body + tail


def walked(content, forms=(b"WAVE",)):
    return read_chunks(io.BytesIO(content), NOWHERE, forms)


def written(content, edits=None, added=()):
    container = walked(content)
    target = io.BytesIO()
    write_pieces(io.BytesIO(content), target, respliced(container, edits or {}, added))
    return target.getvalue()


@pytest.mark.parametrize("pcm", LAYOUTS, ids=lambda p: f"{p.coding}{p.width}{p.order}")
def test_every_value_comes_back_as_the_same_bytes(pcm):
    raw = np.random.default_rng(1).integers(0, 256, 3000, np.uint8).tobytes()[: 240 * pcm.frame]
    raw = bytes(range(256)) if pcm.width == 1 and pcm.channels == 1 else raw
    samples = decoded(raw, pcm)
    assert samples.shape[1] == pcm.channels
    assert np.abs(samples).max() <= 1
    assert encoded(samples, pcm) == raw


@pytest.mark.parametrize("width", [4, 8])
@pytest.mark.parametrize("order", ["little", "big"])
def test_floats_come_back(width, order):
    pcm = Pcm(Coding.FLOAT, width, 8 * width, order, 2, 8000)
    values = np.array([[0.5, -0.25], [1.5, -3.0]])
    raw = values.astype(f"{'<' if order == 'little' else '>'}f{width}").tobytes()
    assert np.array_equal(decoded(raw, pcm), values)
    assert encoded(values, pcm) == raw


@pytest.mark.parametrize(
    ("coding", "codec"), [(Coding.A_LAW, "pcm_alaw"), (Coding.MU_LAW, "pcm_mulaw")]
)
def test_g711_is_what_ffmpeg_decodes(coding, codec):
    pcm = Pcm(coding, 1, 8, "little", 1, 8000)
    decoder = av.CodecContext.create(codec, "r")
    decoder.sample_rate, decoder.layout = 8000, "mono"
    packet = av.Packet(bytes(range(256)))
    theirs = np.concatenate([f.to_ndarray().reshape(-1) for f in decoder.decode(packet)])
    ours = decoded(bytes(range(256)), pcm)[:, 0]
    assert np.array_equal(ours * 32768, theirs)
    assert np.array_equal(decoded(encoded(ours, pcm), pcm)[:, 0], ours)


def test_bits_that_do_not_count_stay_zero_and_full_scale_holds():
    pcm = Pcm(Coding.SIGNED, 3, 20, "little", 1, 8000)
    raw = np.frombuffer(encoded(np.array([[0.3333], [2.0], [-2.0]]), pcm), np.uint8).reshape(-1, 3)
    assert not (raw[:, 0] & 0x0F).any()
    loud = Pcm(Coding.SIGNED, 2, 16, "big", 1, 8000)
    assert encoded(np.array([[2.0], [-2.0]]), loud) == b"\x7f\xff\x80\x00"


def test_a_third_of_a_step_is_rounded_not_cut():
    pcm = Pcm(Coding.SIGNED, 2, 16, "little", 1, 8000)
    assert encoded(np.array([[0.6 / 32768], [-0.6 / 32768]]), pcm) == b"\x01\x00\xff\xff"


# --- Chunks ---------------------------------------------------------------------------------------

NAMES = st.sampled_from([b"fmt ", b"data", b"LIST", b"JUNK", b"id3 ", b"abcd"])
CHUNKS = st.lists(st.tuples(NAMES, st.binary(min_size=1, max_size=21)), max_size=8)


@given(CHUNKS, st.binary(max_size=9))
def test_chunks_are_found_and_written_as_they_were(held, tail):
    content = riff(*(chunk(*one) for one in held), tail=tail)
    container = walked(content)
    assert [(c.name, content[c.body : c.body + c.size]) for c in container.chunks] == held
    assert container.honest
    assert not container.cut
    assert container.end == len(content) - len(tail)
    assert written(content) == content[12 : container.end]


@given(CHUNKS, st.integers(0, 7), st.binary(max_size=9))
def test_an_edit_changes_that_chunk_alone(held, index, new):
    content = riff(*(chunk(*one) for one in held))
    container = walked(content)
    if index >= len(held):
        return
    expected = [*held[:index], (held[index][0], new), *held[index + 1 :], (b"more", b"x")]
    edits = {container.chunks[index]: [new]}
    made = written(content, edits, [(b"more", [b"x"])])
    assert made == b"".join(chunk(*one) for one in expected)
    gone = written(content, {container.chunks[index]: None})
    assert gone == b"".join(chunk(*one) for one in [*held[:index], *held[index + 1 :]])


@given(st.sampled_from([b"RIFF", b"RF64", b"BW64", b"FORM"]), st.binary(max_size=120))
def test_nothing_but_our_errors_on_any_bytes(kind, rest):
    try:
        container = walked(kind + rest[:4].ljust(4) + b"WAVE" + rest[4:])
    except KzlabelError:
        return
    assert all(c.body + c.size <= container.size for c in container.chunks)


def test_a_stream_that_never_said_its_size_lasts_to_the_end():
    for riff_size, data_size in (
        (0, 0),
        (0xFFFFFFFF, 0xFFFFFFFF),
        (36, 0),
        (0x7FFFF024, 0x7FFFF000),
    ):
        content = riff(chunk(b"fmt ", bytes(16)), b"data" + data_size.to_bytes(4, "little") + bytes(50), size=riff_size)  # fmt: skip
        found = walked(content)
        assert [(c.name, c.size) for c in found.chunks] == [(b"fmt ", 16), (b"data", 50)]
        assert not found.honest
        assert written(content)[24:32] == b"data\x32\0\0\0"


def test_an_empty_data_chunk_that_others_follow_is_empty():
    found = walked(riff(chunk(b"data", b""), chunk(b"LIST", b"INFO")))
    assert [(c.name, c.size) for c in found.chunks] == [(b"data", 0), (b"LIST", 4)]


def test_wide_sizes_stand_in_ds64():
    table = struct.pack("<QQQI4sQ", 200, 10, 5, 1, b"axml", 6)
    content = riff(
        chunk(b"ds64", table), b"axml\xff\xff\xff\xff" + b"<axml>", b"data\xff\xff\xff\xff" + bytes(10),
        kind=b"RF64", size=0xFFFFFFFF,
    )  # fmt: skip
    assert [(c.name, c.size) for c in walked(content).chunks[1:]] == [(b"axml", 6), (b"data", 10)]


def test_a_cut_chunk_is_named_and_what_is_there_is_known():
    content = riff(chunk(b"fmt ", bytes(16)), chunk(b"data", bytes(100)))
    found = walked(content[:80])
    assert (found.cut, found.chunks[-1].size) == (True, 80 - 44)
    with pytest.raises(UnreadableAssetError, match="cut at byte 80"):
        found.whole()


def test_too_many_chunks_meet_a_limit():
    with pytest.raises(LimitError):
        walked(riff(*([chunk(b"JUNK", b"")] * (MAX_CHUNKS + 1))))


def test_a_source_that_shrank_is_an_error():
    source = io.BytesIO(b"123")
    source.name = "x"
    with pytest.raises(UnreadableAssetError):
        write_pieces(source, io.BytesIO(), [Stretch(0, 10)])


def test_the_size_of_pieces():
    assert size_of([b"ab", Stretch(0, 5), Made(7, ())]) == 14


# --- Positions ------------------------------------------------------------------------------------

SHIFT = markers.Shift(((0, 100), (50, 100), (80, 100)), 80)


def test_positions_move_by_what_is_before_them():
    assert [SHIFT(at) for at in (0, 49, 50, 79, 80)] == [100, 149, 250, 279, 280]
    assert SHIFT.length(0, 50) == 50
    assert SHIFT.length(40, 20) == 120
    assert SHIFT.length(10, 0) == 0


def test_points_loops_passages_and_playlists_move():
    cue = struct.pack("<I", 2) + b"".join(
        struct.pack("<II4sIII", number, at, b"data", 0, 0, at) for number, at in ((1, 10), (7, 60))
    )
    moved = markers.moved_cue(cue, SHIFT)
    assert markers.points_of(moved) == {1: 110, 7: 260}
    assert struct.unpack_from("<I", moved, 8) == (110,)
    points = markers.points_of(cue)
    ltxt = chunk(b"ltxt", struct.pack("<II4s", 1, 60, b"rgn ") + bytes(8))
    adtl = b"adtl" + chunk(b"labl", b"\1\0\0\0odd") + ltxt
    at = adtl.index(b"ltxt") + 12
    assert struct.unpack_from("<I", markers.moved_adtl(adtl, SHIFT, points), at) == (160,)
    plst = struct.pack("<IIII", 1, 7, 20, 3)
    assert markers.moved_plst(plst, SHIFT, points) == plst
    smpl = bytes(28) + struct.pack("<II", 1, 0) + struct.pack("<IIIIII", 0, 0, 20, 70, 0, 0)
    assert struct.unpack_from("<II", markers.moved_smpl(smpl, SHIFT), 44) == (120, 270)
    peak = struct.pack(">IIfIfI", 1, 0, 0.5, 10, 0.5, 60)
    assert struct.unpack(">IIfIfI", markers.moved_peak(peak, SHIFT, ">"))[3::2] == (110, 260)
    mark = struct.pack(">HHI", 2, 1, 10) + b"\4name\0" + struct.pack(">HI", 2, 60) + b"\3end"
    moved = markers.moved_mark(mark, SHIFT)
    assert (moved[4:8], moved[16:20]) == ((110).to_bytes(4), (260).to_bytes(4))


@given(st.binary(max_size=90))
def test_tables_that_lie_are_left_alone_beyond_their_bytes(held):
    points = markers.points_of(held)
    for moved in (
        markers.moved_cue(held, SHIFT), markers.moved_plst(held, SHIFT, points), markers.moved_smpl(held, SHIFT),
        markers.moved_adtl(held, SHIFT, points), markers.moved_peak(held, SHIFT, "<"), markers.moved_mark(held, SHIFT),
    ):  # fmt: skip
        assert len(moved) == len(held)
