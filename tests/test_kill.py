"""`kill -9` at any moment of `label`: the destination is absent or whole, the source as it was."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from samples import FIXTURES

import kzlabel
from kzlabel.model import Integrity, NoticeState

SCRIPT = """
import sys
from pathlib import Path
import kzlabel
from kzlabel.credential import load
from kzlabel.model import Disclosure, Provider, Statement, System
import kzlabel._staging as staging
folder = Path(sys.argv[1])
credential = load(folder / "key.pem", folder / "chain.pem", root=folder / "root.pem")
print("ready", flush=True)
sys.stdin.readline()
for number in range(10_000):
    said = Disclosure(
        statement=Statement.CREATED, system=System(name="M"), provider=Provider(name="P")
    )
    target = folder / "out" / f"{number}.jpg"
    kzlabel.label(folder / "source.jpg", target, said, credential)
"""


def keys(folder: Path, credential) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    def pem(der: bytes) -> bytes:
        return x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)

    (folder / "key.pem").write_bytes(credential.private_key)
    (folder / "chain.pem").write_bytes(b"".join(map(pem, credential.chain)))
    (folder / "root.pem").write_bytes(pem(credential.root))


def killed_at(folder: Path, seconds: float) -> None:
    """Label without end in a process, and kill it so many seconds after it began."""
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(folder)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout.readline() == "ready\n"
    process.stdin.write("\n")
    process.stdin.flush()
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdin.close()
    process.stdout.close()


def check_whole(out: Path, trust) -> int:
    whole = 0
    for path in out.glob("*.jpg"):
        row = kzlabel.verify(path, trust=trust)
        assert (row.integrity, row.notice) == (Integrity.INTACT, NoticeState.PERCEIVABLE), path
        assert path.with_name(path.name + ".kzlabel.json").exists()
        whole += 1
    return whole


def check_moments(folder: Path, credential, trust, moments) -> tuple[int, int]:
    """Kill at each moment; return how many assets came out whole, and how many runs left scraps."""
    shutil.copy(FIXTURES / "picture.jpg", folder / "source.jpg")
    before = (folder / "source.jpg").read_bytes()
    keys(folder, credential)
    out, whole, scraps = folder / "out", 0, 0
    for moment in moments:
        out.mkdir()
        killed_at(folder, moment)
        assert (folder / "source.jpg").read_bytes() == before
        whole += check_whole(out, trust)
        scraps += any(out.glob(".kzlabel-*"))
        kzlabel.label(folder / "source.jpg", out / "next.jpg", _said(), credential)
        assert not list(out.glob(".kzlabel-*")), "the next run sweeps what a killed one left"
        shutil.rmtree(out)
    return whole, scraps


def _said():
    from kzlabel.model import Disclosure, Provider, Statement, System

    return Disclosure(
        statement=Statement.CREATED, system=System(name="M"), provider=Provider(name="P")
    )


@pytest.mark.slow
def test_kill_at_a_few_moments(tmp_path, credential, trust):
    draw = random.Random(os.urandom(8))
    check_moments(tmp_path, credential, trust, [draw.uniform(0, 0.4) for _ in range(5)])


@pytest.mark.slow
def test_kill_at_200_random_moments(tmp_path, credential, trust, capsys):
    draw = random.Random(os.urandom(8))
    moments = [draw.uniform(0, 0.6) for _ in range(200)]
    whole, scraps = check_moments(tmp_path, credential, trust, moments)
    with capsys.disabled():
        print(f"\n200 kills: {whole} whole assets, {scraps} runs left a directory, 0 partial")
    assert whole > 0
    assert scraps > 0
