"""A real scheduler, two workers, an S3 server; one worker is killed in the middle."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import count

import pytest

from kzlabel._keystore import create
from kzlabel.batch._cluster_objects import Object, chunks_of
from kzlabel.credential import Algorithm

pytest.importorskip("distributed")
pytest.importorskip("moto")

from benchmarks import cluster as bench
from benchmarks._clusters import stage

OBJECTS, CHUNKS = 100, 6


@pytest.fixture
def on(tmp_path, monkeypatch):
    """The stage; its workers have a key, and this process has none."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "workers"))
    create("development", Algorithm.ES256, force=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "ours"))
    work = tmp_path / "work"
    work.mkdir()
    with stage(work, XDG_CONFIG_HOME=str(tmp_path / "workers")) as running:
        yield running


def _chunks(bucket: str, names: list[str]) -> int:
    """Return in how many chunks they would come: the borders go by the digests of their URLs."""
    return len(list(chunks_of(Object(f"s3://{bucket}/{name}", "") for name in names)))


@pytest.mark.slow
def test_every_object_has_one_row_whatever_worker_dies(on, tmp_path):
    folder = tmp_path / "in"
    bench.lay(folder, OBJECTS)
    names = sorted(str(path.relative_to(folder)) for path in folder.glob("*/*"))
    inputs = next(f"inputs-{n}" for n in count() if _chunks(f"inputs-{n}", names) >= CHUNKS)
    bench.upload(folder, on, inputs)
    code, at = bench.run_there(on, inputs, 1)
    held = bench.parts(on)
    print(f"killed at {at} of {len(held)} parts")
    assert (code, at < len(held)) == (3, True)
    rows, here = list(bench.rows_in(held)), bench.run_here(folder)
    assert len(rows) == OBJECTS
    assert bench.compared(rows, here, inputs, folder) == (0, 0)

    (changed,) = folder.glob("*/00003-*")
    changed.write_bytes(b"")
    store = bench.store_of(on)
    store.put_file(str(changed), f"{inputs}/{changed.relative_to(folder)}")
    store.rm_file(min(store.glob(f"{inputs}/day 1/*.jpg")))
    again = bench.command(on, f"s3://{inputs}", "-o", f"s3://{bench.OUTPUT}/run")
    assert subprocess.run(again, env=on.environment, check=False).returncode == 3
    after = bench.parts(on)
    rows = {row.path: row for row in bench.rows_in(after)}
    assert len(list(bench.rows_in(after))) == len(rows) == OBJECTS - 1
    assert rows[f"s3://{inputs}/{changed.relative_to(folder)}"].error.code == "kz.error.empty"
    assert len(after.keys() - held.keys()) <= 2, "chunks that had not changed were looked at again"


@pytest.mark.slow
def test_labels_are_made_where_the_key_is(on, tmp_path):
    folder = tmp_path / "in"
    for name in ("day/picture.jpg", "day/note.txt", "small.png"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes((bench.FIXTURES / name.rpartition("/")[2]).read_bytes())
    bench.upload(folder, on, "inputs")
    words = [
        sys.executable,
        "-m",
        "kzlabel",
        "label",
        "-r",
        "s3://inputs",
        "-o",
        "s3://results/made",
    ]
    words += ["--cluster", on.address, "--system-name", "Model", "--provider-name", "LLP"]
    ours = {**on.environment, "XDG_CONFIG_HOME": str(tmp_path / "ours")}
    done = subprocess.run(words, env=ours, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    made = done.stdout.splitlines()
    assert set(made) == {f"s3://{name}" for name in bench.store_of(on).find("results/made")}
    assert {"s3://results/made/day/picture.jpg", "s3://results/made/small.png"} < set(made)

    verify = [sys.executable, "-m", "kzlabel", "verify", "-r", "--no-look", "--format", "jsonl"]
    verify += ["s3://results/made", "--cluster", on.address]
    root = tmp_path / "workers" / "kzlabel" / "keys" / "development" / "root.pem"
    told = subprocess.run(
        [*verify, "--trust", str(root)], env=ours, capture_output=True, check=False
    )
    rows = [json.loads(line) for line in told.stdout.splitlines()[:-1]]
    assert [(row["integrity"], row["trust"]) for row in rows] == [("intact", "trusted")] * 3

    done = subprocess.run(words, env=ours, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("exists; give --force") == 3
