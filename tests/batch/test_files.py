"""Which files are found: in folders, by patterns, lists and links; each once, none forgotten."""

from __future__ import annotations

import os
import shutil
import socket
import tracemalloc
from itertools import count, islice
from pathlib import Path

import pytest
from samples import FIXTURES

from kzlabel.batch import (
    Among,
    Rule,
    _sifting,
    _walk,
    arriving_in,
    assets_of,
    found_in,
    paths_in,
    verify_each,
)
from kzlabel.batch._patterns import Pattern
from kzlabel.errors import UsageError
from kzlabel.verdict import NOT_REACHED

JPEG = FIXTURES / "picture.jpg"
TREE = (
    "a.jpg", "b.png", ".h.jpg", "drafts/d.jpg", "wire/.x/deep.jpg", "wire/a.jpg", "wire/[q].jpg",
)  # fmt: skip


@pytest.fixture
def tree(tmp_path, monkeypatch):
    for name in TREE:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def found(*named: str, recursive=True, listed=(), include=(), exclude=(), **among):
    rules = Among(tuple(map(Rule, include)), tuple(map(Rule, exclude)), **among)
    return [
        str(one.path)
        for one in found_in(map(Path, named), recursive=recursive, among=rules, listed=listed)
    ]


def test_all_that_lies_in_a_folder_comes_once_by_name(tree):
    assert found(".") == [
        ".h.jpg", "a.jpg", "b.png", "drafts/d.jpg", "wire/[q].jpg", "wire/a.jpg", "wire/.x/deep.jpg",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("choice", "left"),
    [
        ({"include": ["*.png"]}, ["b.png"]),
        ({"include": ["a.jpg"]}, ["a.jpg", "wire/a.jpg"]),
        ({"include": ["/a.jpg"]}, ["a.jpg"]),
        ({"include": ["wire/*.jpg"]}, ["wire/[q].jpg", "wire/a.jpg"]),
        ({"include": ["wire/**"], "exclude": [".x"]}, ["wire/[q].jpg", "wire/a.jpg"]),
        ({"include": ["wire/**/deep.*"]}, ["wire/.x/deep.jpg"]),
        ({"include": ["[[]q[]].jpg"]}, ["wire/[q].jpg"]),
        ({"include": ["*.jpg"], "exclude": ["wire", "d*/"]}, [".h.jpg", "a.jpg"]),
        ({"exclude": ["*.jpg/"], "hidden": False, "include": ["?.jpg"]},
         ["a.jpg", "drafts/d.jpg", "wire/a.jpg"]),
        ({"hidden": False, "exclude": ["wire/"]}, ["a.jpg", "b.png", "drafts/d.jpg"]),
        ({"include": ["*.JPG"]}, []),
    ],
)  # fmt: skip
def test_patterns_leave_what_they_say(tree, choice, left):
    assert found(".", **choice) == left


@pytest.mark.parametrize(
    ("pattern", "recursive", "left"),
    [
        ("*.jpg", False, [".h.jpg", "a.jpg"]),
        ("**/*.jpg", False, [n for n in TREE if n.endswith(".jpg")]),
        ("w*/a*", False, ["wire/a.jpg"]),
        ("w*", False, ["w*"]),
        ("w*", True, ["wire/[q].jpg", "wire/a.jpg", "wire/.x/deep.jpg"]),
        ("none*", True, ["none*"]),
        ("wire/[q].jpg", False, ["wire/[q].jpg"]),
    ],
)
def test_a_pattern_in_quotes_is_the_files_it_matches(tree, pattern, recursive, left):
    assert sorted(found(pattern, recursive=recursive)) == sorted(left)


def test_filters_hold_for_named_files_by_their_names(tree):
    assert found("a.jpg", str(tree / "b.png"), include=["*.png"]) == [str(tree / "b.png")]
    assert found("wire/a.jpg", exclude=["wire"]) == ["wire/a.jpg"]


def test_what_is_named_twice_comes_once(tree):
    everything = sorted(found("."))
    twice = found("wire/a.jpg", "./wire", ".", str(tree), "wire", "**/*.jpg")
    assert sorted(os.path.relpath(path) for path in twice) == everything
    assert found("a.jpg", "./a.jpg", str(tree / "a.jpg"), recursive=False) == ["a.jpg"]
    assert found(listed=map(Path, ["a.jpg", "./a.jpg"])) == ["a.jpg"]
    assert found("wire", listed=map(Path, ["wire/a.jpg", "wire"])) == found("wire")


def test_a_root_is_what_was_named(tree):
    named = [Path("wire"), Path("a.jpg"), Path("drafts/*.jpg")]
    roots = {str(one.path): str(one.root) for one in found_in(named, recursive=True)}
    assert roots == {
        "wire/a.jpg": "wire", "wire/[q].jpg": "wire", "wire/.x/deep.jpg": "wire",
        "a.jpg": ".", "drafts/d.jpg": "drafts",
    }  # fmt: skip


# --- Links, loops, and what is no file ------------------------------------------------------------


