"""Speed and memory for sound and film, as ratios against named peers (part of `make bench`).

The peers are c2pa-python alone, and the system's own ffmpeg (its version is printed) doing the same
overlay: the same plate as PNG, the same encoder, preset, bit rate and key frames, sound copied.
Everything is made here by ffmpeg from its test sources, with noise, so that it compresses as
photographed material does.
"""

from __future__ import annotations

import itertools
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import kzlabel
from benchmarks import _bare, _media
from benchmarks._checks import Checks, credential, disclosure, note
from benchmarks._timing import alternating, described, peak, seconds
from kzlabel.credential import Credential
from kzlabel.formats import recognise
from kzlabel.model import Notice, NoticeConfig, NoticeState, NoticeStyle, Placement, Statement
from kzlabel.trust import store_of

SOUND_RUNS, FILM_RUNS = 9, 5
FILM_SECONDS = 10
LARGE_BYTES = 100_000_000
_LABEL = """
import sys
from benchmarks._checks import credential, disclosure
import kzlabel
from kzlabel.model import NoticeConfig
from kzlabel.model import NoticeStyle
notice = NoticeConfig(style=NoticeStyle(sys.argv[3]))
kzlabel.label(sys.argv[1], sys.argv[2], disclosure(), credential(), notice=notice)
"""
_VERIFY = """
import sys, kzlabel
row = kzlabel.verify(sys.argv[1], look=None if sys.argv[2] == "look" else False)
assert row.error is None and row.integrity == "intact", row
"""
_READ = """
import sys
from pathlib import Path
from benchmarks import _bare
with open(sys.argv[1], "rb") as file:
    _bare.read(file, "video/mp4", _bare.context())
_bare.digest(Path(sys.argv[1]))
"""


def _ffmpeg(*arguments: str) -> None:
    subprocess.run(["ffmpeg", "-v", "error", "-y", *arguments], check=True)


def _version() -> str:
    done = subprocess.run(["ffmpeg", "-version"], capture_output=True, text=True, check=True)
    return done.stdout.split(" Copyright")[0]


def film(path: Path, length: int, bits: str, *more: str) -> None:
    """Make a 720p film with noise, 25 frames a second, and a tone beside it."""
    picture = f"testsrc2=s=1280x720:r=25:d={length},noise=alls=12:allf=t:all_seed=7"
    tone = f"sine=frequency=330:sample_rate=48000:duration={length}"
    _ffmpeg(
        "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", tone,
        "-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "veryfast", "-b:v", bits, "-g", "50",
        "-c:a", "aac", "-b:a", "128k", "-movflags", "+faststart", *more, str(path),
    )  # fmt: skip


