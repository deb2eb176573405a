"""What `make chaos` puts a batch through: files of every kind, deaths at random."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import struct
import subprocess
import sys
import threading
import time
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

HOSTILE = 20
"""One file in so many."""
FOLDER = 500
"""Files in one folder."""
BETWEEN = 0.3
"""Seconds between two kills, on the average."""
_SOURCES = frozenset({".py", ".sh", ".yaml", ".toml"})


class Made(NamedTuple):
    """The files of a run."""

    folder: Path
    sound: frozenset[str]
    hostile: frozenset[str]
    vanishing: tuple[Path, ...]
    """Named one by one, for they are gone when they are looked for."""
    seed: int

    @property
    def total(self) -> int:
        return len(self.sound) + len(self.hostile)


# --- Files ----------------------------------------------------------------------------------------


def sources(*folders: Path) -> list[Path]:
    """Return the files of these folders that are small enough to be copied by the thousand."""
    found = (path for folder in folders for path in sorted(folder.rglob("*")))
    return [
        path
        for path in found
        if path.is_file() and path.suffix not in _SOURCES and 0 < path.stat().st_size < 200_000
    ]


def make(folder: Path, count: int, known: Sequence[Path], seed: int) -> Made:
    """Copy `known` to so many files, and make one in twenty hostile, each kind in its turn."""
    draw = random.Random(seed)  # noqa: S311  which file is which, not a secret
    sound, hostile, vanishing = set(), set(), []
    for index in range(count):
        source = known[index % len(known)]
        into = folder / f"{index // FOLDER:03}"
        into.mkdir(parents=True, exist_ok=True)
        path = into / f"{index:05}-{source.name}"
        if index % HOSTILE:
            shutil.copyfile(source, path)
            sound.add(str(path))
            continue
        kind = _KINDS[index // HOSTILE % len(_KINDS)]
        kind(path, source.read_bytes(), draw)
        hostile.add(str(path))
        if not os.path.lexists(path):
            vanishing.append(path)
    return Made(folder, frozenset(sound), frozenset(hostile), tuple(vanishing), seed)


def _truncated(path: Path, content: bytes, draw: random.Random) -> None:
    path.write_bytes(content[: draw.randrange(1, len(content))])


def _flipped(path: Path, content: bytes, draw: random.Random) -> None:
    bad = bytearray(content)
    for _ in range(8):
        bad[draw.randrange(len(bad))] ^= 1 << draw.randrange(8)
    path.write_bytes(bad)


def _empty(path: Path, _content: bytes, _draw: random.Random) -> None:
    path.touch()


def _zip_bomb(path: Path, _content: bytes, _draw: random.Random) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr("word/document.xml", bytes(20_000_000))


def _picture_bomb(path: Path, _content: bytes, _draw: random.Random) -> None:
    path.write_bytes(png(60_000, 60_000, zlib.compress(bytes(1_000_000))))


def _pipe(path: Path, _content: bytes, _draw: random.Random) -> None:
    os.mkfifo(path)


def _dangling(path: Path, _content: bytes, _draw: random.Random) -> None:
    path.symlink_to("nowhere")


def _circular(path: Path, _content: bytes, _draw: random.Random) -> None:
    path.symlink_to(path.name)


def _vanished(path: Path, _content: bytes, _draw: random.Random) -> None:
    """Leave nothing: it was listed, and is gone."""


_KINDS: Sequence[Callable[[Path, bytes, random.Random], None]] = (
    _truncated, _flipped, _empty, _zip_bomb, _picture_bomb, _pipe, _dangling, _circular, _vanished,
)  # fmt: skip


def png(width: int, height: int, compressed: bytes) -> bytes:
    """Return a PNG (grey, 8 bits) of that size, whatever its compressed lines hold."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", compressed), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(held)) + kind + held + struct.pack(">I", zlib.crc32(kind + held))
        for kind, held in chunks
    )


# --- Runs -----------------------------------------------------------------------------------------


def command(made: Made, results: Path, *more: str) -> list[str]:
    """Return the command that verifies all files and keeps its rows in `results`."""
    return [
        sys.executable, "-m", "kzlabel", "verify", "-r", "--format", "jsonl", "--quiet",
        "--resume", str(results), *more, str(made.folder), *map(str, made.vanishing),
    ]  # fmt: skip


@contextmanager
def running(arguments: Sequence[str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command whose output nobody reads; it is killed where it is left."""
    quiet = subprocess.DEVNULL
    with subprocess.Popen(arguments, stdin=quiet, stdout=quiet, stderr=quiet) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def killing(
    process: subprocess.Popen[bytes], draw: random.Random, killed: list[int]
) -> Iterator[None]:
    """Kill a worker of `process` now and then, or who breeds them; `killed` gets their ids."""
    over = threading.Event()

    def kill() -> None:
        while not over.wait(draw.expovariate(1 / BETWEEN)):
            alive = descendants(process.pid)
            if len(alive) > 1:  # one alone is about to breed: killed each time, it never would
                victim = draw.choice(alive)
                with suppress(ProcessLookupError):
                    os.kill(victim, signal.SIGKILL)
                    killed.append(victim)

    thread = threading.Thread(target=kill, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def descendants(process: int) -> list[int]:
    """Return the ids of all processes below one, as /proc has them now."""
    below: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError, ValueError):
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                below.setdefault(parent, []).append(int(entry.name))
    found = list(below.get(process, ()))
    for each in found:
        found += below.get(each, ())
    return found


def outliving(orphans: Sequence[int], seconds: float = 10.0) -> int:
    """Return how many of these processes are still there after so many seconds."""
    end = time.monotonic() + seconds
    while left := [each for each in orphans if Path(f"/proc/{each}").exists()]:
        if time.monotonic() > end:
            break
        time.sleep(0.05)
    return len(left)


def lines(results: Path) -> int:
    """Count the whole lines of a file that may not be there yet."""
    try:
        return results.read_bytes().count(b"\n")
    except FileNotFoundError:
        return 0


def held(process: int, what: str) -> float:
    """Return a figure of a process's memory in MB: VmRSS, VmPeak (of its address space)."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith(f"{what}:"):
            return int(line.split()[1]) / 1024
    return 0.0  # it has ended


def until(rows: int, results: Path, process: subprocess.Popen[bytes]) -> None:
    """Wait for so many rows in `results`, or for the end."""
    while process.poll() is None and lines(results) < rows:
        time.sleep(0.02)


# --- Rows -----------------------------------------------------------------------------------------


class Rows(NamedTuple):
    """What stands in a results file."""

    by_path: Mapping[str, Mapping[str, object]]
    times: Mapping[str, int]
    """How often each path has a row."""

    @property
    def died(self) -> frozenset[str]:
        return frozenset(p for p, row in self.by_path.items() if _code(row) == _DIED)


_DIED = "kz.error.worker-died"


def rows_of(results: Path) -> Rows:
    """Read a results file, whose last line is the summary and no row."""
    found = [json.loads(line) for line in results.read_text("utf-8").splitlines()]
    rows = [row for row in found if "path" in row]
    return Rows({row["path"]: row for row in rows}, Counter(row["path"] for row in rows))


def _code(row: Mapping[str, object]) -> object:
    error = row.get("error")
    return error.get("code") if isinstance(error, dict) else None
