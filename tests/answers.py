"""What workers of tests are told to do, in a module that a fresh process loads in no time."""

from __future__ import annotations

import os
import time
from pathlib import Path

from kzlabel._worker import Answer


def answering(message: bytes) -> bytes:
    """Be told what to do: die, hang, or say which process this is."""
    if message == b"die":
        os._exit(9)
    if message == b"streams":
        return b" ".join(bytes(Path(f"/proc/self/fd/{number}").readlink()) for number in range(3))
    if message == b"hang":
        time.sleep(60)
    if message.startswith(b"once "):  # dies the first time it is asked
        try:
            Path(message[5:].decode()).touch(exist_ok=False)
        except FileExistsError:
            return b"then"
        os._exit(9)
    return str(os.getpid()).encode()


def willing() -> Answer:
    return answering


def slow_to_reap() -> Answer:
    reap = os.waitpid

    def slowly(process: int, options: int) -> tuple[int, int]:
        time.sleep(0.1)
        return reap(process, options)

    os.waitpid = slowly
    return answering


def still_born() -> Answer:
    os._exit(1)
