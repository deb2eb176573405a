"""What a report rests on, in words: the trust lists that were given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.locale import sentence

if TYPE_CHECKING:
    from kzlabel.model import Report


def trust_lists_said(report: Report, language: str) -> list[str]:
    """Return each trust list with what it is for and its date; else that there was none."""
    if not report.trust_lists:
        return [sentence("kz.report.no-trust-list", language)]
    return [
        sentence(
            "kz.report.trust-list",
            language,
            name=one.name,
            kind=", ".join(
                sentence(f"kz.report.trust-kind.{kind}", language) for kind in one.kind.split(" ")
            ),
            date=one.date,
        )
        for one in report.trust_lists
    ]
