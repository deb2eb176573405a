from __future__ import annotations

import pytest

from kzlabel.markers.iptc import IptcMarker
from kzlabel.model import FindingOutcome, Marker, Origin

BASE = "http://cv.iptc.org/newscodes/digitalsourcetype/"
SOURCE = "Iptc4xmpExt:DigitalSourceType"


def detect(value: str, **more: str) -> Marker | None:
    named = {f"Iptc4xmpExt:{name}": text for name, text in more.items()}
    return IptcMarker().detect({"xmp": {SOURCE: value, **named}})


@pytest.mark.parametrize(
    ("code", "origin"),
    [
        ("trainedAlgorithmicMedia", Origin.AI_GENERATED),
        ("compositeWithTrainedAlgorithmicMedia", Origin.AI_MODIFIED),
        ("compositeSynthetic", Origin.AI_MODIFIED),
        ("composite", Origin.POSSIBLY_AI),
        ("digitalCapture", Origin.NOT_AI),
        ("algorithmicMedia", Origin.NOT_AI),
    ],
)
def test_the_vocabulary(code, origin) -> None:
    mark = detect(BASE + code)
    assert mark is not None
    assert (mark.scheme, mark.origin, mark.tag) == ("iptc", origin, f"xmp: {SOURCE}")
    assert mark.findings == ()


def test_https_and_a_slash_at_the_end_are_as_good() -> None:
    mark = detect("https://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia/")
    assert mark is not None
    assert mark.findings == ()


def test_a_bare_code_counts_with_a_warning() -> None:
    mark = detect("trainedAlgorithmicMedia")
    assert mark is not None
    assert mark.origin is Origin.AI_GENERATED
    assert [(f.code, f.outcome) for f in mark.findings] == [
        ("kz.marker.bare-code", FindingOutcome.WARNING)
    ]
    assert "trainedAlgorithmicMedia" in mark.findings[0].message


def test_the_system_is_named() -> None:
    mark = detect(BASE + "trainedAlgorithmicMedia", AISystemUsed="Tau", AISystemVersionUsed="2")
    assert mark is not None
    assert mark.system == "Tau 2"


@pytest.mark.parametrize(
    "value",
    ["", "AI", BASE, BASE + "other", "http://example.org/trainedAlgorithmicMedia", "x" * 100_000],
)
def test_what_is_not_in_the_vocabulary_is_no_mark(value) -> None:
    assert detect(value) is None
    assert IptcMarker().detect({}) is None
