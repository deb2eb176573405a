"""Tampering with sound and film: each is caught by the right axis, with or without a signature."""

from __future__ import annotations

import struct

import av
import numpy as np
import pytest
from samples import FIXTURES

import kzlabel
from kzlabel.model import (
    Integrity,
    NoticeConfig,
    NoticeState,
    Origin,
    Trust,
    Verdict,
)
from kzlabel.notices._earcon import SECONDS
from kzlabel.notices.audible import LEAD

CAUGHT = {Integrity.BROKEN, Integrity.UNREADABLE}
MUXERS = {"sound.mka": "matroska", "sound.weba": "webm", "sound.m4a": "ipod", "sound.mp3": "mp3",
          "sound.flac": "flac", "sound.opus": "ogg", "film.mp4": "mp4", "film.mov": "mov",
          "film.mkv": "matroska", "film.webm": "webm"}  # fmt: skip


def check_lost(path, trust):
    """Machines are told nothing any more, people are: the notice itself is searched for."""
    row = kzlabel.verify(path, trust=trust, look=True)
    assert row.error is None, row.error
    assert (row.integrity, row.notice) == (Integrity.ABSENT, NoticeState.PERCEIVABLE), row.notices
    assert (row.origin, row.verdict) == (Origin.UNDECLARED, Verdict.NONCOMPLIANT)


def check_hidden(row, code=None):
    """The label holds and is trusted, and the notice it promises is not there for people."""
    assert (row.integrity, row.trust) == (Integrity.INTACT, Trust.TRUSTED), row.findings
    assert row.notice is NoticeState.IMPAIRED, row.notices
    assert row.verdict is Verdict.NONCOMPLIANT
    assert code is None or code in [notice.code for notice in row.notices]


def remuxed(source, target, muxer, start=0.0):
    """Copy the packets, and nothing else, into a new container; from a second on, if asked."""
    with av.open(str(source)) as old, av.open(str(target), "w", format=muxer) as new:
        tracks = [stream for stream in old.streams if stream.type in {"audio", "video"}]
        streams = {stream.index: new.add_stream_from_template(stream) for stream in tracks}
        begun = start == 0.0
        for packet in old.demux(tracks):
            if packet.pts is None:  # the flush; Matroska has packets without a dts
                continue
            begun = begun or (packet.is_keyframe and packet.pts * packet.time_base >= start)
            if begun:
                packet.stream = streams[packet.stream.index]
                new.mux(packet)


AT_ONCE = {"sound.mp3", "film.mp4"}
"""The others, too, with the slow tests."""


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=() if n in AT_ONCE else pytest.mark.slow) for n in MUXERS],
)
def test_a_remux_loses_the_label_and_not_the_notice(tmp_path, name, trust, disclosure, credential):
    labelled, lost = tmp_path / name, tmp_path / f"lost-{name}"
    kzlabel.label(FIXTURES / name, labelled, disclosure, credential)
    remuxed(labelled, lost, MUXERS[name])
    check_lost(lost, trust)


@pytest.mark.slow
def test_the_second_half_of_a_film_still_shows_the_notice(tmp_path, trust, disclosure, credential):
    labelled, half = tmp_path / "film.mov", tmp_path / "half.mov"
    kzlabel.label(FIXTURES / "fragments.mp4", tmp_path / "film.mp4", disclosure, credential)
    labelled = tmp_path / "film.mp4"
    remuxed(labelled, half, "mov", start=1.0)
    check_lost(half, trust)


# --- What is heard, in a WAV ----------------------------------------------------------------------


def samples_of(path):
    """Return a WAV's bytes, and its 16-bit samples as a view of them that can be written to."""
    content = bytearray(path.read_bytes())
    start = content.index(b"data") + 8
    count = struct.unpack_from("<I", content, start - 4)[0] // 2
    return content, np.frombuffer(content, "<i2", count, start)


def redone(change):
    """Harm the samples of every notice by `change(samples, rate)`, which works in place."""

    def harm(path, placement):
        content, samples = samples_of(path)
        for span in placement.spans:
            change(samples[round(span.start * 8000) : round(span.end * 8000)])
        path.write_bytes(content)

    return harm


def muted(samples):
    samples[:] = 0


def only_the_earcon(samples):
    samples[round((LEAD + SECONDS) * 8000) :] = 0


def turned_down(samples):
    samples[:] = samples // 10


def turned_into_noise(samples):
    samples[:] = np.random.default_rng(1).normal(0, 3000, len(samples))


def left_alone(samples):
    samples[:] = samples.copy()


