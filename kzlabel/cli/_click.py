"""click, speaking the user's language: headings, help and usage errors come from our table."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from contextlib import suppress
from math import nan
from pathlib import Path
from typing import ClassVar

import click
from click.core import ParameterSource

from kzlabel.cli._language import LANGUAGE, say
from kzlabel.locale import LANGUAGES, sentence

# What click writes of its own into help, and the code of what we say instead.
_CLICKS = {
    "[OPTIONS]": "kz.cli.word.options",
    "COMMAND [ARGS]...": "kz.cli.word.command",
    "[required]": "kz.cli.word.required",
    "[default: ": "kz.cli.word.default",
}


def _spoken(text: str) -> str:
    """Return `text` with click's own words in the language of this run."""
    for theirs, code in _CLICKS.items():
        text = text.replace(theirs, say(code))
    return text


def is_given(parameter: str) -> bool:
    """Whether somebody gave the running command this; it need not have such a parameter."""
    source = click.get_current_context().get_parameter_source(parameter)
    return source not in (None, ParameterSource.DEFAULT)


FILE = click.Path(path_type=Path, readable=False)
"""What cannot be read is found out where it is: one of many is one row, in our words."""
FILE_NAME = click.Path(dir_okay=False, readable=False)
"""Likewise, as text: what a setting of the configuration says, too."""


class Number(click.ParamType[float]):
    """A number within limits; what is none, `nan` too, is refused in the language of this run."""

    name = "number"

    def __init__(self, low: float, high: float, *, whole: bool = False) -> None:
        self.low, self.high, self.whole = low, high, whole

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the number."""
        number = nan
        with suppress(ValueError):
            number = float(str(value))
        if not self.low <= number <= self.high or (self.whole and not number.is_integer()):
            self.fail(f"{value}", param, ctx)
        return number


class Spoken(click.Command):
    """A command whose help is in the language of this run."""

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return `--help`, described in the language of this run."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = say("kz.cli.help")
        return option

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the usage line under our own heading."""
        pieces = _spoken(" ".join(self.collect_usage_pieces(ctx)))
        formatter.write_usage(ctx.command_path, pieces, prefix=say("kz.cli.heading.usage") + " ")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options under our own heading."""
        records = [p.get_help_record(ctx) for p in self.get_params(ctx)]
        rows = [(names, _spoken(text)) for names, text in filter(None, records)]
        with formatter.section(say("kz.cli.heading.options")):
            formatter.write_dl(rows)


class SpokenGroup(Spoken, click.Group):
    """A group of commands, each loaded when it is called: start-up reads one file, not all."""

    rooms: ClassVar[Mapping[str, str]] = {}
    """Command name -> module under `kzlabel.cli`, for commands that are not loaded yet."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, in the order of their table."""
        return [*self.rooms, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, loading its module where it was not."""
        if cmd_name not in self.rooms:
            return super().get_command(ctx, cmd_name)
        module = importlib.import_module(f"kzlabel.cli.{self.rooms[cmd_name]}")
        command = getattr(module, cmd_name)
        return command if isinstance(command, click.Command) else None

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write options, then commands, under our own headings."""
        Spoken.format_options(self, ctx, formatter)
        rows = [
            (name, command.get_short_help_str(limit=200))
            for name in self.list_commands(ctx)
            if (command := self.get_command(ctx, name)) is not None
        ]
        with formatter.section(say("kz.cli.heading.commands")):
            formatter.write_dl(rows)


SpokenGroup.group_class = SpokenGroup
SpokenGroup.command_class = Spoken


def usage_sentence(error: click.ClickException) -> str:
    """Return click's complaint as one of our sentences, in the language of this run."""
    code, values = _complaint(error)
    return say(code, **values)


def _complaint(error: click.ClickException) -> tuple[str, dict[str, object]]:
    match error:
        case click.NoSuchOption():
            said: tuple[str, dict[str, object]] = ("no-such-option", {"value": error.option_name})
        case click.exceptions.NoSuchCommand():
            said = ("no-such-command", {"value": error.command_name})
        case click.MissingParameter():
            said = ("missing", {"value": _parameter(error)})
        case click.BadParameter() if error.param and isinstance(error.param.type, click.Choice):
            allowed = ", ".join(map(str, error.param.type.choices))
            said = ("choice", {"value": _parameter(error), "detail": allowed})
        case click.BadParameter() if error.param and isinstance(error.param.type, Number):
            limits = {"low": f"{error.param.type.low:g}", "high": f"{error.param.type.high:g}"}
            given = {"value": _parameter(error), "detail": _detail(error)}
            said = ("whole" if error.param.type.whole else "number", {**given, **limits})
        case click.BadParameter():
            said = ("bad-value", {"value": _parameter(error), "detail": _detail(error)})
        case click.BadOptionUsage():
            said = ("needs-value", {"value": error.option_name})
        case _:
            said = ("usage", {"detail": _detail(error)})
    return f"kz.cli.error.{said[0]}", said[1]


def _parameter(error: click.BadParameter) -> str:
    return (
        (error.param.get_error_hint(error.ctx) or "")
        if error.param and error.ctx
        else (str(error.param_hint or ""))
    )


def _detail(error: click.ClickException) -> str:
    return error.message.rstrip(".")


def language_option() -> click.Option:
    """Return `--ui-lang`; it was read before click was, and is declared so that help shows it."""
    return click.Option(
        ["--ui-lang"], type=click.Choice(LANGUAGES), expose_value=False,
        help=sentence("kz.cli.ui-lang", LANGUAGE),
    )  # fmt: skip
