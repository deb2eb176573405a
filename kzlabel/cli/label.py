"""`kzlabel label SRC… -o OUT`: label each source into a new file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import click

from kzlabel.cli._asked import FILE, PASSWORD_FILE
from kzlabel.cli._click import Number, Spoken, language_option
from kzlabel.cli._language import say
from kzlabel.cli._passphrase import document_password
from kzlabel.cli._progress import shown
from kzlabel.cli._remarks import Remarks
from kzlabel.config import DEFAULT_NAME, Config, read_config
from kzlabel.errors import KzlabelError, UsageError
from kzlabel.model import (
    LEAST_MINUTES,
    LONGEST_MINUTES,
    SHORTEST_SECONDS,
    Corner,
    ManifestPlace,
    NoticeStyle,
    Statement,
)

if TYPE_CHECKING:
    from kzlabel.credential import Credential

_Body = TypeVar("_Body", bound=Callable[..., object])
_DEFAULT_KEY = "development"


class _Setting(NamedTuple):
    """A key of kzlabel.toml, and its flag; one with two names is on or off."""

    section: str
    key: str
    flag: str
    type: click.ParamType[object] | None = None
    repeats: bool = False
    metavar: str | None = None


_PEM = click.Path(dir_okay=False)
_SETTINGS = (
    _Setting("system", "name", "--system-name"),
    _Setting("system", "version", "--system-version"),
    _Setting("provider", "name", "--provider-name"),
    _Setting("provider", "bin", "--provider-bin"),
    _Setting("provider", "country", "--provider-country"),
    _Setting("provider", "url", "--provider-url"),
    _Setting("credential", "name", "--credential"),
    _Setting("credential", "chain", "--chain", _PEM),
    _Setting("credential", "key", "--key", _PEM),
    _Setting("credential", "passphrase_file", "--passphrase-file", _PEM),
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
    _Setting("notice", "recording", "--recording", _PEM),
    _Setting("notice", "code", "--code/--no-code"),
    _Setting(
        "manifest", "place", "--manifest", click.Choice([place.value for place in ManifestPlace])
    ),
)


def _settings(body: _Body) -> _Body:
    """Add a flag for every setting, named as `section.key`."""
    for each in reversed(_SETTINGS):
        named = f"{each.section}__{each.key}"
        told = say(f"kz.cli.label.{each.section}.{each.key}")
        body = click.option(
            each.flag, named, type=each.type, multiple=each.repeats, metavar=each.metavar,
            default=None, help=told,
        )(body)  # fmt: skip
    return body


@click.command(cls=Spoken, help=say("kz.cli.label"), params=[language_option()])
@click.argument("sources", nargs=-1, required=True, type=FILE, metavar="SRC…")
@click.option("-o", "--output", required=True, metavar="OUT", help=say("kz.cli.label.output"))
@click.option("--config", type=FILE, help=say("kz.cli.label.config"))
@click.option("--modified", is_flag=True, help=say("kz.cli.label.modified"))
@click.option("--training/--no-training", default=None, help=say("kz.cli.label.training"))
@click.option("--prompt", help=say("kz.cli.label.prompt"))
@click.option("--force", is_flag=True, help=say("kz.cli.label.force"))
@click.option("--over-broken", is_flag=True, help=say("kz.cli.label.over-broken"))
@PASSWORD_FILE
@_settings
def label(  # noqa: PLR0913  one parameter an option
    sources: tuple[Path, ...],
    output: str,
    config: Path | None,
    prompt: str | None,
    password_file: Path | None,
    *,
    modified: bool,
    training: bool | None,
    force: bool,
    over_broken: bool,
    **settings: object,
) -> int:
    """Label each source; exit 2 where any was refused."""
    overrides = _overrides(settings, training=training)
    chosen = read_config(config or _found_config(), overrides)
    jobs = _jobs(sources, output)
    credential = _credential(chosen)
    if jobs[0][1] != Path(output):  # it names a directory
        Path(output).mkdir(parents=True, exist_ok=True)
    statement = Statement.MODIFIED if modified else Statement.CREATED
    password = document_password(password_file)
    remarks = Remarks()
    try:
        for source, destination in jobs:
            _labelled(
                source, destination, chosen, statement, credential, remarks,
                prompt=prompt, force=force, over_broken=over_broken, password=password,
            )  # fmt: skip
    finally:
        for line in remarks.lines():
            click.echo(f"kzlabel: {line}", err=True)
    return 2 if remarks.refused else 0


def _labelled(  # noqa: PLR0913, PLR0917  what one job needs
    source: Path,
    destination: Path,
    config: Config,
    statement: Statement,
    credential: Credential,
    remarks: Remarks,
    *,
    prompt: str | None,
    force: bool,
    over_broken: bool,
    password: Callable[[Path], str | None],
) -> None:
    """Label one source and say so; a refusal is remarked, and the other sources go on."""
    from kzlabel.workflow import label as label_one

    try:
        with shown(source) as progress:
            made = label_one(
                source, destination, config.disclosure(statement, prompt), credential,
                notice=config.notice, force=force, over_broken=over_broken,
                manifest=config.manifest.place, password=password, progress=progress,
            )  # fmt: skip
    except KzlabelError as exc:
        remarks.refuse(exc)
        return
    for path in (made.asset, *made.companions):
        click.echo(click.format_filename(path))
    remarks.note(destination.name, made.findings)


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


def _found_config() -> Path | None:
    path = Path(DEFAULT_NAME)
    return path if path.exists() else None


def _jobs(sources: tuple[Path, ...], output: str) -> tuple[tuple[Path, Path], ...]:
    """Pair each source with its destination; refuse two that would have one name."""
    folder = Path(output)
    if not (folder.is_dir() or output.endswith("/") or len(sources) > 1):
        return ((sources[0], folder),)
    taken: dict[str, Path] = {}
    for source in sources:
        if source.name in taken:
            raise UsageError("kz.error.same-name", path=source, value=taken[source.name])
        taken[source.name] = source
    return tuple((source, folder / source.name) for source in sources)


def _credential(config: Config) -> Credential:
    """Return the credential the settings name: files, or a name in the key store."""
    from kzlabel.credential import from_store, load

    asked = config.credential
    secret = _passphrase(asked.passphrase_file)
    if asked.key:
        chain = Path(asked.chain) if asked.chain else None  # a PKCS#12 file holds both
        return load(Path(asked.key), chain, passphrase=secret, tsa=asked.tsa)
    if asked.chain:
        raise UsageError("kz.error.config-missing", path=DEFAULT_NAME, value="credential.key")
    return from_store(asked.name or _DEFAULT_KEY, passphrase=secret, tsa=asked.tsa)


def _passphrase(path: str | None) -> Callable[[], bytes]:
    from kzlabel.cli._passphrase import passphrase

    return passphrase(Path(path) if path else None)
