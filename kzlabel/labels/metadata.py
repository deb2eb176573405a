"""The metadata label: unsigned properties that every picture tool reads and keeps.

IPTC Photo Metadata 2025.1 in XMP. Readable by machines (Art. 21(2)), bound to nothing: anyone can
write them, so they never make an asset more than `unprotected`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from kzlabel import _ai_properties as names
from kzlabel._source_types import source_type
from kzlabel.errors import UnsupportedTagsError
from kzlabel.model import (
    Asset,
    Disclosure,
    Finding,
    FindingOutcome,
    Integrity,
    LabelKind,
    LabelReport,
    LabelState,
    Origin,
    Reading,
    Step,
    finding,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kzlabel.trust import TrustStore

FAMILY = "xmp"


class MetadataLabel:
    """Writes what the disclosure says into the container's own tags, and reads it back."""

    kind: ClassVar[str] = "metadata"

    def apply(self, step: Step) -> Step:
        spec = step.format.spec
        if FAMILY not in spec.tags:
            return _left_out(step, spec.name)
        written = step.folder / "metadata"
        try:
            step.format.write_tags(step.asset, written, {FAMILY: properties(step.disclosure)})
        except UnsupportedTagsError:
            written.unlink(missing_ok=True)
            return _left_out(step, spec.name)
        return replace(step, asset=written)

    def check(self, asset: Asset, trust: TrustStore) -> Sequence[Reading]:  # noqa: ARG002
        label_id = names.our_label_id(asset.tags)
        if label_id is None:
            return ()
        known = source_type(asset.tags[FAMILY][names.SOURCE_TYPE])
        report = LabelReport(
            kind=LabelKind.METADATA,
            scheme="kzlabel",
            state=LabelState.UNSIGNED,
            origin=known.origin if known else Origin.UNDECLARED,
            system=names.system_of(asset.tags),
            label_id=label_id,
            where=f"{FAMILY}: {names.SOURCE_TYPE}",
        )
        read = _finding("kz.metadata.read", value=asset.tags[FAMILY][names.SOURCE_TYPE])
        return (Reading(report=report, integrity=Integrity.UNPROTECTED, findings=(read,)),)


def properties(disclosure: Disclosure) -> dict[str, str]:
    """Return the XMP properties of a disclosure; an empty one takes an earlier system's away."""
    said = {
        names.SOURCE_TYPE: disclosure.statement.digital_source_type,
        names.SYSTEM: disclosure.system.name,
        names.SYSTEM_VERSION: disclosure.system.version or "",
        names.LABEL_ID: disclosure.label_id,
    }
    return said | ({names.PROMPT: disclosure.prompt} if disclosure.prompt else {})


def _left_out(step: Step, container: str) -> Step:
    said = _finding("kz.metadata.left-out", name=container)
    return replace(step, findings=(*step.findings, said))


def _finding(code: str, **values: str) -> Finding:
    return finding(code, FindingOutcome.INFORMATIONAL, LabelKind.METADATA, **values)
