"""Which source goes where: mirrored, told apart, refused before any work."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kzlabel.batch import Found
from kzlabel.batch._plan import Plan
from kzlabel.errors import UsageError


def laid(folder: Path, *names: str) -> list[Found]:
    """Make files below a folder, found in it."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"12345")
    return [Found(folder / name, folder) for name in names]


def planned(output: Path, found: list[Found], base: Path | None = None) -> list[str]:
    with Plan(output, base) as plan:
        plan.take(found)
        return [os.path.relpath(job.destination, output) for job in plan.jobs()]


def test_the_tree_is_mirrored(tmp_path):
    found = laid(tmp_path / "in", "b.jpg", "x/y/c.jpg", "a\n.jpg", os.fsdecode(b"\xff.jpg"))
    names = planned(tmp_path / "out", found)
    assert names == ["b.jpg", "x/y/c.jpg", "a\n.jpg", os.fsdecode(b"\xff.jpg")]


def test_it_says_how_much_there_is(tmp_path):
    with Plan(tmp_path / "out") as plan:
        plan.take(laid(tmp_path / "in", "a", "b"))
        plan.take([Found(tmp_path / "gone", tmp_path)])
        assert plan.totals() == (3, 10)


def test_thousands_come_in_their_order(tmp_path):
    found = [Found(tmp_path / f"in/{number}.jpg", tmp_path / "in") for number in range(1203)]
    assert planned(tmp_path / "out", found) == [f"{number}.jpg" for number in range(1203)]


def test_two_with_one_name_are_refused(tmp_path):
    found = [*laid(tmp_path / "one", "x/a.jpg"), *laid(tmp_path / "two", "x/a.jpg")]
    with pytest.raises(UsageError, match="same name"):
        planned(tmp_path / "out", found)


def test_a_file_named_twice_is_one(tmp_path):
    found = laid(tmp_path / "in", "a.jpg")
    other = Found(tmp_path / "in" / ".." / "in" / "a.jpg", tmp_path / "in")
    assert planned(tmp_path / "out", [*found, other]) == ["a.jpg"]


def test_it_knows_where_a_result_goes(tmp_path):
    one, other = laid(tmp_path / "in", "x/a.jpg", "b.jpg")
    (tmp_path / "link").symlink_to("out")
    with Plan(tmp_path / "out") as plan:
        plan.take([one])
        assert plan.sends(one.path, tmp_path / "out" / "x" / "a.jpg")
        assert plan.sends(one.path, tmp_path / "link" / "x" / ".." / "x" / "a.jpg")
        assert not plan.sends(one.path, tmp_path / "out2" / "x" / "a.jpg")
        assert not plan.sends(one.path, tmp_path / "out" / "a.jpg")
        assert plan.has(one.path)
        assert not plan.has(other.path)


def test_a_base_is_mirrored_instead(tmp_path):
    found = [*laid(tmp_path / "one", "a.jpg"), *laid(tmp_path / "two", "a.jpg")]
    assert planned(tmp_path / "out", found, tmp_path) == ["one/a.jpg", "two/a.jpg"]
    with pytest.raises(UsageError, match="outside"):
        planned(tmp_path / "out", found, tmp_path / "one")


@pytest.mark.parametrize("output", ["in/out", "in/./x/../out", "linked/out"])
def test_results_among_the_sources_are_left_out(tmp_path, output):
    found = laid(tmp_path / "in", "a.jpg", "out/a.jpg", "out/x/b.jpg", "outside.jpg", "x/c.jpg")
    (tmp_path / "linked").symlink_to(tmp_path / "in")
    with Plan(tmp_path / output) as plan:
        plan.take(found)
        assert [job.source.name for job in plan.jobs()] == ["a.jpg", "outside.jpg", "c.jpg"]
        assert plan.left_out == 2


@pytest.mark.parametrize("output", [".", "in", "in/x/..", "linked"])
def test_sources_among_the_results_are_refused(tmp_path, output):
    found = laid(tmp_path / "in", "a.jpg")
    (tmp_path / "linked").symlink_to(tmp_path / "in")
    with pytest.raises(UsageError, match="lies in the directory of results"):
        planned(tmp_path / output, found)


def test_what_would_lie_where_a_label_does_is_taken_out(tmp_path):
    names = ("a.json", "a.json.kzlabel.json", "b.c2pa", "c.jpg.c2pa", "x/c.jpg", "c.jpg")
    with Plan(tmp_path / "out") as plan:
        plan.take(laid(tmp_path / "in", *names))
        assert {job.destination.name for job in plan.clashes()} == {
            "a.json.kzlabel.json", "c.jpg.c2pa",
        }  # fmt: skip
        assert [job.source.name for job in plan.jobs()] == ["a.json", "b.c2pa", "c.jpg", "c.jpg"]
