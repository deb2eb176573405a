"""`kzlabel explain`: a code in, what it means and what to do out."""

from __future__ import annotations

import pytest


def test_codes_are_explained_in_the_order_they_were_asked_for(run):
    ran = run("explain", "kz.notice.faint", "assertion.dataHash.mismatch", "kz.notice.faint")
    assert ran.code == 0
    assert ran.err == ""
    first, second = ran.out.strip("\n").split("\n\n")
    assert first.splitlines()[:2] == ["kz.notice.faint", "  the notice is too faint"]
    assert "  → make it stand out" in first
    assert "rests on: RK Law No. 230-VIII, Art. 21(2)" in first
    assert second.startswith("assertion.dataHash.mismatch\n  the file was changed")
    assert "ask the publisher for the original" in second


@pytest.mark.parametrize("code", ["kz.21-2.notice", "kz.21-2.machine-readable"])
def test_the_law_s_own_words_come_first(run, code):
    lines = run("explain", code).out.splitlines()
    assert lines[0] == code
    assert lines[1].startswith("  RK Law No. 230-VIII, Art. 21(2): (working translation)")


def test_a_working_translation_is_not_quoted_as_the_law(run, monkeypatch):
    from kzlabel.reports._explaining import explained

    official = "\n".join(explained(["kz.21-2.notice"], "ru"))
    working = "\n".join(explained(["kz.22-2.bound"], "ru"))
    assert "«распространение" in official
    assert "(рабочий перевод)" in working
    assert "«" not in working


def test_without_a_code_all_are_listed(run):
    lines = run("explain").out.splitlines()
    assert any(line.startswith("kz.notice (") for line in lines)
    assert any(
        line.split() == ["claim.missing", "the", "manifest", "has", "no", "claim"] for line in lines
    )
    assert len(lines) == len(set(lines)) > 300


def test_an_unknown_code_is_refused_with_names_near_it(run):
    ran = run("explain", "kz.notice.fant", "claim.missing")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.count("\n") == 1
    assert "kzlabel: kz.notice.fant: no such code; near it: kz.notice.faint" in ran.err


@pytest.mark.parametrize("code", ["\x1b[31m", "x" * 100_000, "", "kz.cli.help"])
def test_what_is_no_code_is_one_sentence(run, code):
    ran = run("explain", code)
    assert (ran.code, ran.out) == (2, "")
    assert "\x1b" not in ran.err
    assert "no such code" in ran.err
