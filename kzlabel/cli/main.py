"""`kzlabel`: the front door. One file per command; errors become one sentence and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import ClassVar

import click

from kzlabel import __version__
from kzlabel.cli._click import Spoken, SpokenGroup, language_option, usage_sentence
from kzlabel.cli._language import LANGUAGE, say
from kzlabel.errors import KzlabelError, printable

FAILED = 2
"""Exit code: usage, a credential, a path, or anything refused (DESIGN 1)."""
INTERRUPTED = 130


class _Commands(SpokenGroup):
    rooms: ClassVar[Mapping[str, str]] = {
        "label": "label",
        "verify": "verify",
        "keys": "keys",
        "trust": "trust",
        "formats": "formats",
        "schema": "schema",
    }


@click.group(
    cls=_Commands,
    help=say("kz.cli.kzlabel"),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="kzlabel", message="%(prog)s %(version)s",
                      help=say("kz.cli.version"))
def kzlabel() -> None:
    """Label AI-made media, and verify such labels."""


def _with_language(command: click.Command) -> None:
    if all(option.name != "ui_lang" for option in command.params):
        command.params.append(language_option())


_with_language(kzlabel)


def main() -> None:
    """Run the command line; no traceback ever reaches a user."""
    sys.exit(_run())


def _run() -> int:
    try:
        code = kzlabel.main(standalone_mode=False)
        return code if isinstance(code, int) else 0
    except click.exceptions.Exit as exc:
        return exc.exit_code
    except click.Abort:
        return INTERRUPTED
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except click.ClickException as exc:
        return _failed(usage_sentence(exc))
    except KzlabelError as exc:
        return _failed(exc.sentence(LANGUAGE))
    except OSError as exc:
        return _failed(say("kz.error.os", path=printable(exc.filename or ""), detail=exc.strerror))
    except Exception as exc:  # noqa: BLE001  the last door: a user is told, never shown a traceback
        return _failed(say("kz.error.internal", path="kzlabel", detail=printable(repr(exc))))


def _failed(text: str) -> int:
    click.echo(f"kzlabel: {text}", err=True)
    return FAILED


__all__ = ["Spoken", "kzlabel", "main"]

if __name__ == "__main__":
    main()
