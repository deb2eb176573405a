"""Label and verify the real files of a corpus (`make corpus CORPUS=DIR`).

The originals must read as EXPECTED.csv says; every picture whose manifest is neither broken nor
unreadable must come out compliant and open again; the others must be refused with exit 2.
"""

from __future__ import annotations

import csv
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from PIL import Image

import kzlabel
from benchmarks._checks import Checks, credential, disclosure, note, premises
from kzlabel.errors import KzlabelError
from kzlabel.formats import recognise
from kzlabel.model import AssetReport, Integrity, LabelKind, Medium, NoticeStyle, Placement
from kzlabel.trust import TrustStore, parse, store_of

HARMED = ("broken", "unreadable")


@dataclass(frozen=True)
class Original:
    """One file of the corpus, and what its C2PA part must come to."""

    path: Path
    origin: str
    integrity: str
    trust: str


def originals(corpus: Path) -> Iterator[Original]:
    """Yield the pictures of the corpus."""
    with (corpus / "EXPECTED.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            path = corpus / row["file"]
            room = recognise(path)
            if room is not None and room.spec.medium is Medium.IMAGE:
                yield Original(path, row["c2pa_origin"], row["c2pa_integrity"], row["c2pa_trust"])


def official(corpus: Path) -> TrustStore:
    """Return the official lists that lie beside the corpus."""
    folder = corpus / "trust"
    claim, tsa = folder / "C2PA-TRUST-LIST.pem", folder / "C2PA-TSA-TRUST-LIST.pem"
    return TrustStore((parse(f"claim={claim}"), parse(f"tsa={tsa}")))


def agrees(original: Original, row: AssetReport) -> bool:
    """Whether the C2PA part of the row is as expected; marks of others may add to it."""
    if row.origin is None or row.integrity is None or row.trust is None:
        return False
    marked = [label for label in row.labels if label.kind is LabelKind.MARKER]
    origin = row.origin.value == original.origin
    integrity = row.integrity.value == original.integrity
    if marked:
        note(f"{original.path.name}: marks of others add {[m.origin.value for m in marked]}")
        origin = origin or row.origin in [m.origin for m in marked]
        integrity = integrity or (
            original.integrity == "absent" and row.integrity is Integrity.UNPROTECTED
        )
    return origin and integrity and row.trust.value == original.trust


def reopens(before: Path, after: Path, placement: Placement) -> bool:
    """Whether the labelled file opens with the mode and size of the original (plus the band)."""
    if before.suffix.lower() == ".svg":
        return ET.parse(after).getroot().tag.endswith("svg")  # noqa: S314  our own output
    with Image.open(before) as old, Image.open(after) as new:
        old.load()
        new.load()
        if old.mode != new.mode:
            return False
        if placement.style is NoticeStyle.STRIP:
            return new.size == (placement.width, placement.height) and new.height > old.height
        return old.size == new.size and getattr(old, "n_frames", 1) == getattr(new, "n_frames", 1)


def refused(path: Path, folder: Path) -> bool:
    """Whether the command line refuses the file: exit 2, one sentence, nothing left."""
    target = folder / f"refused-{path.name}"
    done = subprocess.run(
        [sys.executable, "-m", "kzlabel", "label", str(path), "-o", str(target),
         "--system-name", "Bench", "--provider-name", "Bench"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    said = done.stderr.strip().splitlines()
    return done.returncode == 2 and len(said) == 1 and not list(folder.glob("refused-*"))


def main(corpus: Path) -> None:
    """Run the checks over the corpus."""
    import pillow_heif
    import pillow_jxl  # noqa: F401  registers the plugin

    pillow_heif.register_heif_opener()
    print(premises())
    checks, lists, signer = Checks(), official(corpus), credential()
    own, files = store_of(signer), list(originals(corpus))
    right = opened = compliant = stopped = 0
    for original in files:
        row = kzlabel.verify(original.path, trust=lists)
        right += agrees(original, row)
        if not agrees(original, row):
            note(f"differs: {original} -> {row.origin} {row.integrity} {row.trust} {row.error}")
    sound = [o for o in files if o.integrity not in HARMED]
    harmed = [o for o in files if o.integrity in HARMED]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for index, original in enumerate(sound):
            target = folder / f"{index}{original.path.suffix}"
            try:
                made = kzlabel.label(original.path, target, disclosure(), signer)
            except KzlabelError as exc:
                note(f"not labelled: {exc}")
                continue
            row = kzlabel.verify(target, trust=own)
            compliant += row.verdict == "compliant"
            if row.verdict != "compliant":
                note(f"{original.path.name}: {row.verdict} {[f.code for f in row.findings]}")
            good = reopens(original.path, target, made.placements[0])
            opened += good
            if not good:
                note(f"{original.path.name}: does not reopen as it was")
        for original in harmed:
            good = refused(original.path, folder)
            stopped += good
            if not good:
                note(f"{original.path.name}: was not refused")
    checks.share("originals agree with EXPECTED.csv", right, len(files))
    checks.share("labelled pictures verify compliant", compliant, len(sound))
    checks.share("labelled pictures reopen as they were", opened, len(sound))
    checks.share("broken and unreadable refused, exit 2", stopped, len(harmed))
    checks.end()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
