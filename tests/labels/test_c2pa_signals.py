"""Asked to stop while c2pa-rs calls back, we stop: c2pa-python would print that, and go on."""

from __future__ import annotations

import io
import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from samples import FIXTURES

from kzlabel.errors import CredentialError
from kzlabel.labels import _c2pa
from kzlabel.trust import TrustStore

PICTURE = (FIXTURES / "picture.jpg").read_bytes()
CREATED = {
    "action": "c2pa.created",
    "digitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture",
}
DEFINITION = {
    "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": [CREATED]}, "created": True}],
}


class Told(io.BytesIO):
    """A stream during one of whose operations a signal comes."""

    def __init__(self, number: signal.Signals, content: bytes = b"", at: int = 3) -> None:
        super().__init__(content)
        self.number, self.at, self.calls = number, at, 0

    def _count(self) -> None:
        self.calls += 1
        if self.calls == self.at:
            signal.raise_signal(self.number)

    def readinto(self, buffer) -> int:
        self._count()
        return super().readinto(buffer)

    def write(self, content) -> int:
        self._count()
        return super().write(content)


def claim(credential, **others: object) -> _c2pa.Claim:
    return _c2pa.Claim("x.jpg", DEFINITION, replace(credential, **others), TrustStore())


def read(_, told: Told, __: io.BytesIO) -> object:
    return _c2pa.read(told, "image/jpeg", TrustStore())


def embed(made: _c2pa.Claim, source: io.BytesIO, target: io.BytesIO) -> object:
    return _c2pa.embed(made, "image/jpeg", source, target)


def companion(made: _c2pa.Claim, told: Told, _: io.BytesIO) -> object:
    return _c2pa.companion(made, told)


def written(made: _c2pa.Claim, told: Told, _: io.BytesIO) -> object:
    """Embed the same, told by the stream that is written to."""
    return _c2pa.embed(made, "image/jpeg", io.BytesIO(told.getvalue()), told)


@pytest.mark.parametrize("at", [1, 2])
@pytest.mark.parametrize("work", [read, embed, companion, written])
def test_it_stops(work, at, credential, capfd):
    told = Told(signal.SIGINT, PICTURE, at)
    with pytest.raises(KeyboardInterrupt):
        work(claim(credential), told, io.BytesIO())
    assert told.calls == at, "no more of the file is asked for"
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert capfd.readouterr().err == ""
    out = io.BytesIO()
    embed(claim(credential), io.BytesIO(PICTURE), out)
    assert isinstance(_c2pa.read(out, "image/jpeg", TrustStore()), _c2pa.Found), "it is over"


def test_what_a_callers_handler_raises_is_raised(credential):
    def too_late(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, too_late)
    try:
        with pytest.raises(TimeoutError):
            embed(claim(credential), Told(signal.SIGALRM, PICTURE), io.BytesIO())
        assert signal.getsignal(signal.SIGALRM) is too_late
    finally:
        signal.signal(signal.SIGALRM, before)


def test_a_handler_that_lets_us_go_on_is_called_at_once(credential):
    heard: list[int] = []
    before = signal.signal(signal.SIGUSR1, lambda *_: heard.append(told.calls))
    told = Told(signal.SIGUSR1, PICTURE)
    try:
        embed(claim(credential), told, io.BytesIO())
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert heard == [3]
    assert told.calls > 3


def test_a_key_that_keeps_us_waiting_is_interrupted(credential):
    """A service of keys may not answer for minutes."""
    answered: list[bytes] = []

    def sign(message: bytes) -> bytes:
        signal.raise_signal(signal.SIGINT)
        answered.append(message)
        return credential.sign(message)

    with pytest.raises(KeyboardInterrupt):
        embed(claim(credential, private_key=None, sign=sign), io.BytesIO(PICTURE), io.BytesIO())
    assert not answered


def test_in_another_thread_a_key_may_raise_what_it_will(credential):
    def sign(_: bytes) -> bytes:
        raise TimeoutError

    made = claim(credential, private_key=None, sign=sign)
    with ThreadPoolExecutor(1) as threads:
        out = io.BytesIO()
        threads.submit(embed, claim(credential), io.BytesIO(PICTURE), out).result()
        assert out.getvalue()
        with pytest.raises(CredentialError, match="TimeoutError"):
            threads.submit(embed, made, io.BytesIO(PICTURE), io.BytesIO()).result()
