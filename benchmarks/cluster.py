"""`make cluster`: 2,000 objects of an S3 server verified by two Dask workers, one of them killed.

The server is moto's, scheduler and workers are processes of their own on loopback, the inputs are
the fixtures under other names, some with companions, some damaged. Half-way one worker is killed
(SIGKILL). The rows in the Parquet parts are held against those of a run on this machine alone.
Prints `NAME MEASURED TARGET ok|short`; exits 1 where one is short.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import structs

from benchmarks._clusters import Stage, stage
from kzlabel.model import AssetReport
from kzlabel.reports._parquet import read_rows

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

FIXTURES = Path(__file__).parent.parent / "fixtures"
KINDS = (
    "picture.jpg", "picture.png", "picture.webp", "picture.svg", "small.png", "note.txt",
    "page.html", "table.csv", "document.pdf", "sound.mp3", "data.json", "animation.gif",
)  # fmt: skip
OBJECTS = 2_000
KILLED_AFTER = 6
"""Parts that are there when a worker is killed."""
OUTPUT = "results"


def lay(folder: Path, count: int) -> None:
    """Make `count` assets below `folder`; one in twenty is damaged, some have a companion."""
    for number in range(count):
        name = KINDS[number % len(KINDS)]
        place = folder / f"day {number % 7}" / f"{number:05}-{name}"
        place.parent.mkdir(parents=True, exist_ok=True)
        content = (FIXTURES / name).read_bytes()
        if number % 20 == 0:
            content = content[: len(content) * (number % 3) // 3]
        place.write_bytes(content)
        if number % 50 == 1:
            place.with_name(f"{place.name}.kzlabel.json").write_text("{}", "utf-8")


def upload(folder: Path, on: Stage, bucket: str) -> None:
    """Put the tree into a new bucket."""
    script = (
        "import sys, fsspec; fs = fsspec.filesystem('s3'); fs.mkdir(sys.argv[2]);"
        "fs.mkdir('results'); fs.put(sys.argv[1] + '/', sys.argv[2] + '/', recursive=True)"
    )
    words = [sys.executable, "-c", script, str(folder), bucket]
    subprocess.run(words, env=on.environment, check=True)


def command(on: Stage, *words: str) -> list[str]:
    """Return `kzlabel verify` on the cluster."""
    verify = [sys.executable, "-m", "kzlabel", "verify", "--no-look", "-r"]
    return [*verify, "--cluster", on.address, *words]


def store_of(on: Stage) -> AbstractFileSystem:
    """Return the S3 server's store."""
    import fsspec

    address = on.environment["AWS_ENDPOINT_URL"]
    asked = {"key": "testing", "secret": "testing", "endpoint_url": address}
    return fsspec.filesystem("s3", use_listings_cache=False, skip_instance_cache=True, **asked)


def parts(on: Stage) -> dict[str, bytes]:
    """Return the parts that are there."""
    store = store_of(on)
    try:
        found = store.ls(f"{OUTPUT}/run", detail=False)
        return {name: store.cat_file(name) for name in found if "/part-" in name}
    except FileNotFoundError:
        return {}


def rows_in(held: Mapping[str, bytes]) -> Iterator[AssetReport]:
    """Yield the rows of all parts."""
    import io

    for content in held.values():
        yield from read_rows(io.BytesIO(content))


def same_words(row: AssetReport, root: str) -> bytes:
    """Return a row as JSON, without where and when it was looked at."""
    return msgspec.json.encode(structs.replace(row, seen=msgspec.UNSET)).replace(root.encode(), b"")


def run_here(folder: Path) -> list[AssetReport]:
    """Return the rows of a run on this machine alone."""
    words = [sys.executable, "-m", "kzlabel", "verify", "--no-look", "-r", "--format", "jsonl"]
    done = subprocess.run([*words, str(folder)], capture_output=True, check=False)
    lines = done.stdout.splitlines()[:-1]
    return [msgspec.json.decode(line, type=AssetReport) for line in lines]


def run_there(on: Stage, bucket: str, kill_after: int) -> tuple[int, int]:
    """Verify the bucket; kill a worker when so many parts are there. Return code and number."""
    words = command(on, f"s3://{bucket}", "-o", f"s3://{OUTPUT}/run")
    with subprocess.Popen(words, env=on.environment, stdout=subprocess.DEVNULL) as running:
        seen = 0
        while seen < kill_after and running.poll() is None:
            seen = len(parts(on))
            time.sleep(0.05)  # between two looks at the bucket
        on.kill(0)
        return running.wait(), seen


def compared(
    there: Iterable[AssetReport], here: Iterable[AssetReport], bucket: str, folder: Path
) -> tuple[int, int]:
    """Return how many objects are not there exactly once, and how many rows differ."""
    ours = list(there)
    times = Counter(row.path for row in ours)
    left = Counter(same_words(row, f"s3://{bucket}/") for row in ours)
    right = Counter(same_words(row, f"{folder}/") for row in here)
    wrong = sum(count != 1 for count in times.values()) + abs(len(times) - right.total())
    return wrong, (left - right).total() + (right - left).total()


def main() -> int:
    """Print the checks."""
    with tempfile.TemporaryDirectory(prefix="kzlabel-cluster-") as place:
        folder, work = Path(place) / "in", Path(place) / "work"
        work.mkdir()
        lay(folder, OBJECTS)
        begun = time.monotonic()
        here = run_here(folder)
        alone = time.monotonic() - begun
        with stage(work) as on:
            upload(folder, on, "inputs")
            begun = time.monotonic()
            code, at = run_there(on, "inputs", KILLED_AFTER)
            took = time.monotonic() - begun
            held = parts(on)
            begun = time.monotonic()
            again = subprocess.run(
                command(on, "s3://inputs", "-o", f"s3://{OUTPUT}/run"),
                env=on.environment,
                check=False,
                stdout=subprocess.DEVNULL,
            ).returncode
            rerun = time.monotonic() - begun
            unchanged = parts(on) == held
        shutil.rmtree(folder / "day 0")
    rows = list(rows_in(held))
    wrong, differing = compared(rows, here, "inputs", folder)
    checks = [
        ("objects with a row", len(rows), OBJECTS, len(rows) == OBJECTS),
        ("objects not exactly once", wrong, 0, wrong == 0),
        ("rows unlike the local run's", differing, 0, differing == 0),
        ("worker killed in the middle", at, KILLED_AFTER, 0 < at < len(held)),
        ("parts made again by a rerun", int(not unchanged), 0, unchanged and again == code),
    ]
    for name, measured, target, is_so in checks:
        print(f"{name:32} {measured:8} {target:8} {'ok' if is_so else 'short'}")
    times = f"{took:.1f} s there, {rerun:.1f} s again, {alone:.1f} s here"
    print(f"# {len(held)} parts, exit {code}; {times}")
    return 0 if all(is_so for *_, is_so in checks) else 1


if __name__ == "__main__":
    sys.exit(main())
