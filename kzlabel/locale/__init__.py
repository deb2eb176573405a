"""Every sentence a user reads, in Kazakh, Russian and English: a code in, a sentence out.

One JSON file per room, `{"code": {"kk": "…", "ru": "…", "en": "…", "kk_source": "law" | "not yet
checked by a native speaker"}}`; a sentence may name values in braces. A new finding is one entry.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path

LANGUAGES = ("kk", "ru", "en")
FALLBACK = "en"


@cache
def table() -> Mapping[str, Mapping[str, str]]:
    """Return all sentences by code, each a mapping of language to template."""
    entries: dict[str, Mapping[str, str]] = {}
    for room in sorted(Path(__file__).parent.glob("*.json")):
        entries.update(json.loads(room.read_bytes()))
    return entries


class _Values(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


def sentence(code: str, language: str = FALLBACK, /, **values: object) -> str:
    """Return the sentence for `code`; an unknown one (a newer C2PA status) is its own text."""
    entry = table().get(code)
    if entry is None:
        detail = values.get("detail")
        return f"{code}: {detail}" if detail else code
    template = entry.get(language) or entry[FALLBACK]
    if "{" not in template:  # most sentences; they are said a dozen times for every asset
        return template
    texts = {name: str(value) for name, value in values.items()}
    for name in [name.removesuffix(".code") for name in texts if name.endswith(".code")]:
        texts[name] = nested(name, texts, language)
    return template.format_map(_Values(texts))


def nested(name: str, values: Mapping[str, str], language: str = FALLBACK) -> str:
    """Return the value `name`, itself a sentence: its code is `NAME.code`, its values `NAME.*`.

    The path it begins with is left out, as the sentence around it names it.
    """
    code = values[f"{name}.code"]
    if code not in table():
        return values.get(name, code)
    inner = [key for key in values if key.startswith(f"{name}.") and key != f"{name}.code"]
    own = {key.removeprefix(f"{name}."): values[key] for key in inner}
    return sentence(code, language, **own).removeprefix(f"{own.get('path', '')}: ")


def language_of(environment: Mapping[str, str] | None = None) -> str:
    """Return the user's language (kk, ru or en) from KZLABEL_LANG, LC_ALL, LC_MESSAGES or LANG."""
    environment = os.environ if environment is None else environment
    for name in ("KZLABEL_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        code = environment.get(name, "")[:2].lower()
        if code in LANGUAGES:
            return code
    return FALLBACK
