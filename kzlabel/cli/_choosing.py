"""Which files a command is about: paths, folders, patterns and lists, one group of options."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import NamedTuple, TypeVar

import click

from kzlabel.batch import Among, Found, Rule, arriving_in, found_in, is_pattern, paths_in
from kzlabel.batch._sifting import pause_after
from kzlabel.cli._click import FILE
from kzlabel.cli._group import group
from kzlabel.cli._language import say
from kzlabel.cli._remark import remark
from kzlabel.errors import UsageError

_Result = TypeVar("_Result")

FEW = 8
"""Files named one by one that are no batch."""


class Chosen(NamedTuple):
    """What was named on the command line, and what is wanted of it."""

    paths: tuple[Path, ...]
    source: Path | None
    """A list of more paths."""
    null: bool
    """Whether the paths in the list are ended by NULs."""
    recursive: bool
    among: Among
    own: Path | None = None
    """What this run writes: an earlier one's is no asset in a folder."""

    def found(self, *, closely: bool = True) -> Iterator[Found]:
        """Yield the files as they are found (`found_in`).

        The first is looked for at once, so that a list that cannot be read is refused before the
        work (`UsageError`), and that there is nothing to do is said.
        """
        listed = paths_in(self.source, null=self.null) if self.source else ()
        found = found_in(
            self.paths, recursive=self.recursive, among=self.among, listed=listed, closely=closely
        )
        return (one for one in self._begun(found) if one is not None)

    def arriving(self) -> Iterator[Path | None]:
        """Yield the paths of what `found` finds; None while a list has no more to say."""
        listed = arriving_in(self.source, null=self.null) if self.source else ()
        found = found_in(self.paths, recursive=self.recursive, among=self.among, listed=listed)
        return (one and one.path for one in self._begun(found))

    def _begun(self, found: Iterator[Found | None]) -> Iterator[Found | None]:
        """Leave out what this run writes, and look for the first that is left."""
        if self.own:
            own = os.path.abspath(self.own)  # noqa: PTH100  resolves no link
            found = (one for one in found if one is None or os.path.abspath(one.path) != own)  # noqa: PTH100  likewise
        asked = time.monotonic()
        for first in found:
            if first is not None:
                return chain((first,), found)
            time.sleep(pause_after(asked))
            asked = time.monotonic()
        if self.among.include:
            raise UsageError("kz.error.nothing-chosen", path="--include")
        remark(say("kz.cli.nothing-found"))  # it passes otherwise
        return found

    @property
    def only_named(self) -> bool:
        """Whether they are files that were named one by one."""
        return not (self.recursive or self.source or any(is_pattern(str(p)) for p in self.paths))

    @property
    def few(self) -> bool:
        """Whether they are so few that one worker takes them in their order, without a word."""
        return self.only_named and len(self.paths) <= FEW

    @property
    def can_be_counted(self) -> bool:
        """Whether they can be found once more."""
        return self.source is None or self.source.is_file()


def choosing(metavar: str) -> Callable[[Callable[..., _Result]], Callable[..., _Result]]:
    """Return what gives a command `chosen`, of arguments that its help calls `metavar`."""
    return group(
        "chosen", _chosen,
        click.argument("paths", nargs=-1, type=FILE, metavar=metavar),
        click.option("-r", "--recursive", is_flag=True, help=say("kz.cli.verify.recursive")),
        click.option("--from-file", type=FILE, metavar="FILE", help=say("kz.cli.from-file")),
        click.option("-0", "--null", is_flag=True, help=say("kz.cli.null")),
        click.option("--include", multiple=True, metavar="GLOB", help=say("kz.cli.include")),
        click.option("--exclude", multiple=True, metavar="GLOB", help=say("kz.cli.exclude")),
        click.option("--hidden/--no-hidden", default=True, help=say("kz.cli.hidden")),
        click.option(
            "--follow-links/--no-follow-links", default=False, help=say("kz.cli.follow-links")
        ),
    )  # fmt: skip


def _chosen(  # noqa: PLR0913  one parameter an option
    *,
    paths: tuple[Path, ...],
    recursive: bool,
    from_file: Path | None,
    null: bool,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    hidden: bool,
    follow_links: bool,
) -> Chosen:
    if not paths and from_file is None:
        context = click.get_current_context()
        named = next(param for param in context.command.params if param.name == "paths")
        raise click.MissingParameter(ctx=context, param=named)
    if null and from_file is None:
        raise UsageError("kz.error.null-alone", path="--null")
    if not (recursive or any(is_pattern(str(path)) for path in paths) or _watches()):
        for flag, given in (("--no-hidden", not hidden), ("--follow-links", follow_links)):
            if given:  # no folder is looked into
                raise UsageError("kz.error.needs", path=flag, value="-r")
    for flag, patterns in (("--include", include), ("--exclude", exclude)):
        if any(not pattern.strip("./") for pattern in patterns):
            raise UsageError("kz.error.pattern-empty", path=flag)
    among = Among(tuple(map(Rule, include)), tuple(map(Rule, exclude)), hidden, follow_links)
    return Chosen(paths, from_file, null, recursive, among)


def _watches() -> bool:
    """Whether folders are waited in: they are gone into then."""
    return bool(click.get_current_context().params.get("watch"))
