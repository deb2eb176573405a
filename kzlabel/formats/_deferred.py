"""A room whose workings are loaded when the first file of its kind comes.

Start-up needs of every format no more than its spec and how to recognise it; parsers and tables of
formats that a run does not meet would be most of what it loads.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from kzlabel.model import Carrier, Enclosure, Notice, NoticeReport, Placement, Tags


class Workings(Protocol):
    """`model.Format` without its spec and its sniffing; the docstrings there are the contract."""

    def manifest_carrier(self, path: Path) -> Carrier: ...
    def read_tags(self, path: Path) -> Tags: ...
    def write_tags(self, src: Path, dst: Path, tags: Tags) -> None: ...
    def write_notice(self, src: Path, dst: Path, notice: Notice) -> Placement: ...
    def find_notices(
        self, path: Path, hints: Sequence[Placement], *, search: bool
    ) -> Sequence[NoticeReport]: ...


class Deferred(ABC):
    """Hands everything but `spec` and `sniff` to its workings."""

    @abstractmethod
    def workings(self) -> Workings:
        """Load and return what does the work."""

    def manifest_carrier(self, path: Path) -> Carrier:
        return self.workings().manifest_carrier(path)

    def enclosure(self, path: Path) -> Enclosure | None:  # noqa: ARG002  some need the name
        return None

    def read_tags(self, path: Path) -> Tags:
        return self.workings().read_tags(path)

    def write_tags(self, src: Path, dst: Path, tags: Tags) -> None:
        self.workings().write_tags(src, dst, tags)

    def write_notice(self, src: Path, dst: Path, notice: Notice) -> Placement:
        return self.workings().write_notice(src, dst, notice)

    def find_notices(
        self, path: Path, hints: Sequence[Placement], *, search: bool
    ) -> Sequence[NoticeReport]:
        return self.workings().find_notices(path, hints, search=search)
