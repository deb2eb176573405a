"""Read what we write with tools that are not ours (`make interop`).

encypher-c2pa (telemetry off) judges the manifests, exiftool and mutagen the metadata, joserfc the
sidecars, ffprobe the streams; of documents and texts, `_documents` says who reads what.
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

import mutagen
import mutagen.id3
import rfc8785
from joserfc import jws
from joserfc.jwk import ECKey

import kzlabel
from benchmarks import _documents, _media
from benchmarks._checks import Checks, credential, disclosure, note, premises
from kzlabel._ai_properties import FAMILIES, SOURCE_TYPE, SYSTEM, SYSTEM_VERSION
from kzlabel.credential import Credential
from kzlabel.formats import FORMATS, recognise
from kzlabel.model import Disclosure, Format, Medium, NoticeConfig, NoticeStyle
from kzlabel.workflow import Labelled

FIXTURES = Path(__file__).parent.parent / "fixtures"
FIELDS = ("DigitalSourceType", "AISystemUsed", "AISystemVersionUsed")
_FREE_TEXT = re.compile(r"\((\w+)\) (.*)", re.DOTALL)
MUTAGEN_READS = {"id3", "vorbis", "mp4"}
MUTAGEN_OPENS_NOT = {".rf64"}
UNREAD = {"epub"}
"""Families of tags that exiftool does not read."""


class SupportsGet(Protocol):
    """Tags as mutagen has them."""

    def get(self, key: str, /) -> object:
        """Return the tag of that name."""
        ...


def assets() -> list[Path]:
    """Return the fixtures: every file of a format we know."""
    ours = {".py", ".toml", ".sh"}  # what builds them, but for one that is a fixture itself
    files = (p for p in FIXTURES.iterdir() if p.is_file())
    return sorted(p for p in files if p.suffix not in ours or p.stem == "script")


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
        if key == "User-definedName":  # OpenDocument's: the value is the row beside it
            key, text = text, str(row.get(name.removesuffix("Name"), ""))
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
    if not path.with_name(path.name + ".c2pa").exists():
        valid = _documents.encypher_says_valid(path)
        tally.count("encypher-c2pa: embedded manifests valid", path, good=valid)
        judged_text(path, tally)
    if any(f.code == "kz.metadata.left-out" for f in made.findings) or not room.spec.tags:
        note(f"{path.name}: no place for unsigned metadata ({room.spec.name})")
    elif UNREAD.isdisjoint(room.spec.tags):
        judged_tags(path, room, said, tally)
    if room.spec.medium in (Medium.AUDIO, Medium.VIDEO):
        tally.count("ffprobe opens sound and film", path, good=_media.plays(path))
    tally.count("joserfc verifies the sidecars", path, good=sidecar_is_valid(made))


def judged_text(path: Path, tally: Tally) -> None:
    """Have others read a manifest in a text, and read theirs."""
    enclosure = _documents.enclosure_of(path)
    if enclosure is not None:
        theirs = _documents.others_extract_ours(path, enclosure)
        tally.count("c2pa-text & co. extract ours", path, good=theirs)
        ours = _documents.ours_reads_others(path, enclosure)
        tally.count("ours reads c2pa-text & co.", path, good=ours)


def judged_tags(path: Path, room: Format, said: Disclosure, tally: Tally) -> None:
    """Have others read the unsigned metadata."""
    tagged = exiftool_reads(path) == wanted(said)
    tally.count("exiftool reads the three properties", path, good=tagged)
    known = MUTAGEN_READS if path.suffix not in MUTAGEN_OPENS_NOT else set()
    for family in known & set(room.spec.tags):
        tagged = mutagen_reads(path, family) == wanted(said)
        tally.count("mutagen reads the three properties", path, good=tagged)


def judged_document(path: Path, folder: Path, tally: Tally) -> None:
    """Have a document opened by the programs it is for."""
    if path.suffix == ".pdf":
        tally.count("qpdf --check is clean", path, good=_documents.qpdf_finds_nothing_amiss(path))
    if path.suffix in _documents.LIBRARIES:
        opened = _documents.LIBRARIES[path.suffix](path)
        tally.count("python-docx & co. open office files", path, good=opened)
    if path.suffix in _documents.LIBREOFFICE:
        shown = _documents.libreoffice_shows(path, folder)
        tally.count("LibreOffice converts, notice on page 1", path, good=shown)


def judged_signature(folder: Path, signer: Credential, tally: Tally) -> None:
    """Label a PDF that is signed, and have pyHanko say that its own signature holds."""
    source, target = folder / "to-sign.pdf", folder / "signed-labelled.pdf"
    _documents.signed_pdf(FIXTURES / "document.pdf", source, signer)
    outside = NoticeConfig(style=NoticeStyle.EXTERNAL)
    kzlabel.label(source, target, disclosure(), signer, notice=outside)
    intact = _documents.signature_is_intact(target)
    tally.count("pyHanko: a signed PDF's signature intact", target, good=intact)


def main() -> None:
    """Label every fixture and have others read it."""
    print(premises())
    checks, signer, tally = Checks(), credential(), Tally()
    with tempfile.TemporaryDirectory() as name:
        for path in assets():
            said = disclosure()
            target = Path(name) / path.name
            judged(kzlabel.label(path, target, said, signer), said, tally)
            judged_document(target, Path(name), tally)
        judged_signature(Path(name), signer, tally)
    note(f"{len(FORMATS)} formats, {len(assets())} files")
    tally.printed(checks)
    checks.end()


if __name__ == "__main__":
    main()
