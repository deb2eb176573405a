"""A batch on two cores: `kzlabel verify -r` against one process, and a bare pool of two.

Every side is a command of its own, so that each pays for its interpreter and imports. The files are
labelled photographs with the companions they were given, copied under the same names into folders
of their own, so that each one's label is about its own name; no result is cached by anybody.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import kzlabel
from benchmarks._checks import Checks, disclosure, note
from benchmarks._timing import alternating, described, seconds
from kzlabel._looking import row_of
from kzlabel._options import Options
from kzlabel.batch import verify_each
from kzlabel.credential import Credential
from kzlabel.trust import TrustStore, store_of

COPIES, SMALL, RUNS = 30, 5000, 5
CORES = 2
FIRST = 1.0
"""Seconds to the first row."""
_LOOK = {"judged": (), "unjudged": ("--no-look",)}
_ONE = """
import sys
from pathlib import Path
import msgspec
import kzlabel
from kzlabel.trust import TrustStore, parse
trust = TrustStore((parse(sys.argv[1]),))
look = {"judged": None, "unjudged": False}[sys.argv[2]]
for line in Path(sys.argv[3]).read_text("utf-8").splitlines():
    row = kzlabel.verify(line, trust=trust, look=look)
    assert row.integrity == "intact", row
    sys.stdout.buffer.write(msgspec.json.encode(row) + b"\\n")
"""
_BARE = """
import hashlib, io, sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
import c2pa

def made(pem):
    global context
    context = c2pa.Context.from_dict({
        "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
        "core": {"allowed_network_hosts": []},
        "trust": {"user_anchors": Path(pem).read_text("utf-8")},
    })

def read(path):
    content = Path(path).read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    with c2pa.Reader("image/jpeg", io.BytesIO(content), context=context) as reader:
        return path, digest, reader.json()

if __name__ == "__main__":
    paths = Path(sys.argv[2]).read_text("utf-8").splitlines()
    with ProcessPoolExecutor(2, initializer=made, initargs=sys.argv[1:2]) as pool:
        for path, digest, store in pool.map(read, paths):
            sys.stdout.write(f"{digest} {len(store)}\\n")
