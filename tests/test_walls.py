"""The walls of DESIGN 2: imports point one way, one border for each third-party library."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

import kzlabel

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
    "workflow": BASE
    | {"notices", "markers", "formats", "labels", "verdict", "profiles", "__init__"},
    "batch": BASE | {"verdict", "workflow", "formats", "labels", "profiles", "__init__"},
    "reports": BASE | {"verdict", "profiles", "reports", "__init__"},
}
ROOMS = {"formats", "labels", "markers", "reports"}
ONLY_IN = {
    "av": "_av/",
    "c2pa": "labels/_c2pa",
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
    "rich": "reports/text.py",
    "segno": "notices/_symbols.py",
    "selectolax": "formats/_html",
    "soundfile": "formats/_vorbis.py",
    "tesserocr": "notices/_ocr",
    "tinycss2": "formats/_html",
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


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_one_way(path: Path) -> None:
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
        assert target in ALLOWED[package] | {"__init__"}, f"{package} must not import {name}"
        if (
            target == package
            and package in ROOMS
            and room not in ("__init__", "")
            and (ROOT / package / f"{target_room}.py").exists()
        ):
            shared = target_room.startswith("_") or room.startswith("_") or target_room == room
            assert shared, f"room {package}/{room} must not import room {name}"


@pytest.mark.parametrize(("library", "border"), ONLY_IN.items())
def test_one_border_for_each_library(library: str, border: str) -> None:
    users = {
        str(path.relative_to(ROOT))
        for path in MODULES
        for name in imports(path)
        if name == library or name.startswith(library + ".")
    }
    outside = [user for user in users if not user.startswith(border)]
    assert not outside, f"{library} is imported outside {border}"
