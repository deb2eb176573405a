"""JSON for programs: one document, schema `kzlabel.report/1` (DESIGN 4), messages in English."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from kzlabel.reports._encode import encoded

if TYPE_CHECKING:
    from kzlabel.model import Report


def render(report: Report, language: str = "en", *, colour: bool = False) -> str:  # noqa: ARG001  one Reporter for all forms
    """Return the report as an indented JSON document."""
    return msgspec.json.format(encoded(report), indent=2)
