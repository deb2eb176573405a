"""The profiles that come with kzlabel: whole, dated, citing the law's own words."""

from __future__ import annotations

import msgspec
import pytest

from kzlabel.errors import UsageError
from kzlabel.locale import LANGUAGES, sentence
from kzlabel.model import Outcome
from kzlabel.profiles import SCHEMA, Profile, Situation, load, names


def test_names_and_dates() -> None:
    assert names() == ("kz", "kz-strict")
    assert [load(name).name for name in names()] == ["kz/2026-01-18", "kz-strict/2026-01-18"]
    assert {load(name).schema for name in names()} == {SCHEMA}


@pytest.mark.parametrize("name", ["eu", "", "../profiles/kz", "kz.json", "kz/2026-01-18"])
def test_an_unknown_profile_names_the_known(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        load(name)
    assert str(caught.value) == f"{name}: no such profile; known ones: kz, kz-strict"


@pytest.mark.parametrize("name", names())
def test_citations_are_the_laws_words(name: str) -> None:
    for rule in load(name).requirements:
        assert set(rule.citation.text) == set(LANGUAGES)
        assert rule.citation.text["en"].startswith("(working translation) ")
        assert sentence(rule.id, "en") != rule.id
    machine, notice, bound, trust = load(name).requirements
    assert machine.citation == notice.citation
    assert "машина оқитын нысанда таңбаланған" in machine.citation.text["kk"]
    assert "допускается только при условии их маркировки" in machine.citation.text["ru"]
    assert bound.citation == trust.citation
    assert "ауыстырмай және автоматты түрде тануын" in bound.citation.text["kk"]
    assert bound.citation.text["ru"].startswith("(рабочий перевод) ")


def test_the_two_cite_the_same_law() -> None:
    plain, strict = load("kz"), load("kz-strict")
    assert [rule.citation for rule in plain.requirements] == [
        rule.citation for rule in strict.requirements
    ]
    assert [rule.outcomes for rule in plain.requirements] == [
        rule.outcomes for rule in strict.requirements
    ]


def raw() -> dict[str, object]:
    return msgspec.to_builtins(load("kz"))


@pytest.mark.parametrize("situation", Situation)
def test_a_profile_with_a_hole_is_refused(situation: Situation) -> None:
    profile = raw()
    del profile["requirements"][0]["outcomes"][situation]
    with pytest.raises(msgspec.ValidationError, match="does not cover"):
        msgspec.convert(profile, Profile)


def test_a_profile_without_one_value_of_its_axis_is_refused() -> None:
    profile = raw()
    del profile["requirements"][1]["outcomes"]["declared"]["impaired"]
    with pytest.raises(msgspec.ValidationError, match="does not cover"):
        msgspec.convert(profile, Profile)


def test_a_value_of_another_axis_is_refused() -> None:
    profile = raw()
    profile["requirements"][3]["outcomes"]["declared"]["intact"] = "pass"
    with pytest.raises(msgspec.ValidationError, match="does not cover"):
        msgspec.convert(profile, Profile)


def test_a_misspelt_field_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="levle"):
        msgspec.convert(raw() | {"levle": "must"}, Profile)


def test_a_rule_reads_its_named_values_before_the_star() -> None:
    machine = load("kz").requirements[0]
    assert machine.outcome(Situation.DECLARED, "broken") is Outcome.FAIL
    assert machine.outcome(Situation.DECLARED, "absent") is Outcome.PASS
