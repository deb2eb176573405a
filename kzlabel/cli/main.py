"""`kzlabel`: the front door. One file per command; errors become one sentence and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import ClassVar

import click

from kzlabel import __version__
from kzlabel._worker import Worker
from kzlabel.cli._click import SpokenGroup, language_option, usage_sentence
from kzlabel.cli._language import LANGUAGE, say
from kzlabel.cli._remark import murmur, remark
from kzlabel.cli.start import INTERRUPTED
from kzlabel.errors import KzlabelError, UsageError, printable

FAILED = 2
"""Exit code: usage, a credential, a path, or anything refused (DESIGN 1)."""


class _Commands(SpokenGroup):
    rooms: ClassVar[Mapping[str, str]] = {
        "label": "label",
        "verify": "verify",
        "diff": "diff",
        "keys": "keys",
        "trust": "trust",
        "explain": "explain",
        "formats": "formats",
        "schema": "schema",
    }


@click.group(
    cls=_Commands,
    help=say("kz.cli.kzlabel"),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(
    __version__, prog_name="kzlabel", message="%(prog)s %(version)s", help=say("kz.cli.version")
)
def kzlabel() -> None:
    """Label AI-made media, and verify such labels."""


def _with_language(command: click.Command) -> None:
    if all(option.name != "ui_lang" for option in command.params):
        command.params.append(language_option())


_with_language(kzlabel)


def run(worker: Worker | None = None) -> int:
    """Run the command line and return its exit code; no traceback ever reaches a user.

    `worker`: the one that `kzlabel verify` was given a head start with.
    """
    try:
        code = kzlabel.main(standalone_mode=False, obj=worker)
    except (BrokenPipeError, SystemExit):  # click exits where whoever read our output has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except click.exceptions.NoArgsIsHelpError as exc:
        murmur(f"{exc.message}\n")
        return FAILED
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except Exception as exc:  # noqa: BLE001  the last door: a user is told, never shown a traceback
        remark(_complaint(exc))
        return FAILED
    return code if isinstance(code, int) else 0


def _complaint(error: Exception) -> str:
    """Return what went wrong as one sentence in the language of this run."""
    match error:
        case KzlabelError():
            return error.sentence(LANGUAGE)
        case click.ClickException():
            return usage_sentence(error)
        case OSError():
            error = UsageError("kz.error.os", path=error.filename or "stdout", detail=error)
            return error.sentence(LANGUAGE)
        case _:
            name = type(error).__name__
            return say("kz.error.internal", path=name, detail=printable(str(error)))
