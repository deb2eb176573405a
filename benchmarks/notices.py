"""Rates on material that is not in the tree: `make notices AUDIO=DIR VIDEO=DIR`.

Audio: false alarms on unmarked pieces of 30 seconds, and notices found after what happens to files
on their way. Pieces are taken from every file under DIR in the order of names; short recordings are
joined. No figure depends on chance: marked pieces are spread evenly over all of them.

The thresholds were set on Debian 12: asterisk-core-sounds-en-wav 1.6.1-1 (speech),
asterisk-moh-opsound-wav 2.03-1.1, frozen-bubble-data 2.212-11 and extremetuxracer-data 0.8.2-1
(music, effects). They were validated on asterisk-core-sounds-ru-wav 1.6.1-1 and -fr-wav 1.6.1-1
(speech), wesnoth-1.16-music 1.16.9-1, warzone2100-music 4.3.3-3, planetblupi-music-ogg 1.14.2-3,
supertux-data 0.6.3-2, colobot-common-sounds 0.2.0-2, heroes-sound-effects 1.0-6 and
sound-theme-freedesktop 0.8-2 (music, effects): unpack those into one directory to repeat it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from benchmarks._checks import Checks, note, premises
from benchmarks._notices_film import film
from kzlabel._av.sound import resampled
from kzlabel.model import Notice, NoticeReport, NoticeStyle, Placement, Span, Statement
from kzlabel.notices import audible
from kzlabel.notices._loudness import loudness

Samples = NDArray[np.float32]
SUFFIXES = (".wav", ".ogg", ".oga", ".opus", ".mp3", ".flac", ".aiff", ".m4a")
RATE = 24000
PIECE = 30
PIECES = 3
"""Pieces of one long file, each 45 seconds after the one before."""
JOINED_BYTES = 400_000
"""Size under which recordings are joined."""
LEAST_BYTES = 3000
MARKED = 40
"""Pieces that are marked."""
QUIETEST = -50.0
"""LUFS of a piece that is marked."""
RAW = ("-f", "f32le", "-ac", "1")
OPUS = ("-c:a", "libopus")

ATTACKS: dict[str, tuple[str, ...]] = {
    "as it was made": ("out.wav",),
    "MP3 64k": ("-b:a", "64k", "out.mp3"),
    "Opus 24k": (*OPUS, "-b:a", "24k", "out.ogg"),
    "Opus 12k voice": (*OPUS, "-b:a", "12k", "-application", "voip", "out.ogg"),
    "AAC 64k": ("-b:a", "64k", "out.m4a"),
    "8 kHz": ("-ar", "8000", "out.wav"),
    "tempo 1.03": ("-af", "atempo=1.03", "out.wav"),
    "tempo 0.97": ("-af", "atempo=0.97", "out.wav"),
    "MP3 64k, then Opus 24k": ("-b:a", "64k", "out.mp3", *OPUS, "-b:a", "24k", "out.ogg"),
    "8 kHz, tempo 1.03, MP3 24k": ("-af", "atempo=1.03", "-ar", "8000", "-b:a", "24k", "out.mp3"),
}
"""Arguments for FFmpeg, each set to the name of a file."""
UNDER = ("as it was made", "MP3 64k", "Opus 24k", "tempo 1.03")
"""What also happens to a notice under a programme that is 3 dB louder."""
DEFEATS: dict[str, tuple[str, ...]] = {
    "first 0.6 s cut off": ("-af", "atrim=start=0.6", "out.wav"),
    "tempo 1.10": ("-af", "atempo=1.1", "out.wav"),
    "pitch 3 % up": ("-af", "asetrate=24720,aresample=24000", "out.wav"),
    "pitch 12 % up": ("-af", "asetrate=26880,aresample=24000,atempo=0.893", "out.wav"),
    "low-pass 900 Hz": ("-af", "lowpass=f=900:p=2,lowpass=f=900:p=2", "out.wav"),
    "echo of a hall": ("-af", "aecho=0.8:0.9:60|130|210:0.5|0.4|0.3", "out.wav"),
}
NOISES = (0, -6, -12)
"""Level of the notice by that of white noise over it, in LU."""


def decoded(path: Path, start: int = 0) -> Samples:
    """Return up to 30 seconds of a file."""
    cut = ("-ss", str(start), "-t", str(PIECE), "-i", str(path))
    command = ("ffmpeg", "-v", "error", *cut, *RAW, "-ar", str(RATE), "-")
    return np.frombuffer(subprocess.run(command, capture_output=True, check=False).stdout, "<f4")


def pieces(directory: Path) -> Iterator[Samples]:
    """Return the pieces of everything under a directory."""
    files = sorted(p for p in directory.rglob("*") if p.suffix in SUFFIXES and p.is_file())
    joined: list[Samples] = []
    for path in files:
        if path.stat().st_size >= JOINED_BYTES:
            whole = (decoded(path, 45 * index) for index in range(PIECES))
            yield from (piece for piece in whole if len(piece) >= 5 * RATE)
        elif path.stat().st_size >= LEAST_BYTES:
            joined.append(decoded(path))
            if sum(map(len, joined)) >= PIECE * RATE:
                yield np.concatenate(joined)[: PIECE * RATE]
                joined = []


def through(samples: Samples, arguments: tuple[str, ...]) -> Samples:
    """Return samples at `audible.RATE` after FFmpeg wrote them, once for each file named."""
    with tempfile.TemporaryDirectory() as directory:
        source, rest = "in.wav", list(arguments)
        raw = (*RAW, "-ar", str(RATE), "-i", "-", "-c:a", "pcm_f32le", source)
        run(directory, raw, samples.astype("<f4").tobytes())
        while rest:
            end = next(i for i, word in enumerate(rest) if word.startswith("out.")) + 1
            run(directory, ("-i", source, *rest[:end]))
            source, rest = rest[end - 1], rest[end:]
        return np.frombuffer(
            run(directory, ("-i", source, *RAW, "-ar", str(audible.RATE), "-")), "<f4"
        )


def run(directory: str, arguments: tuple[str, ...], given: bytes = b"") -> bytes:
    """Run FFmpeg in a directory of its own."""
    command = ("ffmpeg", "-v", "error", "-y", *arguments)
    done = subprocess.run(command, cwd=directory, input=given, capture_output=True, check=True)
    return done.stdout


@dataclass(frozen=True)
class Marked:
    """A piece with a notice."""

    notice: Notice
    heard: audible.Spoken
    before: Samples
    """The notice, then the programme."""
    under: Samples
    """The notice in a programme that is 3 dB louder and not turned down."""
    sound: Samples
    """The notice alone."""

    @property
    def hint(self) -> Placement:
        """What a manifest would declare of `before`."""
        return Placement(
            statement=self.notice.statement,
            style=NoticeStyle.PREPEND,
            languages=self.notice.languages,
            lines=self.heard.lines,
            medium="audible",
            spans=(Span(start=0.0, end=self.heard.seconds),),
            duration=len(self.before) / RATE,
        )


LANGUAGES = (("kk", "ru"), ("ru", "en"), ("kk", "ru", "en"))


def marked(programme: Samples, index: int) -> Marked:
    """Mark a piece; statements, languages and forms take turns."""
    level = loudness(programme, RATE)
    notice = Notice(
        statement=list(Statement)[index % 2],
        style=NoticeStyle.PREPEND,
        languages=LANGUAGES[index % 3],
    )
    heard = audible.spoken(notice, 20 if index % 4 < 2 else 600)
    sound = resampled(audible.levelled(heard, level), audible.SAMPLE_RATE, RATE)
    over = np.resize(programme, len(sound) + 4 * RATE).copy()
    gain = 10 ** ((level - 3 - audible.level(level)) / 20)
    over[2 * RATE : 2 * RATE + len(sound)] += gain * sound
    return Marked(notice, heard, np.concatenate([sound, programme[: 8 * RATE]]), over, sound)


def judged(samples: Samples, *hints: Placement) -> tuple[NoticeReport, ...]:
    """Return what is said of samples at `audible.RATE`."""
    return audible.judge(iter(np.array_split(samples, 9)), hints, search=True)


def is_found(reports: tuple[NoticeReport, ...], made: Marked) -> bool:
    """Whether the very words were heard, in full and loud enough."""
    return any(r.perceivable and r.text == " ".join(made.heard.lines) for r in reports)


def is_heard(reports: tuple[NoticeReport, ...], made: Marked) -> bool:
    """Whether the very words were heard in full, however loud."""
    return any(
        r.code != "kz.notice.short" and r.text == " ".join(made.heard.lines) for r in reports
    )


def audio(checks: Checks, directory: Path) -> None:
    """Print the rates of the audible notice."""
    programmes = list(pieces(directory))
    low = [resampled(piece, RATE, audible.RATE) for piece in programmes]
    judged(low[0])  # patterns are made once
    began = perf_counter()
    alarms = sum(bool(judged(piece)) for piece in low)
    seconds = perf_counter() - began
    total = len(programmes)
    checks.line(
        "audible: false alarms, unmarked",
        f"{alarms}/{total}",
        "0 of >= 300",
        ok=not alarms and total >= 300,
    )
    speed = sum(map(len, low)) / audible.RATE / seconds
    checks.line("audible: judged, by real time", f"{speed:.0f} x", ">= 100 x", ok=speed >= 100)
    loud = [piece for piece in programmes if loudness(piece, RATE) > QUIETEST]
    made = [
        marked(piece, i) for i, piece in enumerate(loud[:: max(1, len(loud) // MARKED)][:MARKED])
    ]
    for name, attack in ATTACKS.items():
        _rate(checks, f"audible: {name}", made, [through(m.before, attack) for m in made])
    for name in UNDER:
        mixed = [through(m.under, ATTACKS[name]) for m in made]
        _under(checks, f"audible: mixed at -3 dB, {name}", made, mixed)
    muted = [resampled(m.before[len(m.sound) :], RATE, audible.RATE) for m in made]
    wrong = sum(
        judged(sound, m.hint)[0].code != "kz.notice.not-heard"
        for m, sound in zip(made, muted, strict=True)
    )
    checks.line(
        "audible: declared, and cut away", f"{len(made) - wrong}/{len(made)}", "all", ok=not wrong
    )
    _defeats(made)


def _rate(checks: Checks, name: str, made: list[Marked], heard: list[Samples]) -> None:
    hits = sum(is_found(judged(sound), m) for m, sound in zip(made, heard, strict=True))
    checks.line(name, f"{hits}/{len(made)}", ">= 95 %", ok=hits >= 0.95 * len(made) > 0)


def _under(checks: Checks, name: str, made: list[Marked], heard: list[Samples]) -> None:
    """Print how many are heard in full; a louder programme may make them `quiet`, and does."""
    reports = [judged(sound) for sound in heard]
    hits = sum(map(is_heard, reports, made))
    loud = sum(map(is_found, reports, made))
    checks.line(
        name, f"{hits}/{len(made)} ({loud} perceivable)", ">= 95 %", ok=hits >= 0.95 * len(made) > 0
    )


def _defeats(made: list[Marked]) -> None:
    """Print what is found of notices after what may defeat them; there is no target."""
    for name, attack in DEFEATS.items():
        hits = sum(is_found(judged(through(m.before, attack)), m) for m in made)
        note(f"audible: {name}: found {hits}/{len(made)}")
    draw = np.random.default_rng(3)
    for level in NOISES:
        hits = 0
        for m in made:
            noise = draw.normal(0, 0.1, len(m.sound)).astype(np.float32)
            gain = 10 ** ((loudness(m.sound, RATE) - level - loudness(noise, RATE)) / 20)
            hits += is_found(judged(resampled(m.sound + gain * noise, RATE, audible.RATE)), m)
        note(f"audible: white noise, the notice at {level:+d} LU: found {hits}/{len(made)}")


def main(arguments: list[str]) -> None:
    """Print the checks for the directories given, `audio=DIR` and `video=DIR`."""
    given = dict(argument.split("=", 1) for argument in arguments)
    print(premises())
    checks = Checks()
    if given.get("audio"):
        audio(checks, Path(given["audio"]))
    if given.get("video"):
        with tempfile.TemporaryDirectory() as scratch:
            film(checks, Path(given["video"]), Path(scratch))
    checks.end()


if __name__ == "__main__":
    main(sys.argv[1:])
