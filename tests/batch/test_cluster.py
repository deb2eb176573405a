"""The cluster: what URLs name, what a task does and carries, what comes of workers that die."""

from __future__ import annotations

import os
import pickle
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path

import fsspec
import msgspec
import pytest
from cryptography.hazmat.primitives import serialization
from msgspec import structs
from samples import FIXTURES

from kzlabel import __version__
from kzlabel._keystore import create
from kzlabel._options import Options
from kzlabel.batch import Among, Rule, Tally, _cluster_executor, assets_of, verify_each
from kzlabel.batch import _cluster as room
from kzlabel.batch._cluster import Cluster, came_of, connected
from kzlabel.batch._cluster_executor import Tasks
from kzlabel.batch._cluster_label import LabelAsked
from kzlabel.batch._cluster_objects import CHUNK_OBJECTS, Object, chunks_of, objects_of
from kzlabel.batch._cluster_parts import LINES, Parts
from kzlabel.batch._cluster_store import copy, require_room
from kzlabel.batch._cluster_task import Asked, rows_of, verify_chunk
from kzlabel.batch._order import Order
from kzlabel.cli._credential import credential_of
from kzlabel.config import CredentialSection
from kzlabel.credential import Algorithm, from_store
from kzlabel.errors import KzlabelError, LimitError, UsageError
from kzlabel.model import AssetReport

pytest.importorskip("distributed")
HOSTILE = "new\nline [1]*?\u202e.jpg"


@pytest.fixture
def options():
    return Options.of("kz", None, synthetic=False, look=False)


@pytest.fixture
def bucket():
    """A store in memory: like a bucket it has no folders, and any key."""
    store = fsspec.filesystem("memory")
    store.store.clear()
    store.pseudo_dirs[:] = [""]
    return store


@pytest.fixture
def tree(tmp_path):
    folder = tmp_path / "in"
    (folder / "sub dir").mkdir(parents=True)
    for name in ("picture.jpg", "note.txt"):
        shutil.copy(FIXTURES / name, folder / name)
        shutil.copy(FIXTURES / name, folder / "sub dir" / name)
    shutil.copy(FIXTURES / "picture.png", folder / "note.txt.c2pa")  # a picture by another name
    shutil.copy(FIXTURES / "picture.jpg", folder / HOSTILE)
    shutil.copy(FIXTURES / "picture.jpg", os.fsencode(folder) + b"/\xff.jpg")
    shutil.copy(FIXTURES / "picture.jpg", folder / f"{'x' * 240}.jpg")
    (folder / "picture.jpg.kzlabel.json").write_text("{}")
    (folder / "picture.c2pa").write_text("junk")
    (folder / "empty.jpg").touch()
    (folder / "nowhere.jpg").symlink_to("none")
    (folder / "loop").symlink_to(folder)
    os.mkfifo(folder / "fifo.jpg")
    return folder


def names_of(objects):
    return [one.url.rpartition("/")[2] for one in objects]


def plain(row: AssetReport, root: str) -> bytes:
    return msgspec.json.encode(structs.replace(row, seen=msgspec.UNSET)).replace(root.encode(), b"")


# --- Objects --------------------------------------------------------------------------------------


def test_companions_come_with_their_asset(bucket):
    for name in (
        "a.jpg",
        "a.jpg.c2pa",
        "a.jpg.kzlabel.json",
        "b.jpg",
        "b.c2pa",
        "c.jpg",
        "c.png",
        "c.c2pa",
    ):
        bucket.pipe_file(f"/in/{name}", b"x")
    found = {one.name: one.companions for one in objects_of(["memory://in"], recursive=True)}
    assert found == {
        "a.jpg": ("a.jpg.c2pa", "a.jpg.kzlabel.json"), "b.jpg": ("b.c2pa",),
        "c.jpg": (), "c.png": (), "c.c2pa": (),
    }  # fmt: skip
    assert [one.companions for one in objects_of(["memory://in/b.jpg"], recursive=False)] == [
        ("b.c2pa",)
    ]


