"""Whether a file is an earlier report of ours: only that is replaced by another.

Each form is known by what it alone begins with and, where that says too little, by its end. What
is labelled never ends like that: a companion, a list, a key or an article is none of these.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from kzlabel.locale import LANGUAGES, sentence
from kzlabel.verdict import premises

if TYPE_CHECKING:
    from collections.abc import Iterator

_BOUND = 1 << 16
"""Bytes that are read of either end."""
_ANY = "\N{SECTION SIGN}"
"""Stands for what differs from one report to the next; no sentence of ours has it."""
_ENDS = {
    "json": (rb'\{\n  "schema": "kzlabel\.(?:report|diff)/', b""),
    "signed": (rb'\{\n  "statement": \{\n    "schema": "urn:kzlabel:schema:signed-report:', b""),
    "jsonl": (rb'\{"path":"(?:[^"\\]|\\.)*","verdict":"|\{"schema":"kzlabel\.report/', b""),
    "sarif": (rb'\{"\$schema": "[^"]*/sarif-schema-2\.1\.0\.json", ', rb'"summary":\{"assets":'),
    "html": (rb"<!doctype html>\n<html[^>]+>\n<head><meta name=.generator. content=.kzlabel.", b""),
    "csv": (rb"\xef\xbb\xbfpath,media_type,bytes,sha256,verdict,origin,integrity,", b""),
    "junit": (rb'<\?xml [^>]*>\n<testsuites name="kzlabel" ', b""),
    "parquet": (rb"PAR1", rb"kzlabel\.report/[^\n]*PAR1\Z"),
}  # fmt: skip
"""What a report in a form begins with, and what there is at its end."""


def is_earlier(path: Path) -> bool:
    """Whether a report of ours, or nothing at all, is in the file. Raises `OSError`."""
    with path.open("rb") as file:
        head = file.read(_BOUND)
        file.seek(max(path.stat().st_size - _BOUND, 0))
        tail = file.read(_BOUND)
    return (
        not head
        or any(
            re.match(begins, head) and re.search(ends, tail, re.DOTALL)
            for begins, ends in _ENDS.values()
        )
        or _is_text(head, tail)
    )


def _is_text(head: bytes, tail: bytes) -> bool:
    """Whether it is what our texts for people are, however it was wrapped."""
    first, last = (" ".join(one.decode(errors="replace").split()) for one in (head, tail))
    return any(last.endswith(premises(language)[-1]) for language in LANGUAGES) or any(
        re.match(begins, first) and re.search(f" {ends}$", last) for begins, ends in _differences()
    )


def _differences() -> Iterator[tuple[str, str]]:
    """Yield patterns of the first and of the last words of a comparison."""
    for language in LANGUAGES:
        sides = dict.fromkeys(("path", "media_type", "bytes"), _ANY)
        begins = (_pattern(f"kz.diff.{side}", language, **sides) for side in ("before", "after"))
        first = " ".join(begins)
        for code in ("nothing-lost", "nothing-seen-lost", "losses"):
            yield first, _pattern(f"kz.diff.{code}", language, count=_ANY)


def _pattern(code: str, language: str, **values: str) -> str:
    words = " ".join(sentence(code, language, **values).split())
    return re.escape(words).replace(_ANY, ".*")
