"""The compact signed statement of a notice's 2D barcode: made, parsed, checked.

A screenshot loses every label that lies in a file's bytes; this one lies in its pixels. It says who
labelled what as which source type and when, and is signed; it cannot be bound to the pixels.

    magic "KZL" (3) | version 1 (1) | digital source type (1) | label id, a UUID (16)
    | key id: SHA-256 of the SubjectPublicKeyInfo, its first bytes (8)
    | Unix time, seconds, big-endian (4) | signature over a prefix and all before (64)

The key decides how it is signed: Ed25519 (RFC 8032), or ES256 as r||s (RFC 7518).
"""

from __future__ import annotations

import hashlib
import struct
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from kzlabel import _keys
from kzlabel.credential import Algorithm
from kzlabel.errors import CredentialError, RefusedError
from kzlabel.model import Disclosure, Statement
from kzlabel.notices._symbols import MAGIC

if TYPE_CHECKING:
    from kzlabel.credential import Credential

PREFIX: Final = b"kzlabel notice code 1\0"
"""So that a signature made for something else, of the same bytes, is none of a code."""
VERSION: Final = 1
ALGORITHMS = (Algorithm.ED25519, Algorithm.ES256)
"""Their signatures have 64 bytes; those of the others do not fit the barcode."""
SIGNATURE_BYTES = 64
KEY_ID_BYTES = 8
_BODY = struct.Struct(f">{len(MAGIC)}sBB16s{KEY_ID_BYTES}sI")
_SOURCE_TYPES = {Statement.CREATED: 1, Statement.MODIFIED: 2}
"""Of the IPTC vocabulary: trainedAlgorithmicMedia, compositeWithTrainedAlgorithmicMedia."""
_STATEMENTS = {number: statement for statement, number in _SOURCE_TYPES.items()}
_LAST_MOMENT = 2**32


class CodeError(ValueError):
    """Not a code of this form; says why."""


@dataclass(frozen=True)
class Code:
    """A parsed code, not verified yet."""

    statement: Statement
    label_id: str
    key_id: bytes
    issued: datetime
    body: bytes
    signature: bytes


def key_id_of(public_key: bytes) -> bytes:
    """Return the id of a key by its SubjectPublicKeyInfo (DER)."""
    return hashlib.sha256(public_key).digest()[:KEY_ID_BYTES]


def leaf_key(credential: Credential) -> bytes:
    """Return the SubjectPublicKeyInfo (DER) of the credential's leaf."""
    from kzlabel import _x509

    return _x509.public_bytes(_x509.read(credential.chain[0]).key)


def made(disclosure: Disclosure, credential: Credential) -> bytes:
    """Return the signed bytes for a label.

    Raises `CredentialError` for a key that signs otherwise, or a signature that does not verify,
    and `RefusedError` for a disclosure whose id or date has no place in it.
    """
    if credential.algorithm not in ALGORITHMS:
        known = ", ".join(ALGORITHMS)
        value = credential.algorithm.value
        raise CredentialError("kz.error.code-key", path=credential.name, value=value, known=known)
    key = leaf_key(credential)
    body = _body(disclosure, key_id_of(key))
    signature = credential.sign(PREFIX + body)
    if not verifies(Code(*_said(body), body, signature), key):
        detail = f"{len(signature)} bytes, {credential.algorithm}"
        raise CredentialError("kz.error.code-signature", path=credential.name, detail=detail)
    return body + signature


def _body(disclosure: Disclosure, key_id: bytes) -> bytes:
    seconds = int(disclosure.issued.timestamp())
    if not 0 <= seconds < _LAST_MOMENT:
        raise RefusedError("kz.error.code-date", path="-", value=disclosure.issued)
    try:
        label_id = uuid.UUID(disclosure.label_id)
    except ValueError as exc:
        raise RefusedError("kz.error.code-id", path="-", value=disclosure.label_id) from exc
    kind = _SOURCE_TYPES[disclosure.statement]
    return _BODY.pack(MAGIC, VERSION, kind, label_id.bytes, key_id, seconds)


def parse(payload: bytes) -> Code:
    """Read the bytes of a code, which anybody may have drawn. Raises `CodeError`."""
    if len(payload) != _BODY.size + SIGNATURE_BYTES:
        raise CodeError(f"{len(payload)} bytes")
    body = payload[: _BODY.size]
    return Code(*_said(body), body, payload[_BODY.size :])


def _said(body: bytes) -> tuple[Statement, str, bytes, datetime]:
    magic, version, kind, label_id, key_id, seconds = _BODY.unpack(body)
    if magic != MAGIC or version != VERSION:
        raise CodeError(f"version {version}")
    if kind not in _STATEMENTS:
        raise CodeError(f"source type {kind}")
    issued = datetime.fromtimestamp(seconds, UTC)
    return _STATEMENTS[kind], uuid.UUID(bytes=label_id).urn, key_id, issued


def verifies(code: Code, public_key: bytes) -> bool:
    """Whether a key (SubjectPublicKeyInfo, DER) is the one the code names, and signed it."""
    if key_id_of(public_key) != code.key_id or len(code.signature) != SIGNATURE_BYTES:
        return False
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    try:
        key = load_der_public_key(public_key)
    except (ValueError, UnsupportedAlgorithm):
        return False
    fits = _keys.algorithm_of(key) in ALGORITHMS
    return fits and _keys.verifies(key, code.signature, PREFIX + code.body)
