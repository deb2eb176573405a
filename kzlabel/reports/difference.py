"""What two copies of an asset differ in: a `Diff` in, text for people or JSON for programs out."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

import msgspec

from kzlabel.reports import _diff_text
from kzlabel.reports._encode import encoded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kzlabel._changes import Diff


class Form(Protocol):
    """One form of it."""

    def __call__(self, diff: Diff, language: str, *, colour: bool = False) -> Iterator[str]:
        """Yield it in pieces without a newline at their ends."""
        ...


def _json(
    diff: Diff,
    language: str,  # noqa: ARG001  one Form for both
    *,
    colour: bool = False,  # noqa: ARG001  likewise
) -> Iterator[str]:
    """Yield one indented document, schema `kzlabel.diff/1`."""
    yield msgspec.json.format(encoded(diff), indent=2)


FORMS: Mapping[str, Form] = MappingProxyType({"text": _diff_text.render, "json": _json})
"""The forms by the name that `--format` takes."""
