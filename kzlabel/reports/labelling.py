"""What a batch of labels released: paths for people and shells, or JSON Lines for programs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from kzlabel.reports._encode import encoded, encoded_without

if TYPE_CHECKING:
    import msgspec

    from kzlabel.model import LabellingReport

Closing: TypeAlias = "Callable[[], msgspec.Struct]"


def released(row: LabellingReport) -> tuple[str, ...]:
    """Return the files of a row, companions after their asset; none where it was refused."""
    return () if row.error else (row.destination, *row.companions)


def text(rows: Iterable[LabellingReport], _: Closing) -> Iterator[str]:
    """Yield the path of each file released."""
    for row in rows:
        yield from released(row)


def jsonl(rows: Iterable[LabellingReport], closing: Closing) -> Iterator[str]:
    """Yield each row as a line, then what is said last."""
    yield from map(encoded, rows)
    yield last_line(closing())


def last_line(labelling: msgspec.Struct) -> str:
    """Return the line of all that is said of a batch but its sources."""
    return encoded_without("sources", labelling)


FORMS: Mapping[str, Callable[[Iterable[LabellingReport], Closing], Iterator[str]]]
FORMS = MappingProxyType({"text": text, "jsonl": jsonl})
"""The forms by the name that `--format` takes."""
