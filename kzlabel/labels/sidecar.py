"""The signed sidecar `NAME.EXT.kzlabel.json`: a readable statement about the finished file.

It lies beside any file at all, whatever its container carries (Art. 22(2): bound to the content,
without substitution). The statement's RFC 8785 form is signed as a detached JWS; see DESIGN 3.
"""

from __future__ import annotations

import errno
import json
import os
import stat
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from msgspec import structs

from kzlabel._assets import companion, open_asset
from kzlabel.errors import RefusedError, printable
from kzlabel.labels import _signer_trust
from kzlabel.labels._hints import is_sound
from kzlabel.labels._sealed import Codes, Matched, Sealed, SealError, checked
from kzlabel.labels._sidecar_statement import (
    MAX_NOTICES,
    SCHEMA,
    TYPE,
    Sidecar,
    SidecarStatement,
    SignedAsset,
    SignedDisclosure,
    members,
    read,
)
from kzlabel.labels._signing import signature_of
from kzlabel.labels._strict_json import StrictJsonError, canonical
from kzlabel.model import (
    Asset,
    CodeKey,
    Finding,
    FindingOutcome,
    Integrity,
    LabelKind,
    LabelReport,
    LabelState,
    Reading,
    Step,
    finding,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kzlabel.labels._jws import Signature
    from kzlabel.trust import TrustStore

SUFFIX = ".kzlabel.json"
MAX_SIDECAR = 256 * 1024
"""Bytes; ours have three to six thousand, with a time-stamp ten."""


class SidecarLabel:
    """Signs the digest of the finished file, and checks such a signature."""

    kind: ClassVar[str] = "sidecar"

    def apply(self, step: Step) -> Step:
        statement = members(_statement(step))
        document = {"statement": statement, **_signed(step, statement)}
        text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
        raw = text.encode("utf-8")
        if len(raw) > MAX_SIDECAR or len(step.placements) > MAX_NOTICES:
            raise RefusedError("kz.error.sidecar-size", path=step.name, limit=MAX_SIDECAR)
        path = step.folder / (step.name + SUFFIX)
        with path.open("xb") as file:
            file.write(raw)
        return replace(step, companions=(*step.companions, path))

    def check(self, asset: Asset, trust: TrustStore) -> Sequence[Reading]:
        path = asset.companion(SUFFIX)
        try:
            raw = _bounded(path)
        except _UnreadableError as exc:
            return (_unreadable(path.name, exc.code, exc.detail),)
        if raw is None:
            return ()
        reading = _checked(raw, path.name, asset, trust)
        return (structs.replace(reading, companion=companion(path, raw)),)


# --- Signing --------------------------------------------------------------------------------------


def _statement(step: Step) -> SidecarStatement:
    asset = step.finished or open_asset(step.asset)
    return SidecarStatement(
        schema=SCHEMA,
        asset=SignedAsset(
            name=printable(step.name),
            media_type=step.media_type,
            size=asset.size,
            sha256=asset.sha256,
        ),
        disclosure=SignedDisclosure(**structs.asdict(step.disclosure)),
        notices=step.placements,
        issued=step.disclosure.issued,
    )


def _signed(step: Step, statement: dict[str, object]) -> dict[str, str]:
    try:
        payload = canonical(statement)
    except StrictJsonError as exc:
        raise RefusedError("kz.error.sidecar-text", path=step.name, detail=exc) from exc
    return signature_of(payload, step.credential, TYPE)


# --- Checking -------------------------------------------------------------------------------------


class _UnreadableError(Exception):
    def __init__(self, code: str, detail: object) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


def _bounded(path: Path) -> bytes | None:
    """Read the companion, None where there is none; never blocks on a pipe or reads without end."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as exc:
        if exc.errno in (errno.ENOENT, errno.ENAMETOOLONG):
            return None
        if exc.errno in (errno.EACCES, errno.EPERM, errno.ELOOP, errno.ENXIO):
            raise _UnreadableError("kz.sidecar.closed", exc.strerror) from exc
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _UnreadableError("kz.sidecar.closed", "not a regular file")
    with os.fdopen(descriptor, "rb") as file:
        raw = file.read(MAX_SIDECAR + 1)
    if len(raw) > MAX_SIDECAR:
        raise _UnreadableError("kz.sidecar.too-large", MAX_SIDECAR)
    return raw


def _checked(raw: bytes, name: str, asset: Asset, trust: TrustStore) -> Reading:
    """Check one sidecar, step by step (`_sealed.checked`)."""
    # 1. Parse strictly; 2. decode by the schema; the signature covers the parsed statement.
    try:
        found = read(raw)
    except SealError as exc:
        code = "kz.sidecar.not-json" if exc.line else "kz.sidecar.unreadable"
        return _unreadable(name, code, exc, line=exc.line)
    sidecar = found.sidecar
    sealed = Sealed(found.payload, sidecar.signature, sidecar.timestamp, TYPE)
    codes = Codes("kz.sidecar.signature-unreadable", "kz.sidecar.signature-mismatch")
    # 3. to 6. The signature and who made it; 7. the asset is the very file that was signed.
    reading, signature = checked(
        sealed, _report(sidecar, name), trust, codes,
        lambda: _matched(sidecar.statement.asset, asset),
    )  # fmt: skip
    if signature is None:
        return reading
    return structs.replace(
        reading,
        hints=tuple(filter(is_sound, sidecar.statement.notices)),
        code_keys=(_code_key(signature, reading.report),),
    )


def _code_key(signature: Signature, report: LabelReport) -> CodeKey:
    from kzlabel import _x509

    leaf = signature.certificates[0]
    signer = _signer_trust.signer_of(leaf)
    return CodeKey(key=_x509.public_bytes(leaf.key), signer=signer, label_id=report.label_id)


def _matched(signed: SignedAsset, asset: Asset) -> Matched:
    """Compare digest and size; another name is no harm: files are renamed."""
    if (signed.sha256, signed.size) != (asset.sha256, asset.size):
        said = _finding("kz.sidecar.digest-mismatch", FindingOutcome.FAILURE, name=signed.name)
        return Integrity.BROKEN, (said,)
    held = _finding("kz.sidecar.intact", FindingOutcome.SUCCESS)
    if signed.name == printable(asset.path.name):
        return Integrity.INTACT, (held,)
    renamed = _finding("kz.sidecar.renamed", FindingOutcome.INFORMATIONAL, name=signed.name)
    return Integrity.INTACT, (held, renamed)


def _report(sidecar: Sidecar, name: str) -> LabelReport:
    disclosure = sidecar.statement.disclosure
    system = disclosure.system
    return LabelReport(
        kind=LabelKind.SIDECAR,
        scheme="kzlabel",
        state=LabelState.INVALID,
        origin=disclosure.statement.origin,
        system=f"{system.name} {system.version}" if system.version else system.name,
        provider=disclosure.provider.name,
        created=_signer_trust.utc(sidecar.statement.issued),
        label_id=disclosure.label_id,
        where=printable(name),
    )


def _unreadable(name: str, code: str, detail: object, **values: object) -> Reading:
    report = LabelReport(
        kind=LabelKind.SIDECAR, scheme="kzlabel", state=LabelState.INVALID, where=printable(name)
    )
    said = _finding(code, FindingOutcome.FAILURE, detail=detail, **values)
    return Reading(report=report, integrity=Integrity.UNREADABLE, findings=(said,))


def _finding(code: str, outcome: FindingOutcome, **values: object) -> Finding:
    return finding(code, outcome, LabelKind.SIDECAR, **values)
