"""Signed codes of notices after what happens to pictures on their way: `make codes PICTURES=DIR`.

Each picture is labelled with `--code`, loses its file in an upload, and is verified by its pixels
alone against the signer's certificate. What was edited, signed by another key, or pasted from
another picture must not be accepted. Pictures are made with a seed, in several sizes and formats;
those of DIR with a shorter side of 700 pixels or more are added.
"""

from __future__ import annotations

import base64
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import perf_counter

from PIL import Image

from benchmarks._checks import Checks, credential, disclosure, note, premises
from benchmarks.bench import photograph
from kzlabel import _pem, label, verify
from kzlabel.credential import Algorithm, Credential, development
from kzlabel.labels import _code
from kzlabel.labels.sidecar import SUFFIX as SIDECAR
from kzlabel.model import AssetReport, LabelKind, LabelState, NoticeConfig, NoticeStyle, Placement
from kzlabel.notices._coded import LEAST_SIDE
from kzlabel.notices._symbols import MAGIC, MODULES, draw
from kzlabel.notices.visible import box
from kzlabel.trust import TrustKind, TrustList, TrustStore

SEED = 20260118
MADE = 54
SIZES = (
    (700, 700), (900, 700), (1000, 750), (720, 1280), (1024, 1024), (1080, 1080), (1280, 960),
    (1600, 900), (1920, 1080), (2000, 1500), (2400, 3200), (3000, 2000),
)  # fmt: skip
FORMATS = ("jpg", "png", "webp", "tiff", "bmp", "avif")
MOST_REAL = 60
BELIEVED = (LabelState.VALID, LabelState.TRUSTED)


def pictures(folder: Path, real: Path | None) -> Iterator[Path]:
    """Give pictures without any label, one after the other."""
    for number in range(MADE):
        path = folder / f"made-{number}.{FORMATS[number % len(FORMATS)]}"
        photograph(*SIZES[number % len(SIZES)], SEED + number).save(path, quality=85)
        yield path
    taken = 0
    for found in sorted(real.rglob("*")) if real else ():
        try:
            with Image.open(found) as opened:
                bare = opened.convert("RGB")
        except (OSError, ValueError, Image.DecompressionBombError):
            continue
        if min(bare.size) >= LEAST_SIDE and taken < MOST_REAL:
            taken += 1
            bare.info.clear()
            path = folder / f"real-{taken}.jpg"
            bare.save(path, quality=90)
            yield path


