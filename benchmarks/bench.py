"""Speed, as ratios against named peers doing the same work in the same run (`make bench`).

Each ratio is the median of alternating runs on the same files; figures without a target begin
with `#`. The files are made here, from a fixed seed, and read from the page cache by both sides.
"""

from __future__ import annotations

import argparse
import compileall
import hashlib
import io
import random
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import c2pa
from PIL import Image, ImageChops

import kzlabel
from benchmarks import _bare, bench_batch, bench_documents, bench_media
from benchmarks._checks import Checks, credential, disclosure, note, premises
from benchmarks._timing import RUNS, alternating, described, seconds
from kzlabel.credential import Credential
from kzlabel.formats import recognise
from kzlabel.markers import MARKERS
from kzlabel.model import NoticeConfig, NoticeStyle
from kzlabel.trust import store_of

LABELLED, UNLABELLED, ONE = 40, 200, 9
SEED = 20260118


def photograph(width: int, height: int, seed: int) -> Image.Image:
    """Return a picture that compresses like a photograph: shapes, shading, sensor noise."""
    draw = random.Random(seed)  # noqa: S311  a seed for a picture
    small = Image.new("RGB", (24, 18))
    small.putdata([tuple(draw.randrange(40, 216) for _ in range(3)) for _ in range(24 * 18)])
    smooth = small.resize((width, height), Image.Resampling.BICUBIC)
    noise = Image.effect_noise((width, height), 14).convert("RGB")
    return ImageChops.add(smooth, noise, 1, -128)


def bare_read(paths: Sequence[Path], context: c2pa.Context) -> None:
    """Be the peer: read, sha256, Reader, json(); nothing else."""
    for path in paths:
        content = path.read_bytes()
        hashlib.sha256(content).hexdigest()
        with c2pa.Reader("image/jpeg", io.BytesIO(content), context=context) as reader:
            reader.json()


