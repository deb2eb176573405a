"""What every test may ask for: credentials made now, fixtures, and tools that are not ours."""

from __future__ import annotations

import gc
import os
import shutil
import signal
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from itertools import count
from pathlib import Path
from pkgutil import walk_packages

import pytest
from samples import MEDIUM

import kzlabel
from kzlabel._staging import staging
from kzlabel.credential import Credential, development
from kzlabel.formats import recognise
from kzlabel.labels import LABELS
from kzlabel.model import (
    Corner,
    Disclosure,
    Medium,
    NoticeConfig,
    Provider,
    Statement,
    Step,
    System,
)
from kzlabel.notices import _ocr
from kzlabel.trust import TrustStore, store_of

IN_A_CORNER = NoticeConfig(corner=Corner.BOTTOM_LEFT)


def pytest_sessionstart() -> None:
    """Heed SIGINT, and let what is started heed it: in the background of a shell it is ignored.

    And load all of kzlabel: what is loaded while a test has changed a limit would keep it.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for module in walk_packages(kzlabel.__path__, "kzlabel."):
        if module.name != "kzlabel.__main__":
            import_module(module.name)


@pytest.hookimpl(tryfirst=True)  # before the slow ones are left out
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip a test whose tool is missing; in CI (KZLABEL_REQUIRE_ALL=1) it runs, and fails.

    What is `dear` runs for a few of each medium, and for all of them with the slow ones; so does all
    else over documents and texts, of which there are many kinds alike.
    """
    for item in items:
        held = getattr(item, "callspec", None)
        asset = held.params.get("asset") if held is not None else None
        if asset not in MEDIUM or asset.name in _FEW:
            continue
        if item.get_closest_marker("dear") or MEDIUM[asset] in (Medium.DOCUMENT, Medium.TEXT):
            item.add_marker(pytest.mark.slow)
    required = os.environ.get("KZLABEL_REQUIRE_ALL") == "1"
    for item in items:
        for mark in item.iter_markers("needs"):
            if not required and _lacks(mark.args[0]):
                item.add_marker(pytest.mark.skip(reason=f"{mark.args[0]} is not installed"))


def pytest_collection_finish() -> None:
    """Leave what was collected out of every search for garbage that tests set off."""
    gc.collect()
    gc.freeze()


def _lacks(tool: str) -> bool:
    """Whether a program is missing; of Tesseract, whose program we do not use, its data."""
    return bool(_ocr.available()) if tool == "tesseract" else shutil.which(tool) is None


_FEW = {
    "picture.jpg", "picture.png", "picture.svg", "sound.wav", "film.mp4",
    "document.pdf", "document.docx", "text.txt", "page.html",
}  # fmt: skip


@pytest.fixture(scope="session")
def _homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Names of folders that nobody has used; few tests need theirs made."""
    base = tmp_path_factory.mktemp("homes")
    return (base / str(number) for number in count())


@pytest.fixture(autouse=True)
def _own_home(_homes: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees, or touches, the keys, lists or settings of whoever runs it."""
    home = next(_homes)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    for name in ("KZLABEL_LANG", "KZLABEL_PASSPHRASE", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")


@pytest.fixture
def reads_words() -> None:
    """Ask for this to have pictures read in earnest: it takes a second, and needs `tesseract`."""


@pytest.fixture(autouse=True)
def _no_words(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """On pictures no words are read, but in tests that are about them."""
    if "reads_words" not in request.fixturenames:
        monkeypatch.setattr(_ocr, "available", lambda: None)
        monkeypatch.setattr(_ocr, "read_lines", lambda _: _ocr.Reading((), complete=True))


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    """A Chromium that shows pages, for tests that `need` it and are of its group."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--no-zygote"]
        )
        try:
            yield chromium
        finally:
            chromium.close()


@pytest.fixture(scope="session")
def credential() -> Credential:
    """A development credential of this run."""
    return development()


@pytest.fixture(scope="session")
def trust(credential: Credential) -> TrustStore:
    """The trust store that lists its root."""
    return store_of(credential)


@pytest.fixture
def disclosure() -> Disclosure:
    """A fresh disclosure: created, by an invented system of an invented provider."""
    return Disclosure(
        statement=Statement.CREATED,
        system=System(name="Test Model", version="1.0"),
        provider=Provider(name="Test LLP", bin="940740000911", country="KZ"),
    )


# One worker makes, and keeps, what all tests of one file need (`--dist loadgroup`).
@pytest.fixture(
    params=[pytest.param(path, marks=pytest.mark.xdist_group(path.name)) for path in MEDIUM],
    ids=[path.name for path in MEDIUM],
)
def asset(request: pytest.FixtureRequest) -> Path:
    """Each fixture in turn: a small file of every format."""
    return request.param


@pytest.fixture
def dishonest(tmp_path, credential, disclosure):
    """Label a file, but let `harm` at it between the notice and the signature."""

    def label(source, harm, notice=IN_A_CORNER):
        out = tmp_path / "out"
        out.mkdir(exist_ok=True)
        with staging(out) as folder:
            step = Step(
                source=source, asset=source, folder=folder, name=source.name,
                format=recognise(source), media_type=recognise(source).spec.media_types[0],
                disclosure=disclosure, notice=notice,
                credential=credential, trust=store_of(credential),
            )  # fmt: skip
            for room in LABELS:
                if room.kind == "sidecar":
                    step.asset.replace(folder / source.name)
                    step = replace(step, asset=folder / source.name)
                step = room.apply(step)
                if room.kind == "notice":
                    harm(step.asset, step.placements[0])
            for path in (*step.companions, step.asset):
                shutil.move(path, out / path.name)
        return out / source.name

    return label