def test_what_is_named_twice_comes_once_and_what_is_not_there_comes_too(bucket):
    for name in ("x/a.jpg", "x/y/b.png", "x/y/.c.png", "z.jpg"):
        bucket.pipe_file(f"/in/{name}", b"x")
    named = ["memory://in/x/a.jpg", "memory://in/x", "memory://in/x/y/*.png", "memory://in/none"]
    found = list(objects_of(named, recursive=True))
    assert names_of(found) == ["a.jpg", ".c.png", "b.png", "none"]
    assert found[-1].failure.code == "kz.error.closed"
    among = Among((Rule("*.png"),), (), hidden=False)
    assert names_of(objects_of(["memory://in"], recursive=True, among=among)) == ["b.png"]
    assert names_of(objects_of(["memory://in/**/*.jpg"], recursive=False)) == ["a.jpg", "z.jpg"]
    (folder,) = objects_of(["memory://in/x"], recursive=False)
    assert folder.failure.code == "kz.error.is-directory"


def test_rules_hold_for_what_was_named_too(bucket):
    for name in ("a.jpg", ".b.jpg", "c.txt"):
        bucket.pipe_file(f"/in/{name}", b"")
    rules = Among(include=(Rule("*.jpg"),), hidden=False)
    named = ["memory://in/a.jpg", "memory://in/c.txt", "memory://in/*.*"]
    assert names_of(objects_of(named, recursive=False, among=rules)) == ["a.jpg"]


def test_a_name_that_comes_moves_few_chunks():
    objects = [Object(f"s3://b/{number:05}", "s3://b/", size=1000) for number in range(3000)]
    before = set(chunks_of(objects))
    after = set(chunks_of([Object("s3://b/00000a", "s3://b/"), *objects]))
    assert [one for chunk in chunks_of(objects) for one in chunk] == objects
    assert max(map(len, before)) <= CHUNK_OBJECTS
    assert len(after - before) <= 4 < len(before)


def test_large_objects_are_chunks_of_their_own():
    large = [Object(f"s3://b/{number}", "s3://b/", size=200 * 1024**2) for number in range(3)]
    assert list(map(len, chunks_of(large))) == [1, 1, 1]


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("nope://x", "cluster-url"),
        ("ftp://user:pa55@host/x", "cluster-secret"),
    ],
)
def test_a_url_that_cannot_be_used_is_said(url, code):
    with pytest.raises(UsageError) as said:
        list(objects_of([url], recursive=True))
    assert said.value.code == f"kz.error.{code}"
    assert "pa55" not in str(said.value)


def test_an_object_beyond_the_limit_is_not_copied_whole(bucket, tmp_path):
    bucket.pipe_file("/big", b"x" * 1000)
    with pytest.raises(LimitError) as said:
        copy("memory://big", tmp_path / "big", 999)
    assert said.value.code == "kz.error.cluster-size"
    assert not (tmp_path / "big").exists()
    with pytest.raises(LimitError) as said:
        require_room("memory://big", 1 << 50, tmp_path, 1 << 60)
    assert said.value.code == "kz.error.cluster-room"


# --- A task ---------------------------------------------------------------------------------------


def test_rows_are_those_of_a_local_run_under_their_urls(tree, options):
    url = f"file://{tree}"
    chunks = chunks_of(objects_of([url], recursive=True))
    there = [row for chunk in chunks for row in rows_of(chunk, Asked(options))]
    here = list(verify_each(assets_of([tree], recursive=True), options, workers=1))
    assert sorted(plain(row, f"{url}/") for row in there) == sorted(
        plain(row, f"{tree}/") for row in here
    )
    assert all(row.path.startswith(f"{url}/") for row in there)
    seen = {row.seen.uri for row in there if row.seen}
    assert f"{url}/%FF.jpg" in seen
    assert all(one.isascii() for one in seen)


