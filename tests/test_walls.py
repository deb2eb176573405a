"""The walls of DESIGN 2: imports point one way, one border for each third-party library."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import kzlabel

pytestmark = pytest.mark.xdist_group("walls")  # every module is parsed but once
ROOT = Path(kzlabel.__file__).parent
BASE = {"locale", "errors", "model", "credential", "trust"}
ALLOWED: dict[str, set[str]] = {
    "locale": {"locale"},
    "errors": {"locale"},
    "model": {"errors", "locale", "credential", "trust"},
    "credential": BASE,
    "trust": BASE,
    "profiles": {"errors", "model"},
    "notices": BASE | {"notices"},
    "markers": BASE | {"markers"},
    "formats": BASE | {"notices", "formats"},
    "labels": BASE | {"notices", "formats", "labels", "__init__"},
    "verdict": BASE | {"profiles"},
    "diff": BASE,
    "workflow": BASE
    | {"notices", "markers", "formats", "labels", "verdict", "profiles", "__init__"},
    "batch": BASE | {"batch", "verdict", "workflow", "formats", "labels", "profiles", "__init__"},
    "reports": BASE | {"verdict", "profiles", "reports", "__init__"},
}
ROOMS = {"formats", "labels", "markers", "reports"}
ONLY_IN = {
    "av": "_av/",
    "c2pa": "labels/_c2pa",
    "dask": "batch/_cluster",
    "distributed": "batch/_cluster",
    "fsspec": "batch/_cluster",
    "pyarrow": "reports/_parquet.py",
    "pypdf": "formats/_pdf",
    "pypdfium2": "formats/_pdfium.py",
    "rapidocr": "notices/_ocr",
    "reportlab": "formats/_pdf",
    "resvg_py": "formats/_svg_room.py",
    "fontTools": "formats/_svg_room.py",
    "imagecodecs": "formats/_avif_deep.py",
    "mutagen": "formats/_mutagen.py",
    "pillow_heif": "formats/_heif.py",
    "pillow_jxl": "formats/_jxl_room.py",
    "rfc3161_client": "_timestamp.py",
    "rich": ("reports/text.py", "cli/_progress.py"),
    "segno": "notices/_symbols.py",
    "selectolax": "formats/_html",
    "soundfile": "formats/_vorbis.py",
    "tesserocr": "notices/_ocr",
    "tinycss2": "formats/_html",
    "watchfiles": "batch/_watching.py",
    "zxingcpp": "notices/_symbols.py",
}


@cache
def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return found


MODULES = sorted(ROOT.rglob("*.py"))


def room_of(path: Path) -> tuple[str, str]:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[0], parts[-1] if len(parts) > 1 else ""


def test_imports_point_one_way() -> None:
    assert [crossing for path in MODULES for crossing in crossings(path)] == []


def crossings(path: Path) -> Iterator[str]:
    """Say which imports of a module go through a wall."""
    package, room = room_of(path)
    if package not in ALLOWED:
        return  # the front door and the command line may see everything
    for name in imports(path):
        if not name.startswith("kzlabel"):
            continue
        parts = [*name.split("."), "__init__", "__init__"]
        target, target_room = parts[1], parts[2]
        if target.startswith("_") and target != "__init__":
            continue  # shared helpers
        if target not in ALLOWED[package] | {"__init__"}:
            yield f"{package} must not import {name} ({path.name})"
        if (
            target == package
            and package in ROOMS
            and room not in ("__init__", "")
            and (ROOT / package / f"{target_room}.py").exists()
            and not (target_room.startswith("_") or room.startswith("_") or target_room == room)
        ):
            yield f"room {package}/{room} must not import room {name}"


def test_one_border_for_each_library() -> None:
    outside = {
        (name, str(path.relative_to(ROOT)))
        for path in MODULES
        for name in {name.partition(".")[0] for name in imports(path)} & set(ONLY_IN)
        if not str(path.relative_to(ROOT)).startswith(ONLY_IN[name])
    }
    assert outside == set()
