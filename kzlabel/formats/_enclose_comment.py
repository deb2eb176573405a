"""Manifests in structured text (C2PA 2.4, A.9): one armoured line in a comment of the language.

    # -----BEGIN C2PA MANIFEST----- data:application/c2pa;base64,… -----END C2PA MANIFEST-----

It is the file's first line or, where the language reserves that one (a shebang, an XML declaration,
…), the last (A.9.3.1). The exclusion (A.9.4) is the line with its terminator, or with the one
before it; nothing is normalised. A URL may stand in the store's place. Elsewhere such a line is a
quotation, unless it is a comment that holds a whole store: then lines were put before or after it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from kzlabel.formats._enclosed import armoured, cleared, no_place, only_one, unarmoured
from kzlabel.model import Enclosed

BEGIN = b"-----BEGIN C2PA MANIFEST-----"
END = b"-----END C2PA MANIFEST-----"
DATA = b"data:application/c2pa;base64,"
XML = ("<?c2pa ", " ?>")
"""For XML: its comments may not contain `--`, and the armour does; an instruction may."""

NO_MANIFEST = "manifest.structuredText.noManifest"
MULTIPLE = "manifest.structuredText.multipleReferences"
EMPTY = "manifest.structuredText.emptyReference"
MALFORMED = "manifest.structuredText.malformedReference"

_BOM = "\ufeff".encode()
_SLASHES = (("// ", ""), ("/* ", " */"), ("/*! ", " */"))
_SIBLINGS = {
    "// ": _SLASHES,
    "/* ": _SLASHES[1:],
    "/*! ": _SLASHES[1:],
    "<?c2pa ": (("<!-- ", " -->"),),
}
"""Other comments of the same languages, as other tools write them."""
_RESERVED = re.compile(
    rb"#!|<\?|<!doctype|%(?:YAML|TAG)\b|@charset\b|# *(?:syntax|escape|check) *=", re.IGNORECASE
)
"""First lines that must stay first: shebangs, declarations, open tags, Dockerfile's directives."""
_COOKIE = re.compile(rb"[^\n]*\n?[ \t\f]*#[^\n]*?coding[:=]")
"""Python's encoding declaration (PEP 263), in the first two lines."""
_MATTER = re.compile(rb"(?:---|\+\+\+)[ \t]*\r?\n")
_DATA_SECTION = re.compile(
    rb"^__(?:END|DATA)__\r?$"  # Perl, Ruby
    rb"|\b__halt_compiler\s*\("  # PHP, which has no case
    rb"|^[^#\n]{0,200}\b(?:tail|sed|awk|head|dd)\b[^\n]{0,200}"  # a script's payload
    rb"[\"' =](?:\$0|\$\{0\}|\$\{?BASH_SOURCE)",
    re.MULTILINE | re.IGNORECASE,
)
_FENCE = re.compile(rb"^ {0,3}(?:```|~~~)", re.MULTILINE)
_URL = re.compile(rb"https?://[!-~]+")
_QUOTE = re.compile(rb"['\"`]")
_LONGEST_URL = 2000
_BEGUN = 16
"""Characters of Base64 that tell a manifest store: its first box is a `jumb`."""


class CommentEnclosure:
    """An armoured manifest in a comment of a language."""

    least = 6 * 1024
    """A manifest of 4 KB comes to a line of 5.5 KB."""

    def __init__(self, syntax: tuple[str, str]) -> None:
        """Take what opens a comment and what closes it, spaces included: ("# ", "")."""
        pairs = (syntax, *_SIBLINGS.get(syntax[0], ()))
        self._syntaxes = tuple((a.encode(), b.encode()) for a, b in dict.fromkeys(pairs))

    def enclose(self, content: bytes, store: bytes) -> tuple[bytes, Enclosed]:
        kept = cleared(content, self.enclosed(content))
        opening, closing = self._syntaxes[0]
        newline = b"\r\n" if b"\r\n" in kept[: kept.find(b"\n") + 1] else b"\n"
        line = b" ".join((opening + BEGIN, DATA + armoured(store), END + closing))
        if not self._is_reserved(kept):
            start = len(_BOM) if kept.startswith(_BOM) else 0
            added = line + newline
        else:
            _refuse_end(kept)
            start, added = len(kept), newline + line
        enclosed = Enclosed(start=start, length=len(added), store=store)
        return kept[:start] + added + kept[start:], enclosed

    def agreed(self, store: bytes) -> bool:  # noqa: ARG002  the contract's
        return True

    def enclosed(self, content: bytes) -> Sequence[Enclosed]:
        return only_one(tuple(self._lines(content)), MULTIPLE)

    def bound(self, content: bytes, exclusion: tuple[int, int]) -> bytes:
        start, length = exclusion
        return content[:start] + content[start + length :]

    def _is_reserved(self, content: bytes) -> bool:
        text = content.removeprefix(_BOM)
        if _RESERVED.match(text):
            return True
        opening = self._syntaxes[0][0]
        if opening == b"# ":
            return _COOKIE.match(text) is not None
        return opening == b"<!-- " and _MATTER.match(text) is not None

    def _lines(self, content: bytes) -> Iterator[Enclosed]:
        fences = None
        at = content.find(BEGIN)
        while at >= 0:
            line = _Line(content, at)
            at = content.find(BEGIN, line.end)
            opened = next((pair for pair in self._syntaxes if line.opens_with(pair[0])), None)
            if line.is_first or line.is_last:
                if opened is not None or (line.begins_store() and not line.is_quoted):
                    yield line.judged(*(opened or self._syntaxes[0]))
            elif opened is not None and line.begins_store():
                if opened[0] == b"<!-- ":
                    fences = _fences(content) if fences is None else fences
                    if _is_fenced(fences, line.start):
                        continue
                yield line.judged(*opened)


