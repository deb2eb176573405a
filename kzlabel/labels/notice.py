"""The notice: the warning people perceive (Art. 21(2)), drawn into the content by its format."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from kzlabel.errors import RefusedError
from kzlabel.model import (
    MEDIUM_OF,
    OUTSIDE,
    STYLES,
    Asset,
    Finding,
    FindingOutcome,
    FormatSpec,
    Medium,
    Notice,
    NoticeConfig,
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
        """Give the notice in each style asked for that this medium can carry.

        Raises `RefusedError` where it can carry none of them.
        """
        styles = _styles(step)
        if NoticeStyle.NONE in styles:
            said = finding("kz.notice.none", FindingOutcome.WARNING)
            return replace(step, findings=(*step.findings, said))
        if NoticeStyle.EXTERNAL in styles:
            return _external(step)
        for style in styles:
            step = _given(step, style)
        unused = _unused(step.notice, step.placements, step.format.spec)
        return replace(step, findings=(*step.findings, *unused))

    def check(self, asset: Asset, trust: TrustStore) -> Sequence[Reading]:  # noqa: ARG002
        """Return nothing: a notice is judged on the content, with the hints the labels give."""
        return ()


def _styles(step: Step) -> tuple[NoticeStyle, ...]:
    spec = step.format.spec
    styles = step.notice.styles_of(spec.medium)
    if not styles:
        known = ", ".join((*STYLES[spec.medium], *OUTSIDE))
        asked = step.notice.style or ()
        value = asked if isinstance(asked, str) else ", ".join(asked)
        raise RefusedError(
            "kz.error.notice-style", path=step.source, **spec.named, value=value, known=known
        )
    return styles


def _external(step: Step) -> Step:
    placement = Placement(
        statement=step.disclosure.statement,
        style=NoticeStyle.EXTERNAL,
        languages=step.notice.languages,
        lines=(),
    )
    said = finding("kz.notice.external", FindingOutcome.INFORMATIONAL)
    return replace(step, placements=(placement,), findings=(*step.findings, said))


def _given(step: Step, style: NoticeStyle) -> Step:
    """Keep the notice of this style's kind that people can perceive already, or give one."""
    medium = MEDIUM_OF[style]
    kept = tuple(entry for entry in step.kept_notices if entry.medium == medium)
    if kept:
        said = finding("kz.notice.kept", FindingOutcome.INFORMATIONAL)
        return replace(step, placements=(*step.placements, *kept), findings=(*step.findings, said))
    given = step.folder / f"notice-{style}"
    try:
        placement = step.format.write_notice(step.asset, given, _notice(step, style))
    except RefusedError as exc:
        if exc.code != "kz.error.code-size":
            raise
        raise RefusedError(exc.code, **{**exc.values, "path": step.source}) from exc
    amiss = tuple(finding(code, FindingOutcome.WARNING) for code in placement.flaws)
    return replace(
        step,
        asset=given,
        placements=(*step.placements, placement),
        findings=(*step.findings, *amiss),
    )


def _notice(step: Step, style: NoticeStyle) -> Notice:
    config = step.notice
    return Notice(
        statement=step.disclosure.statement,
        languages=config.languages,
        style=style,
        corner=config.corner,
        avoid=tuple(hint.region for reading in step.prior for hint in reading.hints if hint.region),
        every=None if config.every is None else config.every * SECONDS_A_MINUTE,
        seconds=config.seconds,
        recording=config.recording,
        code=_code_of(step, style),
    )


def _code_of(step: Step, style: NoticeStyle) -> str:
    """Return the signed bytes of the code beside a notice, in base64; empty where there is none."""
    on_picture = step.format.spec.medium is Medium.IMAGE and MEDIUM_OF[style] == "visible"
    if not (step.notice.code and on_picture):
        return ""
    from kzlabel.labels import _code

    return base64.b64encode(_code.made(step.disclosure, step.credential)).decode()


SECONDS_A_MINUTE = 60.0


def _unused(
    config: NoticeConfig, placements: Sequence[Placement], spec: FormatSpec
) -> tuple[Finding, ...]:
    """Say which settings the notice of this file could make no use of."""
    heard = any(MEDIUM_OF[entry.style] == "audible" for entry in placements)
    drawn = any(entry.region for entry in placements)
    in_time = spec.medium in (Medium.AUDIO, Medium.VIDEO)
    uses = (
        ("--recording", config.recording, heard),
        ("--seconds", config.seconds, spec.medium is Medium.VIDEO and drawn),
        ("--every", config.every, in_time),
        ("--corner", config.corner, drawn),
        ("--code", config.code or None, any(entry.code for entry in placements)),
    )
    unused = [flag for flag, value, used in uses if value is not None and not used]
    code, weight = "kz.notice.unused", FindingOutcome.WARNING
    return tuple(finding(code, weight, value=flag, **spec.named) for flag in unused)
