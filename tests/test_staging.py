"""Private directories: swept, shared, tidied; and publishing that takes back what it cannot finish."""

from __future__ import annotations

import errno
import gc
import multiprocessing
import os
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from kzlabel import _staging
from kzlabel._staging import OLD, PLAN, SHARED, commit, staging, sweep
from kzlabel.errors import RefusedError, UsageError
from kzlabel.workflow import _named_in_public


def test_nothing_is_left(tmp_path):
    with staging(tmp_path) as folder:
        (folder / "half").write_bytes(b"made")
        assert folder.parent == tmp_path / SHARED
        assert folder.stat().st_mode & 0o777 == 0o700
    assert list(tmp_path.iterdir()) == []


def test_two_at_once_do_not_sweep_each_other(tmp_path):
    with staging(tmp_path) as one, staging(tmp_path) as two:
        assert one != two
        assert one.is_dir()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_is_swept(tmp_path):
    (tmp_path / SHARED / "tmpleft").mkdir(parents=True)
    (tmp_path / SHARED / "tmpleft" / "half").write_bytes(b"x")
    with staging(tmp_path) as folder:
        assert [path.name for path in (tmp_path / SHARED).iterdir()] == [folder.name]


def test_a_missing_directory_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError), staging(tmp_path / "none"):
        pass


def _churn(folder, times: int) -> None:
    gc.freeze()  # a decoder of an earlier test, freed here, would wait for threads that stayed behind
    for _ in range(times):
        with staging(folder) as own:
            (own / "x").write_bytes(b"x")
            assert (own / "x").exists()


@pytest.mark.slow
def test_many_at_once(tmp_path):
    context = multiprocessing.get_context("fork")
    runs = [context.Process(target=_churn, args=(tmp_path, 60)) for _ in range(4)]
    for run in runs:
        run.start()
    for run in runs:
        run.join(60)
    assert [run.exitcode for run in runs] == [0] * 4
    assert list(tmp_path.iterdir()) == []


def test_a_name_taken_meanwhile_is_not_overwritten_and_the_rest_is_taken_back(tmp_path):
    with staging(tmp_path) as folder:
        for name in ("a.json", "a.jpg"):
            (folder / name).write_bytes(b"ours")
        (tmp_path / "a.jpg").write_bytes(b"theirs")
        with pytest.raises(RefusedError):
            commit([folder / "a.json", folder / "a.jpg"], tmp_path, overwrite=False)
    assert [path.name for path in tmp_path.iterdir()] == ["a.jpg"]
    assert (tmp_path / "a.jpg").read_bytes() == b"theirs"


@pytest.mark.parametrize("name", [SHARED, PLAN, OLD])
def test_no_asset_may_have_a_name_of_ours(tmp_path, name):
    with staging(tmp_path) as folder:
        (folder / name).write_bytes(b"theirs")
        with pytest.raises(RefusedError, match="name"):
            commit([folder / name], tmp_path, overwrite=True)
        assert (folder / name).read_bytes() == b"theirs"
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def staged(tmp_path):
    """An asset and its companion, as `commit` takes them."""
    with staging(tmp_path) as folder:
        for name in ("a.jpg.kzlabel.json", "a.jpg"):
            (folder / name).write_bytes(b"ours")
        yield [folder / "a.jpg.kzlabel.json", folder / "a.jpg"]


@pytest.fixture
def earlier(tmp_path):
    """What an earlier label left there: an asset, its sidecar and its manifest."""
    for name in EARLIER:
        (tmp_path / name).write_bytes(b"theirs")
    return [tmp_path / name for name in EARLIER[1:]]


EARLIER = ("a.jpg", "a.jpg.kzlabel.json", "a.jpg.c2pa")
STEPS = ("write_bytes", "rename", "replace", "hardlink_to", "unlink")


class KilledError(BaseException):
    """The process ends here, and nothing of ours runs any more."""


def killed_at(step: int, monkeypatch, after: bool) -> list[int]:
    """Have the process die at its n-th change of the file system, before or after it."""
    steps = [0]

    def dying(real):
        def change(*arguments, **named):
            steps[0] += 1
            if steps[0] > step or (steps[0] == step and not after):
                raise KilledError
            done = real(*arguments, **named)
            if steps[0] == step:
                raise KilledError
            return done

        return change

    for name in STEPS:
        monkeypatch.setattr(Path, name, dying(getattr(Path, name)))
    for name in ("rename", "unlink"):
        monkeypatch.setattr(os, name, dying(getattr(os, name)))
    return steps


def seen(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("a.*")}


@pytest.mark.parametrize("links", [True, False], ids=["links", "no links"])
@pytest.mark.parametrize("force", [True, False], ids=["force", "new"])
@pytest.mark.parametrize("after", [True, False], ids=["after", "before"])
def test_killed_at_any_moment_it_is_all_there_or_as_it_was(tmp_path, request, links, force, after):
    before = dict.fromkeys(EARLIER, b"theirs") if force else {}
    done = dict.fromkeys(EARLIER[:2], b"ours")
    met = set()
    for step in range(1, 40):
        place = tmp_path / str(step)
        place.mkdir()
        for name in before:
            (place / name).write_bytes(b"theirs")
        superseded = [place / name for name in EARLIER[1:]] if force else []
        folder, lock = _staging._locked_directory(place / SHARED)
        staged = [folder / name for name in reversed(EARLIER[:2])]
        for path in staged:
            path.write_bytes(b"ours")
        with pytest.MonkeyPatch.context() as monkeypatch:
            if not links:
                monkeypatch.setattr(Path, "hardlink_to", without_links)
            steps = killed_at(step, monkeypatch, after)
            with suppress(KilledError):
                commit(staged, place, overwrite=force, superseded=superseded)
        os.close(lock)
        assert sweep(place)
        met.add(len(seen(place)))
        assert seen(place) in (before, done)
        if steps[0] < step:
            break
    assert seen(place) == done  # nobody was killed any more
    assert len(met) > 1 or force


