"""The settings line of Stable Diffusion web UIs, as AUTOMATIC1111 first wrote it.

    PROMPT
    Negative prompt: PROMPT
    Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 512x512, …, Version: v1.6.0

A value that holds a comma or a colon is quoted, its quotes escaped
(https://github.com/AUTOMATIC1111/stable-diffusion-webui, `modules/infotext_utils.py`). Others
write the same: Forge, SD.Next, Fooocus, Civitai, Draw Things, savers of ComfyUI.
"""

from __future__ import annotations

from typing import NamedTuple

_MAX_LINE = 65_536
_MAX_SETTINGS = 200
_MAX_KEY = 60
_NUMBERS = ("Seed", "CFG scale", "Guidance Scale")
_WITNESSES = frozenset({*_NUMBERS, "Sampler", "Schedule type", "Model hash", "Size"})
_WITNESSES_NEEDED = 2
_NEGATIVE = "Negative prompt:"


class Settings(NamedTuple):
    """What the text says."""

    prompt: str
    negative: str
    named: dict[str, str]


def settings_in(text: str) -> Settings | None:
    """Return the settings in a text; None unless the line has the grammar and numbers of one.

    `Steps` first, a seed or a scale that is a number, and two of the names that go with them.
    """
    start = text.rfind("\nSteps: ") + 1 or (0 if text.startswith("Steps: ") else -1)
    if start < 0:
        return None
    end = text.find("\n", start)
    line = text[start : min(end if end > 0 else len(text), start + _MAX_LINE)]
    named = _named(line)
    if not named.get("Steps", "").isdecimal() or not any(map(_is_number, map(named.get, _NUMBERS))):
        return None
    if len(_WITNESSES & named.keys()) < _WITNESSES_NEEDED:
        return None
    body = "\n" + text[:start]
    prompt, _, negative = body.partition("\n" + _NEGATIVE)
    return Settings(prompt.strip(), negative.strip(), named)


def _named(line: str) -> dict[str, str]:
    """Return `NAME: VALUE, …` by name, the first of each."""
    named: dict[str, str] = {}
    at = 0
    while len(named) < _MAX_SETTINGS and (colon := line.find(":", at)) > 0:
        value, end = _value(line, colon + 1)
        key = line[at:colon].strip()
        if len(key) <= _MAX_KEY:
            named.setdefault(key, value)
        if end <= at:
            break
        at = end + 1
    return named


def _value(line: str, start: int) -> tuple[str, int]:
    """Return the value from `start` on, and where its comma stands."""
    while line.startswith(" ", start):
        start += 1
    close = _closing(line, start + 1) if line.startswith('"', start) else 0
    comma = line.find(",", close or start)
    comma = len(line) if comma < 0 else comma
    return line[start:comma].strip(), comma


def _closing(line: str, start: int) -> int:
    """Return where a quoted value ends, or 0 where it never does."""
    at = line.find('"', start)
    while at > 0 and line[at - 1] == "\\":
        at = line.find('"', at + 1)
    return max(at, 0)


def _is_number(text: str | None) -> bool:
    if not text or len(text) > _MAX_KEY:
        return False
    try:
        float(text)
    except ValueError:
        return False
    return text.isascii()
