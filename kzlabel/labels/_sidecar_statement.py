"""The signed sidecar as values: schema `label-1`, `NAME.EXT.kzlabel.json` (DESIGN 3)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from kzlabel.labels._sealed import SealError
from kzlabel.labels._strict_json import StrictJsonError, canonical, decode
from kzlabel.model import Disclosure, Placement, Value

SCHEMA: Final = "urn:kzlabel:schema:label:1"
TYPE: Final = "kzlabel+jws"
"""Of its signature: it is a sidecar's and nothing else's."""
MAX_NOTICES = 64
"""Each notice is rendered again when it is judged."""

Moment = Annotated[datetime, Meta(tz=True)]
Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


class SignedAsset(Value, frozen=True):
    """The finished file that the statement is about."""

    name: str
    media_type: str
    size: Annotated[int, Meta(ge=0)]
    sha256: Sha256


class SignedDisclosure(Disclosure, frozen=True):
    """A disclosure with nothing left to be filled in: what was signed, or no disclosure."""

    label_id: str
    issued: Moment


class SidecarStatement(Value, frozen=True):
    """What is signed, in its RFC 8785 form; unknown members are kept and covered."""

    schema: Literal["urn:kzlabel:schema:label:1"]
    asset: SignedAsset
    disclosure: SignedDisclosure
    notices: Annotated[tuple[Placement, ...], Meta(max_length=MAX_NOTICES)]
    issued: Moment


class Sidecar(Value, frozen=True):
    """The file: a statement and the signature beside it."""

    statement: SidecarStatement
    signature: str
    """Detached JWS, RFC 7515 appendix F."""
    timestamp: str | None = None
    """Base64 of an RFC 3161 token over the bytes of the signature."""


class ReadSidecar(msgspec.Struct, frozen=True):
    """A sidecar, and the very bytes that its signature covers."""

    sidecar: Sidecar
    payload: bytes


def read(raw: bytes) -> ReadSidecar:
    """Parse a sidecar: strict JSON, then the schema, then the canonical form.

    Raises `SealError`.
    """
    try:
        parsed = decode(raw)
        sidecar = msgspec.convert(parsed, Sidecar)
        statement = parsed["statement"] if isinstance(parsed, dict) else None
        return ReadSidecar(sidecar, canonical(statement))
    except (StrictJsonError, msgspec.ValidationError) as exc:
        raise SealError(exc) from exc


def members(value: Value) -> dict[str, object]:
    """Return a value as JSON members, in reading order, without those that say nothing."""
    said = _present(msgspec.to_builtins(value))
    return said if isinstance(said, dict) else {}


def _present(value: object) -> object:
    if isinstance(value, dict):
        return {name: _present(member) for name, member in value.items() if member is not None}
    if isinstance(value, list | tuple):
        return [_present(member) for member in value]
    return value