def test_links_to_folders_are_followed_on_request_and_only_once(tree):
    Path("wire/up").symlink_to("..")
    Path("wire/side").symlink_to("../drafts")
    Path("wire/same").symlink_to("side")
    Path("wire/loop").symlink_to("loop")
    Path("wire/nowhere").symlink_to("none")
    Path("wire/file").symlink_to("a.jpg")
    there = [*TREE[-2:], "wire/.x/deep.jpg", "wire/file", "wire/loop", "wire/nowhere"]
    assert sorted(found("wire")) == sorted(there)
    followed = found("wire", follow_links=True)
    assert sorted(followed[: len(there)]) == sorted(there)
    real = [os.path.realpath(p) for p in followed if not Path(p).is_symlink()]
    assert sorted(real) == sorted(str(tree / name) for name in TREE)
    assert len(found(".", follow_links=True)) == len(TREE) + 3


def test_what_is_no_file_is_found_and_becomes_a_row(tree):
    os.mkfifo("fifo.jpg")
    with socket.socket(socket.AF_UNIX) as plug:
        plug.bind("plug.jpg")
    Path("loop.jpg").symlink_to("loop.jpg")
    Path("zero.jpg").symlink_to("/dev/zero")
    odd = ["fifo.jpg", "loop.jpg", "plug.jpg", "zero.jpg"]
    assert found(".", include=["/????.jpg"]) == odd
    from kzlabel._options import Options

    options = Options.of("kz", None, synthetic=False, look=False)
    rows = list(
        verify_each(map(Path, [*odd, "/" * 9 + "x" * 300, "y/" * 3000]), options, workers=1)
    )
    assert {row.error.code for row in rows} <= NOT_REACHED
    assert len(rows) == 6


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to root")
def test_a_closed_folder_is_a_row(tree):
    Path("wire").chmod(0)
    assert "wire" in found(".", include=["*.png"])


def test_a_folder_that_is_refused_is_found_whatever_is_wanted(tree, monkeypatch):
    plain = os.scandir

    def refusing(folder):
        if str(folder).endswith("wire"):
            raise PermissionError
        return plain(folder)

    monkeypatch.setattr(_walk.os, "scandir", refusing)
    assert found(".", include=["*.png"]) == ["b.png", "wire"]


def test_a_folder_that_vanishes_is_a_row(tree):
    walking = assets_of([Path()], recursive=True)
    assert str(next(walking)) == ".h.jpg"
    shutil.rmtree("wire")
    assert "wire" in {str(path) for path in walking}


HOSTILE = [
    b"new\nline.jpg", b"\xe2\x80\xaegpj.txt", b"\xff\xfe.jpg", b"-rf.jpg", b"~", b"$(id).jpg",
    b"..kzlabel.json", b"..c2pa", b"...c2pa", b".c2pa", b".kzlabel.json", b"*", b"[", b"%00.jpg",
    b"x" * 255,
]  # fmt: skip


def test_names_of_any_bytes_are_found(tmp_path):
    for name in HOSTILE:
        (tmp_path / os.fsdecode(name)).write_bytes(b"x")
    names = [os.fsencode(p)[len(os.fsencode(tmp_path)) + 1 :] for p in found(str(tmp_path))]
    assert sorted(names) == sorted(HOSTILE)
    listed = tmp_path.with_name("list")
    listed.write_bytes(b"\0".join(HOSTILE) + b"\0")
    assert [os.fsencode(path) for path in paths_in(listed, null=True)] == HOSTILE


# --- Companions -----------------------------------------------------------------------------------


def test_companions_stay_with_what_is_looked_at(tree):
    for name in ("a.jpg.kzlabel.json", "a.jpg.c2pa", "b.c2pa", "none.jpg.c2pa", "wire.c2pa"):
        Path(name).write_bytes(b"{}")
    own = {"none.jpg.c2pa", "wire.c2pa"}
    assert set(found(".")) == {*TREE, *own}
    assert set(found(".", include=["*.c2pa"])) == {"a.jpg.c2pa", "b.c2pa", *own}
    assert found("a.jpg.c2pa", recursive=False) == ["a.jpg.c2pa"]
    assert found("a.jpg.c2pa", "a.jpg", recursive=False) == ["a.jpg"]
    assert found(listed=map(Path, ["b.c2pa", "b.png", "none.jpg.c2pa"])) == [
        "b.png",
        "none.jpg.c2pa",
    ]
    Path("b.jpg").write_bytes(b"x")
    assert "b.c2pa" in found(".")  # of two it is nobody's: nothing else looks at it


@pytest.mark.parametrize("closely", [True, False])
def test_a_picture_with_a_companions_name_does_not_slip_through(tree, closely):
    shutil.copy(JPEG, "a.jpg.kzlabel.json")
    every = found_in([Path()], recursive=True, closely=closely)
    assert (Path("a.jpg.kzlabel.json") in {one.path for one in every}) is closely


def test_our_own_folders_are_not_entered(tree):
    Path(".kzlabel-work").mkdir()
    Path(".kzlabel-work/scrap.jpg").write_bytes(b"x")
    assert ".kzlabel-work/scrap.jpg" not in found(".", ".kzl*/*.jpg")


