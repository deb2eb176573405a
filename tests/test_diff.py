"""What became of labels, tags and notices between two copies: pure, over rows made by hand."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import select

import msgspec
import pytest
from jsonschema import Draft202012Validator
from msgspec import structs
from samples import FIXTURES

from kzlabel import _comparing, _schemas
from kzlabel._answering import Answering
from kzlabel._changes import Fate
from kzlabel._comparing import Copy, Found, compare, copy_in, find
from kzlabel._diff_tags import MOST_FIELDS, travelling
from kzlabel._options import Options
from kzlabel._pairing import paired
from kzlabel._worker import OF_A_COPY, forked
from kzlabel.diff import SCHEMA, diff
from kzlabel.errors import LimitError, UsageError
from kzlabel.model import (
    AssetReport,
    FindingOutcome,
    LabelKind,
    LabelReport,
    LabelState,
    NoticeReport,
    NoticeState,
    Origin,
    Verdict,
    finding,
)

IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
AI, PHOTO = IPTC + "trainedAlgorithmicMedia", IPTC + "digitalCapture"


def row(*labels: LabelReport, notices=()) -> AssetReport:
    return AssetReport(path="a", verdict=Verdict.UNDECLARED, labels=labels, notices=notices)


def label(state="valid", kind="manifest", scheme="c2pa", origin="ai-generated", **more):
    more = {"where": "embedded"} | more
    return LabelReport(
        kind=LabelKind(kind), scheme=scheme, state=LabelState(state), origin=Origin(origin), **more
    )


def between(before, after, tags_before=None, tags_after=None):
    return diff(before, tags_before or {}, after, tags_after or {}, profile="kz")


def fates(changes) -> list[tuple[str, bool]]:
    return [(change.fate.value, change.lost) for change in changes]


# --- Labels ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "fate", "lost"),
    [
        ("valid", "valid", "survived", False),
        ("trusted", "trusted", "survived", False),
        ("invalid", "invalid", "survived", False),
        ("valid", "invalid", "broke", True),
        ("trusted", "invalid", "broke", True),
        ("trusted", "referenced", "broke", True),
        ("trusted", "valid", "changed", True),
        ("valid", "trusted", "changed", False),
        ("invalid", "valid", "changed", False),
        ("unsigned", "invalid", "changed", True),
        ("trusted", "unsigned", "changed", True),  # its signature could not be checked: not broken
    ],
)
def test_a_label_s_state(old, new, fate, lost) -> None:
    found = between(row(label(old)), row(label(new)))
    assert fates(found.labels) == [(fate, lost)]
    assert found.losses == lost


def test_a_label_that_vanished_or_appeared() -> None:
    assert fates(between(row(label()), row()).labels) == [("vanished", True)]
    assert fates(between(row(), row(label())).labels) == [("appeared", False)]
    assert between(row(), row()).losses == 0


def test_what_may_stand_in_what_was_not_read_has_not_vanished() -> None:
    cut = finding("kz.tags.unread", FindingOutcome.WARNING, where="xmp")
    mark = label(kind="marker", scheme="iptc", state="unsigned", where="xmp: a")
    tags = {"xmp": {"Iptc4xmpExt:DigitalSourceType": AI}}
    unread = structs.replace(row(), findings=(cut,))
    said = between(row(mark, label()), unread, tags, {"unread": {"xmp": "1"}})
    assert fates(said.labels) == [("unread", False), ("vanished", True)]
    assert fates(said.fields) == [("unread", False)]
    assert (said.losses, said.unseen) == (1, (cut,))
    assert "unread" not in {each.family for each in said.others}
    there = structs.replace(row(mark), findings=(cut,))
    assert fates(between(row(mark), there).labels) == [("survived", False)]
    assert fates(between(row(mark), row()).labels) == [("vanished", True)]


@pytest.mark.parametrize(
    ("new", "lost"), [("ai-modified", True), ("not-ai", True), ("undeclared", True)]
)
def test_a_label_that_says_less_of_ai(new, lost) -> None:
    one, other = row(label()), row(label(origin=new))
    assert fates(between(one, other).labels) == [("changed", lost)]
    assert fates(between(other, one).labels) == [("changed", False)]


def test_another_system_or_provider_is_a_change() -> None:
    assert fates(between(row(label(system="A")), row(label(system="B"))).labels) == [
        ("changed", False)
    ]


def test_labels_are_told_apart_by_kind_scheme_and_id() -> None:
    old = row(label(label_id="urn:uuid:1"), label(kind="metadata", scheme="kzlabel"))
    assert fates(between(old, row(label(label_id="urn:uuid:2"))).labels) == [
        ("vanished", True), ("vanished", True), ("appeared", False)
    ]  # fmt: skip
    assert fates(between(row(label(scheme="iptc")), row(label(scheme="tc260"))).labels) == [
        ("vanished", True), ("appeared", False)
    ]  # fmt: skip


def test_a_ruined_label_has_no_id_and_is_the_same_label() -> None:
    whole, ruined = row(label(label_id="urn:uuid:1")), row(label("invalid"))
    assert fates(between(whole, ruined).labels) == [("broke", True)]
    assert fates(between(ruined, whole).labels) == [("changed", False)]
    others = row(label("invalid", label_id="urn:uuid:2"))
    assert fates(between(whole, others).labels) == [("vanished", True), ("appeared", False)]


def test_the_one_inside_and_the_one_beside_are_not_mixed_up() -> None:
    inside, beside = label(), label("invalid", where="a.jpg.c2pa")
    renamed = label("invalid", where="b.jpg.c2pa")
    assert fates(between(row(inside, beside), row(renamed, inside)).labels) == [
        ("survived", False), ("survived", False)
    ]  # fmt: skip


def test_companions() -> None:
    sidecar = label(kind="sidecar", scheme="kzlabel", where="a.jpg.kzlabel.json")
    beside = label(where="a.jpg.c2pa")
    found = between(row(sidecar, beside), row(label()))
    assert [(one.suffix, one.fate) for one in found.companions] == [
        (".c2pa", Fate.VANISHED), (".kzlabel.json", Fate.VANISHED)
    ]  # fmt: skip
    marked = label(kind="marker", where="xmp: x.c2pa")
    found = between(row(sidecar, marked), row(sidecar, beside, marked))
    assert fates(found.companions) == [("appeared", False), ("survived", False)]


# --- Tags ------------------------------------------------------------------------------------------


def fields(before, after, old=None, new=None):
    return between(old or row(), new or row(), before, after).fields


def test_fields_that_say_ai() -> None:
    tags = {"xmp": {"Iptc4xmpExt:DigitalSourceType": AI, "Iptc4xmpExt:AISystemUsed": "M"}}
    assert fates(fields(tags, tags)) == [("survived", False)] * 2
    assert fates(fields(tags, {})) == [("vanished", True)] * 2
    assert fates(fields({}, tags)) == [("appeared", False)] * 2
    gone = fields(tags, {})[0].before
    assert (gone.family, gone.name, gone.value) == ("xmp", "Iptc4xmpExt:DigitalSourceType", AI)


def test_another_source_type_is_a_loss_where_it_says_less() -> None:
    def said(value):
        return {"xmp": {"Iptc4xmpExt:DigitalSourceType": value}}

    assert fates(fields(said(AI), said(PHOTO))) == [("changed", True)]
    assert fates(fields(said(PHOTO), said(AI))) == [("changed", False)]
    assert fates(fields(said(AI), said(AI.replace("http", "https")))) == [("changed", False)]
    assert fates(fields(said(AI), said("nonsense"))) == [("changed", True)]


def test_a_field_may_move_to_another_container() -> None:
    before = {"id3": {"TXXX:DIGITALSOURCETYPE": AI}, "xmp": {"Iptc4xmpExt:DigitalSourceType": AI}}
    after = {"vorbis": {"DIGITALSOURCETYPE": AI}}
    found = fields(before, after)
    assert fates(found) == [("survived", False), ("vanished", True)]
    assert (found[0].before.family, found[0].after.family) == ("id3", "vorbis")


def test_what_a_mark_rests_on_is_a_field_and_its_value_is_not_told() -> None:
    marked = row(label("unsigned", "marker", "stable-diffusion", where="png-text: parameters"))
    tags = {"png-text": {"parameters": "my secret prompt", "Title": "x"}}
    (change,) = fields(tags, {}, marked)
    assert (change.before.name, change.before.value, change.lost) == ("parameters", None, True)
    moved = {"exif": {"UserComment": "my secret prompt"}}
    after = row(label("unsigned", "marker", "stable-diffusion", where="exif: UserComment"))
    assert fates(fields(tags, moved, marked, after)) == [("survived", False)]
    whole = msgspec.json.encode(between(marked, after, tags, moved))
    assert b"secret" not in whole


def test_prompts_are_compared_and_not_told() -> None:
    def said(value):
        return {"xmp": {"Iptc4xmpExt:AIPromptInformation": value}}

    assert fates(fields(said("one"), said("two"))) == [("changed", True)]
    assert b"one" not in msgspec.json.encode(fields(said("one"), said("one"))[0].before)


def test_other_tags_are_counted() -> None:
    before = {"exif": {"Make": "A", "Model": "B", "Artist": "C"}, "c2pa": {"generator": "x"}}
    after = {"exif": {"Make": "A", "Model": "Z"}, "comment": {"COM": "hello"}}
    found = between(row(), row(), before, after)
    assert [msgspec.structs.astuple(one) for one in found.others] == [
        ("comment", 0, 1, 0, 0), ("exif", 3, 2, 1, 1)
    ]  # fmt: skip
    assert found.losses == 0


def test_tags_travel_as_digests_but_for_what_may_be_told() -> None:
    tags = {
        "xmp": {"Iptc4xmpExt:DigitalSourceType": AI + "\n\x1b[1m", "dc:title": "a \udcff name"},
        "png-text": {"bad\udc80key": "x" * 10_000_000},
        "c2pa": {"generator": "left out"},
    }
    sent = travelling(tags)
    assert set(sent) == {"xmp", "png-text"}
    assert sent["xmp"]["Iptc4xmpExt:DigitalSourceType"] == AI + "\\n\\x1b[1m"
    digest = hashlib.sha256("a \udcff name".encode("utf-8", "surrogatepass")).hexdigest()
    assert sent["xmp"]["dc:title"] == digest
    assert list(sent["png-text"]) == ["bad\\x80key"]
    msgspec.msgpack.encode(sent)
    assert max(len(value) for held in sent.values() for value in held.values()) < 400


# --- Notices ---------------------------------------------------------------------------------------


def notice(perceivable, text="AI", medium="visible"):
    return NoticeReport(
        medium=medium, text=text, languages=(), perceivable=perceivable, code="kz.notice.faint"
    )


@pytest.mark.parametrize(
    ("old", "new", "fate", "lost"),
    [
        (True, True, "survived", False),
        (True, False, "broke", True),
        (True, None, "changed", True),
        (False, False, "survived", False),
        (False, True, "changed", False),
        (None, None, "survived", False),
        (None, True, "changed", False),
        (None, False, "changed", False),
    ],
)
def test_a_notice(old, new, fate, lost) -> None:
    found = between(row(notices=(notice(old),)), row(notices=(notice(new),)))
    assert fates(found.notices) == [(fate, lost)]


def test_notices_that_vanished_or_appeared() -> None:
    for perceivable, lost in ((True, True), (None, True), (False, False)):
        found = between(row(notices=(notice(perceivable),)), row())
        assert fates(found.notices) == [("vanished", lost)]
    assert fates(between(row(), row(notices=(notice(True),))).notices) == [("appeared", False)]
    assert between(row(), row(notices=(notice(False),))).notices == ()
    pair = between(row(notices=(notice(True, medium="audible"),)), row(notices=(notice(True),)))
    assert fates(pair.notices) == [("vanished", True), ("appeared", False)]


def test_notices_nobody_looked_for_or_read_were_not_compared() -> None:
    def silent(*codes: str, state=NoticeState.UNDETERMINED, notices=()):
        said = tuple(finding(code, FindingOutcome.INFORMATIONAL) for code in codes)
        return structs.replace(row(notices=notices), notice=state, findings=said)

    looked = silent("kz.notice.absent", state=NoticeState.ABSENT)
    unread, unasked = silent("kz.notice.no-ocr"), silent("kz.notice.not-looked", "kz.code.unbound")
    for before, after, why in (
        (looked, looked, []),
        (unasked, unasked, ["kz.notice.not-looked"]),
        (looked, unread, ["kz.notice.no-ocr"]),
        (unasked, unread, ["kz.notice.not-looked", "kz.notice.no-ocr"]),
    ):
        assert [one.code for one in between(before, after).unseen] == why
    told = [silent("kz.notice.too-many-words", notices=(notice(True),)) for _ in range(2)]
    assert between(*told).unseen == ()


def test_a_code_alone_is_no_notice() -> None:
    alone = row(notices=(notice(None, "", medium="symbol"),))
    assert between(alone, alone).notices == between(alone, row()).notices == ()


# --- Pairs -----------------------------------------------------------------------------------------


def test_pairs_are_made_by_the_closest_key_first() -> None:
    keys = (lambda word: word, lambda word: word[0], {}.get)
    assert list(paired(["ab", "ac", "b", "x"], ["ad", "ab", "c"], *keys)) == [
        ("ab", "ab"), ("ac", "ad"), ("b", None), ("x", None), (None, "c")
    ]  # fmt: skip
    assert list(paired([], [])) == []


def test_no_more_tags_are_told_than_some() -> None:
    many = {"xmp": {f"x:AISystemUsed#{n}": str(n) for n in range(20_000)}}
    other = {"xmp": {f"x:AISystemUsed#{n}": str(n) for n in range(20_000, 40_000)}}
    found = between(row(), row(), many, other)
    assert len(found.fields) == MOST_FIELDS
    (counted,) = found.others
    assert (counted.before, counted.after) == (20_000 - MOST_FIELDS, 20_000 - MOST_FIELDS)


def test_ten_thousands_are_paired_in_no_time() -> None:
    before, after = list(range(20_000)), list(range(10_000, 30_000))
    pairs = list(paired(before, after, lambda n: n, lambda n: n % 7))
    assert len(pairs) == 20_000 + sum(one is None for one, _ in pairs)


# --- In a worker -----------------------------------------------------------------------------------


@pytest.fixture
def options(trust):
    return Options.of("kz", trust, synthetic=False, look=None)


def test_the_schema_is_held(options) -> None:
    path = FIXTURES / "picture.jpg"
    found = compare(path, path, options, seconds=60)
    assert (found.losses, found.schema) == (0, SCHEMA)
    schema = json.loads(_schemas.load("diff-1"))
    full = between(
        row(label(), notices=(notice(True),)),
        row(label(kind="sidecar", where="a.kzlabel.json")),
        {"xmp": {"Iptc4xmpExt:DigitalSourceType": AI, "dc:title": "x"}},
    )
    for one in (found, full):
        Draft202012Validator(schema).validate(json.loads(msgspec.json.encode(one)))
    assert full.losses == 3


@pytest.mark.parametrize("missing", [0, 1])
def test_a_copy_that_cannot_be_looked_at_is_an_error(tmp_path, options, missing) -> None:
    paths = [FIXTURES / "picture.jpg", FIXTURES / "picture.jpg"]
    paths[missing] = tmp_path / "no\nsuch.jpg"
    with pytest.raises(UsageError, match="no"):
        compare(*paths, options, seconds=60)


def test_a_worker_that_dies_or_stalls_is_an_error(monkeypatch, options) -> None:
    path = FIXTURES / "picture.jpg"

    def worker(harm):
        def prepare():
            return lambda message: b"" if not message.startswith(OF_A_COPY) else harm()

        return lambda: forked(prepare, 4 * 1024**3)

    monkeypatch.setattr(_comparing, "start_worker", worker(lambda: os._exit(1)))
    with pytest.raises(LimitError) as caught:
        compare(path, path, options, seconds=60)
    assert caught.value.code == "kz.error.worker-died"
    stalled = worker(lambda: select.select([], [], []))
    monkeypatch.setattr(_comparing, "start_worker", stalled)
    with pytest.raises(LimitError) as caught:
        compare(path, path, options, seconds=0.2)
    assert caught.value.code == "kz.error.worker-slow"


def test_what_goes_wrong_inside_is_a_row(monkeypatch, options, tmp_path) -> None:
    answering = Answering()
    answering(pickle.dumps(options))
    asked = OF_A_COPY + msgspec.msgpack.encode(Copy(path=os.fsencode(tmp_path)))
    assert copy_in(asked).file == tmp_path
    found = msgspec.msgpack.decode(answering(asked), type=Found)
    assert found.row.error.code == "kz.error.is-directory"
    monkeypatch.setattr(_comparing, "find", lambda *_: 1 / 0)
    found = msgspec.msgpack.decode(answering(asked), type=Found)
    assert found.row.error.code == "kz.error.internal"


def test_notices_nobody_declared_are_searched_for_in_the_other_copy(tmp_path, options) -> None:
    path = tmp_path / "a.txt"
    path.write_text("Создано искусственным интеллектом\n\nword\n", "utf-8")
    silent = find(Copy(path=os.fsencode(path)), options)
    assert silent.row.notices == ()
    found = find(Copy(path=os.fsencode(path), look=True), options)
    assert [one.perceivable for one in found.row.notices] == [True]
