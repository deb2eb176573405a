"""Private directories: swept, shared, tidied; and publishing that takes back what it cannot finish."""

from __future__ import annotations

import errno
import gc
import multiprocessing
import os
import shutil

import pytest

from kzlabel import _staging
from kzlabel._staging import SHARED, commit, staging, sweep
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


@pytest.fixture
def staged(tmp_path):
    """An asset and its companion, as `commit` takes them."""
    with staging(tmp_path) as folder:
        for name in ("a.jpg.kzlabel.json", "a.jpg"):
            (folder / name).write_bytes(b"ours")
        yield [folder / "a.jpg.kzlabel.json", folder / "a.jpg"]


@pytest.mark.parametrize("first", ["a.jpg", "a.jpg.kzlabel.json"])
def test_killed_while_it_tidies_up_it_costs_the_asset_nothing(tmp_path, staged, monkeypatch, first):
    commit(staged, tmp_path, overwrite=False)
    folder = staged[0].parent
    with monkeypatch.context() as killed:
        killed.setattr(shutil, "rmtree", lambda *_, **__: (folder / first).unlink(missing_ok=True))
        _staging._remove(folder)
    assert folder.exists()
    (tmp_path / "again").mkdir()
    folder.rename(tmp_path / "again" / folder.name)  # where nobody holds its lock
    left = os.open(tmp_path / "again" / folder.name, os.O_RDONLY)
    _staging._take_back(left, tmp_path)
    os.close(left)
    assert {path.name for path in tmp_path.glob("a.*")} == {"a.jpg", "a.jpg.kzlabel.json"}


def test_nobody_sweeps_what_is_being_tidied_up(tmp_path, monkeypatch):
    swept = []
    with staging(tmp_path) as folder:
        (folder / "a.jpg").write_bytes(b"ours")
        monkeypatch.setattr(_staging, "_remove", lambda *_: swept.append(sweep(tmp_path)))
    assert swept == [False]
    assert (folder / "a.jpg").exists()


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
        assert len(list(tmp_path.glob("a.*"))) == left
        staged[0].write_bytes(b"ours")


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


def test_a_commit_that_was_killed_is_taken_back(tmp_path):
    """Its companions lie there without their asset: the next run removes them."""
    staged = tmp_path / SHARED / "killed"
    staged.mkdir(parents=True)
    for name in ("a.jpg", "a.jpg.kzlabel.json", "b.jpg", "b.jpg.c2pa", "c.jpg.c2pa"):
        (staged / name).write_bytes(name.encode())
    for name in ("a.jpg.kzlabel.json", "b.jpg", "b.jpg.c2pa"):
        (tmp_path / name).hardlink_to(staged / name)
    (tmp_path / "c.jpg.c2pa").write_bytes(b"somebody else's")
    assert sweep(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.jpg", "b.jpg.c2pa", "c.jpg.c2pa"]
