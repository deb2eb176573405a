"""The first thing that runs: `kzlabel verify` forks its worker before anything else is loaded.

So the worker loads what verifying needs on one core while this process reads the arguments on
another; click and our own tables take as long to load as the formats do.
"""

from __future__ import annotations

import io
import os
import signal
import sys
import time

INTERRUPTED = 130

_STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_BURST = 2.0
"""Seconds in which we are asked to stop but once: what is tidied up meanwhile is not interrupted.

Keys are struck twice, and service managers tell a whole group of processes, and then each.
"""
_MOMENT = 0.01


def _heed_stops() -> None:
    """Have a service that is stopped clean up, as Ctrl-C does; `nohup` and `&` keep their sense."""
    heard = -_BURST

    def interrupted(*_: object) -> None:
        nonlocal heard
        before, heard = heard, time.monotonic()
        if heard - before >= _BURST:
            raise KeyboardInterrupt

    def again(lost: sys.UnraisableHookArgs) -> None:
        """Stop a moment later where Python drops what is raised: in callbacks of its own."""
        if not issubclass(lost.exc_type, KeyboardInterrupt):
            sys.__unraisablehook__(lost)
            return
        signal.signal(signal.SIGALRM, signal.default_int_handler)
        signal.setitimer(signal.ITIMER_REAL, _MOMENT)

    sys.unraisablehook = again
    for stop in _STOPS:
        if signal.getsignal(stop) is not signal.SIG_IGN:
            signal.signal(stop, interrupted)


def _heed_no_more() -> None:
    """Be deaf to stops: asked for again while Python ends, it would be another code.

    First they are held back: Python complains of one that comes while it is set to be ignored.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS)
    for stop in _STOPS:
        signal.signal(stop, signal.SIG_IGN)


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
    _heed_stops()
    try:
        code = _run()
    except KeyboardInterrupt:  # before there was anything to clean up
        code = INTERRUPTED
    _heed_no_more()
    sys.exit(code)


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
