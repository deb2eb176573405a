"""The contract every format and label keeps, over every fixture: label, verify, tamper, relabel."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from samples import PICTURES

import kzlabel
from kzlabel.errors import KzlabelError
from kzlabel.formats import recognise
from kzlabel.model import (
    COMPANION_SUFFIXES,
    CarrierKind,
    Disclosure,
    Integrity,
    Notice,
    NoticeConfig,
    NoticeState,
    NoticeStyle,
    Origin,
    Provider,
    Statement,
    System,
    Trust,
    Verdict,
)

CAUGHT = {Verdict.NONCOMPLIANT, Verdict.UNDETERMINED}


@dataclass(frozen=True)
class Made:
    source: Path
    labelled: Path
    embedded: bool

    def copied(self, folder: Path) -> Path:
        """A copy of the labelled file and its companions, to be harmed."""
        for path in self.labelled.parent.glob(self.labelled.name + "*"):
            shutil.copy(path, folder / path.name)
        return folder / self.labelled.name


@pytest.fixture(scope="session")
def made_once(tmp_path_factory, credential):
    cache: dict[Path, Made] = {}

    def make(source: Path) -> Made:
        if source not in cache:
            said = Disclosure(
                statement=Statement.CREATED,
                system=System(name="Test Model", version="1.0"),
                provider=Provider(name="Test LLP"),
            )
            target = tmp_path_factory.mktemp("made") / source.name
            kzlabel.label(source, target, said, credential)
            carrier = recognise(target).manifest_carrier(target)
            cache[source] = Made(source, target, carrier.kind is CarrierKind.EMBEDDED)
        return cache[source]

    return make


@pytest.fixture
def made(picture, made_once):
    return made_once(picture)


def check_caught(path: Path, trust) -> kzlabel.AssetReport:
    row = kzlabel.verify(path, trust=trust)
    assert row.verdict in CAUGHT, (row.verdict, [f.code for f in row.findings])
    return row


def test_fixtures_cover_every_format():
    from kzlabel.formats import FORMATS

    assert {recognise(path).spec.name for path in PICTURES} == {room.spec.name for room in FORMATS}


def test_clean_is_undeclared(picture, trust):
    row = kzlabel.verify(picture, trust=trust)
    assert (row.verdict, row.origin) == (Verdict.UNDECLARED, Origin.UNDECLARED)
    assert (row.integrity, row.trust) == (Integrity.ABSENT, Trust.UNKNOWN)
    assert "kz.undeclared" in [f.code for f in row.findings]


def test_clean_has_no_notice(picture, trust):
    row = kzlabel.verify(picture, trust=trust, look=True)
    assert row.notice is NoticeState.ABSENT
    assert not row.notices


def test_labelled_is_compliant(made, trust):
    row = kzlabel.verify(made.labelled, trust=trust)
    assert row.verdict is Verdict.COMPLIANT, [f.code for f in row.findings]
    axes = (row.origin, row.integrity, row.trust, row.notice)
    assert axes == (
        Origin.AI_GENERATED, Integrity.INTACT, Trust.TRUSTED, NoticeState.PERCEIVABLE,
    )  # fmt: skip


def test_one_label_id_in_every_label(made, trust):
    row = kzlabel.verify(made.labelled, trust=trust)
    assert len({label.label_id for label in row.labels if label.label_id}) == 1
    assert {"manifest", "sidecar"} <= {label.kind.value for label in row.labels}


def test_source_stays_as_it_was(picture, tmp_path, disclosure, credential):
    source = tmp_path / picture.name
    shutil.copy(picture, source)
    before = source.read_bytes()
    out = tmp_path / "out"
    out.mkdir()
    kzlabel.label(source, out / picture.name, disclosure, credential)
    assert source.read_bytes() == before
    names = {path.name.removeprefix(picture.name) for path in out.iterdir()}
    assert names <= {"", *COMPANION_SUFFIXES}


def test_without_lists_the_signer_is_untrusted_not_broken(made):
    row = kzlabel.verify(made.labelled)
    assert (row.integrity, row.trust) == (Integrity.INTACT, Trust.UNTRUSTED)
    assert row.verdict is Verdict.COMPLIANT
    assert kzlabel.verify(made.labelled, profile="kz-strict").verdict is Verdict.NONCOMPLIANT


def test_one_content_byte_flipped_is_broken(made, tmp_path, trust):
    path = made.copied(tmp_path)
    drawn = tmp_path / "drawn"
    recognise(made.source).write_notice(made.source, drawn, Notice(statement=Statement.CREATED))
    content, middle = bytearray(path.read_bytes()), drawn.stat().st_size * 7 // 10
    drawn_bytes = drawn.read_bytes()
    where = content.find(drawn_bytes[middle : middle + 12])
    assert where > 0
    content[where] ^= 0x01
    path.write_bytes(content)
    row = check_caught(path, trust)
    if row.error is None:
        assert row.integrity in {Integrity.BROKEN, Integrity.UNREADABLE}


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.95, 0.999])
def test_cut_is_caught(made, tmp_path, trust, share):
    path = made.copied(tmp_path)
    content = path.read_bytes()
    path.write_bytes(content[: max(1, int(len(content) * share))])
    check_caught(path, trust)


def test_bytes_appended_are_caught(made, tmp_path, trust):
    path = made.copied(tmp_path)
    path.write_bytes(path.read_bytes() + b"appended" * 4)
    row = check_caught(path, trust)
    assert row.integrity in {Integrity.BROKEN, Integrity.UNREADABLE}


def test_empty_is_undetermined(made, tmp_path, trust):
    path = made.copied(tmp_path)
    path.write_bytes(b"")
    row = kzlabel.verify(path, trust=trust)
    assert (row.verdict, row.error.code) == (Verdict.UNDETERMINED, "kz.error.empty")


def test_companions_of_another_file_are_caught(made, tmp_path, trust):
    stranger = tmp_path / made.source.name
    shutil.copy(made.source, stranger)
    for suffix in COMPANION_SUFFIXES:
        companion = made.labelled.with_name(made.labelled.name + suffix)
        if companion.exists():
            shutil.copy(companion, stranger.with_name(stranger.name + suffix))
    row = check_caught(stranger, trust)
    assert row.integrity is Integrity.BROKEN


def test_a_sidecar_field_edited_is_caught(made, tmp_path, trust):
    path = made.copied(tmp_path)
    sidecar = path.with_name(path.name + ".kzlabel.json")
    document = json.loads(sidecar.read_bytes())
    document["statement"]["disclosure"]["system"]["name"] = "Another"
    sidecar.write_text(json.dumps(document))
    row = kzlabel.verify(path, trust=trust)
    assert "kz.sidecar.mismatch" in [f.code for f in row.findings]
    assert row.verdict is Verdict.COMPLIANT  # the manifest decides, and stands
    for other in path.parent.glob(path.name + ".c2pa"):
        other.unlink()
    if not made.embedded:
        assert check_caught(path, trust).integrity is Integrity.BROKEN


def test_a_sidecar_alone_decides_and_is_broken_when_edited(made, tmp_path, trust, disclosure):
    alone = tmp_path / made.source.name
    shutil.copy(made.labelled, alone)
    if made.embedded:
        pytest.skip("the embedded manifest decides here")
    sidecar = alone.with_name(alone.name + ".kzlabel.json")
    shutil.copy(made.labelled.with_name(sidecar.name), sidecar)
    row = kzlabel.verify(alone, trust=trust)
    assert (row.integrity, row.trust) == (Integrity.INTACT, Trust.TRUSTED)


def test_a_lying_suffix_is_a_finding_and_refused(made, tmp_path, trust, disclosure, credential):
    lying = tmp_path / ("picture.bmp" if made.source.suffix != ".bmp" else "picture.png")
    shutil.copy(made.labelled, lying)
    row = kzlabel.verify(lying, trust=trust)
    assert "kz.format.suffix" in [f.code for f in row.findings] or row.error is not None
    with pytest.raises(KzlabelError) as caught:
        kzlabel.label(lying, tmp_path / "out.png", disclosure, credential)
    assert caught.value.code in {"kz.error.suffix", "kz.error.unknown-format"}
    assert not (tmp_path / "out.png").exists()


def test_labelled_twice_keeps_the_parent_and_the_notice(made, tmp_path, trust, credential):
    said = Disclosure(
        statement=Statement.CREATED,
        system=System(name="Second Model"),
        provider=Provider(name="Test LLP"),
    )
    target = tmp_path / made.source.name
    again = kzlabel.label(made.labelled, target, said, credential)
    row = kzlabel.verify(target, trust=trust)
    assert row.verdict is Verdict.COMPLIANT, [f.code for f in row.findings]
    assert {label.label_id for label in row.labels} == {said.label_id}
    assert "kz.notice.kept" in [f.code for f in again.findings]


def test_altered_says_so(picture, tmp_path, trust, credential):
    said = Disclosure(
        statement=Statement.MODIFIED, system=System(name="M"), provider=Provider(name="P")
    )
    target = tmp_path / picture.name
    kzlabel.label(picture, target, said, credential)
    row = kzlabel.verify(target, trust=trust)
    assert (row.verdict, row.origin) == (Verdict.COMPLIANT, Origin.AI_MODIFIED)


@pytest.mark.parametrize("style", [NoticeStyle.NONE, NoticeStyle.EXTERNAL])
def test_without_a_notice_inside(picture, tmp_path, trust, disclosure, credential, style):  # noqa: PLR0913, PLR0917  fixtures
    target = tmp_path / picture.name
    kzlabel.label(picture, target, disclosure, credential, notice=NoticeConfig(style=style))
    row = kzlabel.verify(target, trust=trust)
    expected = {
        NoticeStyle.NONE: (NoticeState.ABSENT, Verdict.NONCOMPLIANT),
        NoticeStyle.EXTERNAL: (NoticeState.UNDETERMINED, Verdict.UNDETERMINED),
    }[style]
    assert (row.notice, row.verdict) == expected


def test_a_broken_parent_is_refused_unless_asked(made, tmp_path, trust, disclosure, credential):
    path = made.copied(tmp_path)
    path.write_bytes(path.read_bytes() + b"appended")
    target = tmp_path / f"again{made.source.suffix}"
    with pytest.raises(KzlabelError) as caught:
        kzlabel.label(path, target, disclosure, credential)
    unreadable = made.source.suffix == ".svg"  # text after the root element: no XML any more
    assert unreadable or caught.value.code == "kz.error.broken-parent"
    assert list(tmp_path.glob("again*")) == []


def test_bytes_in_bytes_out(picture, trust, disclosure, credential):
    made = kzlabel.label_bytes(picture.read_bytes(), picture.name, disclosure, credential)
    row = kzlabel.verify_bytes(made.asset, picture.name, companions=made.companions, trust=trust)
    assert row.verdict is Verdict.COMPLIANT
    assert row.path == picture.name


def test_another_statement_is_not_drawn_over_the_notice_that_is_there(
    made, tmp_path, trust, credential
):
    said = Disclosure(
        statement=Statement.MODIFIED, system=System(name="M"), provider=Provider(name="P")
    )
    target = tmp_path / made.source.name
    kzlabel.label(made.labelled, target, said, credential)
    row = kzlabel.verify(target, trust=trust)
    assert row.verdict is Verdict.COMPLIANT, [f.code for f in row.findings]
    assert [notice.perceivable for notice in row.notices] in ([True], [True, True]), row.notices
