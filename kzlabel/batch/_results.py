"""Results as they come, one asset a line: reports read from them, and runs resume by them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Generic, Self, TypeVar

import msgspec

from kzlabel._seen import State, uri_of
from kzlabel.batch._sifting import sifted
from kzlabel.errors import UsageError
from kzlabel.model import AssetReport, LabellingReport

if TYPE_CHECKING:
    from kzlabel.batch._done import Done
    from kzlabel.batch._journal import Journal
    from kzlabel.batch._resuming import Fate, Resumed

Row = TypeVar("Row", AssetReport, LabellingReport)


class Results(Generic[Row]):
    """Rows of one kind in a file, each there as soon as it is known.

    Made with nothing else it is a temporary one; with `spooled=False` rows are only passed on.
    """

    def __init__(self, kind: type[Row], *, spooled: bool = True) -> None:
        self._rows: msgspec.json.Decoder[Row] = msgspec.json.Decoder(kind)
        self._encoder = msgspec.json.Encoder()
        self._journal: Journal | None = None
        self._done: Done | None = None
        self.path: Path | None = None
        """Where they last: None for those that are gone in the end."""
        self.resumed: Resumed[Row] | None = None
        """What became of an earlier run's results."""
        if spooled:
            from kzlabel.batch._journal import Journal

            self._journal = Journal.temporary()

    @classmethod
    def begun(cls, path: Path, kind: type[Row]) -> Self:
        """Begin the file at `path` anew. Raises `UsageError` over unfinished results."""
        from kzlabel.batch._journal import Journal
        from kzlabel.batch._resuming import Rules, is_closing

        results = cls(kind, spooled=False)
        results._journal = journal = Journal.locked(path)
        results.path = path
        with results._opening():
            first = next(journal.lines(), b"")
            if first and Rules(kind, ()).may_be(first) and not is_closing(journal.last_line()):
                raise UsageError("kz.error.results-unfinished", path=path)
            if first:
                with journal.replaced(0):
                    pass
        return results

    @classmethod
    def resuming(  # noqa: PLR0913  each is a question of its own
        cls,
        path: Path,
        kind: type[Row],
        runs: Collection[str],
        *,
        digests: bool = False,
        log: bool = False,
        still: Callable[[Row], Fate] | None = None,
    ) -> Self:
        """Go on with the file at `path`, made where there is none; what stays is in `resumed`.

        `runs`: whose rows are believed. `digests`: only where the file's bytes are the same too.
        `still` says what becomes of a row whose file is as it was. In a `log` every row stays, if
        only for the record. Raises `UsageError` where it is no results file, another batch writes
        it, or it cannot be used.
        """
        from kzlabel.batch._done import Done
        from kzlabel.batch._journal import Journal
        from kzlabel.batch._resuming import Resumed, Rules

        results = cls(kind, spooled=False)
        results._journal = Journal.locked(path)
        results.path = path
        results._done = Done()
        with results._opening():
            rules = Rules(kind, runs, digests=digests, log=log, still=still)
            results.resumed = Resumed(results._journal, results._done, rules)
        return results

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file, its lock and the index."""
        if self._journal:
            self._journal.close()
        if self._done:
            self._done.close()

    @contextmanager
    def _opening(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self.close()
            raise

    def undone(self, paths: Iterable[Path | None]) -> Iterator[Path | None]:
        """Yield the files that are left to do (`sifted`)."""
        return sifted(paths, self.is_left)

    def is_left(self, path: Path) -> bool:
        """Whether a file's row is not here yet; the results themselves are no such file."""
        return not (self.is_done(path) or self.is_own(path))

    def is_done(self, path: Path) -> bool:
        """Whether the row of the file at `path` was here when its results were opened."""
        return self.done_as(uri_of(path)) is not None

    def done_as(self, uri: str) -> State | None:
        """Return the state in which a file was last done, as far as was noted."""
        return self._done.state(uri) if self._done else None

    def note(self, uri: str, state: State) -> None:
        """Note that a file was done in this state."""
        if self._done is None:
            from kzlabel.batch._done import Done

            self._done = Done()
        self._done.add(uri, state)

    def is_own(self, path: Path) -> bool:
        """Whether the results lie there themselves."""
        own = self.path
        with suppress(OSError, ValueError):
            return own is not None and path.name == own.name and path.samefile(own)
        return False

    def continued(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Yield the rows that are here, then `rows` as they come, each written down first."""
        if self.path:
            yield from self
        yield from self.keeping(rows)

    def keeping(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Yield `rows` as they come, each written down first."""
        for row in rows:
            self._append(self._encoder.encode(row))
            yield row

    def finish(self, closing: str) -> None:
        """Write the last line of results that last: a report without its rows."""
        if self._journal and self.path:
            self._append(closing.encode())
            self._journal.synchronise()

    def _append(self, line: bytes) -> None:
        """Write a line, where there is a file; not beyond what others have left of it."""
        if self._journal:
            if self.path:
                self._journal.require_place()
            self._journal.append(line)

    def __iter__(self) -> Iterator[Row]:
        """Yield every row that is here now, as often as one likes."""
        if self._journal:
            yield from map(self._rows.decode, self._journal.lines())
