"""Read what we write with tools that are not ours (`make interop`).

encypher-c2pa (telemetry off) judges the manifests, exiftool the metadata, joserfc the sidecars.
"""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import encypher_c2pa
import rfc8785
from joserfc import jws
from joserfc.jwk import ECKey

import kzlabel
from benchmarks._checks import Checks, credential, disclosure, note, premises
from kzlabel.formats import FORMATS, recognise
from kzlabel.model import CarrierKind
from kzlabel.workflow import Labelled

FIXTURES = Path(__file__).parent.parent / "fixtures"
FIELDS = ("DigitalSourceType", "AISystemUsed", "AISystemVersionUsed")


def pictures() -> list[Path]:
    """Return the fixtures: every file of a format we know."""
    return sorted(p for p in FIXTURES.iterdir() if p.is_file() and recognise(p) is not None)


def manifest_is_valid(path: Path) -> bool:
    """Whether encypher-c2pa calls the embedded manifest valid."""
    result = encypher_c2pa.verify(str(path), telemetry=False)
    parts = ("integrity", "signature", "hard_binding")
    return [result.get(part) for part in parts] == ["valid", "valid", "match"]


def metadata(path: Path) -> Mapping[str, object]:
    """Return what exiftool reads of the file's XMP."""
    done = subprocess.run(
        ["exiftool", "-j", "-n", "-XMP:all", str(path)], capture_output=True, check=True
    )
    row: dict[str, object] = json.loads(done.stdout)[0]
    return row


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


def main() -> None:
    """Label every fixture and have others read it."""
    print(premises())
    checks, signer = Checks(), credential()
    valid: list[bool] = []
    tagged: list[bool] = []
    signed: list[bool] = []
    with tempfile.TemporaryDirectory() as name:
        for path in pictures():
            room, said = recognise(path), disclosure()
            made = kzlabel.label(path, Path(name) / path.name, said, signer)
            assert room is not None
            if room.manifest_carrier(made.asset).kind is CarrierKind.EMBEDDED:
                valid.append(manifest_is_valid(made.asset))
                if not valid[-1]:
                    note(f"{path.name}: encypher-c2pa calls it not valid")
            if not any(f.code == "kz.metadata.left-out" for f in made.findings):
                row = metadata(made.asset)
                want = (said.statement.digital_source_type, said.system.name, said.system.version)
                tagged.append(all(str(row.get(f)) == w for f, w in zip(FIELDS, want, strict=True)))
                if not tagged[-1]:
                    note(f"{path.name}: exiftool reads {row}")
            else:
                note(f"{path.name}: no place for unsigned metadata ({room.spec.name})")
            signed.append(sidecar_is_valid(made))
    note(f"{len(FORMATS)} formats, {len(signed)} files")
    checks.share("encypher-c2pa: embedded manifests valid", sum(valid), len(valid))
    checks.share("exiftool reads the three properties", sum(tagged), len(tagged))
    checks.share("joserfc verifies the sidecars", sum(signed), len(signed))
    checks.end()


if __name__ == "__main__":
    main()
