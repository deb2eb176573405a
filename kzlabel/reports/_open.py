"""The assets a person must look at, kept while a report runs by: paths only, and not too many."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from kzlabel.errors import printable
from kzlabel.locale import sentence
from kzlabel.model import AssetReport, Verdict
from kzlabel.reports._wrap import Line, Span, Style

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST = 50
"""Paths in the list; how many more there are is said."""
NOT_REACHED = "kz.report.not-reached"
_GROUPS = {
    f"kz.verdict.{Verdict.NONCOMPLIANT}": Style.BAD,
    f"kz.verdict.{Verdict.UNDETERMINED}": Style.POOR,
    NOT_REACHED: Style.POOR,
}


class OpenCases:
    """Paths of assets that are noncompliant, undetermined or could not be looked at."""

    def __init__(self) -> None:
        self._seen = 0
        self._counts: Counter[str] = Counter()
        self._paths: dict[str, list[str]] = {group: [] for group in _GROUPS}

    def note(self, asset: AssetReport) -> None:
        """Remember the path of `asset`, where there is something to look at."""
        self._seen += 1
        group = NOT_REACHED if asset.error else f"kz.verdict.{asset.verdict}"
        if group in self._paths:
            self._counts[group] += 1
            if len(self._paths[group]) < MOST:
                self._paths[group].append(asset.path)

    def lines(self, language: str) -> Iterator[Line]:
        """Yield the list, by verdict; nothing for one asset, whose block says it all."""
        room = MOST
        groups = [group for group in _GROUPS if self._counts[group] and self._seen > 1]
        for group in groups:
            count = self._counts[group]
            yield Line((Span(f"{sentence(group, language)} ({count}):", _GROUPS[group]),))
            shown = self._paths[group][:room]
            room -= len(shown)
            for path in shown:
                yield Line((Span(f"  {printable(path)}"),), hang=None)
            if count > len(shown):
                more = sentence("kz.report.more", language, count=count - len(shown))
                yield Line((Span(f"  {more}", Style.FAINT),))