def test_a_task_leaves_its_part_and_finds_it_again(bucket, options, monkeypatch):
    bucket.pipe_file("/in/a.txt", (FIXTURES / "note.txt").read_bytes())
    asked = Asked(options, parts=Parts("memory://out", LINES))
    asked.parts.begin(["x"])
    (chunk,) = chunks_of(objects_of(["memory://in"], recursive=True))
    came = verify_chunk(asked, chunk)
    assert came.counts.summary.assets == 1
    assert verify_chunk(asked, chunk) == came
    monkeypatch.setattr("kzlabel.batch._cluster_task.rows_of", lambda *_: (1 / 0 for _ in "x"))
    assert verify_chunk(asked, chunk) == came  # nothing was looked at again
    bucket.pipe_file(f"/out/{came.part}", b"{torn")
    with pytest.raises(ZeroDivisionError):
        verify_chunk(asked, chunk)


def test_another_version_is_refused(options):
    with pytest.raises(UsageError) as said:
        verify_chunk(Asked(options, version="0.0.1"), ())
    assert said.value.code == "kz.error.cluster-version"


def test_parts_of_another_batch_are_not_touched(bucket, options):
    parts = Parts("memory://out", LINES)
    parts.begin(["one"])
    with pytest.raises(UsageError) as said:
        parts.begin(["other"])
    assert said.value.code == "kz.error.cluster-other"
    bucket.pipe_file("/full/precious.jpg", b"x")
    with pytest.raises(UsageError) as said:
        Parts("memory://full", LINES).begin(["one"])
    assert said.value.code == "kz.error.cluster-not-empty"


def test_parts_of_earlier_states_go_in_the_end(bucket, options):
    parts = Parts("memory://out", LINES)
    parts.begin(["one"])
    names = [parts.name_of((Object("s3://b/a", "s3://b/", state),), "run") for state in "12"]
    for name in names:
        parts.write(name, ())
    bucket.pipe_file("/out/mine.txt", b"x")
    parts.end({names[1]}, Tally(options).report())
    assert {Path(name).name for name in bucket.find("/out")} == {
        "_batch.json", "_summary.json", "mine.txt", names[1],
    }  # fmt: skip


DIES = """
import os, signal, sys
from kzlabel.batch._cluster_parts import LINES, Parts
def rows():
    os.kill(os.getpid(), signal.SIGKILL)
    yield
Parts(sys.argv[1], LINES).write("part-x.jsonl", rows())
"""


def test_what_a_killed_worker_had_of_a_part_is_swept_by_the_next(tmp_path, monkeypatch):
    scratch, output = tmp_path / "scratch", tmp_path / "out"
    scratch.mkdir()
    output.mkdir()
    url = f"file://{output}"
    here = {**os.environ, "TMPDIR": str(scratch), "PYTHONPATH": str(FIXTURES.parent)}
    died = subprocess.run([sys.executable, "-c", DIES, url], env=here, check=False)
    assert died.returncode == -signal.SIGKILL
    assert list(scratch.rglob("part-x.jsonl")), "nothing was left: this shows nothing"
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    Parts(url, LINES).write("part-y.jsonl", ())
    assert [*scratch.iterdir(), *output.iterdir()] == [output / "part-y.jsonl"]


def test_a_part_on_a_file_system_appears_whole(tmp_path, options):
    parts = Parts(f"file://{tmp_path}/out", LINES)
    parts.begin(["one"])
    with pytest.raises(ZeroDivisionError):
        parts.write("part-x.jsonl", (1 / 0 for _ in range(1)))
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["_batch.json"]


# --- Secrets --------------------------------------------------------------------------------------


