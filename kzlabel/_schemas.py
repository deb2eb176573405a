"""The published JSON Schemas (2020-12), made from the types: sidecar, report, profile, diff.

`python -m kzlabel._schemas` writes them into the checkout's `schemas/`; a test holds the files to
the types. An installed kzlabel has them in `kzlabel/schemas/`, an editable one beside the package.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from kzlabel.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_PACKAGE = Path(__file__).parent
_FOLDERS = (_PACKAGE / "schemas", _PACKAGE.parent / "schemas")
"""In a wheel; in a checkout, editable install or not."""
TITLES: Mapping[str, str] = {
    "label-1": "The signed sidecar NAME.EXT.kzlabel.json",
    "report-1": "The report of kzlabel verify",
    "signed-report-1": "The signed report of kzlabel verify --sign-report",
    "labelling-1": "What kzlabel label says of many sources",
    "profile-1": "A profile: what is required of a label, and by which article",
    "diff-1": "What kzlabel diff says of two copies of an asset",
}
"""The schemas by name."""


def generate() -> dict[str, bytes]:
    """Return every schema by name, as the bytes of its file."""
    from kzlabel._changes import Diff
    from kzlabel.batch._label_tally import Labelling
    from kzlabel.labels._report_statement import SignedReport
    from kzlabel.labels._sidecar_statement import Sidecar
    from kzlabel.model import Report
    from kzlabel.profiles import Profile

    types: dict[str, type[msgspec.Struct]] = {
        "label-1": Sidecar,
        "report-1": Report,
        "signed-report-1": SignedReport,
        "labelling-1": Labelling,
        "profile-1": Profile,
        "diff-1": Diff,
    }
    return {name: _bytes(name, types[name], title) for name, title in TITLES.items()}


def load(name: str) -> bytes:
    """Return the published schema `name`. Raises `UsageError` for an unknown one."""
    if name in TITLES:
        for folder in _FOLDERS:
            path = folder / f"{name}.json"
            if path.is_file():
                return path.read_bytes()
    raise UsageError("kz.error.unknown-schema", name=name, known=", ".join(TITLES))


def _bytes(name: str, kind: type[msgspec.Struct], title: str) -> bytes:
    (root,), definitions = msgspec.json.schema_components([kind], ref_template="#/$defs/{name}")
    word, version = name.rsplit("-", 1)
    schema = {
        "$schema": DIALECT,
        "$id": f"urn:kzlabel:schema:{word}:{version}",
        "title": title,
        **root,
        "$defs": dict(sorted(definitions.items())),
    }
    return (json.dumps(schema, ensure_ascii=False, indent=2) + "\n").encode()


def main() -> None:
    """Write the schemas into the checkout, and say which."""
    for name, schema in generate().items():
        path = _FOLDERS[1] / f"{name}.json"
        path.write_bytes(schema)
        sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
