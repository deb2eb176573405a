"""The first thing that runs: `kzlabel verify` forks its worker before anything else is loaded.

So the worker loads what verifying needs on one core while this process reads the arguments on
another; click and our own tables take as long to load as the formats do.
"""

from __future__ import annotations

import io
import os
import signal
import sys

INTERRUPTED = 130


def _interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def _occupy_standard_streams() -> None:
    """Leave none of their numbers free for what we open: libraries in C write to them.

    What stands for standard output cannot be written: a report would be nowhere (`require_place`).
    """
    for number, access in enumerate((os.O_RDWR, os.O_RDONLY, os.O_RDWR)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, access)  # takes the lowest that is free


def main() -> None:
    """Run the command line and exit with its code."""
    _occupy_standard_streams()
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123  closed by whoever called
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123  likewise
    for stream in (sys.stdout, sys.stderr):  # no terminal's alphabet has all three languages
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    for stop in (
        signal.SIGTERM,
        signal.SIGHUP,
    ):  # a service that is stopped cleans up, as Ctrl-C does
        signal.signal(stop, _interrupted)
    try:
        sys.exit(_run())
    except KeyboardInterrupt:  # before there was anything to clean up
        sys.exit(INTERRUPTED)


def _run() -> int:
    """Run the command line and return its code."""
    worker = None
    if sys.argv[1:2] == ["verify"] and not {"-h", "--help"} & set(sys.argv):
        from kzlabel._worker import start_worker

        worker = start_worker()
    try:
        from kzlabel.cli.main import run

        return run(worker)
    finally:
        if worker:
            worker.end()


if __name__ == "__main__":
    main()
