"""Rows may come from a results file, and that from anybody: whatever they hold is shown as text."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec
import pytest
from msgspec import structs
from reported import BROKEN, asset, missed, report, written

from kzlabel.model import (
    AssetReport,
    LabelKind,
    LabelReport,
    LabelState,
    NoticeReport,
    Seen,
    Signer,
    Thumbnail,
)
from kzlabel.reports import REPORTS

if TYPE_CHECKING:
    from collections.abc import Iterator

HOSTILE = '"><script>\x1b[31m\u202e\n=1'


def full() -> AssetReport:
    """Return a row that has a text wherever it may have one."""
    label = LabelReport(
        kind=LabelKind.MANIFEST, scheme="c2pa", state=LabelState.TRUSTED, system="Model",
        provider="Provider", label_id="urn:uuid:1", where="embedded",
        signer=Signer(name="Signer", issuer="Root"), personal={"prompt": "words"},
    )  # fmt: skip
    notice = NoticeReport(
        medium="visible", text="AI", languages=("en",), perceivable=True,
        code="kz.notice.perceivable",
    )  # fmt: skip
    return structs.replace(
        asset(axes=BROKEN), media_type="image/jpeg", bytes=12, sha256="0" * 64, labels=(label,),
        notices=(notice,), seen=Seen(uri="a.jpg", modified="2026", run="1"),
        thumbnail=Thumbnail(media_type="image/webp", width=1, height=1, content=b""),
    )  # fmt: skip


def with_each_text_hostile(row: AssetReport) -> Iterator[AssetReport]:
    """Yield the row once for every text of it that may be any."""

    def walk(one: object) -> Iterator[tuple[dict | list, object]]:
        places = one.items() if isinstance(one, dict) else enumerate(one)
        for place, value in list(places):
            if isinstance(value, dict | list):
                yield from walk(value)
            elif isinstance(value, str):
                yield one, place

    plain = msgspec.json.decode(msgspec.json.encode(row))
    for holder, place in walk(plain):
        kept, holder[place] = holder[place], HOSTILE
        with suppress(msgspec.ValidationError):  # no other than words of ours, and moments
            yield msgspec.convert(plain, AssetReport)
        holder[place] = kept


ROWS = [*with_each_text_hostile(full()), *with_each_text_hostile(missed())]


@pytest.mark.parametrize("form", ["text", "csv", "junit", "html"])
def test_no_text_of_a_row_is_more_than_text(form: str) -> None:
    assert len(ROWS) > 25
    shown = written(form, report(*ROWS)).decode("utf-8-sig")
    assert [one for one in shown if not one.isprintable() and one not in "\r\n"] == []
    assert shown.count("\\u202e") > 5
    assert ("<script>\\x1b" in shown) == (form in {"text", "csv"})


@pytest.mark.parametrize("size", [-1, 2**63, 2**64])
def test_a_size_that_no_file_has_is_in_no_row(size: int) -> None:
    row = msgspec.json.encode(full()).replace(b'"bytes":12', b'"bytes":%d' % size)
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(row, type=AssetReport)


@pytest.mark.parametrize("form", REPORTS)
def test_a_row_that_somebody_made_stops_no_report(form: str) -> None:
    row = full()
    nowhere = [structs.replace(one, findings=(-9, 99)) for one in row.requirements]
    label = structs.replace(row.labels[0], findings=(99,))
    notice = structs.replace(row.notices[0], measures={"text": 2.0, "detail": 1.0, "code": 1.0})
    made = structs.replace(row, requirements=nowhere, labels=(label,), notices=(notice,))
    assert written(form, report(made))
