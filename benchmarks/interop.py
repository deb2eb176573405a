"""Read what we write with tools that are not ours (`make interop`).

encypher-c2pa (telemetry off) judges the manifests, exiftool and mutagen the metadata, joserfc the
sidecars, ffprobe the streams.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import tempfile
from pathlib import Path
from typing import Protocol

import encypher_c2pa
import mutagen
import mutagen.id3
import rfc8785
from joserfc import jws
from joserfc.jwk import ECKey

import kzlabel
from benchmarks import _media
from benchmarks._checks import Checks, credential, disclosure, note, premises
from kzlabel._ai_properties import FAMILIES, SOURCE_TYPE, SYSTEM, SYSTEM_VERSION
from kzlabel.formats import FORMATS, recognise
from kzlabel.model import CarrierKind, Disclosure, Medium
from kzlabel.workflow import Labelled

FIXTURES = Path(__file__).parent.parent / "fixtures"
FIELDS = ("DigitalSourceType", "AISystemUsed", "AISystemVersionUsed")
_FREE_TEXT = re.compile(r"\((\w+)\) (.*)", re.DOTALL)
MUTAGEN_READS = {"id3", "vorbis", "mp4"}
MUTAGEN_OPENS_NOT = {".rf64"}


class SupportsGet(Protocol):
    """Tags as mutagen has them."""

    def get(self, key: str, /) -> object:
        """Return the tag of that name."""
        ...


def assets() -> list[Path]:
    """Return the fixtures: every file of a format we know."""
    return sorted(p for p in FIXTURES.iterdir() if p.is_file() and recognise(p) is not None)


def manifest_is_valid(path: Path) -> bool:
    """Whether encypher-c2pa calls the embedded manifest valid."""
    result = encypher_c2pa.verify(str(path), telemetry=False)
    parts = ("integrity", "signature", "hard_binding")
    return [result.get(part) for part in parts] == ["valid", "valid", "match"]


def wanted(said: Disclosure) -> list[str]:
    """Return what the three properties must say."""
    return [said.statement.digital_source_type, said.system.name, said.system.version or ""]


def exiftool_reads(path: Path) -> list[str]:
    """Return what exiftool reads of the three properties, wherever they are; names in any case."""
    done = subprocess.run(
        ["exiftool", "-j", "-n", "-a", "-G4", str(path)], capture_output=True, check=True
    )
    row: dict[str, object] = json.loads(done.stdout)[0]
    held: dict[str, str] = {}
    for name, value in row.items():
        free = _FREE_TEXT.fullmatch(str(value))  # ID3's TXXX: "(NAME) text"
        key, text = (free[1], free[2]) if free else (name.split(":")[-1], str(value))
        held.setdefault(key.casefold(), text)
    return [held.get(field.casefold(), "") for field in FIELDS]


def mutagen_reads(path: Path, family: str) -> list[str]:
    """Return what mutagen reads of the three properties under the names of one family of tags."""
    names = [FAMILIES[family][name] for name in _PROPERTIES]
    if path.suffix == ".aac":  # mutagen takes ADTS behind ID3 for a broken MP3
        head = mutagen.id3.ID3(path)  # type: ignore[no-untyped-call]
        return [_first(head, name) for name in names]
    opened = mutagen.File(path)
    return [_first(opened.tags if opened is not None else None, name) for name in names]


def _first(tags: SupportsGet | None, name: str) -> str:
    """Return the text of a tag: mutagen has a frame, a list of texts, or a list of bytes."""
    held = None if tags is None else tags.get(name)
    held = getattr(held, "text", held)
    first = held[0] if isinstance(held, list) and held else held
    return bytes(first).decode() if isinstance(first, bytes) else str(first)


_PROPERTIES = (SOURCE_TYPE, SYSTEM, SYSTEM_VERSION)


def sidecar_is_valid(made: Labelled) -> bool:
    """Whether joserfc verifies the detached signature, and the digest is that of the file."""
    document = json.loads(made.companions[-1].read_bytes())
    payload = rfc8785.dumps(document["statement"])
    registry = jws.JWSRegistry(algorithms=["ES256"])
    registry.max_header_length = 8192  # its limit does not foresee a chain
    head = document["signature"].split(".")[0]
    header = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    key = _public_key(header["x5c"][0])
    jws.deserialize_compact(document["signature"], key, registry=registry, payload=payload)
    digest = hashlib.sha256(made.asset.read_bytes()).hexdigest()
    return bool(document["statement"]["asset"]["sha256"] == digest)


def _public_key(der: str) -> ECKey:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = x509.load_der_x509_certificate(base64.b64decode(der)).public_key()
    return ECKey.import_key(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


class Tally:
    """What each tool said of each file it could read."""

    def __init__(self) -> None:
        self.said: dict[str, list[bool]] = {}

    def count(self, check: str, path: Path, *, good: bool) -> None:
        """Count one answer, and name the file where it is no."""
        self.said.setdefault(check, []).append(good)
        if not good:
            note(f"{path.name}: no: {check}")

    def printed(self, checks: Checks) -> None:
        """Print one line a check."""
        for check, answers in self.said.items():
            checks.share(check, sum(answers), len(answers))


def judged(made: Labelled, said: Disclosure, tally: Tally) -> None:
    """Have others read one labelled file."""
    path, room = made.asset, recognise(made.asset)
    assert room is not None
    if room.manifest_carrier(path).kind is CarrierKind.EMBEDDED:
        valid = manifest_is_valid(path)
        tally.count("encypher-c2pa: embedded manifests valid", path, good=valid)
    if any(f.code == "kz.metadata.left-out" for f in made.findings):
        note(f"{path.name}: no place for unsigned metadata ({room.spec.name})")
    else:
        tagged = exiftool_reads(path) == wanted(said)
        tally.count("exiftool reads the three properties", path, good=tagged)
        known = MUTAGEN_READS if path.suffix not in MUTAGEN_OPENS_NOT else set()
        for family in known & set(room.spec.tags):
            tagged = mutagen_reads(path, family) == wanted(said)
            tally.count("mutagen reads the three properties", path, good=tagged)
    if room.spec.medium is not Medium.IMAGE:
        tally.count("ffprobe opens sound and film", path, good=_media.plays(path))
    tally.count("joserfc verifies the sidecars", path, good=sidecar_is_valid(made))


def main() -> None:
    """Label every fixture and have others read it."""
    print(premises())
    checks, signer, tally = Checks(), credential(), Tally()
    with tempfile.TemporaryDirectory() as name:
        for path in assets():
            said = disclosure()
            judged(kzlabel.label(path, Path(name) / path.name, said, signer), said, tally)
    note(f"{len(FORMATS)} formats, {len(assets())} files")
    tally.printed(checks)
    checks.end()


if __name__ == "__main__":
    main()