def its_words_cut_short(samples):
    samples[len(samples) // 2 :] = 0


@pytest.mark.parametrize(
    ("change", "code"),
    [(muted, "kz.notice.not-heard"), (turned_into_noise, "kz.notice.not-heard"),
     (only_the_earcon, "kz.notice.short"), (its_words_cut_short, "kz.notice.short"),
     (turned_down, "kz.notice.quiet")],
    ids=lambda value: getattr(value, "__name__", ""),
)  # fmt: skip
def test_a_notice_that_is_not_heard_is_impaired_whatever_its_signer_says(
    dishonest, trust, change, code
):
    path = dishonest(FIXTURES / "sound.wav", redone(change), NoticeConfig())
    check_hidden(kzlabel.verify(path, trust=trust), code)


def test_the_honest_twin_is_heard(dishonest, trust):
    path = dishonest(FIXTURES / "sound.wav", redone(left_alone), NoticeConfig())
    row = kzlabel.verify(path, trust=trust)
    assert (row.notice, row.verdict) == (NoticeState.PERCEIVABLE, Verdict.COMPLIANT)


def test_muted_after_signing_is_broken_and_impaired(tmp_path, trust, disclosure, credential):
    target = tmp_path / "sound.wav"
    made = kzlabel.label(FIXTURES / "sound.wav", target, disclosure, credential)
    redone(muted)(target, made.placements[0])
    row = kzlabel.verify(target, trust=trust)
    assert (row.integrity, row.notice) == (Integrity.BROKEN, NoticeState.IMPAIRED)
    assert row.verdict is Verdict.NONCOMPLIANT


def test_the_second_half_of_a_sound_has_lost_the_first_notice(dishonest, trust):
    def halved(path, placement):
        content, samples = samples_of(path)
        half = len(samples) // 2
        samples[:half] = samples[half : 2 * half]
        del samples
        data = content.index(b"data") + 4
        kept = content[: data + 4 + half * 2]
        struct.pack_into("<I", kept, data, half * 2)
        struct.pack_into("<I", kept, 4, len(kept) - 8)
        path.write_bytes(kept)

    path = dishonest(FIXTURES / "sound.wav", halved, NoticeConfig())
    check_hidden(kzlabel.verify(path, trust=trust))


# --- What is seen, in a film ----------------------------------------------------------------------


def covered(share):
    """Paint the plate over in a share of the frames, evenly spread."""

    def harm(path, placement):
        region, clean = placement.region, path.with_name("seen")
        with av.open(str(path), format="mov") as old, av.open(str(clean), "w", format="mp4") as new:
            stream = new.add_stream("libx264", rate=10, options={"crf": "18"})
            stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
            rows = slice(round(region.y * 240) - 1, round((region.y + region.h) * 240) + 1)
            columns = slice(round(region.x * 320) - 1, round((region.x + region.w) * 320) + 1)
            for index, frame in enumerate(old.decode(video=0)):
                picture = frame.to_ndarray(format="rgb24")
                if (index * 7) % 10 < share * 10:
                    picture[rows, columns] = (90, 140, 60)
                again = av.VideoFrame.from_ndarray(picture, "rgb24")
                again.pts, again.time_base = frame.pts, frame.time_base
                new.mux(stream.encode(again))
            new.mux(stream.encode(None))
        clean.replace(path)

    return harm


def test_a_notice_covered_in_most_frames_is_impaired(dishonest, trust):
    check_hidden(kzlabel.verify(dishonest(FIXTURES / "film.mp4", covered(0.8)), trust=trust))


@pytest.mark.slow
def test_a_film_that_was_only_encoded_again_shows_it(dishonest, trust):
    row = kzlabel.verify(dishonest(FIXTURES / "film.mp4", covered(0)), trust=trust)
    assert (row.notice, row.verdict) == (NoticeState.PERCEIVABLE, Verdict.COMPLIANT)


# --- Manifests moved, fragments dropped -----------------------------------------------------------


def boxes(content):
    """Yield (name, start, end) of the top-level boxes."""
    at = 0
    while at < len(content):
        size = struct.unpack_from(">I", content, at)[0]
        yield content[at + 4 : at + 8], at, at + size
        at += size


def test_the_manifest_of_one_wav_in_another_is_broken(tmp_path, trust, disclosure, credential):
    labelled, thief = tmp_path / "sound.wav", tmp_path / "thief.wav"
    kzlabel.label(FIXTURES / "sound.wav", labelled, disclosure, credential)
    held = labelled.read_bytes()
    start = held.index(b"C2PA")
    chunk = held[start : start + 8 + struct.unpack_from("<I", held, start + 4)[0]]
    content, samples = samples_of(FIXTURES / "sound.wav")
    samples[:] = samples[::-1].copy()
    del samples
    content += chunk + bytes(len(chunk) % 2)
    struct.pack_into("<I", content, 4, len(content) - 8)
    thief.write_bytes(content)
    row = kzlabel.verify(thief, trust=trust)
    assert (row.integrity, row.origin) == (Integrity.BROKEN, Origin.AI_GENERATED)
    assert row.verdict is Verdict.NONCOMPLIANT


def test_the_manifest_of_one_film_in_another_is_broken(tmp_path, trust, disclosure, credential):
    labelled, thief = tmp_path / "film.mp4", tmp_path / "thief.mp4"
    kzlabel.label(FIXTURES / "film.mp4", labelled, disclosure, credential)
    held = labelled.read_bytes()
    manifest = next(
        held[start:end]
        for name, start, end in boxes(held)
        if name == b"uuid" and b"manifest" in held[start : start + 64]
    )
    thief.write_bytes((FIXTURES / "fragments.mp4").read_bytes() + manifest)
    row = kzlabel.verify(thief, trust=trust)
    assert row.integrity in CAUGHT
    assert row.verdict in {Verdict.NONCOMPLIANT, Verdict.UNDETERMINED}


def test_a_dropped_fragment_is_caught(tmp_path, trust, disclosure, credential):
    path = tmp_path / "fragments.mp4"
    kzlabel.label(FIXTURES / "fragments.mp4", path, disclosure, credential)
    content = path.read_bytes()
    assert sum(name == b"moof" for name, *_ in boxes(content)) >= 3
    drop = [(a, b) for name, a, b in boxes(content) if name in {b"moof", b"mdat"}][2:4]
    path.write_bytes(content[: drop[0][0]] + content[drop[1][1] :])
    row = kzlabel.verify(path, trust=trust)
    assert row.integrity in CAUGHT, row.findings
    assert row.verdict in {Verdict.NONCOMPLIANT, Verdict.UNDETERMINED}
