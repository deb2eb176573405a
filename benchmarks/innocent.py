"""Look for false origins where nothing says AI (`make innocent FILES='DIR…'`).

Without a directory: what installed Debian packages own under /usr, by the lists that dpkg keeps. At
most so many files of each suffix that a format has, evenly over their sorted paths, so that no one
package is all there is. Every mark and every origin that is not `undeclared` is printed.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmarks._checks import Checks, note, premises
from kzlabel._options import Options
from kzlabel.batch import verify_each
from kzlabel.formats import FORMATS, recognise
from kzlabel.model import AssetReport, LabelKind, Medium, Origin

MOST, MOST_TEXTS = 300, 60
"""Files of one suffix."""
ENOUGH = 500
LARGEST = 20_000_000
"""Bytes of a file; larger ones are passed over."""
OWNED = Path("/usr")
LISTS = Path("/var/lib/dpkg/info")
MARKS = (LabelKind.MARKER, LabelKind.WATERMARK)


def owned() -> Iterator[Path]:
    """Give what packages own under /usr; everything there where there is no dpkg."""
    lists = sorted(LISTS.glob("*.list"))
    if not lists:
        yield from walked([OWNED])
    for listed in lists:
        names = listed.read_text("utf-8", "replace").splitlines()
        yield from (Path(name) for name in names if name.startswith(f"{OWNED}/"))


def walked(folders: Iterable[Path]) -> Iterator[Path]:
    """Give the files below the folders; links to folders are not followed."""
    for folder in folders:
        for directory, _, names in os.walk(folder):
            yield from (Path(directory) / name for name in names)


def chosen(paths: Iterable[Path]) -> list[Path]:
    """Return the files to be looked at: of each suffix a number, evenly spread."""
    known = {suffix: room.spec.medium for room in FORMATS for suffix in room.spec.suffixes}
    of_suffix: dict[str, list[Path]] = {}
    for path in set(paths):
        if (suffix := path.suffix.lower()) in known:
            of_suffix.setdefault(suffix, []).append(path)
    spread = (
        _spread(sorted(held), MOST_TEXTS if known[suffix] is Medium.TEXT else MOST)
        for suffix, held in sorted(of_suffix.items())
    )
    return [path for held in spread for path in held]


def _spread(held: list[Path], most: int) -> Iterator[Path]:
    there = [path for path in held if _is_fit(path)]
    count = min(most, len(there))
    return (there[at * len(there) // count] for at in range(count))


def _is_fit(path: Path) -> bool:
    try:
        return path.is_file() and not path.is_symlink() and 0 < path.stat().st_size <= LARGEST
    except OSError:
        return False


def told(row: AssetReport) -> list[str]:
    """Return what the row says that it should not."""
    marks = [f"{mark.scheme} ({mark.where})" for mark in row.labels if mark.kind in MARKS]
    said = [] if row.origin in (None, Origin.UNDECLARED) else [str(row.origin)]
    return said + marks


def main(folders: list[Path]) -> None:
    """Verify the files and print the checks."""
    print(premises())
    checks = Checks()
    paths = [path for path in chosen(walked(folders) if folders else owned()) if recognise(path)]
    options = Options.of("kz", None, synthetic=False, look=False)
    formats: Counter[str] = Counter()
    texts = false = 0
    for path, row in zip(paths, verify_each(paths, options), strict=True):
        if row.error:
            note(f"not looked at: {row.error.message}")
            continue
        if said := told(row):
            note(f"{path}: {', '.join(said)}")
        room = recognise(path)
        formats[room.spec.name if room else "?"] += 1
        texts += room is not None and room.spec.medium is Medium.TEXT
        false += row.origin is not Origin.UNDECLARED
    note(", ".join(f"{name} {count}" for name, count in sorted(formats.items())))
    looked = formats.total() - texts
    checks.line("pictures, sounds, documents that nobody labelled", str(looked), f">= {ENOUGH}",
                ok=looked >= ENOUGH)  # fmt: skip
    checks.line("false origins among them and the texts", f"{false}/{formats.total()}", "0",
                ok=not false)  # fmt: skip
    checks.end()


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