def test_no_key_and_no_password_goes_with_a_task(disclosure, options, tmp_path):
    create("development", Algorithm.ES256, force=False)
    pem = from_store("development").private_key
    key = serialization.load_pem_private_key(pem, None)
    raw = key.private_numbers().private_value.to_bytes(32)
    der = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    order = Order(disclosure=disclosure, load=partial(credential_of, CredentialSection(), "x"))
    label = LabelAsked(order, "s3://out/", tmp_path / "secret", 1.0, __version__)
    (tmp_path / "secret").write_text("pass-word")
    verify = Asked(options, tmp_path / "secret")
    sent = pickle.dumps((label, verify, verify.run))
    assert not any(part in sent for part in (raw, der, b"PRIVATE KEY", b"pass-word"))
    assert raw in der  # what was looked for is the key


# --- Workers that die -----------------------------------------------------------------------------


def test_what_takes_workers_down_again_and_again_is_a_row_of_its_own(bucket, options):
    for name in "abc":
        bucket.pipe_file(f"/in/{name}.txt", (FIXTURES / "note.txt").read_bytes())
    tried = []

    def task(chunk):
        tried.append(len(chunk))
        if any(one.name == "b.txt" and not one.failure for one in chunk):
            raise RuntimeError("worker lost")
        return verify_chunk(Asked(options), chunk)

    with ThreadPoolExecutor(1) as executor:
        chunks = chunks_of(objects_of(["memory://in"], recursive=True))
        came = list(came_of(Cluster(executor, 1), task, chunks))
    rows = [msgspec.json.decode(row, type=AssetReport) for one in came for row in one.rows]
    assert {row.path: row.error and row.error.code for row in rows} == {
        "memory://in/a.txt": None, "memory://in/c.txt": None,
        "memory://in/b.txt": "kz.error.cluster-lost",
    }  # fmt: skip
    assert tried == [3, 1, 1, 1, 1, 1]


def test_what_ends_the_batch_is_raised(options):
    def task(_):
        raise UsageError("kz.error.cluster-version", path="x", value="y")

    chunks = chunks_of([Object("memory://x", "memory://")])
    with ThreadPoolExecutor(1) as executor, pytest.raises(KzlabelError):
        list(came_of(Cluster(executor, 1), task, chunks))


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense", "nope://x:1"])
def test_a_scheduler_that_is_not_there_is_one_sentence(address, monkeypatch):
    monkeypatch.setattr(room, "CONNECTING", 0.2)
    with pytest.raises(UsageError) as said, connected(address):
        pass
    assert said.value.code == "kz.error.cluster-scheduler"


def test_what_listens_and_is_no_scheduler_is_one_sentence(monkeypatch):
    """Dask's own time limit is for connecting: without ours this test would not end."""
    monkeypatch.setattr(room, "CONNECTING", 0.2)
    monkeypatch.setattr(room, "ANSWERING", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(UsageError) as said, connected(address):
            pass
    assert said.value.code == "kz.error.cluster-scheduler"


@pytest.mark.parametrize("came", ["0.0.0", ModuleNotFoundError("No module named 'kzlabel'")])
def test_a_scheduler_without_our_kzlabel_is_one_sentence(came):
    class Scheduler:
        def run_on_scheduler(self, _):
            if isinstance(came, Exception):
                raise came
            return came

    with pytest.raises(UsageError) as said:
        room._require_scheduler(Scheduler(), "tcp://x:1")
    assert said.value.code == "kz.error.cluster-scheduler-version"
    assert str(came) in str(said.value)


@pytest.mark.parametrize(("status", "code"), [("closed", "scheduler"), ("running", "workers")])
def test_nobody_left_to_do_a_task_is_one_sentence(status, code, monkeypatch):
    monkeypatch.setattr(_cluster_executor, "WATCHED", 0.01)
    monkeypatch.setattr(_cluster_executor, "DESERTED", 0)

    class Deserted:
        status = "running"

        def get_executor(self, **_):
            return self

        def submit(self, *_):
            return Future()

        def nthreads(self):
            return {}

    client = Deserted()
    with Tasks(client, "tcp://x:1") as tasks:
        future = tasks.submit(print)
        client.status = status
        with pytest.raises(UsageError) as said:
            future.result(timeout=20)
    assert said.value.code == f"kz.error.cluster-{code}"
