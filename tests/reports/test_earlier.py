"""Only a report of ours is replaced by another: each form is known again, and nothing else is."""

from __future__ import annotations

import pytest
from reported import mixed, report, written

from kzlabel.reports import REPORTS
from kzlabel.reports._earlier import is_earlier


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
@pytest.mark.parametrize("form", REPORTS)
def test_each_form_is_known_again(tmp_path, form, language):
    path = tmp_path / "report"
    said = written(form, report(*mixed()), language)
    path.write_bytes(said if isinstance(said, bytes) else said.encode())
    assert is_earlier(path)


@pytest.mark.parametrize(
    "content",
    [
        b"a.png\nb.png\n",
        b'<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"></head></html>\n',
        b'{\n  "statement": {\n    "schema": "urn:kzlabel:schema:label:1"\n  }\n}\n',
        b"-----BEGIN PRIVATE KEY-----\n",
        b'[provider]\nname = "x"\n',
        b"PAR1PAR1",
        b'{"path":"a.png"}\n',
    ],
    ids=["list", "page", "companion", "key", "config", "parquet", "lines"],
)
def test_what_is_not_ours_is_not(tmp_path, content):
    path = tmp_path / "file"
    path.write_bytes(content)
    assert not is_earlier(path)


def test_the_page_counts_what_was_not_looked_at():
    assert b"<dt>not looked at</dt><dd>1</dd>" in written("html", report(*mixed()))
    assert b"<dt>not looked at</dt>" not in written("html", report(mixed()[0]))
