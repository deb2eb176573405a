"""The fixtures, by path, and the arguments a labelling cannot do without."""

from __future__ import annotations

from pathlib import Path

from kzlabel.formats import recognise
from kzlabel.model import Medium

FIXTURES = Path(__file__).parent.parent / "fixtures"
ASSETS = sorted(
    path
    for path in FIXTURES.iterdir()
    if path.is_file() and path.suffix not in {".py", ".toml", ".sh", ".md"}
)
MEDIUM = {path: room.spec.medium for path in ASSETS if (room := recognise(path))}
PICTURES = [path for path in MEDIUM if MEDIUM[path] is Medium.IMAGE]
SOUNDS = [path for path in MEDIUM if MEDIUM[path] is Medium.AUDIO]
FILMS = [path for path in MEDIUM if MEDIUM[path] is Medium.VIDEO]
WHO = ["--system-name", "Model", "--provider-name", "Provider LLP"]