def repeated(source: Path, target: Path, at_least: int) -> None:
    """Join a film to itself, packets copied, until it has so many bytes."""
    times = -(-at_least // source.stat().st_size)
    _ffmpeg("-stream_loop", str(times - 1), "-i", str(source), "-c", "copy", str(target))


# --- Sound: tags and manifest ---------------------------------------------------------------------


def bench_sound(checks: Checks, folder: Path, signer: Credential) -> None:
    """Label WAV and MP3 without a notice, against the sum of what that cannot do without."""
    speech = "aevalsrc='0.3*sin(2*PI*t*(180+60*sin(3*t)))+0.02*random(0)':s=48000:d={}"
    wav, mp3 = folder / "large.wav", folder / "large.mp3"
    _ffmpeg("-f", "lavfi", "-i", speech.format(30), "-ac", "2", str(wav))
    _ffmpeg("-f", "lavfi", "-i", speech.format(120), "-b:a", "256k", str(mp3))
    for source, media_type in ((wav, "audio/wav"), (mp3, "audio/mpeg")):
        note(f"{source.suffix}: {described([source])}; peer: c2pa sign, read, sha256, fsync")
        inverse = _tagging(source, folder, signer, media_type)
        checks.ratio(f"label {source.suffix} without a notice", inverse, 1.5, at_least=False)


def _tagging(source: Path, folder: Path, signer: Credential, media_type: str) -> list[float]:
    context, none = _bare.context(), NoticeConfig(style=NoticeStyle.NONE)
    numbers = itertools.count()

    def ours() -> None:
        target = folder / f"ours-{next(numbers)}{source.suffix}"
        kzlabel.label(source, target, disclosure(), signer, notice=none)

    def peer() -> None:
        target = folder / f"peer-{next(numbers)}{source.suffix}"
        _bare.labelled(source, target, media_type, signer, context)

    return [1 / ratio for ratio in alternating(ours, peer, SOUND_RUNS)]


# --- Film: burning in -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Overlay:
    """What the peer needs to do the same."""

    plate: Path
    at: tuple[int, int]
    bits: int


def _overlay(folder: Path, made: Path, placement: Placement) -> Overlay:
    from kzlabel.notices.visible import box, plate

    picture = folder / "plate.png"
    plate(placement).save(picture)
    left, top, _, _ = box(placement)
    return Overlay(picture, (left, top), _media.video_bits(made))


def bench_burning(checks: Checks, folder: Path) -> None:
    """Burn the notice into 720p, against one ffmpeg process that lays the same plate over it."""
    from kzlabel._av._video_coding import RECIPES

    source, ours, theirs = (folder / name for name in ("film.mp4", "ours.mp4", "theirs.mp4"))
    film(source, FILM_SECONDS, "4M")
    room, notice = recognise(source), Notice(statement=Statement.CREATED)
    assert room is not None
    same = _overlay(folder, ours, room.write_notice(source, ours, notice))
    preset = RECIPES["h264"].options["preset"]

    def burned() -> None:
        ours.unlink()
        room.write_notice(source, ours, notice)

    def peer() -> None:
        _ffmpeg(
            "-i", str(source), "-i", str(same.plate),
            "-filter_complex", f"[0:v][1:v]overlay={same.at[0]}:{same.at[1]}",
            "-c:v", "libx264", "-preset", preset, "-b:v", str(same.bits), "-g", "50",
            "-pix_fmt", "yuv420p", "-c:a", "copy", str(theirs),
        )  # fmt: skip

    note(f"720p, {FILM_SECONDS} s at 25/s: {described([source])}; preset {preset}")
    note(f"peer: {_version()}, overlay and libx264 in one process")
    ratios = alternating(burned, peer, FILM_RUNS)
    checks.ratio("burn a notice into 720p, speed", ratios, 0.8, at_least=True)
    kept = _media.copied(source) == _media.copied(ours) == _media.copied(theirs)
    alike = _media.probe(ours).frames == _media.probe(theirs).frames == _media.probe(source).frames
    bits = ours.stat().st_size / theirs.stat().st_size
    note(f"both: frames kept {alike}, sound copied {kept}; size ours by theirs {bits:.2f}")
    checks.line("both films are what was asked for", str(alike and kept), "True", ok=alike and kept)


# --- Film: verification, memory -------------------------------------------------------------------


def bench_film(checks: Checks, folder: Path, signer: Credential) -> None:
    """Verify a labelled film of 100 MB against a bare Reader and sha256; memory of both."""
    short, source, target = (folder / name for name in ("short.mp4", "long.mp4", "labelled.mp4"))
    film(short, 2, "50M")
    repeated(short, source, LARGE_BYTES)
    spent = seconds(lambda: kzlabel.label(source, target, disclosure(), signer))
    own, context = store_of(signer), _bare.context()
    note(f"labelled MP4: {described([target])}, {_media.probe(target).duration:.0f} s of 720p")
    note(f"labelling it took {spent:.1f} s; peer: c2pa.Reader + json() + sha256")

    def verify(*, look: bool | None) -> None:
        row = kzlabel.verify(target, trust=own, look=look)
        assert row.integrity == "intact", row
        assert look is False or row.notice is NoticeState.PERCEIVABLE, row.notices

    def peer() -> None:
        with target.open("rb") as file:
            _bare.read(file, "video/mp4", context)
        _bare.digest(target)

    inverse = [1 / ratio for ratio in alternating(lambda: verify(look=False), peer, FILM_RUNS)]
    checks.ratio("verify a labelled 100 MB MP4", inverse, 1.5, at_least=False)
    judging = [seconds(lambda: verify(look=None)) - seconds(lambda: verify(look=False))]
    note(f"judging its notice adds {median(judging):.2f} s")
    memory(folder, source)


def memory(folder: Path, source: Path, *, bare: bool = True) -> float:
    """Print the peak memory of labelling and verifying in processes of their own; the largest."""
    burned, tagged = folder / "burned.mp4", folder / "tagged.mp4"
    python = [sys.executable, "-c"]
    sides = {
        "label, burned in": [*python, _LABEL, str(source), str(burned), "overlay"],
        "label, no notice": [*python, _LABEL, str(source), str(tagged), "none"],
        "verify, notice judged": [*python, _VERIFY, str(burned), "look"],
        "verify, notice not judged": [*python, _VERIFY, str(burned), "no"],
    }
    if bare:
        sides["peer: c2pa.Reader + sha256"] = [*python, _READ, str(burned)]
    found = {name: peak(command) for name, command in sides.items()}
    for name, megabytes in found.items():
        note(f"peak memory, {name}: {megabytes:.0f} MB")
    return max(value for name, value in found.items() if not name.startswith("peer"))


def run(checks: Checks, folder: Path, signer: Credential) -> None:
    """Run every comparison of this file."""
    bench_sound(checks, folder, signer)
    bench_burning(checks, folder)
    bench_film(checks, folder, signer)


if __name__ == "__main__":
    lines = Checks()
    with tempfile.TemporaryDirectory() as name:
        run(lines, Path(name), credential())
    lines.end()
