"""Label and verify the real files of a corpus (`make corpus CORPUS=DIR`).

The originals must read as EXPECTED.csv says; every file whose manifest is neither broken nor
unreadable must come out compliant and open again, a sound or film with the same streams, codecs,
frames, copied tracks and lossless samples; the others, and those with nothing in them that ffprobe
could play, must be refused with exit 2. A PDF must keep its pages, words, fields and outline; one
that is signed or has a password is refused, and labelled beside with `--notice external`.
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
from benchmarks import _corpus_pdf, _media
from benchmarks._checks import Checks, credential, disclosure, note, premises
from kzlabel.credential import Credential
from kzlabel.errors import KzlabelError
from kzlabel.formats import recognise
from kzlabel.model import (
    AssetReport,
    Integrity,
    LabelKind,
    LabelReport,
    Medium,
    NoticeStyle,
    Origin,
    Placement,
)
from kzlabel.trust import TrustStore, parse, store_of

HARMED = ("broken", "unreadable")


@dataclass(frozen=True)
class Original:
    """One file of the corpus, and what its C2PA part must come to."""

    path: Path
    origin: str
    integrity: str
    trust: str

    @property
    def medium(self) -> Medium | None:
        """What people perceive in it; None where its format is not known."""
        room = recognise(self.path)
        return None if room is None else room.spec.medium

    @property
    def harmed(self) -> bool:
        """Whether it must be refused: its label does not hold, or there is nothing in it."""
        plays = self.medium not in (Medium.AUDIO, Medium.VIDEO) or _media.plays(self.path)
        return self.integrity in HARMED or not plays or self.guarded

    @property
    def guarded(self) -> bool:
        """Whether it is a PDF that must not be rewritten."""
        return self.medium is Medium.DOCUMENT and _corpus_pdf.is_guarded(self.path)


def originals(corpus: Path) -> Iterator[Original]:
    """Yield the files of the corpus."""
    with (corpus / "EXPECTED.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield Original(
                corpus / row["file"], row["c2pa_origin"], row["c2pa_integrity"], row["c2pa_trust"]
            )


def official(corpus: Path) -> TrustStore:
    """Return the official lists that lie beside the corpus."""
    folder = corpus / "trust"
    claim, tsa = folder / "C2PA-TRUST-LIST.pem", folder / "C2PA-TSA-TRUST-LIST.pem"
    return TrustStore((parse(f"claim={claim}"), parse(f"tsa={tsa}")))


def additions(original: Original, row: AssetReport) -> list[LabelReport]:
    """Return the marks of others that say something of the origin beyond the C2PA part."""
    silent = (Origin.UNDECLARED, original.origin)
    marks = (label for label in row.labels if label.kind is LabelKind.MARKER)
    return [mark for mark in marks if mark.origin not in silent]


def agrees(original: Original, row: AssetReport) -> bool:
    """Whether the C2PA part of the row is as expected; marks of others may add to it."""
    if row.origin is None or row.integrity is None or row.trust is None:
        return False
    added = additions(original, row)
    origin = row.origin.value == original.origin or row.origin in [mark.origin for mark in added]
    integrity = row.integrity.value == original.integrity or (
        bool(added) and original.integrity == "absent" and row.integrity is Integrity.UNPROTECTED
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


def differences(before: Path, after: Path, placement: Placement) -> list[str]:
    """Return what labelling changed in a sound or film that it must not change."""
    old, new = _media.probe(before), _media.probe(after)
    said = placement.spans if placement.style is NoticeStyle.PREPEND else ()
    longer = sum(span.end - span.start for span in said)
    checks = {
        "streams or codecs": old.streams == new.streams,
        "duration": abs(new.duration - old.duration - longer) <= _media.FRAME_SECONDS,
        "frame count": old.frames == new.frames,
        "plays": _media.decodes(after) or not _media.decodes(before),
    }
    if placement.medium == "visible":
        checks["copied tracks"] = all(
            _media.copied(before, kind) == _media.copied(after, kind)
            for kind in ("audio", "data", "subtitle")
        )
    elif old.lossless_sound:
        there = _media.outside(after, new, placement.spans)
        checks["lossless samples outside the notice"] = there == _media.samples(before)
    return [name for name, kept in checks.items() if not kept]


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


@dataclass
class Tally:
    """How many of the files that must be labelled were, by what was asked of them."""

    asked: int = 0
    compliant: int = 0
    kept: int = 0


def labelled(original: Original, target: Path, signer: Credential, tally: Tally) -> None:
    """Label one file and count whether it verifies, and whether it is otherwise as it was."""
    tally.asked += 1
    name = original.path.name
    try:
        made = kzlabel.label(original.path, target, disclosure(), signer)
    except KzlabelError as exc:
        note(f"{name}: not labelled: {exc}")
        return
    row = kzlabel.verify(target, trust=store_of(signer))
    tally.compliant += row.verdict == "compliant"
    if row.verdict != "compliant":
        note(f"{name}: {row.verdict} {[f.code for f in row.findings]} {row.error}")
    placement = made.placements[0]
    if original.medium is Medium.IMAGE:
        amiss = [] if reopens(original.path, target, placement) else ["does not reopen as it was"]
    elif original.medium is Medium.DOCUMENT:
        amiss = _corpus_pdf.differences(original.path, target)
    else:
        amiss = differences(original.path, target, placement)
    tally.kept += not amiss
    if amiss:
        note(f"{name}: {', '.join(amiss)}")


def compared(checks: Checks, files: list[Original], lists: TrustStore) -> None:
    """Compare what is read of every file with what it is known to say."""
    right = 0
    unlabelled: list[bool] = []
    for original in files:
        row = kzlabel.verify(original.path, trust=lists)
        right += agrees(original, row)
        if (original.origin, original.integrity) == (Origin.UNDECLARED, Integrity.ABSENT):
            unlabelled.append(row.origin is Origin.UNDECLARED)
        for mark in additions(original, row):
            note(f"{original.path.name}: {mark.scheme} ({mark.where}) adds {mark.origin.value}")
        if not agrees(original, row):
            note(f"differs: {original} -> {row.origin} {row.integrity} {row.trust} {row.error}")
    checks.share("originals agree with EXPECTED.csv", right, len(files))
    checks.share("unlabelled originals stay undeclared", sum(unlabelled), len(unlabelled))


def main(corpus: Path) -> None:
    """Run the checks over the corpus."""
    import pillow_heif
    import pillow_jxl  # noqa: F401  registers the plugin

    pillow_heif.register_heif_opener()
    print(premises())
    checks, signer, everything = Checks(), credential(), list(originals(corpus))
    files = [original for original in everything if original.medium is not None]
    note(f"{len(everything)} files, {len(everything) - len(files)} of formats that are not known")
    compared(checks, files, official(corpus))
    pictures, media, documents = Tally(), Tally(), Tally()
    tallies = {Medium.IMAGE: pictures, Medium.DOCUMENT: documents}
    harmed = [original for original in files if original.harmed]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for index, original in enumerate(files):
            if original not in harmed:
                tally = tallies.get(original.medium or Medium.TEXT, media)
                target = folder / f"{index}{original.path.suffix}"
                labelled(original, target, signer, tally)
        stopped = [original for original in harmed if refused(original.path, folder)]
        guarded = [original.path for original in harmed if original.guarded]
        beside = [
            path
            for path in guarded
            if _corpus_pdf.is_labelled_beside(path, folder / path.name, signer)
        ]
    for original in harmed:
        if original not in stopped:
            note(f"{original.path.name}: was not refused")
    checks.share("labelled pictures verify compliant", pictures.compliant, pictures.asked)
    checks.share("labelled pictures reopen as they were", pictures.kept, pictures.asked)
    checks.share("labelled sound and film verify compliant", media.compliant, media.asked)
    checks.share("streams, frames, lossless samples as before", media.kept, media.asked)
    checks.share("labelled PDFs verify compliant", documents.compliant, documents.asked)
    checks.share("labelled PDFs keep pages, words, fields", documents.kept, documents.asked)
    checks.share("signed and locked PDFs labelled beside", len(beside), len(guarded))
    checks.share("broken, empty, signed, locked refused, exit 2", len(stopped), len(harmed))
    checks.end()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
