"""What a code means and what to do about it: about sixty serve every code.

An advice is an entry of `advice.json` like any sentence, and names the codes it serves: `for`,
whole codes and prefixes that end in a dot, parted by spaces. `newer` are prefixes of codes that are
not in our table yet (a later C2PA status); the longest that fits a code decides.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from kzlabel.locale import FALLBACK, sentence, table

PREFIX = "kz.advice."
NOTHING_TO_DO = f"{PREFIX}holds"
OTHER = f"{PREFIX}other"
QUIET = ("success", "informational")
"""Outcomes of a finding that ask for nothing where its code is not known."""

_VALUE = re.compile(r"\{\w+\}")
_HOLLOW = re.compile(r" ?\([^()…]*…[^()]*\)| \[…\]|^…: |; [^;:…]*: …$|: …(?=$|;)")
"""What is left of a sentence where the values it names are not known."""


@cache
def _served(field: str) -> Mapping[str, str]:
    """Return the advice by each code or prefix that the field `for` or `newer` names."""
    entries = ((code, one) for code, one in table().items() if code.startswith(PREFIX))
    return {term: code for code, one in entries for term in one.get(field, "").split()}


def advice_code(code: str, outcome: str = "") -> str:
    """Return the code of the advice for a finding, an error or a requirement.

    `outcome` is a finding's; it only counts for a code that is newer than our table.
    """
    found = _fitting(code, _served("for"))
    if found:
        return found
    return NOTHING_TO_DO if outcome in QUIET else _fitting(code, _served("newer")) or OTHER


def _fitting(code: str, served: Mapping[str, str]) -> str:
    """Return the advice of the code itself, else of the longest prefix of it, else nothing."""
    if code in served:
        return served[code]
    parts = code.split(".")[:9]  # no code of ours or C2PA's is deeper; a hostile one may be
    prefixes = (".".join(parts[:length]) + "." for length in range(len(parts) - 1, 0, -1))
    return next((served[prefix] for prefix in prefixes if prefix in served), "")


def advice(code: str, language: str = FALLBACK, outcome: str = "") -> str:
    """Return what to do about `code`, as one sentence in kk, ru or en."""
    return sentence(advice_code(code, outcome), language)


def meaning(code: str, language: str = FALLBACK) -> str:
    """Return what `code` means, as one sentence without the values of any one case."""
    if code not in table():
        return ""
    template = table()[code].get(language) or table()[code][FALLBACK]
    return _HOLLOW.sub("", _VALUE.sub("…", template)).strip(" :")


_WORDS = (
    PREFIX, "kz.cli.", "kz.diff.", "kz.format-name.", "kz.integrity.", "kz.level.",
    "kz.notice-state.", "kz.origin.ai-", "kz.origin.evidence.", "kz.origin.not-ai",
    "kz.origin.possibly-ai", "kz.origin.undeclared", "kz.os.", "kz.outcome.", "kz.package.",
    "kz.premise.", "kz.progress.", "kz.report.", "kz.results.", "kz.sarif.", "kz.trust.trusted",
    "kz.trust.unknown", "kz.trust.untrusted", "kz.verdict.", "kz.xml.",
)  # fmt: skip
"""How the codes begin that are only words in other sentences: no report has them as its code."""


@cache
def codes() -> tuple[str, ...]:
    """Return every code that a report may have: of findings, errors and requirements; sorted."""
    return tuple(sorted(code for code in table() if not code.startswith(_WORDS)))


def family(code: str) -> str:
    """Return what a code is listed under: `assertion`, `cawg`; of ours, two steps: `kz.notice`."""
    first, *rest = code.split(".")
    ours = first == "kz" and len(rest) > 1 and rest[0].isalpha()
    return f"{first}.{rest[0]}" if ours else first