def labelled_set(folder: Path, signer: Credential) -> list[Path]:
    """Make labelled photographs of 70-500 KB."""
    made = []
    for index in range(LABELLED):
        width = 600 + 35 * index
        source = folder / f"source-{index}.jpg"
        photograph(width, width * 3 // 4, SEED + index).save(source, quality=82)
        target = folder / f"labelled-{index}.jpg"
        kzlabel.label(source, target, disclosure(), signer)
        made.append(target)
    return [path for path in made if 70_000 <= path.stat().st_size <= 500_000]


def bench_verify(checks: Checks, folder: Path, signer: Credential) -> list[Path]:
    """Verify labelled files through the API, with and without companions; judging is apart."""
    paths, own = labelled_set(folder, signer), store_of(signer)
    anchors = {"trust": {"user_anchors": own.lists[0].pem}}
    context = c2pa.Context.from_dict(_bare.READING | anchors)

    def verify(*, look: bool | None) -> None:
        for path in paths:
            assert kzlabel.verify(path, trust=own, look=look).integrity == "intact"

    def peer() -> None:
        bare_read(paths, context)

    note(f"labelled JPEGs: {described(paths)}; peer: c2pa.Reader + json() + sha256")
    ratios = alternating(lambda: verify(look=False), peer)
    checks.ratio("verify labelled, with companions", ratios, 0.55, at_least=True)
    bench_batch.run(checks, folder, paths, signer)
    judged, unjudged = seconds(lambda: verify(look=None)), seconds(lambda: verify(look=False))
    for path in paths:
        path.with_name(path.name + ".kzlabel.json").unlink()
    ratios = alternating(lambda: verify(look=False), peer)
    checks.ratio("verify labelled, without companions", ratios, 0.7, at_least=True)
    cost = (judged - unjudged) / len(paths) * 1000
    note(f"judging the notice adds {cost:.1f} ms a file ({judged / unjudged:.1f} x the time)")
    return paths


def bench_tags(checks: Checks, paths: Sequence[Path], signer: Credential) -> None:
    """Read tags and run every marker beside the bare pass, against the bare pass alone."""
    anchors = {"trust": {"user_anchors": store_of(signer).lists[0].pem}}
    context = c2pa.Context.from_dict(_bare.READING | anchors)

    def marked() -> None:
        bare_read(paths, context)
        for path in paths:
            room = recognise(path)
            assert room is not None
            tags = room.read_tags(path)
            assert not [mark for each in MARKERS if (mark := each.detect(tags))]

    note(f"labelled JPEGs: {described(paths)}; peer: c2pa.Reader + json() + sha256")
    inverse = [1 / ratio for ratio in alternating(marked, lambda: bare_read(paths, context))]
    checks.ratio("tags and markers beside a bare pass, wall time", inverse, 1.3, at_least=False)


def bench_unlabelled(checks: Checks, folder: Path) -> None:
    """Verify unlabelled files against exiftool -j, each in one call on the same list."""
    paths = []
    for index in range(UNLABELLED):
        path = folder / f"plain-{index}.jpg"
        width = 320 + 6 * index
        photograph(width, width * 3 // 4, SEED + index).save(path, quality=80)
        paths.append(path)
    paths = [path for path in paths if path.stat().st_size <= 500_000]
    names = [str(path) for path in paths]
    peer = ["exiftool", "-j", *names]

    def ours() -> None:
        for path in paths:
            assert kzlabel.verify(path).verdict == "undeclared"

    note(f"unlabelled JPEGs: {described(paths)}; peer: exiftool -j, one call")
    ratios = alternating(ours, lambda: _run(peer), 5)
    checks.ratio("verify unlabelled, files per second", ratios, 3, at_least=True)
    command = [sys.executable, "-m", "kzlabel", "verify", "--format", "jsonl", *names]
    apart = alternating(lambda: _run(command), lambda: _run(peer), 5)
    note(f"the same through one call of the command line, workers and all: {median(apart):.2f}")


def bench_command(checks: Checks, one: Path) -> None:
    """Compare `kzlabel verify one.jpg` with a python that imports c2pa and reads the same file."""
    ours = [sys.executable, "-m", "kzlabel", "verify", str(one)]
    script = f"import c2pa; c2pa.Reader({str(one)!r}).json()"
    ratios = alternating(lambda: _run(ours), lambda: _run([sys.executable, "-c", script]), ONE)
    note(f"one labelled JPEG: {described([one])}; peer: python -c, c2pa.Reader(one).json()")
    inverse = [1 / ratio for ratio in ratios]
    checks.ratio("kzlabel verify one.jpg, wall time", inverse, 2.5, at_least=False)


def bench_label(checks: Checks, folder: Path, signer: Credential) -> None:
    """Label 12 megapixels against the sum of what cannot be avoided."""
    source = folder / "large.jpg"
    photograph(4000, 3000, SEED).save(source, quality=85)
    count = 0

    def ours() -> None:
        nonlocal count
        count += 1
        kzlabel.label(
            source, folder / f"large-{count}.jpg", disclosure(), signer,
            notice=NoticeConfig(style=NoticeStyle.OVERLAY),
        )  # fmt: skip

    def peer() -> None:
        _unavoidable(source, signer)

    note(f"12-megapixel JPEG: {described([source])}; peer: decode, encode, sign, read, decode")
    inverse = [1 / ratio for ratio in alternating(ours, peer)]
    checks.ratio("label a 12-megapixel JPEG, wall time", inverse, 1.3, at_least=False)


def _unavoidable(source: Path, signer: Credential) -> None:
    """Decode and encode with Pillow, sign and read with c2pa, decode what came out."""
    context = _bare.context()
    encoded, signed = io.BytesIO(), io.BytesIO()
    with Image.open(source) as picture:
        picture.load()
        picture.save(encoded, "JPEG", quality="keep", qtables=picture.quantization)  # type: ignore[attr-defined]
    encoded.seek(0)
    _bare.sign(encoded, signed, "image/jpeg", signer, context)
    signed.seek(0)
    _bare.read(signed, "image/jpeg", context)
    signed.seek(0)
    with Image.open(signed) as picture:
        picture.load()


def _run(command: Sequence[str]) -> None:
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


def main() -> None:
    """Run every comparison."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    print(premises())
    compileall.compile_dir(str(Path(kzlabel.__file__).parent), quiet=1)  # as an installed wheel is
    note(f"medians of {RUNS} alternating runs (exiftool 5, one file {ONE}); seed {SEED}")
    checks, signer = Checks(), credential()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = bench_verify(checks, folder, signer)
        bench_tags(checks, paths, signer)
        bench_unlabelled(checks, folder)
        bench_command(checks, paths[len(paths) // 2])
        bench_label(checks, folder, signer)
        bench_media.run(checks, folder, signer)
        bench_documents.run(checks, folder, signer)
    checks.end()


if __name__ == "__main__":
    main()
