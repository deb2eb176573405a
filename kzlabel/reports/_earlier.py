"""Whether a file is an earlier report of ours: only that is replaced by another.

Each form is known by what it alone begins with and, where that says too little, by its end: a
companion, a list, a key or an article is none of these, nor a text into which a report was pasted.
"""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from kzlabel.locale import LANGUAGES, sentence
from kzlabel.model import Verdict
from kzlabel.verdict import PREMISES

if TYPE_CHECKING:
    from collections.abc import Iterator

_BOUND = 1 << 16
"""Bytes that are read of either end."""
_ANY = "\N{SECTION SIGN}"
"""Stands for what differs from one report to the next; no sentence of ours has it."""
_ROW = rb'\{"path":"(?:[^"\\]|\\.)*","verdict":"\w+","media_type":[^,]+,"bytes":\w+,'
_ENDS = {
    "json": (rb'\{\n  "schema": "kzlabel\.(?:report|diff)/', b""),
    "signed": (rb'\{\n  "statement": \{\n    "schema": "urn:kzlabel:schema:signed-report:', b""),
    "jsonl": (_ROW, rb'(?:\A|\n)\{"schema":"kzlabel\.report/[^\n]*\n\Z'),
    "closing": (rb'\{"schema":"kzlabel\.report/', b""),
    "sarif": (
        rb'\{"\$schema": "[^"]*", "version": "2\.1\.0", "runs": \[\{"results": \[\n',
        rb'"summary":\{"assets":\d+,"verdicts":\{[^{}]*\},"origins":\{[^{}]*\}\}\}\}\]\}\n\Z',
    ),
    "html": (rb"<!doctype html>\n<html[^>]+>\n<head><meta name=.generator. content=.kzlabel.", b""),
    "csv": (rb"\xef\xbb\xbfpath,media_type,bytes,sha256,verdict,origin,integrity,", b""),
    "junit": (rb'<\?xml [^>]*>\n<testsuites name="kzlabel" ', b""),
    "parquet": (rb"PAR1", rb"kzlabel\.report/.*+(?<=PAR1)"),
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
            or any(_is_text(file, head, tail, language) for language in LANGUAGES)
            or _is_difference(head, tail)
        )


def has_rows(path: Path) -> bool:
    """Whether it begins with a row: results, of which the end may be missing."""
    with path.open("rb") as file:
        return re.match(_ROW, file.read(_BOUND)) is not None


def _is_text(file: BinaryIO, head: bytes, tail: bytes, language: str) -> bool:
    """Whether it begins and ends as our text for people, with the assets that it counts between."""
    said = partial(_pattern, language=language)
    verdicts = "|".join(sentence(f"kz.verdict.{one}", language).upper() for one in Verdict)
    row = f"  {said('kz.report.verdict')} +(?:{verdicts}): ".encode()
    total = f"{said('kz.report.summary')}: {said('kz.report.assets', count=_ANY)}"
    begins = rb"[^\n]+\n%b|%b" % (row, total.encode())
    ends = (
        f" {total.replace('.*', r'([0-9]+)')}(?:; [^;]+: [0-9]+)* "
        rf"{said('kz.report.profile')}: [^ ]+; kzlabel [^ ]+ {said('kz.report.trust-lists')}: .* "
        f"{said('kz.report.premises')}: .*{said(PREMISES[-1])}$"
    )
    found = re.match(begins, head) and re.search(ends, f" {_unwrapped(tail)}")
    if not found:
        return False
    file.seek(0)
    lines = iter(partial(file.readline, _BOUND), b"")
    return int(found[1]) == sum(1 for line in lines if re.match(row, line))


def _unwrapped(text: bytes) -> str:
    return " ".join(text.decode(errors="replace").split())


def _is_difference(head: bytes, tail: bytes) -> bool:
    """Whether it is a comparison, however it was wrapped."""
    first, last = _unwrapped(head), _unwrapped(tail)
    return any(
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


def _pattern(code: str, /, language: str, **values: str) -> str:
    words = " ".join(sentence(code, language, **values).split())
    return re.escape(words).replace(_ANY, ".*")