class _Line:
    """A line that holds an armour's beginning."""

    def __init__(self, content: bytes, at: int) -> None:
        self._content, self._begin = content, at
        after_bom = len(_BOM) if content.startswith(_BOM) else 0
        self.start = max(content.rfind(b"\n", 0, at) + 1, after_bom)
        feed = content.find(b"\n", at)
        self.end = len(content) if feed < 0 else feed + 1
        self.is_first = self.start == after_bom
        self.is_last = self.end == len(content)

    def opens_with(self, opening: bytes) -> bool:
        """Whether the line is a comment that begins with the armour."""
        return self._content[self.start : self._begin].strip() == opening.strip()

    @property
    def is_quoted(self) -> bool:
        """Whether the armour is in a string, and so the program's own."""
        return bool(_QUOTE.search(self._content, self.start, self._begin))

    def begins_store(self) -> bool:
        """Whether a manifest store follows, and not only what looks like one in a manual."""
        start = self._begin + len(BEGIN) + 1
        begun = self._content[start : min(start + len(DATA) + _BEGUN, self.end)]
        return unarmoured(begun.removeprefix(DATA))[4:8] == b"jumb"

    def judged(self, opening: bytes, closing: bytes) -> Enclosed:
        """Return what the line encloses; it may hold nothing but that."""
        line = self._content[self.start : self.end].rstrip(b"\r\n")
        inner = line.removeprefix(opening + BEGIN)
        if not inner.endswith(END + closing):
            return self._found(failure=MALFORMED if END in inner else NO_MANIFEST)
        if inner == line:
            return self._found(failure=MALFORMED)
        reference = inner.removesuffix(END + closing)
        if not reference.strip():
            return self._found(failure=EMPTY)
        if not (reference.startswith(b" ") and reference.endswith(b" ")):
            return self._found(failure=MALFORMED)
        return self._referred(reference[1:-1])

    def _referred(self, reference: bytes) -> Enclosed:
        if reference.startswith(DATA):
            store = unarmoured(reference.removeprefix(DATA))
            return self._found(store=store, failure="" if store else MALFORMED)
        if len(reference) > _LONGEST_URL or not _URL.fullmatch(reference):
            return self._found(failure=MALFORMED)
        return self._found(url=reference.decode("ascii"))

    def _found(self, store: bytes = b"", url: str = "", failure: str = "") -> Enclosed:
        start = self.start
        if self.is_last and not self.is_first:
            start -= 2 if self._content.endswith(b"\r\n", 0, start) else 1
        length = self.end - start
        return Enclosed(start=start, length=length, store=store, url=url, failure=failure)


def _refuse_end(content: bytes) -> None:
    """Raise `RefusedError` where a last line would not be a comment."""
    if _DATA_SECTION.search(content):
        raise no_place("data-section")
    if content.startswith(b"<?") and not content.startswith(b"<?xml"):
        opened = max(content.rfind(b"<?php"), content.rfind(b"<?="), 0)
        if content.rfind(b"?>") > opened:
            raise no_place("outside-program")
    if content.rstrip(b"\r\n").endswith(b"\\"):
        raise no_place("continued")


def _fences(content: bytes) -> list[int]:
    """Return where the fences of Markdown's code blocks stand, in order."""
    return [fence.start() for fence in _FENCE.finditer(content)]


def _is_fenced(fences: Sequence[int], at: int) -> bool:
    return bisect_left(fences, at) % 2 == 1
