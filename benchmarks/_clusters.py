"""A real Dask scheduler, worker processes that can be killed, and an S3 server, on loopback."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from distributed import Client

STARTING = 60


class Stage(NamedTuple):
    """What runs, and the environment in which it can be reached."""

    address: str
    workers: tuple[subprocess.Popen[bytes], ...]
    environment: Mapping[str, str]

    def kill(self, number: int) -> None:
        """Kill a worker as the system would, and wait until it is gone."""
        self.workers[number].send_signal(signal.SIGKILL)
        self.workers[number].wait()


@contextmanager
def stage(folder: Path, workers: int = 2, **more: str) -> Iterator[Stage]:
    """Start an S3 server, a scheduler and so many workers of one thread each; end them all.

    `more` is added to their environment.
    """
    scheduler, bucket = _free_port(), _free_port()
    address = f"tcp://127.0.0.1:{scheduler}"
    environment = {
        **os.environ,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{bucket}",
        "AWS_EC2_METADATA_DISABLED": "true",
        "PYTHONPATH": str(Path(__file__).parent.parent),
        **more,
    }
    named = ["--no-dashboard", "--local-directory", str(folder)]
    with ExitStack() as stack:

        def run(*words: str) -> subprocess.Popen[bytes]:
            process = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-m", *words],
                env=environment, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            stack.callback(_end, process)
            return process

        run("moto.server", "-H", "127.0.0.1", "-p", str(bucket))
        run("dask", "scheduler", "--host", "127.0.0.1", "--port", str(scheduler), "--no-dashboard")
        started = tuple(
            run("dask", "worker", address, "--nthreads", "1", "--no-nanny", *named)
            for _ in range(workers)
        )
        with Client(address, timeout=STARTING, set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=STARTING)
        yield Stage(address, started, environment)


def _free_port() -> int:
    with socket.socket() as link:
        link.bind(("127.0.0.1", 0))
        return int(link.getsockname()[1])


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
