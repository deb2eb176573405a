"""Where the command line puts a report: standard output, or a file that appears whole."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from fcntl import F_GETFL, fcntl
from pathlib import Path

import click

from kzlabel.batch import Tally
from kzlabel.cli._language import say
from kzlabel.cli._remark import remark
from kzlabel.errors import UsageError, printable


def require_place(
    output: Path | None,
    inputs: Sequence[Path],
    *,
    binary: bool = False,
    results: Path | None = None,
) -> None:
    """Refuse a report's place before the work, not after it; above all one of the inputs.

    It may be that of `results`, which say themselves what becomes of theirs.
    """
    if output is None:
        if binary and sys.stdout.isatty():
            raise UsageError("kz.error.terminal", path="-")
        require_output()
        return
    if output.exists() and any(path.exists() and output.samefile(path) for path in inputs):
        raise UsageError("kz.error.same-file", path=output)
    if output.is_dir():
        raise UsageError("kz.error.not-a-file", path=output)
    if not output.parent.is_dir():
        raise UsageError("kz.error.no-directory", path=output.parent)
    if (output.is_file() or not output.exists()) and not os.access(
        output.parent, os.W_OK | os.X_OK
    ):
        closed = PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        raise UsageError("kz.error.os", path=output, detail=closed)
    if output.is_file() and output != results:
        from kzlabel.batch._journal import spared

        with spared(output):
            _require_earlier(output)


def require_output() -> None:
    """Refuse to report to a standard output that is closed."""
    if fcntl(1, F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
        raise UsageError("kz.error.no-output", path="-")


def _require_earlier(path: Path) -> None:
    """Refuse a file that is not empty and no report: it may be an asset, a list, a key."""
    from kzlabel.reports._earlier import has_rows, is_earlier

    code = "kz.error.output-taken"
    with suppress(OSError):
        if is_earlier(path):
            return
        if has_rows(path):
            code = "kz.error.results-unfinished"
    raise UsageError(code, path=path)


def say_written(tally: Tally, output: Path | None, *, quiet: bool) -> None:
    """Say what came of a batch whose report went to a file; what was not looked at, always."""
    if output is None:
        return
    if tally.unread:
        more = ", \N{HORIZONTAL ELLIPSIS}" if tally.unread > len(tally.first_unread) else ""
        paths = ", ".join(map(printable, tally.first_unread)) + more
        line = say("kz.cli.not-looked", count=tally.unread, paths=paths)
        remark(line)
    if not quiet:
        verdicts = tally.counts.summary.verdicts.items()
        said = (f"{say(f'kz.verdict.{name}')}: {count}" for name, count in verdicts)
        counts = "; ".join(said) or say("kz.report.assets", count=0)
        line = say("kz.cli.report-written", path=printable(output), counts=counts)
        remark(line)


def write(pieces: Iterable[str | bytes], output: Path | None) -> None:
    """Print each piece as it comes; a file appears whole or not at all."""
    if output is None:
        for piece in pieces:
            click.echo(piece, nl=isinstance(piece, str))
        return
    from kzlabel._staging import commit, staging
    from kzlabel.batch._journal import spared

    if output.exists() and not output.is_file():  # a device or a pipe is written to, not replaced
        _fill(output, pieces, output)
        return
    with staging(output.parent) as folder:
        staged = folder / output.name
        _fill(staged, pieces, output)
        with spared(output):
            commit([staged], output.parent, overwrite=True)


def _fill(file: Path, pieces: Iterable[str | bytes], output: Path) -> None:
    """Write a report to `file`; where the disk is full, it is `output` that could not be."""
    try:
        with file.open("wb") as opened:
            opened.writelines(map(_bytes, pieces))
    except OSError as exc:
        if exc.errno is not None:
            exc.filename = exc.filename or os.fspath(output)
        raise


def _bytes(piece: str | bytes) -> bytes:
    return piece if isinstance(piece, bytes) else f"{piece}\n".encode()
