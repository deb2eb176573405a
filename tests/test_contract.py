"""The contract every format and label keeps, over every fixture: label, verify, tamper, relabel."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from samples import MEDIUM

import kzlabel
from kzlabel.errors import KzlabelError, UnreadableAssetError
from kzlabel.formats import recognise
from kzlabel.model import (
    COMPANION_SUFFIXES,
    STYLES,
    Disclosure,
    Integrity,
    Medium,
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
    given: Path
    """A copy of it, which was labelled."""
    labelled: Path
    embedded: bool

    def copied(self, folder: Path) -> Path:
        """A copy of the labelled file and its companions, to be harmed."""
        for path in self.labelled.parent.glob(self.labelled.name + "*"):
            shutil.copy(path, folder / path.name)
        return folder / self.labelled.name

    def noticed(self, folder: Path) -> bytes:
        """The asset with its notice and no label, made again."""
        room, path = recognise(self.source), folder / f"noticed{self.source.suffix}"
        style = STYLES[room.spec.medium][0]
        room.write_notice(self.source, path, Notice(statement=Statement.CREATED, style=style))
        return path.read_bytes()


def of_content(noticed: bytes, labelled: bytes) -> int:
    """Return where in the labelled file the middle of its pictures or samples lies.

    Labels are not in `noticed`; a notice is heard twice, and silence more often than that.
    """
    for at in range(len(noticed) * 7 // 10, len(noticed) - 12):
        run = noticed[at : at + 12]
        if noticed.count(run) == labelled.count(run) <= 2:
            return labelled.rindex(run)
    raise AssertionError


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
            given = tmp_path_factory.mktemp("given") / source.name
            target = tmp_path_factory.mktemp("made") / source.name
            shutil.copy(source, given)
            kzlabel.label(given, target, said, credential)
            companion = target.with_name(target.name + ".c2pa")
            cache[source] = Made(source, given, target, not companion.exists())
        return cache[source]

    return make


@pytest.fixture
def made(asset, made_once):
    return made_once(asset)


def check_caught(path: Path, trust) -> kzlabel.AssetReport:
    row = kzlabel.verify(path, trust=trust)
    assert row.verdict in CAUGHT, (row.verdict, [f.code for f in row.findings])
    return row


def test_fixtures_cover_every_format():
    from kzlabel.formats import FORMATS

    assert {recognise(path).spec.name for path in MEDIUM} == {room.spec.name for room in FORMATS}


def test_clean_is_undeclared(asset, trust):
    row = kzlabel.verify(asset, trust=trust)
    assert (row.verdict, row.origin) == (Verdict.UNDECLARED, Origin.UNDECLARED)
    assert (row.integrity, row.trust) == (Integrity.ABSENT, Trust.UNKNOWN)
    assert "kz.undeclared" in [f.code for f in row.findings]


@pytest.mark.dear
def test_clean_has_no_notice(asset, trust):
    row = kzlabel.verify(asset, trust=trust, look=True)
    assert row.notice is NoticeState.ABSENT
    assert not row.notices


def test_labelled_is_compliant(made, trust):
    row = kzlabel.verify(made.labelled, trust=trust)
    assert row.verdict is Verdict.COMPLIANT, [f.code for f in row.findings]
    axes = (row.origin, row.integrity, row.trust, row.notice)
    assert axes == (
        Origin.AI_GENERATED, Integrity.INTACT, Trust.TRUSTED, NoticeState.PERCEIVABLE,
    )  # fmt: skip


@pytest.mark.dear
def test_one_label_id_in_every_label(made, trust):
    row = kzlabel.verify(made.labelled, trust=trust)
    assert len({label.label_id for label in row.labels if label.label_id}) == 1
    assert {"manifest", "sidecar"} <= {label.kind.value for label in row.labels}


@pytest.mark.dear
def test_source_stays_as_it_was(made):
    assert made.given.read_bytes() == made.source.read_bytes()
    assert list(made.given.parent.iterdir()) == [made.given]
    beside = {path.name.removeprefix(made.source.name) for path in made.labelled.parent.iterdir()}
    assert beside <= {"", *COMPANION_SUFFIXES}


@pytest.mark.dear
def test_without_lists_the_signer_is_untrusted_not_broken(made):
    row = kzlabel.verify(made.labelled)
    assert (row.integrity, row.trust) == (Integrity.INTACT, Trust.UNTRUSTED)
    assert row.verdict is Verdict.COMPLIANT
    assert kzlabel.verify(made.labelled, profile="kz-strict").verdict is Verdict.NONCOMPLIANT


@pytest.mark.dear
def test_one_content_byte_flipped_is_broken(made, tmp_path, trust):
    path = made.copied(tmp_path)
    content = bytearray(path.read_bytes())
    content[of_content(made.noticed(tmp_path), content)] ^= 0x01
    path.write_bytes(content)
    row = check_caught(path, trust)
    if row.error is None:
        assert row.integrity in {Integrity.BROKEN, Integrity.UNREADABLE}


SLOWLY = pytest.mark.slow


@pytest.mark.dear
@pytest.mark.parametrize(
    "share",
    [0.02, pytest.param(0.3, marks=SLOWLY), 0.6, pytest.param(0.95, marks=SLOWLY), 0.999],
)
def test_cut_is_caught(made, tmp_path, trust, share):
    path = made.copied(tmp_path)
    content = path.read_bytes()
    path.write_bytes(content[: max(1, int(len(content) * share))])
    check_caught(path, trust)


@pytest.mark.dear
def test_bytes_appended_are_caught(made, tmp_path, trust):
    path = made.copied(tmp_path)
    path.write_bytes(path.read_bytes() + b"appended" * 4)
    row = check_caught(path, trust)
    assert row.integrity in {Integrity.BROKEN, Integrity.UNREADABLE}


@pytest.mark.dear
def test_empty_is_undetermined(made, tmp_path, trust):
    path = made.copied(tmp_path)
    path.write_bytes(b"")
    row = kzlabel.verify(path, trust=trust)
    assert (row.verdict, row.error.code) == (Verdict.UNDETERMINED, "kz.error.empty")


@pytest.mark.dear
def test_companions_of_another_file_are_caught(made, tmp_path, trust):
    stranger = tmp_path / made.source.name
    shutil.copy(made.source, stranger)
    for suffix in COMPANION_SUFFIXES:
        companion = made.labelled.with_name(made.labelled.name + suffix)
        if companion.exists():
            shutil.copy(companion, stranger.with_name(stranger.name + suffix))
    row = check_caught(stranger, trust)
    assert row.integrity is Integrity.BROKEN


@pytest.mark.dear
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


@pytest.mark.dear
def test_what_is_embedded_decides_else_the_sidecar_alone(made, tmp_path, trust):
    alone = tmp_path / made.source.name
    shutil.copy(made.labelled, alone)
    sidecar = alone.with_name(alone.name + ".kzlabel.json")
    shutil.copy(made.labelled.with_name(sidecar.name), sidecar)
    row = kzlabel.verify(alone, trust=trust)
    assert (row.integrity, row.trust) == (Integrity.INTACT, Trust.TRUSTED)
    schemes = {label.kind.value for label in row.labels}
    assert ("manifest" in schemes, "sidecar" in schemes) == (made.embedded, True)


@pytest.mark.dear
def test_a_lying_suffix_is_a_finding_and_refused(made, tmp_path, trust, disclosure, credential):
    if recognise(made.source).spec.medium is Medium.TEXT:
        pytest.skip("content cannot tell: the suffix chooses among texts")
    lying = tmp_path / ("picture.bmp" if made.source.suffix != ".bmp" else "picture.png")
    shutil.copy(made.labelled, lying)
    row = kzlabel.verify(lying, trust=trust)
    assert "kz.format.suffix" in [f.code for f in row.findings] or row.error is not None
    with pytest.raises(KzlabelError) as caught:
        kzlabel.label(lying, tmp_path / "out.png", disclosure, credential)
    assert caught.value.code in {"kz.error.suffix", "kz.error.unknown-format"}
    assert not (tmp_path / "out.png").exists()


@pytest.mark.dear
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


@pytest.mark.dear
def test_altered_says_so(asset, tmp_path, trust, credential):
    said = Disclosure(
        statement=Statement.MODIFIED, system=System(name="M"), provider=Provider(name="P")
    )
    target = tmp_path / asset.name
    kzlabel.label(asset, target, said, credential)
    row = kzlabel.verify(target, trust=trust)
    assert (row.verdict, row.origin) == (Verdict.COMPLIANT, Origin.AI_MODIFIED)


@pytest.mark.dear
@pytest.mark.parametrize("style", [NoticeStyle.NONE, NoticeStyle.EXTERNAL])
def test_without_a_notice_inside(asset, tmp_path, trust, disclosure, credential, style):  # noqa: PLR0913, PLR0917  fixtures
    target = tmp_path / asset.name
    kzlabel.label(asset, target, disclosure, credential, notice=NoticeConfig(style=style))
    row = kzlabel.verify(target, trust=trust)
    expected = {
        NoticeStyle.NONE: (NoticeState.ABSENT, Verdict.NONCOMPLIANT),
        NoticeStyle.EXTERNAL: (NoticeState.UNDETERMINED, Verdict.UNDETERMINED),
    }[style]
    assert (row.notice, row.verdict) == expected


@pytest.mark.dear
def test_a_broken_parent_is_refused_unless_asked(made, tmp_path, trust, disclosure, credential):
    path = made.copied(tmp_path)
    path.write_bytes(path.read_bytes() + b"appended")
    target = tmp_path / f"again{made.source.suffix}"
    with pytest.raises(KzlabelError) as caught:
        kzlabel.label(path, target, disclosure, credential)
    # After the root element of an SVG, or the directory of a package, nothing may follow.
    unreadable = made.source.suffix == ".svg" or MEDIUM[made.source] is Medium.DOCUMENT
    assert caught.value.code == "kz.error.broken-parent" or (
        unreadable and isinstance(caught.value, UnreadableAssetError)
    )
    assert list(tmp_path.glob("again*")) == []


@pytest.mark.dear
def test_bytes_in_bytes_out(asset, trust, disclosure, credential):
    made = kzlabel.label_bytes(asset.read_bytes(), asset.name, disclosure, credential)
    row = kzlabel.verify_bytes(made.asset, asset.name, companions=made.companions, trust=trust)
    assert row.verdict is Verdict.COMPLIANT
    assert row.path == asset.name


@pytest.mark.dear
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
