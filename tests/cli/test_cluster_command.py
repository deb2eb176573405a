"""`--cluster`: what cannot be is one sentence, before any work."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["verify", "s3://b/a", "-o", "s3://b/o"], "s3://b/o: a URL is read with --cluster only"),
        (["verify", "a", "--cluster", "local", "--resume", "x"], "--resume: cannot be used"),
        (["verify", "a", "--cluster", "local", "--workers", "2"], "--workers: cannot be used"),
        (
            ["verify", "a", "--cluster", "local", "-o", "s3://b/o", "--format", "csv"],
            "s3://b/o: only parquet, jsonl is written there",
        ),
        (["verify", "a", "s3://b/x"], "s3://b/x: a URL is read with --cluster only"),
        (["label", "s3://b/x", "-o", "o"], "s3://b/x: a URL is read with --cluster only"),
        (["label", "a", "-o", "s3://b/o"], "s3://b/o: a URL is read with --cluster only"),
    ],
)
def test_options_that_make_no_sense_are_refused(keyed, words, said):
    more = ["--system-name", "x", "--provider-name", "y"] if words[0] == "label" else []
    done = keyed(*words, *more)
    assert (done.code, said in done.err) == (2, True), done.err


@pytest.mark.parametrize("address", ["nonsense", "tcp://127.0.0.1:9"])
def test_a_report_does_not_begin_before_there_is_a_cluster(run, monkeypatch, address):
    pytest.importorskip("distributed")
    monkeypatch.setattr("kzlabel.batch._cluster.CONNECTING", 0.2)
    done = run("verify", "a", "--cluster", address, "--format", "csv")
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
