"""The fixtures, by path, and the arguments a labelling cannot do without."""

from __future__ import annotations

from pathlib import Path

FIXTURES = Path(__file__).parent.parent / "fixtures"
PICTURES = sorted(
    path
    for path in FIXTURES.iterdir()
    if path.is_file() and path.suffix not in {".py", ".toml", ".sh", ".md"}
)
WHO = ["--system-name", "Model", "--provider-name", "Provider LLP"]
