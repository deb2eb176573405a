"""The table of digital source types: every written form of each, and what is none."""

from __future__ import annotations

import pytest

from kzlabel._source_types import most_ai, origin_of, source_type
from kzlabel.model import Origin, Statement

IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
ROWS = [
    ("trainedAlgorithmicMedia", Origin.AI_GENERATED),
    ("compositeWithTrainedAlgorithmicMedia", Origin.AI_MODIFIED),
    ("compositeSynthetic", Origin.AI_MODIFIED),
    ("composite", Origin.POSSIBLY_AI),
    ("digitalArt", Origin.POSSIBLY_AI),
    ("algorithmicallyEnhanced", Origin.POSSIBLY_AI),
    ("algorithmicMedia", Origin.NOT_AI),
    ("digitalCapture", Origin.NOT_AI),
    ("humanEdits", Origin.NOT_AI),
    ("screenCapture", Origin.NOT_AI),
]


@pytest.mark.parametrize(("code", "origin"), ROWS)
def test_every_form_of_a_uri_says_the_same(code: str, origin: Origin) -> None:
    for uri in (IPTC + code, IPTC + code + "/", IPTC.replace("http:", "https:") + code):
        known = source_type(uri)
        assert known is not None
        assert (known.code, known.origin, known.exact) == (code, origin, True)


@pytest.mark.parametrize(("code", "origin"), ROWS)
@pytest.mark.parametrize(
    "form", ["{}", "digsrctype:{}", " {} ", "cv.iptc.org/newscodes/digitalsourcetype/{}"]
)
def test_a_loose_form_is_recognised_and_told(code: str, origin: Origin, form: str) -> None:
    known = source_type(form.format(code))
    assert known is not None
    assert (known.code, known.origin, known.exact) == (code, origin, False)


def test_c2pa_has_its_own_types() -> None:
    assert (
        origin_of("http://c2pa.org/digitalsourcetype/trainedAlgorithmicData") is Origin.AI_GENERATED
    )
    assert origin_of("http://c2pa.org/digitalsourcetype/empty") is Origin.NOT_AI
    known = source_type("http://c2pa.org/digitalsourcetype/digitalCapture")
    assert known is None or not known.exact  # the code of one vocabulary under the other's address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "http://",
        IPTC,
        "trained",
        "http://example.com/trainedAlgorithmicMedia",
        IPTC + "x" * 10_000,
        "\ud800",
    ],
)
def test_what_is_no_source_type(text: str) -> None:
    assert source_type(text) is None
    assert origin_of(text) is Origin.UNDECLARED


@pytest.mark.parametrize("statement", Statement)
def test_our_statements_are_in_the_table(statement: Statement) -> None:
    assert origin_of(statement.digital_source_type) is statement.origin


def test_the_most_ai_wins() -> None:
    assert most_ai(Origin.NOT_AI, Origin.AI_MODIFIED, Origin.POSSIBLY_AI) is Origin.AI_MODIFIED
    assert most_ai(*Origin) is Origin.AI_GENERATED
    assert most_ai() is Origin.UNDECLARED
