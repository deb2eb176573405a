"""The command line, run in this process: arguments in; exit code, output and errors out."""

from __future__ import annotations

import signal
import sys
from dataclasses import dataclass

import pytest

from kzlabel.cli.start import main


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


@pytest.fixture
def run(monkeypatch, capfd):
    def kzlabel(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["kzlabel", *map(str, arguments)])
        monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)  # puts it back in the end
        capfd.readouterr()
        stops = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {each: signal.getsignal(each) for each in stops}
        held_back = signal.pthread_sigmask(signal.SIG_BLOCK, ())
        with pytest.raises(SystemExit) as ended:
            main()
        for each, handler in before.items():
            signal.signal(each, handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, held_back)
        out, err = capfd.readouterr()
        assert "Traceback" not in out + err
        return Ran(ended.value.code or 0, out, err)

    return kzlabel


@pytest.fixture
def keyed(run):
    """The same, with a development credential in the key store."""
    assert run("keys", "init").code == 0
    return run
