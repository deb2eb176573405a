"""The settings of `kzlabel label`: a flag for every key of kzlabel.toml, and what they name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple, TypeVar

import click

from kzlabel.cli._click import FILE_NAME, Number
from kzlabel.cli._language import say
from kzlabel.config import DEFAULT_NAME, Config, read_config
from kzlabel.model import (
    LEAST_MINUTES,
    LONGEST_MINUTES,
    SHORTEST_SECONDS,
    Corner,
    ManifestPlace,
    NoticeStyle,
)

_Body = TypeVar("_Body", bound=Callable[..., object])


class _Setting(NamedTuple):
    """A key of kzlabel.toml, and its flag; one with two names is on or off."""

    section: str
    key: str
    flag: str
    type: click.ParamType[object] | None = None
    repeats: bool = False
    metavar: str | None = None


_SETTINGS = (
    _Setting("system", "name", "--system-name"),
    _Setting("system", "version", "--system-version"),
    _Setting("provider", "name", "--provider-name"),
    _Setting("provider", "bin", "--provider-bin"),
    _Setting("provider", "country", "--provider-country"),
    _Setting("provider", "url", "--provider-url"),
    _Setting("credential", "name", "--credential"),
    _Setting("credential", "chain", "--chain", FILE_NAME),
    _Setting("credential", "key", "--key", FILE_NAME),
    _Setting("credential", "passphrase_file", "--passphrase-file", FILE_NAME),
    _Setting("credential", "tsa", "--tsa"),
    _Setting(
        "notice",
        "style",
        "--notice",
        click.Choice([style.value for style in NoticeStyle]),
        repeats=True,
    ),
    _Setting("notice", "languages", "--lang", click.Choice(["kk", "ru", "en"]), repeats=True),
    _Setting("notice", "corner", "--corner", click.Choice([corner.value for corner in Corner])),
    _Setting(
        "notice", "every", "--every", Number(LEAST_MINUTES, LONGEST_MINUTES), metavar="MINUTES"
    ),
    _Setting(
        "notice",
        "seconds",
        "--seconds",
        Number(SHORTEST_SECONDS, LONGEST_MINUTES),
        metavar="SECONDS",
    ),
    _Setting("notice", "recording", "--recording", FILE_NAME),
    _Setting("notice", "code", "--code/--no-code"),
    _Setting(
        "manifest", "place", "--manifest", click.Choice([place.value for place in ManifestPlace])
    ),
)


def settings(body: _Body) -> _Body:
    """Add a flag for every setting, named as `section.key`."""
    for each in reversed(_SETTINGS):
        named = f"{each.section}__{each.key}"
        told = say(f"kz.cli.label.{each.section}.{each.key}")
        body = click.option(
            each.flag, named, type=each.type, multiple=each.repeats, metavar=each.metavar,
            default=None, help=told,
        )(body)  # fmt: skip
    return body


def settled(path: Path | None, given: Mapping[str, object], *, training: bool | None) -> Config:
    """Return the settings of the file at `path`, else of kzlabel.toml here, flags laid over them.

    Raises `UsageError`.
    """
    found = Path(DEFAULT_NAME)
    file = path or (found if found.exists() else None)
    return read_config(file, _overrides(given, training=training))


def _overrides(
    settings: Mapping[str, object], *, training: bool | None
) -> dict[tuple[str, str], object]:
    """Return what the flags say, by section and key."""
    overrides: dict[tuple[str, str], object] = {}
    for name, value in settings.items():
        section, _, key = name.partition("__")
        given = list(dict.fromkeys(value)) if isinstance(value, tuple) else value
        if given not in (None, []):
            overrides[section, key] = given
    if training is not None:
        overrides["training", "allowed"] = training
    return overrides