@pytest.mark.parametrize("name", ["..c2pa", "..kzlabel.json", "...c2pa"])
def test_a_label_of_a_dot_is_nobodys(tmp_path, name):
    from kzlabel import verify

    (tmp_path / name).write_bytes(b'\0\0\0\x10jumb {"statement": {}}')
    assert verify(tmp_path / name).error.code != "kz.error.internal"


# --- Much of everything ---------------------------------------------------------------------------


def test_a_folder_is_read_as_it_is_walked(tmp_path, monkeypatch):
    for number in range(50):
        (tmp_path / f"{number:02}").touch()
    monkeypatch.setattr(_walk, "LOT", 10)
    read = count()
    plain = os.scandir

    class Counting:
        def __init__(self, folder):
            self._entries = plain(folder)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self._entries.close()

        def __iter__(self):
            return self

        def __next__(self):
            next(read)
            return next(self._entries)

    monkeypatch.setattr(_walk.os, "scandir", Counting)
    walking = assets_of([tmp_path], recursive=True)
    next(walking)
    assert next(read) == 10
    assert sum(1 for _ in walking) == 49


def test_no_pattern_is_slow():
    names = ["a"] * 2000
    assert not Pattern(["**", "a"] * 40 + ["b"]).matches(names)
    assert Rule("**/a" * 40).covers(names)
    assert not Rule("b/**").covers(names)
    assert not Rule("b").covers(names)
    assert not Rule("*a" * 40 + "b").covers(["a" * 250])


# --- Lists ----------------------------------------------------------------------------------------


def listed(tmp_path, content: bytes, *, null=False) -> list[bytes]:
    (tmp_path / "list").write_bytes(content)
    return [os.fsencode(path) for path in paths_in(tmp_path / "list", null=null)]


def test_lists_of_lines(tmp_path):
    assert listed(tmp_path, b"\xef\xbb\xbfa.jpg\r\n\r\nb\rc.jpg\n\n d \n\xef\xbb\xbf\n\xff") == [
        b"a.jpg", b"b\rc.jpg", b" d ", b"\xef\xbb\xbf", b"\xff",
    ]  # fmt: skip
    assert listed(tmp_path, b"") == []
    assert listed(tmp_path, b"a\nb\0c\r\0", null=True) == [b"a\nb", b"c\r"]


def test_a_list_of_the_other_kind_is_refused(tmp_path):
    with pytest.raises(UsageError) as caught:
        listed(tmp_path, b"a\0b\0")
    assert caught.value.code == "kz.error.list-null"
    for wrong in (tmp_path, tmp_path / "none", Path("nul\0")):
        with pytest.raises(UsageError):
            next(paths_in(wrong, null=False))


def test_a_path_without_end_is_cut_and_the_next_is_read(tmp_path):
    content = b"x" * 4_000_000 + b"\na.jpg\n"
    tracemalloc.start()
    try:
        first, second = listed(tmp_path, content)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
    assert (len(first), second) == (4097, b"a.jpg")


def test_a_list_is_read_as_it_is_needed(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    feeding = os.open(tmp_path / "pipe", os.O_RDWR)
    paths = paths_in(tmp_path / "pipe", null=False)
    for name in (b"one", b"two"):
        os.write(feeding, name + b"\n")
        assert os.fsencode(next(paths)) == name  # though the list has not ended
    os.close(feeding)


def test_a_slow_list_says_so(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    feeding = os.open(tmp_path / "pipe", os.O_RDWR)
    paths = arriving_in(tmp_path / "pipe", null=False)
    files = found_in([], recursive=False, listed=paths)
    assert next(files) is None
    os.write(feeding, b"one\ntw")
    assert next(files).path == Path("one")
    assert next(files) is None
    os.write(feeding, b"o\none\n")  # named before
    assert next(files).path == Path("two")
    assert next(files) is None
    os.write(feeding, b"three")
    os.close(feeding)
    assert [found.path for found in files] == [Path("three")]


def test_a_list_without_end_takes_no_memory(tree):
    found(listed=[Path("a.jpg")])  # loads what it needs
    endless = (Path(f"{number}.jpg") for number in count())
    tracemalloc.start()
    try:
        some = found_in([], recursive=True, listed=endless)
        assert sum(1 for _ in islice(some, 1000)) == 1000
        assert tracemalloc.get_traced_memory()[1] < 100_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", ["a.jpg", "a.jpg.c2pa", "", "sub"])
def test_a_list_that_repeats_itself_keeps_nobody_waiting(tmp_path, monkeypatch, name):
    monkeypatch.setattr(_sifting, "SPELL", 0.0)
    monkeypatch.chdir(tmp_path)
    Path("sub").mkdir()
    for one in ("a.jpg", "a.jpg.c2pa", "sub/b.jpg"):
        Path(one).touch()
    Path("list").write_bytes(f"{name}\n".encode() * 1000)
    paths = arriving_in(Path("list"), null=False)
    found = list(found_in([], recursive=name == "sub", listed=paths))
    assert None in found
    assert sum(one is not None for one in found) == (name in ("a.jpg", "sub"))  # once
