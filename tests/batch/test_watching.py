"""Watched folders: each finished file once in each of its states, whatever the system tells."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest
from rows import RUN, row_of

from kzlabel._seen import path_of, state_of, uri_of
from kzlabel._worker import ADDRESS_SPACE_LIMIT, forked
from kzlabel.batch import Among, Results, Rule, _arrivals, _watching
from kzlabel.batch._arrivals import UNFINISHED, Arrivals
from kzlabel.batch._pool import Pool, Question
from kzlabel.batch._watching import Events, is_written
from kzlabel.model import AssetReport

LONG = 20.0
"""Seconds after which a test gives up."""


class Watch:
    """Watches a folder, and does something after each row; ends when it has done it all."""

    def __init__(
        self, *folders: Path, results: Results[AssetReport] | None = None, **asked
    ) -> None:
        self.folders, self.results = folders, results or Results(AssetReport, spooled=False)
        self.asked = {"among": Among(), "settled": 0.03} | asked
        self.looked = self.at_once

    def at_once(self, paths: Iterable[Path | None]) -> Iterator[AssetReport]:
        return (row_of(path) for path in paths if path)

    def names(self, *steps: Callable[[], object], rows: int = 0) -> list[str]:
        """Return the names of the files looked at, each step taken after the next row."""
        wanted, until = rows or len(steps) + 1, time.monotonic() + LONG
        found, rest = [], iter(steps)

        def stop() -> bool:
            assert time.monotonic() < until, found
            return len(found) >= wanted

        arrivals = Arrivals(self.folders, results=self.results, stop=stop, **self.asked)
        for row in arrivals.rows(self.looked):
            found.append(path_of(row.seen.uri).name)
            next(rest, lambda: None)()
        return found


@pytest.fixture(autouse=True)
def _hasty(monkeypatch) -> None:
    monkeypatch.setattr(_arrivals, "IDLE", 0.02)
    monkeypatch.setattr(_watching, "_DEBOUNCE", 20)
    monkeypatch.setattr(_watching, "_STEP", 10)
    monkeypatch.setattr(_watching, "_TIMEOUT", 20)


@pytest.fixture
def hot(tmp_path) -> Path:
    (tmp_path / "hot").mkdir()
    return tmp_path / "hot"


@pytest.fixture
def deaf(monkeypatch) -> None:
    """Let the system tell nothing."""
    monkeypatch.setattr(Events, "_listen", lambda _: None)
    monkeypatch.setattr(_arrivals, "EVERY", 0.05)


@pytest.fixture
def rare(monkeypatch) -> None:
    """Let the folders be gone through once, so that all else was told."""
    monkeypatch.setattr(_arrivals, "EVERY", 1000.0)


def write(path: Path, content: bytes = b"x") -> Callable[[], int]:
    return lambda: path.write_bytes(content)


@pytest.mark.parametrize("hearing", ["deaf", "rare"])
def test_what_was_there_and_what_comes_is_looked_at_once(hot, request, hearing):
    request.getfixturevalue(hearing)
    write(hot / "first")()
    steps = [write(hot / "second"), write(hot / "third"), write(hot / "fourth")]
    assert Watch(hot).names(*steps) == ["first", "second", "third", "fourth"]


@pytest.mark.parametrize("hearing", ["deaf", "rare"])
def test_what_is_replaced_or_given_a_companion_is_looked_at_again(hot, request, hearing):
    request.getfixturevalue(hearing)
    write(hot / "a.jpg")()
    steps = [
        write(hot / "a.jpg", b"another"),
        write(hot / "a.jpg.kzlabel.json"),
        write(hot / "b.jpg"),
    ]
    assert Watch(hot).names(*steps) == ["a.jpg", "a.jpg", "a.jpg", "b.jpg"]


def test_a_new_folder_is_gone_through(hot, tmp_path, rare):
    (tmp_path / "new" / "inner").mkdir(parents=True)
    write(tmp_path / "new" / "inner" / "b")()
    write(hot / "a")()
    assert Watch(hot).names(lambda: (tmp_path / "new").rename(hot / "new")) == ["a", "b"]


def test_what_is_there_already_is_not_looked_at(hot, tmp_path):
    for name in "abc":
        write(hot / name)()
    place = tmp_path / "r.jsonl"
    with Results.resuming(place, AssetReport, [RUN], log=True) as results:
        list(results.keeping(map(row_of, [hot / "a", hot / "b"])))
    write(hot / "b", b"another")()
    with Results.resuming(place, AssetReport, [RUN], log=True) as results:
        assert sorted(Watch(hot, results=results).names(rows=2)) == ["b", "c"]


def test_what_grows_is_waited_for(hot):
    growing = hot / "growing"
    write(growing)()
    watch = Watch(hot, settled=0.1)
    looked_at = []

    def looked(paths: Iterable[Path | None]) -> Iterator[AssetReport]:
        for path in filter(None, paths):
            looked_at.append(growing.stat().st_size)
            yield row_of(path)

    def appended(path: Path) -> object:
        if growing.stat().st_size < 5:
            with growing.open("ab") as file:
                file.write(b"x")
        return state_of(path)

    watch.looked = looked
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_arrivals, "state_of", appended)
        assert watch.names(rows=1) == ["growing"]
    assert looked_at == [5]


@pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="leases are Linux's")
def test_what_is_open_for_writing_is_waited_for(hot):
    held = (hot / "held").open("wb")
    held.write(b"x")
    held.flush()
    write(hot / "other")()
    assert is_written(hot / "held")
    assert not is_written(hot / "other")
    assert not is_written(hot / "none")
    assert Watch(hot).names(held.close) == ["other", "held"]


def test_what_is_open_for_too_long_is_looked_at_all_the_same(hot, monkeypatch):
    monkeypatch.setattr(_arrivals, "HELD", 0.2)
    with (hot / "held").open("wb"):
        assert Watch(hot).names(rows=1) == ["held"]


def test_a_sidecar_that_lands_a_moment_later_is_waited_for(hot):
    picture, beside = hot / "a.jpg", hot / "a.jpg.kzlabel.json"
    write(picture)()
    watch = Watch(hot, settled=0.1)
    seen = []

    def landing(path: Path) -> object:
        state = state_of(path)
        if not beside.exists():
            beside.write_bytes(b"{}")  # right after it was first seen
        return state

    def looked(paths: Iterable[Path | None]) -> Iterator[AssetReport]:
        for path in filter(None, paths):
            seen.append(beside.exists())
            yield row_of(path)

    watch.looked = looked
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_arrivals, "state_of", landing)
        assert watch.names(write(hot / "b.jpg")) == ["a.jpg", "b.jpg"]
    assert seen[0]


def test_what_changed_while_it_was_looked_at_waits_again(hot):
    write(hot / "a")()
    watch, codes = Watch(hot), iter(["kz.error.changed", "kz.error.changed", ""])
    watch.looked = lambda paths: (row_of(path, code=next(codes)) for path in filter(None, paths))
    assert watch.names(rows=1) == ["a"]


def test_what_kills_its_worker_is_not_looked_at_for_ever(hot, deaf):
    write(hot / "deadly")()
    watch = Watch(hot)
    bare = {"deadly": row_of(hot / "deadly", code="kz.error.worker-died")}
    watch.looked = lambda paths: (
        bare.get(path.name) or row_of(path) for path in filter(None, paths)
    )
    assert watch.names(write(hot / "b"), write(hot / "c")) == ["deadly", "b", "c"]


@pytest.mark.parametrize(
    "name",
    [
        "a.jpg.part", "a.jpg.crdownload", "A.TMP", "a.jpg~", ".a.jpg.x1Y2z3", "~$a.docx",
        ".~lock.a.odt#", ".kzlabel-work", "a.swp",
    ],
)  # fmt: skip
def test_names_of_what_is_not_finished(name):
    assert UNFINISHED.search(name)


@pytest.mark.parametrize(
    "name", ["a.jpg", ".hidden.jpg", "part", "a.part.jpg", "~a.jpg", ".jpg", "temp", ".a.webp"]
)
def test_names_of_what_may_be_finished(name):
    assert not UNFINISHED.search(name)


def test_what_is_not_finished_is_looked_at_under_its_name(hot, rare):
    write(hot / "a.part")()
    write(hot / "b")()
    assert Watch(hot).names(lambda: (hot / "a.part").rename(hot / "a")) == ["b", "a"]


@pytest.mark.parametrize("hearing", ["deaf", "rare"])
def test_only_what_is_wanted(hot, request, hearing):
    request.getfixturevalue(hearing)
    among = Among(exclude=(Rule("*.txt"), Rule("no/")), hidden=False)
    (hot / "no").mkdir()
    write(hot / "a")()

    def more() -> None:
        for name in ("a.txt", ".a", "no/a", "b"):
            write(hot / name)()

    assert Watch(hot, among=among).names(more, write(hot / "c")) == ["a", "b", "c"]


@pytest.mark.parametrize("name", ["...c2pa", "..c2pa", "..kzlabel.json", ".c2pa", "....c2pa"])
def test_no_name_leads_out_of_the_folder(hot, rare, name):
    write(hot.parent / "private.jpg")()
    write(hot / "a")()
    assert Watch(hot).names(write(hot / name), write(hot / "b")) == ["a", name, "b"]


def test_no_link_to_a_folder_is_followed(hot, monkeypatch):
    monkeypatch.setattr(_arrivals, "EVERY", 0.05)  # a circle of links ends what the system tells
    (hot.parent / "outside").mkdir()
    write(hot.parent / "outside" / "secret")()
    write(hot / "a")()

    def linked() -> None:
        (hot / "link").symlink_to("../outside")
        (hot / "loop").symlink_to(".")
        (hot / "new").mkdir()
        (hot / "new" / "loop").symlink_to("..")
        write(hot / "b")()

    def behind() -> None:
        write(hot / "link" / "more")()
        write(hot / "c")()

    steps = [linked, behind, write(hot / "d")]
    assert Watch(hot).names(*steps) == ["a", "b", "c", "d"]
    among = Among(follow_links=True)
    assert sorted(Watch(hot, among=among).names(rows=6)) == ["a", "b", "c", "d", "more", "secret"]


def test_a_new_folder_is_held_against_the_rules_of_the_watched_one(hot, tmp_path, rare):
    (tmp_path / "new" / "secret").mkdir(parents=True)
    write(tmp_path / "new" / "secret" / "x")()
    write(tmp_path / "new" / "b")()
    write(hot / "a")()
    among = Among(include=(Rule("[abc]"), Rule("new/secret/x")), exclude=(Rule("new/secret/*"),))
    steps = [lambda: (tmp_path / "new").rename(hot / "new"), write(hot / "c")]
    assert Watch(hot, among=among).names(*steps) == ["a", "b", "c"]


def test_new_folders_put_no_pass_off(hot, monkeypatch):
    monkeypatch.setattr(_arrivals, "EVERY", 0.05)
    (hot / "new").mkdir()
    monkeypatch.setattr(Events, "taken", lambda _: ({hot / "new"}, False))
    write(hot / "a")()
    assert Watch(hot).names(write(hot / "b")) == ["a", "b"]


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to root")
def test_a_folder_that_is_closed_ends_nothing(hot, monkeypatch):
    monkeypatch.setattr(_arrivals, "EVERY", 0.05)
    (hot / "no").mkdir()
    write(hot / "no" / "x.jpg")()

    def closed() -> None:
        write(hot / "no" / "x.jpg.c2pa")()
        (hot / "no").chmod(0)

    try:
        assert Watch(hot).names(closed, write(hot / "b")) == ["x.jpg", "no", "b"]
    finally:
        (hot / "no").chmod(0o700)


def test_a_folder_that_is_named_in_two_ways_is_one(hot, monkeypatch):
    monkeypatch.chdir(hot.parent)
    monkeypatch.setattr(_arrivals, "EVERY", 0.01)
    write(hot / "a")()
    watch = Watch(Path("hot"), hot, settled=0.15)
    assert watch.names(write(hot / "b"), write(hot / "c")) == ["a", "b", "c"]


def test_a_companion_that_lands_first_is_no_asset(hot, rare):
    first = hot / "b.jpg.c2pa"
    write(hot / "a")()

    def landing(path: Path) -> object:
        if path == first:
            write(hot / "b.jpg")()
        return state_of(path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_arrivals, "state_of", landing)
        assert Watch(hot).names(write(first), write(hot / "c")) == ["a", "b.jpg", "c"]


def test_a_companion_by_its_stem_has_its_asset_looked_at_again(hot, rare):
    write(hot / "a.jpg")()
    steps = [write(hot / "a.c2pa"), write(hot / "b")]
    assert Watch(hot).names(*steps) == ["a.jpg", "a.jpg", "b"]


@pytest.mark.parametrize("name", [b"\xff.jpg", b"two\nlines", b"\xe2\x80\xae", b"%41"])
def test_hostile_names_are_found(hot, monkeypatch, name):
    monkeypatch.setattr(_arrivals, "EVERY", 0.05)  # one that is no Unicode is told of garbled
    write(hot / "a")()
    names = Watch(hot).names(write(hot / os.fsdecode(name)))
    assert [os.fsencode(each) for each in names] == [b"a", name]


def test_a_relative_folder_is_told_of_too(hot, monkeypatch, rare):
    monkeypatch.chdir(hot.parent)
    write(hot / "a")()
    assert Watch(Path("hot")).names(write(hot / "b")) == ["a", "b"]


def test_what_could_not_be_looked_at_is_looked_at_again_once_it_is_touched(hot, rare):
    write(hot / "a")()
    codes = iter(["kz.error.closed", "kz.error.closed", "", ""])
    watch = Watch(hot)
    watch.looked = lambda paths: (row_of(path, code=next(codes)) for path in paths if path)
    mode = partial((hot / "a").chmod, 0o640)
    assert watch.names(mode, mode, write(hot / "b")) == ["a", "a", "a", "b"]


@pytest.mark.slow
def test_more_than_can_wait_at_once_is_found_later(hot, monkeypatch):
    monkeypatch.setattr(_arrivals, "MOST", 3)
    monkeypatch.setattr(_watching, "MOST", 2)
    for number in range(20):
        write(hot / f"{number:02}")()

    def burst() -> None:
        for number in range(20, 40):
            write(hot / f"{number:02}")()

    watch, waiting = Watch(hot, settled=0.05), []
    wait_for = Arrivals._wait_for
    monkeypatch.setattr(
        Arrivals, "_wait_for",
        lambda self, one: (wait_for(self, one), waiting.append(len(self._waiting))),
    )  # fmt: skip
    assert sorted(watch.names(burst, rows=40)) == [f"{number:02}" for number in range(40)]
    assert max(waiting) <= 3 + 2  # those of a pass, and those that were told


def test_what_is_in_flight_for_too_long_is_given_up(hot, monkeypatch):
    monkeypatch.setattr(_arrivals, "STOPPING", 0.1)
    write(hot / "slow")()
    asked = []

    def never(paths: Iterable[Path | None]) -> Iterator[AssetReport]:
        for path in paths:
            asked.append(path)
            yield from ()

    results = Results(AssetReport, spooled=False)
    arrivals = Arrivals([hot], Among(), results, lambda: bool(asked), settled=0.1)
    assert list(arrivals.rows(never)) == []
    assert asked[0] == hot / "slow"
    assert not any(asked[1:])


def test_a_folder_that_goes_ends_nothing(hot, tmp_path, deaf):
    write(hot / "a")()
    steps = [
        lambda: hot.rename(tmp_path / "gone"),
        lambda: None,
    ]

    def back() -> None:
        if not hot.exists():
            hot.mkdir()
            write(hot / "b")()

    watch = Watch(hot)
    before = watch.at_once

    def looked(paths: Iterable[Path | None]) -> Iterator[AssetReport]:
        for row in before(paths):
            yield row
            back()

    watch.looked = looked
    assert watch.names(*steps, rows=2) == ["a", "b"]


@pytest.mark.slow
def test_a_new_file_among_200_000_is_looked_at_soon(hot, capsys):
    many = 200_000
    for number in range(many):
        (hot / f"{number}").touch()
    watch = Watch(hot, settled=0.1)
    began = time.monotonic()
    moments: list[float] = []
    for path in hot.iterdir():
        watch.results.note(uri_of(path), state_of(path))
    noted = time.monotonic()

    def more() -> None:
        moments.append(time.monotonic())
        write(hot / f"new{len(moments)}")()

    write(hot / "new0")()
    assert watch.names(*[more] * 5) == [f"new{number}" for number in range(6)]
    moments.append(time.monotonic())
    spent = [after - before for before, after in pairwise(moments)]
    with capsys.disabled():
        print(
            f"\n{many} done files noted in {noted - began:.1f} s, first pass "
            f"{moments[0] - noted:.1f} s; a new file's row after "
            + ", ".join(f"{each:.2f}" for each in spent)
            + " s"
        )
    assert sorted(spent)[2] < 1.5


def test_a_question_that_comes_later_does_not_wait_for_an_answer(tmp_path):
    """A slow file holds nobody up while other workers are free."""
    go = tmp_path / "go"

    def does(message: bytes) -> bytes:
        while message == b"slow" and not go.exists():
            pass
        return message

    def questions() -> Iterator[Question[str] | None]:
        yield Question("slow", b"slow", LONG)
        yield None
        yield Question("quick", b"quick", LONG)

    pool: Pool[str] = Pool(lambda: forked(lambda: does, ADDRESS_SPACE_LIMIT), 2)
    answers = []
    for outcome in pool.outcomes(questions()):
        answers.append(outcome.answer)
        go.touch()
    assert answers == [b"quick", b"slow"]
