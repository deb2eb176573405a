"""The language of the command line: `--ui-lang`, else the environment's.

Help texts are made when the commands are defined, so the language is read from the arguments before
click sees them.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from kzlabel.locale import LANGUAGES, language_of, sentence

OPTION = "--ui-lang"


def chosen(arguments: Sequence[str]) -> str:
    """Return the language named by `--ui-lang` in `arguments`, else the environment's."""
    for index, argument in enumerate(arguments):
        name, _, value = argument.partition("=")
        if name == OPTION:
            asked = value or "".join(arguments[index + 1 : index + 2])
            if asked in LANGUAGES:
                return asked
    return language_of()


LANGUAGE = chosen(sys.argv[1:])


def say(code: str, /, **values: object) -> str:
    """Return the sentence for `code` in the language of this run."""
    return sentence(code, LANGUAGE, **values)
