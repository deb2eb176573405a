"""A row as a flat record: one value a column, for spreadsheets and tables.

Values' words are those of the JSON report. What is several (labels, notices, requirements) is one
text, parted by `; `. Texts of files are printable: control characters and line ends are escaped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kzlabel.errors import printable
from kzlabel.model import Evidence, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kzlabel.model import AssetReport


class Record(NamedTuple):
    """One asset; an empty text says that there is no such value."""

    path: str
    media_type: str
    bytes: int | None
    sha256: str
    verdict: str
    origin: str
    integrity: str
    trust: str
    notice: str
    system: str
    """AI systems that labels name."""
    provider: str
    signer: str
    """Names in the certificates of those who signed."""
    evidence: str
    """The strongest that any label rests on."""
    labels: str
    """Kind and state of each: `manifest trusted`."""
    notices: str
    """The words of each."""
    failed: str
    """Requirements, each with its level and article: `kz.21-2.notice (must, 21(2))`."""
    undetermined: str
    """Likewise, those that could not be determined."""
    error: str
    """Why it could not be looked at: the code, and a sentence in English."""


def record_of(row: AssetReport) -> Record:
    """Return `row` as a flat record."""
    labels = row.labels
    signers = (label.signer.name for label in labels if label.signer)
    rests = {label.evidence for label in labels}
    return Record(
        path=printable(row.path),
        media_type=printable(row.media_type or ""),
        bytes=row.bytes,
        sha256=printable(row.sha256 or ""),
        verdict=row.verdict,
        origin=row.origin or "",
        integrity=row.integrity or "",
        trust=row.trust or "",
        notice=row.notice or "",
        system=_joined(label.system for label in labels),
        provider=_joined(label.provider for label in labels),
        signer=_joined(signers),
        evidence=next((one for one in Evidence if one in rests), ""),
        labels=_joined(f"{label.kind} {label.state}" for label in labels),
        notices=_joined(notice.text for notice in row.notices),
        failed=_requirements(row, Outcome.FAIL),
        undetermined=_requirements(row, Outcome.UNDETERMINED),
        error=printable(f"{row.error.code}: {row.error.message}") if row.error else "",
    )


def _requirements(row: AssetReport, outcome: Outcome) -> str:
    return _joined(
        f"{one.id} ({one.level}, {one.citation.article})"
        for one in row.requirements
        if one.outcome is outcome
    )


def _joined(texts: Iterable[str | None]) -> str:
    """Return the texts that are there, each once."""
    return "; ".join(dict.fromkeys(printable(text) for text in texts if text))
