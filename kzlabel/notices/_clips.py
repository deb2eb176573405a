"""The spoken words that are shipped: FLAC in kzlabel/data, built by fixtures/clips.py.

A clip is a phrase, from its first sound to its last at no more than 160 characters a minute, and a
pause: the upper end of what GB 45438-2025 (5.3) calls normal speed. Every clip has -20 LUFS.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from kzlabel.model import Statement
from kzlabel.notices.words import WORDS, words

if TYPE_CHECKING:
    from kzlabel.notices._types import Samples

DATA = Path(__file__).parents[1] / "data"
CLIP_LOUDNESS = -20.0
"""LUFS of every clip."""
CHARACTERS_A_MINUTE = 160
PAUSE = 0.3
"""Seconds of silence after the words of a clip."""
LONG, SHORT = "long", "short"


def seconds_for(phrase: str) -> float:
    """Return the seconds that a phrase takes at the least; letters and spaces count."""
    return len(phrase) * 60 / CHARACTERS_A_MINUTE


def clip_name(statement: Statement, language: str, form: str) -> str:
    """Return the file name of a clip."""
    return f"{statement}-{language}-{form}.flac"


@dataclass(frozen=True)
class Clip:
    """One phrase, and its recording."""

    statement: Statement
    language: str
    form: str

    @property
    def text(self) -> str:
        """The words, as they are spoken."""
        known = WORDS[self.statement][self.language]
        return known.long if self.form == LONG else known.short

    @property
    def path(self) -> Path:
        """Where the recording lies."""
        return DATA / clip_name(self.statement, self.language, self.form)

    def samples(self, rate: int) -> Samples:
        """Return the recording at `rate`."""
        return _samples(self.path, rate)


@lru_cache(maxsize=32)
def _samples(path: Path, rate: int) -> Samples:
    from kzlabel._av.sound import read_mono

    samples = read_mono(path, rate)
    samples.flags.writeable = False
    return samples


def clips(statement: Statement, languages: tuple[str, ...], form: str) -> tuple[Clip, ...]:
    """Return the clips that say `statement`; raises `UsageError` as `words` does."""
    words(statement, languages)
    return tuple(Clip(statement, language, _form(language, form)) for language in languages)


def _form(language: str, form: str) -> str:
    """Return the form that is spoken: "AI" alone says too little where nothing can be seen."""
    return LONG if language == "en" else form


ALL = tuple(
    Clip(statement, language, form)
    for statement, languages in WORDS.items()
    for language in languages
    for form in ((LONG,) if language == "en" else (LONG, SHORT))
)
"""Every clip that is shipped."""


def clip_of(text: str) -> Clip | None:
    """Return the clip that says `text`; None where there is none."""
    return next((clip for clip in ALL if clip.text == text), None)
