"""Why a notice is judged as it is, as a sentence names it: in a finding, or in a refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.errors import KzlabelError

if TYPE_CHECKING:
    from kzlabel.model import NoticeReport

NO_OCR, NO_OCR_DATA = "kz.notice.no-ocr", "kz.notice.no-ocr-data"
TOO_MANY_WORDS = "kz.notice.too-many-words"
TOO_MANY_CODES = "kz.notice.too-many-codes"
"""Says nothing of words: of the codes that say nothing to people, some were not read."""
NOT_READ = frozenset({NO_OCR, NO_OCR_DATA, TOO_MANY_WORDS})
"""Codes of a report that stands for words on pictures that nobody read."""

_IN_DOUBT = {"kz.notice.undetermined": "kz.notice.in-doubt"}
"""A notice just written that cannot be judged is one that the document may hide."""


def values_of(report: NoticeReport) -> dict[str, str]:
    """Return what the sentence of a report's code names."""
    measures = {name: f"{value:.2f}".removesuffix(".00") for name, value in report.measures.items()}
    return {"text": report.text, "detail": report.text, **measures}


def reason_of(report: NoticeReport) -> KzlabelError:
    """Return why a notice that was just written is not perceived, to be said in a refusal."""
    return KzlabelError(_IN_DOUBT.get(report.code, report.code), **values_of(report))
