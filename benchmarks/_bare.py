"""The peers' side: c2pa-python alone, with as few lines as its documentation needs."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path
from typing import BinaryIO

import c2pa
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from kzlabel.credential import Credential

READING = {
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
    "core": {"allowed_network_hosts": []},
}
_SIGNING = READING | {"builder": {"thumbnail": {"enabled": False}}}
_KIND = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"


def context() -> c2pa.Context:
    """Return a context that does not reach the network and makes no thumbnails."""
    return c2pa.Context.from_dict(_SIGNING)


def sign(
    source: BinaryIO, target: BinaryIO, media_type: str, signer: Credential, used: c2pa.Context
) -> None:
    """Sign with one action and nothing else."""
    action = {"action": "c2pa.created", "digitalSourceType": _KIND}
    assertion = {"label": "c2pa.actions.v2", "data": {"actions": [action]}}
    chain = b"".join(
        x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM) for der in signer.chain
    )
    facts = c2pa.C2paSignerInfo(b"es256", chain, signer.private_key, None)
    builder = c2pa.Builder({"assertions": [assertion]}, context=used)
    builder.sign(c2pa.Signer.from_info(facts), media_type, source, target)


def read(source: BinaryIO, media_type: str, used: c2pa.Context) -> str:
    """Read the manifest store, and have its hashes checked."""
    with c2pa.Reader(media_type, source, context=used) as reader:
        return str(reader.json())


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, read in blocks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def labelled(
    source: Path, target: Path, media_type: str, signer: Credential, used: c2pa.Context
) -> None:
    """Sign, write with fsync, read back, sha256: what labelling a small file cannot do without."""
    signed = io.BytesIO()
    with source.open("rb") as file:
        sign(file, signed, media_type, signer, used)
    with target.open("wb") as file:
        file.write(signed.getbuffer())
        file.flush()
        os.fsync(file.fileno())
    with target.open("rb") as file:
        read(file, media_type, used)
    digest(target)
