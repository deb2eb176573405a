"""What a label says, in words: what it is, how it stands, what it declares, who signed it.

The texts may come from a file as they are: whoever shows them takes `printable` of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.locale import sentence
from kzlabel.model import LabelKind, LabelState, Origin

if TYPE_CHECKING:
    from kzlabel.model import LabelReport, Signer


def label_line(label: LabelReport, language: str) -> str:
    """Return a label in one line: what it is, how it stands, what it says, who by."""
    return "; ".join(label_parts(label, language))


def label_parts(label: LabelReport, language: str) -> list[str]:
    """Return what a label is and how it stands, and then all that it says."""
    kind = sentence(f"kz.report.kind.{label.kind}", language)
    where = f" ({_where(label.where, language)})" if label.where else ""
    unsure = label.kind is LabelKind.CODE and label.state is LabelState.UNSIGNED
    stands = "unknown-key" if unsure else "unread" if is_unread(label) else label.state
    state = sentence(f"kz.report.state.{stands}", language)
    parts = [f"{kind} {label.scheme}{where}: {state}"]
    if label.origin is not Origin.UNDECLARED:
        parts.append(sentence(_SAID.get(label.origin, f"kz.origin.{label.origin}"), language))
    for name, value in (("system", label.system), ("provider", label.provider)):
        if value:
            parts.append(sentence(f"kz.report.{name}", language, **{name: value}))
    if label.created is not None:
        day = label.created.date().isoformat()
        signed = ".signed" if label.kind is LabelKind.REPORT else ""
        parts.append(sentence(f"kz.report.created{signed}", language, date=day))
    if label.evidence is not None and not unsure:
        parts.append(sentence(f"kz.report.evidence.{label.evidence}", language))
    return parts


def is_unread(label: LabelReport) -> bool:
    """Whether nothing of a label could be read: nobody knows whether it would hold."""
    parts = (label.system, label.provider, label.signer, label.created, label.label_id)
    told = any(part is not None for part in parts) or label.origin is not Origin.UNDECLARED
    return label.state is LabelState.INVALID and not told


_SAID = {Origin.NOT_AI: "kz.report.says.not-ai"}
"""Where a row's words are not the axis' own: that one rests on a signed manifest."""


def _where(where: str, language: str) -> str:
    return sentence(f"kz.report.where.{where}", language) if where in _PLACES else where


_PLACES = {"embedded", "symbol"}
"""What `LabelReport.where` has a word for; all else is a name."""


def signer_parts(signer: Signer, language: str) -> list[str]:
    """Return who signed, by whose certificate, until when it holds, how it stands."""
    parts = []
    if signer.name:
        parts.append(sentence("kz.report.signer", language, signer=signer.name))
    if signer.issuer:
        parts.append(sentence("kz.report.issuer", language, issuer=signer.issuer))
    if signer.not_after is not None:
        day = signer.not_after.date().isoformat()
        parts.append(sentence("kz.report.until", language, date=day))
    if signer.standing is not None:
        parts.append(sentence(f"kz.report.standing.{signer.standing}", language))
    return parts


def personal_said(label: LabelReport) -> list[str]:
    """Return prompts and names of users, each with its name, and not too much of it."""
    return [f"{name}: {value[:SHOWN_CHARACTERS]}" for name, value in label.personal.items()]


SHOWN_CHARACTERS = 1000
"""Of a prompt, where people read it; JSON has all of it."""