def without_links(path: Path, target: Path) -> None:
    raise OSError(errno.EPERM, "no links", str(path))


def test_nobody_sweeps_what_is_at_work(tmp_path, staged):
    assert not sweep(tmp_path)
    assert all(path.exists() for path in staged)


def test_what_cannot_be_replaced_costs_nothing(tmp_path, staged, earlier, monkeypatch):
    def fails(path, destination, **_):
        raise OSError(errno.EBUSY, "busy", str(destination))

    monkeypatch.setattr(_staging, "_publish", fails)
    with pytest.raises(OSError, match="busy"):
        commit(staged, tmp_path, overwrite=True, superseded=earlier)
    assert seen(tmp_path) == dict.fromkeys(EARLIER, b"theirs")


def test_a_folder_in_the_place_of_a_companion_costs_nothing(tmp_path, staged, earlier):
    earlier[1].unlink()
    earlier[1].mkdir()
    with pytest.raises(IsADirectoryError):
        commit(staged, tmp_path, overwrite=True, superseded=earlier)
    assert earlier[0].read_bytes() == b"theirs"
    assert earlier[1].is_dir()


def test_one_commit_at_a_time(tmp_path, staged):
    """Who comes second waits: two labels never lie there half and half."""
    came = []
    with _staging._alone(tmp_path / SHARED):
        second = threading.Thread(
            target=lambda: came.append(commit(staged, tmp_path, overwrite=True))
        )
        second.start()
        second.join(0.05)
        assert (came, seen(tmp_path)) == ([], {})
    second.join(30)
    assert seen(tmp_path) == dict.fromkeys(EARLIER[:2], b"ours")


def test_what_a_stranger_left_takes_nothing_away(tmp_path, monkeypatch):
    place = tmp_path / "place"
    left = place / SHARED / "left"
    left.mkdir(parents=True)
    mine = [tmp_path / "mine", place / "mine"]
    for path in (*mine, left / "x"):
        path.write_bytes(b"")
    (left / PLAN).write_bytes(b"mine\0x")
    with monkeypatch.context() as other:
        other.setattr(os, "geteuid", lambda: os.getuid() + 1)
        assert not sweep(place)
    (left / PLAN).write_bytes(b"../mine\0x")  # as if it were ours: a plan is of plain names
    assert sweep(place)
    assert all(path.exists() for path in mine)


@pytest.mark.parametrize("overwrite", [True, False])
def test_told_to_stop_it_takes_back_all_or_nothing(tmp_path, staged, monkeypatch, overwrite):
    publish = _staging._publish
    for stopped, left in ((staged[0], 0), (staged[1], 2)):

        def stops(path, *rest, stopped=stopped, **how):
            publish(path, *rest, **how)
            if path == stopped:
                raise KeyboardInterrupt

        monkeypatch.setattr(_staging, "_publish", stops)
        with pytest.raises(KeyboardInterrupt):
            commit(staged, tmp_path, overwrite=overwrite)
        assert len(seen(tmp_path)) == left


def test_a_link_at_the_destination_is_replaced_not_followed(tmp_path):
    outside = tmp_path / "outside"
    outside.write_bytes(b"theirs")
    out = tmp_path / "out"
    out.mkdir()
    (out / "a.jpg").symlink_to(outside)
    with staging(out) as folder:
        (folder / "a.jpg").write_bytes(b"ours")
        commit([folder / "a.jpg"], out, overwrite=True)
    assert outside.read_bytes() == b"theirs"
    assert not os.path.islink(out / "a.jpg")  # noqa: PTH114  islink does not follow


def test_a_link_in_the_place_of_the_shared_directory_is_not_followed(tmp_path):
    theirs, out = tmp_path / "theirs", tmp_path / "out"
    (theirs / "photos").mkdir(parents=True)
    (theirs / "photos" / "one.jpg").write_bytes(b"theirs")
    out.mkdir()
    (out / SHARED).symlink_to(theirs)
    with pytest.raises(NotADirectoryError), staging(out):
        pass
    assert (theirs / "photos" / "one.jpg").read_bytes() == b"theirs"


def test_a_link_among_what_was_left_is_not_followed(tmp_path):
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "one.jpg").write_bytes(b"theirs")
    (tmp_path / SHARED).mkdir()
    (tmp_path / SHARED / "link").symlink_to(theirs)
    with staging(tmp_path):
        pass
    assert (theirs / "one.jpg").exists()


def test_what_is_amiss_is_said_of_the_source_and_what_cannot_be_written_of_the_target(tmp_path):
    source, target = tmp_path / "in.mp4", tmp_path / "out.mp4"
    private = tmp_path / SHARED / "tmp1" / "notice-overlay"
    with pytest.raises(RefusedError) as refused, _named_in_public(source, target):
        raise RefusedError("kz.error.mp4-no-sound", path=private)
    assert refused.value.values["path"] == str(source)
    with pytest.raises(UsageError) as unwritten, _named_in_public(source, target):
        raise OSError(errno.ENOSPC, "full", str(private))
    assert unwritten.value.values["path"] == str(target)
