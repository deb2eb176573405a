"""Notices that nobody declared: how many are found, and how many are made up (`make ocr`).

Rendered pictures from a fixed seed (`_notices_drawn`): four languages, three sizes, plates and bare
letters over what looks like photographs, each as it is and changed in two of three ways (JPEG,
halved, in a screenshot); and pictures without a notice, most of which have other words. A notice
counts as found where its report is none of `mentioned` and `product`. DIR adds pictures of the
caller's own: as grounds, and as pictures without a notice.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from statistics import median

from PIL import Image

from benchmarks._checks import Checks, note, premises
from benchmarks._notices_drawn import HARMS, OTHER_WORDS, STYLES, count, ground, noticed, write
from kzlabel.formats._raster_view import RasterView
from kzlabel.notices import _ocr
from kzlabel.notices.unclaimed import find

WORKERS = 2
SIDES = ((1000, 750), (1200, 800), (750, 1000), (1280, 720))
BARE = 24
"""Pictures without words."""
RECALL = {"all": 0.95, "as-is": 0.95, "jpeg-q50": 0.95, "half-size": 0.95, "screenshot": 0.9}
TALL_RECALL = 0.95
"""Of the notices that are as large as the law profile asks: 5 %."""
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}


@dataclass(frozen=True)
class Look:
    """What was found on one picture."""

    name: str
    harm: str
    codes: tuple[str, ...]
    texts: tuple[str, ...]
    ratio: float
    seconds: float

    @property
    def found(self) -> bool:
        """Whether a notice was reported."""
        return any(not code for code in self.codes)


def look(name: str, harm: str, picture: Image.Image) -> Look:
    """Find what nobody declared on one picture."""
    seen = HARMS[harm](picture)
    start = time.perf_counter()
    read = find(RasterView(seen)).words
    taken = time.perf_counter() - start
    ratio = read[0].letters.em_px / min(seen.size) if read else 0.0
    texts = tuple(text for each in read for text in each.hint.lines)
    return Look(name, harm, tuple(each.doubt for each in read), texts, ratio, taken)


def own_pictures(folder: Path | None) -> list[Path]:
    """Return the caller's pictures."""
    every = sorted(folder.rglob("*")) if folder else []
    return [path for path in every if path.suffix.lower() in SUFFIXES]


def picture_of(path: Path) -> Image.Image:
    """Return one of them, reduced."""
    picture = Image.open(path).convert("RGB")
    picture.thumbnail((1400, 1400))
    return picture


def ground_of(own: Sequence[Path], number: int) -> Image.Image:
    """Return a ground: generated, or one of the caller's."""
    if own and number % 2:
        return picture_of(own[number // 2 % len(own)])
    return ground(number, *SIDES[number % len(SIDES)])


def with_notice(own: Sequence[Path], number: int) -> list[Look]:
    """Look at one picture with a notice: as it is, and changed in two of three ways."""
    drawn = noticed(number, ground_of(own, number))
    name = f"{drawn.language}|{drawn.size:.0%}|{drawn.style}|{drawn.text}"
    as_is, *changed = HARMS
    changed.pop(number % len(changed))
    return [look(name, harm, drawn.picture) for harm in (as_is, *changed)]


def without(own: Sequence[Path], number: int) -> Look:
    """Look at one picture without a notice: bare, with other words, or the caller's."""
    if number < BARE:
        return look(f"bare {number}", "as-is", ground_of((), 1000 + number))
    number -= BARE
    if number >= len(OTHER_WORDS):
        path = own[number - len(OTHER_WORDS)]
        return look(path.name, "as-is", picture_of(path))
    picture, text = ground_of((), 2000 + number), OTHER_WORDS[number]
    write(picture, text, 0.05, STYLES[number % len(STYLES)], number)
    return look(text.replace("\n", " / "), "as-is", picture)


def recalled(checks: Checks, looks: Sequence[Look]) -> None:
    """Print how many notices were found, of all and of each kind."""
    for harm in (None, *HARMS):
        of = [each for each in looks if harm in (None, each.harm)]
        name = harm or "all"
        least(checks, f"ocr recall, {name}", of, RECALL[name])
    least(checks, "ocr recall, 5 %", [each for each in looks if "|5%|" in each.name], TALL_RECALL)
    for place in (0, 1, 2):
        kinds = dict.fromkeys(kind_of(each, place) for each in looks)
        for kind in kinds:
            of = [each for each in looks if kind_of(each, place) == kind]
            note(f"recall, {kind}: {share(of):.3f} of {len(of)}")
    seen = Counter(each.name for each in looks)
    missed = Counter(each.name for each in looks if not each.found)
    for name, times in missed.most_common(12):
        note(f"missed {times} of {seen[name]}: {name}")


def least(checks: Checks, name: str, looks: Sequence[Look], target: float) -> None:
    """Print a share that must not be less."""
    found = sum(each.found for each in looks)
    measured = f"{share(looks):.3f} ({found}/{len(looks)})"
    checks.line(name, measured, f">= {target:g}", ok=share(looks) >= target)


def kind_of(each: Look, place: int) -> str:
    """Return the language, size or style of a picture with a notice."""
    return each.name.split("|")[place]


def share(looks: Sequence[Look]) -> float:
    """Return the share in which a notice was found."""
    return sum(each.found for each in looks) / max(1, len(looks))


def measured(looks: Sequence[Look]) -> None:
    """Print how far the measured em is from the drawn one."""
    drawn = {"5%": 0.05, "4%": 0.04, "3%": 0.03}
    apart = [
        abs(each.ratio / drawn[kind_of(each, 1)] - 1)
        for each in looks if each.found and each.harm != "screenshot"
    ]  # fmt: skip
    near = sum(each <= 0.12 for each in apart)
    note(f"em within 12 % of what was drawn: {near} of {len(apart)}")


def falsely(checks: Checks, clean: Sequence[Look], held: int) -> None:
    """Print how many notices were made up."""
    false = [each for each in clean if each.found]
    checks.line("ocr false notices", f"{len(false)}/{len(clean)}", "0", ok=not false)
    for each in false:
        note(f"false notice: {each.name}: {each.texts}")
    doubted = [each.name for each in clean if each.codes and not each.found]
    note(f"left open: {len(doubted)} of {len(clean)}: {doubted}")
    precision = held / max(1, held + len(false))
    checks.line("ocr precision", f"{precision:.3f}", ">= 0.99", ok=precision >= 0.99)


def main(arguments: Sequence[str]) -> None:
    """Print one line a check; exit with 1 where one is short."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, help="pictures of your own")
    own = own_pictures(parser.parse_args(arguments).folder)
    print(premises())
    if missing := _ocr.available():
        sys.exit(f"words cannot be read here: {missing}")
    checks = Checks()
    blank = BARE + len(OTHER_WORDS) + len(own)
    with ProcessPoolExecutor(WORKERS, get_context("spawn")) as pool:
        with_one = [
            each for row in pool.map(partial(with_notice, own), range(count())) for each in row
        ]
        clean = list(pool.map(partial(without, own), range(blank)))
    recalled(checks, with_one)
    measured(with_one)
    falsely(checks, clean, sum(each.found for each in with_one))
    every = [each.seconds for each in (*with_one, *clean)]
    note(f"seconds a picture: {median(every):.2f} (median), {max(every):.2f} (longest)")
    checks.end()


if __name__ == "__main__":
    main(sys.argv[1:])
