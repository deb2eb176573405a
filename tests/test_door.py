"""What Python callers hand in: words for enumerations are taken, what cannot be is refused."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import datetime

import pytest
from msgspec import structs
from samples import FIXTURES

import kzlabel
from kzlabel.errors import KzlabelError, UsageError
from kzlabel.model import Disclosure, NoticeConfig, Provider, System

PNG = FIXTURES / "picture.png"


def made(disclosure, credential, **options):
    return kzlabel.label_bytes(PNG.read_bytes(), "picture.png", disclosure, credential, **options)


def test_words_count_as_members(disclosure, credential, trust):
    said = structs.replace(disclosure, statement="created")
    out = made(said, credential, notice=NoticeConfig(style="none"))
    row = kzlabel.verify_bytes(out.asset, "picture.png", companions=out.companions, trust=trust)
    assert (row.notice, row.origin) == ("absent", "ai-generated")


@pytest.mark.parametrize(
    "change",
    [
        {"statement": "zzz"},
        {"issued": datetime(2026, 1, 1)},  # noqa: DTZ001  that is the point
        {"label_id": "zz"},
        {"provider": Provider(name=None)},
        {"provider": Provider(name="")},
        {"provider": Provider(name="a\0b")},
        {"provider": Provider(name="\ud800")},
        {"provider": Provider(name="P", country="Kazakhstan")},
        {"system": System(name="\x01")},
    ],
)
def test_what_cannot_be_said_is_refused(disclosure, credential, change):
    with pytest.raises(UsageError):
        made(structs.replace(disclosure, **change), credential)


@pytest.mark.parametrize("notice", [NoticeConfig(style="zzz"), NoticeConfig(corner="zz")])
def test_a_notice_that_cannot_be_is_refused(disclosure, credential, notice):
    with pytest.raises(UsageError):
        made(disclosure, credential, notice=notice)


def test_a_name_is_no_credential(disclosure):
    with pytest.raises(UsageError):
        made(disclosure, "development")


def test_errors_of_bytes_name_no_folder(credential, disclosure):
    with pytest.raises(KzlabelError) as caught:
        kzlabel.label_bytes(b"", "empty.jpg", disclosure, credential)
    assert str(caught.value).startswith("empty.jpg: ")
    row = kzlabel.verify_bytes(b"", "empty.jpg")
    assert row.path == row.error.values["path"] == "empty.jpg"
    assert "/" not in row.error.message
    with pytest.raises(UsageError):
        kzlabel.label_bytes(b"x", "x" * 300 + ".jpg", disclosure, credential)


def test_a_disclosure_is_fresh_each_time():
    one, two = (
        Disclosure(statement="created", system=System(name="S"), provider=Provider(name="P"))
        for _ in range(2)
    )
    assert one.label_id != two.label_id


def test_a_term_signal_cleans_up(tmp_path):
    script = (
        "import signal, sys, time; from kzlabel.cli import start;"
        "import kzlabel.cli.main as m;"
        "m.run = lambda worker: (print('up', flush=True), time.sleep(60));"
        "sys.argv = ['kzlabel', 'formats'];"
        "\ntry:\n start.main()\nfinally:\n print('cleaned')"
    )
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "up\n"
    os.kill(process.pid, signal.SIGTERM)
    out, _ = process.communicate(timeout=30)
    assert (out, process.returncode) == ("cleaned\n", 130)


def test_a_stop_that_python_drops_is_heard_a_moment_later():
    script = (
        "import os, signal, time\nfrom kzlabel.cli import start\nstart._heed_stops()\n"
        "class Going:\n def __del__(self): os.kill(os.getpid(), signal.SIGTERM); time.sleep(0)\n"
        "try:\n Going()\n while True: time.sleep(0.01)\nexcept KeyboardInterrupt: print('heard')"
    )
    asked = [sys.executable, "-c", script]
    ran = subprocess.run(asked, capture_output=True, text=True, timeout=30, check=True)
    assert (ran.stdout, ran.stderr) == ("heard\n", "")


@pytest.mark.slow
def test_a_stop_that_comes_as_we_grow_deaf_to_them_is_not_complained_of():
    """Without holding them back first, Python did so in one of twenty such children."""
    script = (
        "import os, signal\nfrom kzlabel.cli import start\n"
        "signal.pthread_sigmask(signal.SIG_BLOCK, start._STOPS)\n"
        "for _ in range(300):\n"
        "    if child := os.fork():\n"
        "        while not os.waitpid(child, os.WNOHANG)[0]: os.kill(child, signal.SIGINT)\n"
        "        continue\n"
        "    start._heed_stops()\n"
        "    try:\n"
        "        signal.pthread_sigmask(signal.SIG_UNBLOCK, start._STOPS)\n"
        "        while True: pass\n"
        "    except KeyboardInterrupt: start._heed_no_more()\n"
        "    os._exit(0)"
    )
    asked = [sys.executable, "-c", script]
    ran = subprocess.run(asked, capture_output=True, text=True, timeout=120, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.parametrize(
    "options",
    [
        {"workers": -1}, {"workers": 0}, {"workers": "2"}, {"workers": True},
        {"seconds": float("inf")}, {"seconds": float("nan")}, {"seconds": 0}, {"seconds": -1},
        {"seconds": "9"},
    ],
)  # fmt: skip
def test_what_a_batch_cannot_be_asked_is_refused_before_any_work(
    tmp_path, disclosure, credential, options
):
    with pytest.raises(UsageError, match=next(iter(options))):
        kzlabel.verify_many([PNG], **options)
    with pytest.raises(UsageError, match=next(iter(options))):
        kzlabel.label_many([PNG], tmp_path, disclosure, credential, **options)


@pytest.mark.parametrize("paths", ["a.png", b"a.png", PNG, None])
def test_one_path_is_not_many(tmp_path, disclosure, credential, paths):
    with pytest.raises(UsageError, match="paths"):
        kzlabel.verify_many(paths)
    with pytest.raises(UsageError, match="sources"):
        kzlabel.label_many(paths, tmp_path, disclosure, credential)


def test_what_labels_cannot_be_made_with_is_refused_before_any_work(
    tmp_path, disclosure, credential
):
    for given in (None, "development"):
        with pytest.raises(UsageError, match="credential"):
            kzlabel.label_many([PNG], tmp_path, disclosure, given)
    with pytest.raises(UsageError, match="destination"):
        kzlabel.label_many([PNG], None, disclosure, credential)
    with pytest.raises(UsageError, match="manifest"):
        kzlabel.label_many([PNG], tmp_path, disclosure, credential, manifest="zz")


def test_a_source_that_no_file_can_be_called_is_one_row(tmp_path, disclosure, credential):
    (row,) = kzlabel.label_many(["\ud800"], tmp_path, disclosure, credential, workers=1)
    assert row.error.code == "kz.error.closed"
