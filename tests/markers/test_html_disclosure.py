from __future__ import annotations

import json

import pytest

from kzlabel import label, verify
from kzlabel.formats import recognise
from kzlabel.markers.html_disclosure import HtmlDisclosureMarker
from kzlabel.model import LabelKind, Marker, Origin

LEVELS = {
    "none": Origin.NOT_AI,
    "ai-assisted": Origin.AI_MODIFIED,
    "ai-generated": Origin.AI_GENERATED,
    "autonomous": Origin.AI_GENERATED,
    "mixed": Origin.AI_MODIFIED,
}


def page(tmp_path, markup: str) -> Marker | None:
    path = tmp_path / "a.html"
    path.write_text("<!doctype html>" + markup)
    return HtmlDisclosureMarker().detect(recognise(path).read_tags(path))


def meta(level: str) -> str:
    return f'<meta name="ai-disclosure" content="{level}"><p>words</p>'


@pytest.mark.parametrize(("level", "origin"), LEVELS.items())
def test_the_levels_of_a_page(tmp_path, level, origin) -> None:
    for markup in (
        meta(level),
        meta(f" {level.upper()} ").replace("name=", "NAME="),
        f"<html ai-disclosure={level}><p>x",
        f"<body class=x AI-Disclosure='{level}'>x",
        f'<script type="application/ld+json">{{"aiDisclosure": "{level}"}}</script>',
    ):
        mark = page(tmp_path, markup)
        assert mark is not None
        assert mark.origin is origin


@pytest.mark.parametrize(("level", "origin"), LEVELS.items())
def test_a_part_makes_the_page_altered(tmp_path, level, origin) -> None:
    mark = page(tmp_path, f'<p ai-disclosure="{level}" ai-model="Tau 2" ai-provider="P">x</p>')
    if origin is Origin.NOT_AI:
        assert mark is None
    else:
        assert (mark.origin, mark.tag) == (Origin.AI_MODIFIED, "html-attr: ai-disclosure")
        assert (mark.system, mark.provider) == ("Tau 2", "P")


def test_an_object_in_json_ld(tmp_path) -> None:
    held = {"level": "ai-assisted", "tool": "Tau", "provider": {"name": "P"}, "description": "d"}
    for work, tag in (
        ({"aiDisclosure": held}, "aiDisclosure"),
        ({"image": {"aiDisclosure": held}}, "image.aiDisclosure"),
    ):
        text = json.dumps(work)
        mark = page(tmp_path, f'<script type="application/ld+json">{text}</script>')
        assert mark is not None
        assert (mark.origin, mark.tag) == (Origin.AI_MODIFIED, f"json-ld: {tag}")
    assert mark.system is None
    mark = page(tmp_path, f'<script type="application/ld+json">{json.dumps(held)}</script>')
    assert mark is None


@pytest.mark.parametrize(
    "markup",
    [
        meta("yes"),
        meta(""),
        meta("ai-generated, mostly"),
        '<meta property="og:title" content="ai-generated">',
        '<meta name="keywords" content="ai-disclosure, ai-generated">',
        '<meta name="description" content="ai-generated">',
        f"<!-- {meta('ai-generated')} -->",
        f"<template>{meta('ai-generated')}<p ai-disclosure=mixed></p></template>",
        "<script>const x = '<p ai-disclosure=\"autonomous\">'</script>",
        "<style>p[ai-disclosure=mixed] { color: red }</style>",
        "<textarea><p ai-disclosure=mixed></textarea>",
        '<p data-ai-disclosure="mixed">x',
        '<p title="ai-disclosure=mixed">x',
        "<p>ai-disclosure=mixed</p>",
        '<p ai-model="Tau" ai-provider="P">x',
    ],
)
def test_what_is_near_is_none(tmp_path, markup) -> None:
    assert page(tmp_path, markup) is None


def test_utf16(tmp_path) -> None:
    path = tmp_path / "a.html"
    path.write_bytes(("\ufeff<p>ә</p><p ai-disclosure=mixed>x").encode("utf-16-le"))
    mark = HtmlDisclosureMarker().detect(recognise(path).read_tags(path))
    assert mark is not None


def test_none_counts_for_no_more_than_a_conflict(tmp_path) -> None:
    path = tmp_path / "a.html"
    path.write_text("<!doctype html>" + meta("none"))
    assert verify(path).origin is Origin.UNDECLARED
    path.write_text("<!doctype html>" + meta("none") + "<p ai-disclosure=ai-generated>x")
    row = verify(path, look=False)
    assert row.origin is Origin.AI_MODIFIED
    assert "kz.marker.disclosure.contrary" in [finding.code for finding in row.findings]


def test_what_our_label_wrote_is_not_other_peoples(tmp_path, disclosure, credential, trust) -> None:
    source, made = tmp_path / "a.html", tmp_path / "b.html"
    source.write_text("<!doctype html><title>x</title><p>words</p>")
    label(source, made, disclosure, credential)
    row = verify(made, trust=trust)
    assert not [held for held in row.labels if held.kind is LabelKind.MARKER]
    made.write_text(made.read_text().replace("</title>", "</title>" + meta("mixed")[:-12]))
    row = verify(made, trust=trust)
    assert [held.scheme for held in row.labels if held.kind is LabelKind.MARKER] == []
