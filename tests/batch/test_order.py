"""How a credential comes to where labels are made: executors of every kind."""

from __future__ import annotations

import multiprocessing
import os
import pickle
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from samples import FIXTURES

import kzlabel
from kzlabel import label_many
from kzlabel.batch._order import Kept, load_from
from kzlabel.errors import CredentialError, UsageError
from kzlabel.model import Integrity, Trust

JPEG, PNG, TEXT = (FIXTURES / name for name in ("picture.jpg", "small.png", "text.txt"))


def check_labelled(path: Path, trust) -> None:
    row = kzlabel.verify(path, trust=trust)
    assert (row.integrity, row.trust) == (Integrity.INTACT, Trust.TRUSTED), path


class Remote(Executor):
    """One whose tasks are pickled first."""

    def submit(self, fn, /, *args):
        future = Future()
        try:
            task, given = pickle.loads(pickle.dumps((fn, args)))  # noqa: S301  likewise
            future.set_result(task(*given))
        except Exception as exc:  # noqa: BLE001  as executors do
            future.set_exception(exc)
        return future


def test_a_key_that_stays_signs_in_threads_of_this_process(tmp_path, credential, trust, disclosure):
    signed = []

    def sign(message: bytes) -> bytes:
        signed.append(os.getpid())
        return credential.sign(message)

    kept = replace(credential, private_key=None, sign=sign)
    rows = list(label_many([PNG, TEXT], tmp_path, disclosure, kept, workers=2))
    assert [row.error for row in rows] == [None, None]
    assert set(signed) == {os.getpid()}
    check_labelled(tmp_path / PNG.name, trust)


def test_a_key_does_not_leave_for_elsewhere(tmp_path, credential, disclosure):
    (row,) = label_many([PNG], tmp_path, disclosure, credential, executor=Remote())
    assert row.error.code == "kz.error.key-stays"
    assert list(tmp_path.iterdir()) == []


def shipped() -> kzlabel.Credential:
    from kzlabel.credential import from_store

    return from_store("there")


def test_elsewhere_a_function_loads_it(tmp_path, disclosure):
    from kzlabel.cli.main import kzlabel as command

    command.main(["keys", "init", "there"], standalone_mode=False)
    (row,) = label_many([PNG], tmp_path, disclosure, shipped, executor=Remote())
    assert row.error is None
    assert kzlabel.verify(tmp_path / PNG.name).integrity is Integrity.INTACT


def test_a_credential_that_cannot_be_loaded_is_said_of_each(tmp_path, disclosure):
    (row,) = label_many([PNG], tmp_path, disclosure, shipped, executor=Remote())
    assert row.error.code.startswith("kz.error.")
    assert "there" in row.error.message


def test_what_cannot_travel_is_refused_at_once(tmp_path, credential, disclosure):
    with pytest.raises(UsageError):
        list(label_many([PNG], tmp_path, disclosure, lambda: credential))


def test_a_key_in_memory_is_carried_whole(credential):
    carried = pickle.loads(pickle.dumps(load_from(credential, None)))()  # noqa: S301  likewise
    assert replace(carried, sign=credential.sign) == credential
    with pytest.raises(CredentialError):
        pickle.dumps(Kept(credential))


def test_an_executor_that_loses_a_task_is_a_row(tmp_path, credential, disclosure):
    class Losing(Remote):
        def submit(self, *_):
            future = Future()
            future.set_exception(OSError("lost"))
            return future

    (row,) = label_many([PNG], tmp_path, disclosure, credential, executor=Losing())
    assert row.error.code == "kz.error.internal"


@pytest.mark.slow
def test_in_processes_of_the_callers(tmp_path, credential, trust, disclosure):
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=spawn) as executor:
        rows = list(label_many([JPEG, PNG], tmp_path, disclosure, credential, executor=executor))
    assert [row.error for row in rows] == [None, None]
    check_labelled(tmp_path / JPEG.name, trust)
