"""Where the manifest of a text goes: inside it, or beside it without an earlier one inside."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kzlabel.errors import RefusedError
from kzlabel.formats._enclosed import without
from kzlabel.labels._manifest_companion import discard
from kzlabel.labels._manifest_text import LARGEST_TEXT
from kzlabel.model import CarrierKind, FindingOutcome, LabelKind, ManifestPlace, finding

if TYPE_CHECKING:
    from pathlib import Path

    from kzlabel.labels import _c2pa
    from kzlabel.model import Carrier, Enclosure, Finding, Step

_SOME = b"a store"
"""To see whether there is a place for one."""


def placed_in_text(
    step: Step, claim: _c2pa.Claim, enclosure: Enclosure, carrier: Carrier
) -> tuple[Step, bool]:
    """Sign a text inside it, and say whether that was done.

    Where it was not, the manifest belongs beside the text, which has lost an earlier one: it would
    have stayed inside, and broken. Raises as `_c2pa.embed` does.
    """
    if step.asset.stat().st_size > LARGEST_TEXT:
        return step, False
    content = step.asset.read_bytes()
    bare = without(content, enclosure.enclosed(content))
    if carrier.kind is CarrierKind.EMBEDDED and _is_wanted(step.manifest, bare, enclosure):
        try:
            enclosure.enclose(bare, _SOME)
        except RefusedError as exc:
            step = replace(step, findings=(*step.findings, _said(exc.code)))
        else:
            signed = _signed(claim, bare, enclosure)
            if without(signed, enclosure.enclosed(signed)) != bare:
                step = replace(step, findings=(*step.findings, _said("kz.manifest.normalised")))
            return _written(step, signed), True
    return (step if bare == content else _written(step, bare)), False


def _is_wanted(place: ManifestPlace, bare: bytes, enclosure: Enclosure) -> bool:
    """Whether the manifest goes inside; `auto` keeps short texts from being mostly manifest."""
    if place is ManifestPlace.AUTO:
        return len(bare) >= enclosure.least
    return place is ManifestPlace.EMBED


def _said(code: str) -> Finding:
    return finding(code, FindingOutcome.INFORMATIONAL, LabelKind.MANIFEST)


def _signed(claim: _c2pa.Claim, content: bytes, enclosure: Enclosure) -> bytes:
    from kzlabel.labels import _c2pa_text

    return _c2pa_text.sign_enclosed(claim, content, enclosure)


def _written(step: Step, content: bytes) -> Step:
    path: Path = step.folder / "manifest"
    try:
        path.write_bytes(content)
    except BaseException:
        discard(path)
        raise
    return replace(step, asset=path)
