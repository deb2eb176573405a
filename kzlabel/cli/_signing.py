"""`--sign-report` and the credential for it: one group of options, given as one value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

import click

from kzlabel.cli._click import FILE_NAME, is_given
from kzlabel.cli._credential import FILES, FLAGS, credential_of
from kzlabel.cli._group import group
from kzlabel.cli._language import say
from kzlabel.errors import UsageError
from kzlabel.reports import REPORTS, Form

if TYPE_CHECKING:
    from kzlabel.credential import Credential
    from kzlabel.model import AssetReport, Report

_FORM, _UNSAID = "json", "text"
"""What a signed report is, and what `--format` is where nobody says it."""


class Seal(NamedTuple):
    """Whether the report is signed, and what names the credential, by keys of `[credential]`."""

    wanted: bool
    credential: dict[str, str]

    def form(self, name: str, parts: str | None = None) -> Form:
        """Return the form called `name`, or the signed one; the key is loaded before the work.

        `parts` is where results stay in parts, if they do. Raises `UsageError`, `CredentialError`.
        """
        if not self.wanted:
            for key in self.credential:
                raise UsageError("kz.error.sign-report-alone", option=FLAGS[key])
            return REPORTS[name]
        if parts:
            raise UsageError("kz.error.sign-report-parts", path=parts)
        if name != _FORM and is_given("form"):
            raise UsageError("kz.error.sign-report-format", value=name)
        if name not in (_FORM, _UNSAID):
            raise UsageError("kz.error.sign-report-watch", path="--watch")
        from msgspec import convert

        from kzlabel.config import CredentialSection

        asked = convert(self.credential, CredentialSection)
        return Form(_signed(credential_of(asked, "--sign-report")))

    def bounded(self, rows: Iterable[AssetReport]) -> Iterable[AssetReport]:
        """Return the rows; where they are to be signed, too many are refused when they come."""
        if not self.wanted:
            return rows
        from kzlabel.labels._report_signing import bounded

        return bounded(rows)


def _signed(credential: Credential) -> Callable[..., Iterator[bytes]]:
    def render(
        rows: Iterable[AssetReport],
        closing: Callable[[], Report],
        language: str,  # noqa: ARG001  one Reporter for all forms
        *,
        colour: bool = False,  # noqa: ARG001  likewise
    ) -> Iterator[bytes]:
        from kzlabel.labels._report_signing import signed_pieces

        return signed_pieces(rows, closing, credential)

    return render


def _seal(  # noqa: PLR0913  one parameter an option
    *,
    sign_report: bool,
    name: str | None,
    chain: str | None,
    key: str | None,
    passphrase_file: str | None,
    tsa: str | None,
) -> Seal:
    given = {
        "name": name, "chain": chain, "key": key, "passphrase_file": passphrase_file, "tsa": tsa,
    }  # fmt: skip
    return Seal(sign_report, {key: text for key, text in given.items() if text is not None})


sealing = group(
    "seal", _seal,
    click.option("--sign-report", is_flag=True, help=say("kz.cli.verify.sign-report")),
    *(
        click.option(
            flag, key, type=FILE_NAME if key in FILES else str,
            help=say(f"kz.cli.label.credential.{key}"),
        )
        for key, flag in FLAGS.items()
    ),
)  # fmt: skip
"""Gives a command `seal`."""
