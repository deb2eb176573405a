"""One line a check, `NAME  MEASURED  TARGET  ok|short`; exit 1 where one is short (DESIGN 8)."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import version
from statistics import median

from kzlabel.credential import Credential, development
from kzlabel.model import Disclosure, Provider, Statement, System

_LIBRARIES = ("c2pa-python", "pillow", "msgspec", "cryptography")


class Checks:
    """The lines printed so far, and whether one of them was short."""

    def __init__(self) -> None:
        self.short = 0

    def line(self, name: str, measured: str, target: str, *, ok: bool) -> None:
        """Print one check."""
        self.short += not ok
        print(f"{name:<46}  {measured:<34}  {target:<20}  {'ok' if ok else 'short'}", flush=True)

    def share(self, name: str, good: int, total: int) -> None:
        """Print a check that asks for all of them, and for at least one."""
        self.line(name, f"{good}/{total}", "all", ok=0 < good == total)

    def ratio(self, name: str, ratios: list[float], target: float, *, at_least: bool) -> None:
        """Print the median of a ratio's runs against its target."""
        value = median(ratios)
        ok = value >= target if at_least else value <= target
        sign = ">=" if at_least else "<="
        runs = f"{value:.2f} (runs {min(ratios):.2f}-{max(ratios):.2f})"
        self.line(name, runs, f"{sign} {target:g}", ok=ok)

    def end(self) -> None:
        """Exit with 1 where a check was short."""
        sys.exit(1 if self.short else 0)


def premises() -> str:
    """Return what the figures rest on: interpreter, machine, versions."""
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    return f"# Python {platform.python_version()}, {platform.machine()}, {libraries}"


def note(text: str) -> None:
    """Print a figure that has no target."""
    print(f"# {text}", flush=True)


def credential() -> Credential:
    """Return a development credential made for this run."""
    return development()


def disclosure() -> Disclosure:
    """Return a fresh disclosure."""
    return Disclosure(
        statement=Statement.CREATED,
        system=System(name="Bench Model", version="2.1"),
        provider=Provider(name="Bench LLP", country="KZ"),
    )
