"""The metadata label: unsigned properties that every tool of its medium reads and keeps.

IPTC Photo Metadata 2025.1 in XMP, and under the same names in the tags of audio and video. Readable
by machines (Art. 21(2)), bound to nothing: anyone can write them, so they never make an asset more
than `unprotected`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from kzlabel import _ai_properties as names
from kzlabel._source_types import source_type
from kzlabel.errors import UnsupportedTagsError
from kzlabel.model import (
    Asset,
    Finding,
    FindingOutcome,
    FormatSpec,
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
    from collections.abc import Mapping, Sequence

    from kzlabel.trust import TrustStore


class MetadataLabel:
    """Writes what the disclosure says into the container's own tags, and reads it back."""

    kind: ClassVar[str] = "metadata"

    def apply(self, step: Step) -> Step:
        spec = step.format.spec
        said = names.written(step.disclosure)
        tags = {family: names.in_family(family, said) for family in _families(spec)}
        if not tags:
            return _left_out(step, spec)
        written = step.folder / "metadata"
        try:
            step.format.write_tags(step.asset, written, tags)
        except UnsupportedTagsError:
            written.unlink(missing_ok=True)
            return _left_out(step, spec)
        return replace(step, asset=written)

    def check(self, asset: Asset, trust: TrustStore) -> Sequence[Reading]:  # noqa: ARG002
        said = {family: names.read_from(asset.tags, family) for family in names.FAMILIES}
        ours = [family for family, content in said.items() if names.is_ours(content)]
        # The same label in several families is one label; another one's remains are seen too.
        first = {said[family][names.LABEL_ID]: family for family in reversed(ours)}
        return tuple(_reading(family, said[family]) for family in reversed(first.values()))


def _families(spec: FormatSpec) -> tuple[str, ...]:
    return tuple(family for family in spec.tags if family in names.FAMILIES)


def _reading(family: str, said: Mapping[str, str]) -> Reading:
    declared = said[names.SOURCE_TYPE]
    known = source_type(declared)
    report = LabelReport(
        kind=LabelKind.METADATA,
        scheme="kzlabel",
        state=LabelState.UNSIGNED,
        origin=known.origin if known else Origin.UNDECLARED,
        system=names.system_in(said),
        provider=said.get(names.PROVIDER),
        label_id=said[names.LABEL_ID],
        where=f"{family}: {names.FAMILIES[family][names.SOURCE_TYPE]}",
        personal={"prompt": said[names.PROMPT]} if names.PROMPT in said else {},
    )
    read = _finding("kz.metadata.read", value=declared)
    return Reading(report=report, integrity=Integrity.UNPROTECTED, findings=(read,))


def _left_out(step: Step, spec: FormatSpec) -> Step:
    said = _finding("kz.metadata.left-out", **spec.named)
    return replace(step, findings=(*step.findings, said))


def _finding(code: str, **values: str) -> Finding:
    return finding(code, FindingOutcome.INFORMATIONAL, LabelKind.METADATA, **values)
