"""Where the command line has a passphrase from: a 0600 file, KZLABEL_PASSPHRASE, or a prompt.

Never from a flag: other users of the machine can read the arguments of a process.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from kzlabel._keyfiles import password_in
from kzlabel.cli._language import say
from kzlabel.credential import passphrase_from
from kzlabel.errors import CredentialError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def passphrase(file: Path | None) -> Callable[[], bytes]:
    """Return a function that gets the passphrase when it turns out to be needed.

    It raises `CredentialError` where there is none and nobody to ask: a service fails, never hangs.
    """
    return passphrase_from(file) or _prompt


def _prompt() -> bytes:
    if not sys.stdin.isatty():
        raise CredentialError("kz.error.passphrase-needed", path="KZLABEL_PASSPHRASE")
    asked = click.prompt(say("kz.cli.keys.passphrase"), hide_input=True, err=True)
    return str(asked).encode("utf-8", "surrogateescape")


def document_password(file: Path | None) -> Callable[[Path], str | None]:
    """Return what knows a document's password: `file`, else whoever sits at the terminal."""
    known = password_in(file)
    if known is not None or not sys.stdin.isatty():
        return lambda _: known
    return _prompt_for


def _prompt_for(path: Path) -> str:
    shown = say("kz.cli.document-password", path=click.format_filename(path))
    return str(click.prompt(shown, hide_input=True, err=True))
