"""The notice: the warning people perceive (Art. 21(2)), drawn into the content by its format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from kzlabel.model import (
    Asset,
    FindingOutcome,
    Notice,
    NoticeStyle,
    Placement,
    Reading,
    Step,
    finding,
)

if TYPE_CHECKING:
    from kzlabel.trust import TrustStore


class NoticeLabel:
    """Draws the notice, keeps one that is there, or records that the publisher shows it."""

    kind: ClassVar[str] = "notice"

    def apply(self, step: Step) -> Step:
        if step.notice.style is NoticeStyle.NONE:
            said = finding("kz.notice.none", FindingOutcome.WARNING)
            return replace(step, findings=(*step.findings, said))
        if step.notice.style is NoticeStyle.EXTERNAL:
            return _external(step)
        if step.kept_notices:
            said = finding("kz.notice.kept", FindingOutcome.INFORMATIONAL)
            return replace(step, placements=step.kept_notices, findings=(*step.findings, said))
        return _drawn(step)

    def check(self, asset: Asset, trust: TrustStore) -> Sequence[Reading]:  # noqa: ARG002
        """Return nothing: a notice is judged on the content, with the hints the labels give."""
        return ()


def _external(step: Step) -> Step:
    placement = Placement(
        statement=step.disclosure.statement,
        style=NoticeStyle.EXTERNAL,
        languages=step.notice.languages,
        lines=(),
    )
    said = finding("kz.notice.external", FindingOutcome.INFORMATIONAL)
    return replace(step, placements=(placement,), findings=(*step.findings, said))


def _drawn(step: Step) -> Step:
    notice = Notice(
        statement=step.disclosure.statement,
        languages=step.notice.languages,
        style=step.notice.style,
        corner=step.notice.corner,
        avoid=tuple(hint.region for reading in step.prior for hint in reading.hints if hint.region),
    )
    drawn = step.folder / "notice"
    placement = step.format.write_notice(step.asset, drawn, notice)
    return replace(step, asset=drawn, placements=(placement,))
