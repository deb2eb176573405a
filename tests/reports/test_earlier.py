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
    for rows in (mixed(), mixed()[:1], ()):
        path.write_bytes(written(form, report(*rows), language))
        assert is_earlier(path)


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_a_text_with_a_report_in_it_is_someones_own(tmp_path, language):
    path, said = tmp_path / "article.txt", written("text", report(*mixed()), language)
    article = "Редакция проверила снимок. Вывод проверки:\n".encode()
    last = said.splitlines(keepends=True)
    for text in (
        article + said, article + b"".join(last[-12:]), article + last[-1], said + article,
        said + article + said, b"".join(last[:4]) + article + b"".join(last[-12:]),
    ):  # fmt: skip
        path.write_bytes(text)
        assert not is_earlier(path)


def test_logs_of_two_tools_in_one_are_not_ours(tmp_path):
    path, said = tmp_path / "merged.sarif", written("sarif", report(*mixed()))
    run = b'"runs": [{"tool": {"driver": {"name": "other"}}, "results": []}, '
    path.write_bytes(said.replace(b'"runs": [', run, 1))
    assert not is_earlier(path)
    path.write_bytes(said.removesuffix(b"]}\n") + b', {"results": []}]}\n')
    assert not is_earlier(path)


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
        b'{"path":"a.exe","verdict":"clean"}\n',
    ],
    ids=["list", "page", "companion", "key", "config", "parquet", "lines", "scanner"],
)
def test_what_is_not_ours_is_not(tmp_path, content):
    path = tmp_path / "file"
    path.write_bytes(content)
    assert not is_earlier(path)