def half_q50(picture: Image.Image, to: Path) -> None:
    """Show it at half its size, as a messenger does."""
    picture.resize((picture.width // 2, picture.height // 2), Image.Resampling.LANCZOS).save(
        to, quality=50
    )


def smaller_q80(picture: Image.Image, to: Path) -> None:
    """Reduce it by a factor that no pixel fits."""
    size = round(picture.width * 0.73), round(picture.height * 0.73)
    picture.resize(size, Image.Resampling.BICUBIC).save(to, quality=80)


def screenshot(picture: Image.Image, to: Path) -> None:
    """Show it in a window of a screen of 1920 x 1080, larger ones reduced to it."""
    screen = Image.new("RGB", (1920, 1080), (238, 240, 243))
    screen.paste((32, 33, 36), (0, 0, 1920, 64))
    shown = picture.copy()
    shown.thumbnail((1780, 980), Image.Resampling.LANCZOS)
    screen.paste(shown, (70, 84))
    screen.save(to, quality=80)


JOURNEYS: dict[str, Callable[[Image.Image, Path], None]] = {
    "half size, JPEG q50": half_q50,
    "0.73 x, JPEG q80": smaller_q80,
    "screenshot with borders, JPEG q80": screenshot,
}


def listed(*signers: Credential) -> TrustStore:
    """Return a store of these signers' own certificates, for codes."""
    pem = _pem.text(tuple(signer.chain[0] for signer in signers))
    return TrustStore((TrustList("signers", frozenset({TrustKind.CODE}), pem, "", ""),))


def accepted(report: AssetReport) -> bool:
    """Whether a code is believed, and is not said to be another label's."""
    believed = any(row.kind is LabelKind.CODE and row.state in BELIEVED for row in report.labels)
    return believed and all(finding.code != "kz.code.foreign" for finding in report.findings)


LIES = ("edited payload", "code of another key", "pasted from another picture")


@dataclass
class Run:
    """What became of the pictures so far."""

    signers: tuple[Credential, ...]
    stranger: Credential
    trust: TrustStore
    folder: Path
    draws: random.Random
    pictures: int = 0
    good: Counter[str] = field(default_factory=Counter)
    """Journeys survived."""
    believed: Counter[str] = field(default_factory=Counter)
    """Lies that were accepted."""
    seconds: list[float] = field(default_factory=list)
    earlier: bytes = b""
    """The code of the picture before."""

    def add(self, source: Path) -> None:
        """Label a picture with a code, send it on every journey, and lie about it in every way."""
        signer = self.signers[self.pictures % len(self.signers)]
        self.pictures += 1
        style = NoticeStyle.STRIP if self.pictures % 3 == 0 else NoticeStyle.OVERLAY
        out = self.folder / f"out{source.suffix}"
        config = NoticeConfig(code=True, style=style)
        made = label(source, out, disclosure(), signer, notice=config, force=True)
        with Image.open(out) as opened:
            picture = opened.convert("RGB")
        for journey, send in JOURNEYS.items():
            if not self.survives(picture, send):
                note(f"{journey}: {source.name} {picture.size} {style}")
            else:
                self.good[journey] += 1
        placement = made.placements[0]
        payload = base64.b64decode(placement.code)
        for lie, code in zip(LIES, self.lies(payload), strict=True):
            self.believed[lie] += self.accepts(out, picture, placement, code)
        self.earlier = payload
        source.unlink()

    def survives(self, picture: Image.Image, send: Callable[[Image.Image, Path], None]) -> bool:
        """Whether the pixels alone still say who signed."""
        sent = self.folder / "sent.jpg"
        send(picture, sent)
        started = perf_counter()
        report = verify(sent, look=True, trust=self.trust)
        self.seconds.append(perf_counter() - started)
        return accepted(report)

    def lies(self, payload: bytes) -> tuple[bytes, ...]:
        """Return the bytes of codes that are not this picture's."""
        edited, at = bytearray(payload), self.draws.randrange(8 * len(MAGIC), 8 * len(payload))
        edited[at // 8] ^= 1 << at % 8
        other = self.earlier or _code.made(disclosure(), self.signers[0])
        return bytes(edited), _code.made(disclosure(), self.stranger), other

    def accepts(self, out: Path, shown: Image.Image, placement: Placement, code: bytes) -> bool:
        """Whether another code in the place of the picture's own is believed."""
        left, top, _, bottom = box(placement)
        drawn = draw(code, placement.code_side // MODULES).convert("RGB")
        picture = shown.copy()
        picture.paste(drawn, (left, top + (bottom - top - drawn.height) // 2))
        path = self.folder / "lie.png"
        picture.save(path, compress_level=1)
        path.with_name(path.name + SIDECAR).write_bytes(
            out.with_name(out.name + SIDECAR).read_bytes()
        )
        report = verify(path, trust=self.trust)
        if not any(row.kind is LabelKind.CODE for row in report.labels):
            raise AssertionError(f"{out.name}: the code that was pasted is not read")
        return accepted(report)


def main() -> None:
    """Print how many codes of pictures survive, and how many lies are believed."""
    checks, signers = Checks(), (credential(), development(Algorithm.ED25519))
    stranger = development(Algorithm.ED25519, name="stranger")
    real = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    print(premises())
    with tempfile.TemporaryDirectory() as name:
        draws = random.Random(SEED)  # noqa: S311  a seed for edits
        run = Run(signers, stranger, listed(*signers), Path(name), draws)
        for source in pictures(run.folder, real):
            run.add(source)
    for journey in JOURNEYS:
        checks.share(f"verifies: {journey}", run.good[journey], run.pictures)
    for lie in LIES:
        count = run.believed[lie]
        checks.line(f"accepted: {lie}", f"{count}/{run.pictures}", "0", ok=count == 0)
    each = sorted(run.seconds)
    note(
        f"verify --look: {median(each):.2f} s a picture (least {each[0]:.2f}, most {each[-1]:.2f})"
    )
    checks.end()


if __name__ == "__main__":
    main()