"""


class _Sides:
    """The commands that are compared, over one set of files."""

    def __init__(self, folder: Path, paths: Sequence[Path], trust: TrustStore) -> None:
        folder.mkdir()
        self.assets = folder / "batch"
        self.paths = _spread(self.assets, paths)
        self._anchor, self._list = folder / "anchor.pem", folder / "files.txt"
        self._one, self._bare = folder / "one_process.py", folder / "bare_pool.py"
        self._anchor.write_text(trust.lists[0].pem, "utf-8")
        self._list.write_text("".join(f"{path}\n" for path in self.paths), "utf-8")
        self._one.write_text(_ONE, "utf-8")
        self._bare.write_text(_BARE, "utf-8")

    def batch(self, judged: str) -> None:
        options = ["--format", "jsonl", "--trust", str(self._anchor), *_LOOK[judged]]
        _run([*_VERIFY, *options, str(self.assets)], len(self.paths))

    def one(self, judged: str) -> None:
        command = [sys.executable, str(self._one), str(self._anchor), judged, str(self._list)]
        _run(command, len(self.paths))

    def bare(self) -> None:
        _run([sys.executable, str(self._bare), str(self._anchor), str(self._list)], len(self.paths))


_VERIFY = (sys.executable, "-m", "kzlabel", "verify", "-r")


def run(checks: Checks, folder: Path, labelled: Sequence[Path], signer: Credential) -> None:
    """Run every comparison on these labelled photographs, and the companions beside them."""
    own = store_of(signer)
    sides = _Sides(folder / "batches", labelled, own)
    note(f"labelled JPEGs with companions: {described(sides.paths)}, {COPIES} copies of each;")
    note("each side is a command of its own, imports and start-up included")
    against_one(checks, sides)
    against_bare(checks, sides)
    sandbox(sides.paths, own)
    first_row(checks, folder)
    labelling(folder, [path.with_name(f"source-{path.stem[9:]}.jpg") for path in labelled], signer)


def against_one(checks: Checks, sides: _Sides) -> None:
    """Compare with a process that calls kzlabel.verify on one file after the other."""
    note("peer: kzlabel.verify and the row as JSON, in one process")
    ratios = alternating(lambda: sides.batch("judged"), lambda: sides.one("judged"), RUNS)
    checks.ratio("verify -r, against one process", ratios, 1.6, at_least=True)
    ratios = alternating(lambda: sides.batch("unjudged"), lambda: sides.one("unjudged"), RUNS)
    note(f"the same with --no-look: {_said(ratios)}")


def against_bare(checks: Checks, sides: _Sides) -> None:
    """Compare with two processes that read manifests alone: no pixels, no companions.

    So neither do we; what these cost us stands below. The companions are gone after that.
    """
    note("peer: ProcessPoolExecutor(2) of c2pa.Reader + json() + sha256")
    beside = alternating(lambda: sides.batch("unjudged"), sides.bare, RUNS)
    for companion in sides.assets.glob("*/*.kzlabel.json"):
        companion.unlink()
    ratios = alternating(lambda: sides.batch("unjudged"), sides.bare, RUNS)
    checks.ratio("verify -r --no-look, against a bare pool", ratios, 0.5, at_least=True)
    note(f"with the signed companions that the peer does not check: {_said(beside)}")
    ratios = alternating(lambda: sides.batch("judged"), sides.bare, RUNS)
    note(f"judging the notices, which the peer does not: {_said(ratios)}")


def sandbox(paths: Sequence[Path], trust: TrustStore) -> None:
    """Print what a worker of its own costs a file, once it has started."""
    options = Options.of("kz", trust, synthetic=False, look=False)

    def apart() -> float:
        rows = verify_each(paths, options, workers=1)
        next(rows)
        return seconds(lambda: sum(1 for _ in rows))

    def here() -> float:
        row_of(paths[0], options)
        return seconds(lambda: [row_of(path, options) for path in paths[1:]])

    runs = [(apart(), here()) for _ in range(RUNS)]
    a_file = [1000 * (theirs - ours) / (len(paths) - 1) for theirs, ours in runs]
    bare = 1000 * median(ours for _, ours in runs) / (len(paths) - 1)
    note(
        f"the sandbox adds {median(a_file):.2f} ms a file (runs {min(a_file):.2f}-"
        f"{max(a_file):.2f}) to {bare:.2f}: one worker, against a loop in this process"
    )


def labelling(folder: Path, sources: Sequence[Path], signer: Credential) -> None:
    """Print how much faster two processes label than this one; they have to be started."""

    def apart() -> None:
        rows = kzlabel.label_many(
            sources, folder / "many-made", disclosure(), signer, workers=CORES, force=True
        )
        assert not [row.error for row in rows if row.error]

    def here() -> None:
        for source in sources:
            kzlabel.label(
                source, folder / "one-made" / source.name, disclosure(), signer, force=True
            )

    (folder / "one-made").mkdir()
    note(
        f"labelling {described(sources)}; against one process: "
        f"{_said(alternating(apart, here, RUNS))}"
    )


def first_row(checks: Checks, folder: Path) -> None:
    """Measure the time to the first row over a folder of many small files."""
    many = folder / "many"
    many.mkdir()
    for index in range(SMALL):
        (many / f"{index:05}.txt").write_text(f"File {index} says nothing of where it is from.\n")
    note(f"small texts: {described(sorted(many.iterdir()))}; from the command to its first line")
    waits = [_first_line([*_VERIFY, "--format", "jsonl", str(many)]) for _ in range(RUNS)]
    said = f"{median(waits):.2f} s (runs {min(waits):.2f}-{max(waits):.2f})"
    checks.line("verify -r, first row", said, f"< {FIRST:g} s", ok=median(waits) < FIRST)


def _first_line(command: Sequence[str]) -> float:
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        waited = time.perf_counter() - start
        process.terminate()
    return waited


def _spread(folder: Path, paths: Sequence[Path]) -> list[Path]:
    """Copy files with their companions, under their own names, into so many folders."""
    for number in range(COPIES):
        into = folder / str(number)
        into.mkdir(parents=True)
        for path in paths:
            for each in path.parent.glob(f"{path.name}*"):
                shutil.copyfile(each, into / each.name)
    return sorted(folder.glob("*/*.jpg"))


def _run(command: Sequence[str], rows: int) -> None:
    """Run a side, and see that it was about every file."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    assert done.returncode in (0, 3), command  # 3: of notices that nobody judged
    assert done.stdout.count(b"\n") >= rows, command


def _said(ratios: Sequence[float]) -> str:
    return f"{median(ratios):.2f} (runs {min(ratios):.2f}-{max(ratios):.2f})"
