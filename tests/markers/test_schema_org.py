from __future__ import annotations

import json

import pytest

from kzlabel.formats import recognise
from kzlabel.markers.schema_org import SchemaOrgMarker
from kzlabel.model import Evidence, Marker, Origin

TERM = "https://schema.org/TrainedAlgorithmicMediaDigitalSource"
URI = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
CAPTURE = "https://schema.org/DigitalCaptureDigitalSource"


def page(tmp_path, *scripts: object, kind: str = "application/ld+json", body: str = "") -> Marker:
    texts = (script if isinstance(script, str) else json.dumps(script) for script in scripts)
    tags = "".join(f'<script type="{kind}">{text}</script>' for text in texts)
    path = tmp_path / "a.html"
    path.write_text(f"<!doctype html><title>x</title><p>words</p>{body}{tags}")
    return SchemaOrgMarker().detect(recognise(path).read_tags(path))


def said(mark: Marker | None) -> tuple[Origin, str] | None:
    return mark and (mark.origin, mark.tag.removeprefix("json-ld: "))


OWN = (Origin.AI_GENERATED, "digitalSourceType")


@pytest.mark.parametrize(
    ("work", "expected"),
    [
        ({"@type": "WebPage", "digitalSourceType": TERM}, OWN),
        ({"@type": "Article", "digitalSourceType": URI}, OWN),
        ({"schema:digitalSourceType": "schema:TrainedAlgorithmicMediaDigitalSource"}, OWN),
        ({"digitalSourceType": {"@id": TERM}}, OWN),
        ({"digitalSourceType": [CAPTURE, TERM]}, (OWN[0], "digitalSourceType#2")),
        ([{"@type": "Person"}, {"digitalSourceType": TERM}], OWN),
        ({"@graph": [{"@type": "Article", "digitalSourceType": TERM}]}, OWN),
        ({"mainEntity": {"@type": "Article", "digitalSourceType": TERM}}, OWN),
        ({"digitalSourceType": CAPTURE}, (Origin.NOT_AI, "digitalSourceType")),
        (
            {"image": {"digitalSourceType": TERM}},
            (Origin.AI_MODIFIED, "image.digitalSourceType"),
        ),
        (
            {"hasPart": [{"video": {"digitalSourceType": TERM}}]},
            (Origin.AI_MODIFIED, "hasPart.video.digitalSourceType"),
        ),
        (
            {"@type": "ImageObject", "digitalSourceType": TERM},
            (Origin.AI_MODIFIED, "ImageObject.digitalSourceType"),
        ),
        (
            {"digitalSourceType": TERM, "image": {"digitalSourceType": CAPTURE}},
            OWN,
        ),
    ],
)
def test_the_page_and_its_parts(tmp_path, work, expected) -> None:
    mark = page(tmp_path, work)
    assert said(mark) == expected
    assert mark.evidence is Evidence.STANDARD
    assert mark.findings == ()


@pytest.mark.parametrize(
    "work",
    [
        {"image": {"digitalSourceType": CAPTURE}},
        {"digitalSourceType": "AI"},
        {"digitalSourceType": "https://example.org/TrainedAlgorithmicMediaDigitalSource"},
        {"digitalSourceType": 1},
        {"isBasedOn": {"digitalSourceType": TERM}},
        {"itemListElement": [{"item": {"digitalSourceType": TERM}}]},
        {"author": {"digitalSourceType": TERM}},
        {"description": TERM},
        [[[[]]]],
        "{" + json.dumps({"digitalSourceType": TERM}),
        '{"image":' * 5000 + json.dumps({"digitalSourceType": TERM}) + "}" * 5000,
        '{"image":' * 30 + json.dumps({"digitalSourceType": TERM}) + "}" * 30,
        "[" * 100_000,
    ],
)
def test_what_is_near_is_none(tmp_path, work) -> None:
    assert page(tmp_path, work) is None


def test_only_scripts_that_are_json_ld(tmp_path) -> None:
    work = {"digitalSourceType": TERM}
    text = f'<script type="application/ld+json">{json.dumps(work)}</script>'
    assert said(page(tmp_path, work, kind="Application/LD+JSON; charset=utf-8")) == OWN
    assert page(tmp_path, work, kind="application/json") is None
    for hidden in (f"<!-- {text} -->", f"<template>{text}</template>", f"<noscript>{text}"):
        assert page(tmp_path, body=hidden) is None


def test_a_bare_term_is_a_warning(tmp_path) -> None:
    mark = page(tmp_path, {"digitalSourceType": "TrainedAlgorithmicMediaDigitalSource"})
    assert said(mark) == OWN
    assert [finding.code for finding in mark.findings] == ["kz.marker.bare-code"]


def test_what_our_label_wrote_is_not_other_peoples() -> None:
    ours = {"DIGITALSOURCETYPE": URI, "KZLABEL_LABELID": "urn:uuid:1"}
    tags = {"html-meta": ours, "json-ld": {"digitalSourceType": TERM}}
    assert SchemaOrgMarker().detect(tags) is None
    modified = URI.replace("trained", "compositeWithTrained")
    tags["html-meta"] = ours | {"DIGITALSOURCETYPE": modified}
    assert said(SchemaOrgMarker().detect(tags)) == OWN
