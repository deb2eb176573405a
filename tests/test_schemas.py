from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from jsonschema import Draft202012Validator

from kzlabel import _schemas, profiles
from kzlabel.credential import development
from kzlabel.errors import UsageError
from kzlabel.labels.sidecar import SidecarLabel
from kzlabel.model import (
    AssetReport,
    Disclosure,
    Integrity,
    LabelKind,
    LabelReport,
    LabelState,
    NoticeConfig,
    NoticeStyle,
    Origin,
    Placement,
    Provider,
    Region,
    Report,
    Signer,
    Statement,
    Step,
    Summary,
    System,
    Verdict,
)
from kzlabel.trust import TrustStore

CHECKOUT = Path(_schemas.__file__).parent.parent / "schemas"


def check_valid(name: str, raw: bytes) -> None:
    Draft202012Validator(json.loads(_schemas.load(name))).validate(json.loads(raw))


def test_the_published_files_are_the_types() -> None:
    made = _schemas.generate()
    assert {path.stem for path in CHECKOUT.glob("*.json")} == set(made)
    for name, schema in made.items():
        assert _schemas.load(name) == schema, "run `make schemas`"


@pytest.mark.parametrize("name", _schemas.TITLES)
def test_each_is_a_schema_with_an_id_of_its_own(name) -> None:
    schema = json.loads(_schemas.load(name))
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:kzlabel:schema:{name[:-2]}:1"


def sidecar(folder: Path) -> dict:
    path = folder / "a.jpg"
    path.write_bytes(b"x")
    said = Disclosure(
        statement=Statement.CREATED, system=System(name="a"), provider=Provider(name="b")
    )
    placement = Placement(
        statement=Statement.CREATED, style=NoticeStyle.STRIP, languages=("kk",), lines=("x",),
        region=Region(x=0.0, y=0.5, w=1.0, h=0.5),
    )  # fmt: skip
    step = Step(
        source=path, asset=path, folder=folder, name="a.jpg", format=None, media_type="image/jpeg",
        disclosure=said, notice=NoticeConfig(), credential=development(), trust=TrustStore(),
        placements=(placement,),
    )  # fmt: skip
    return json.loads(SidecarLabel().apply(step).companions[0].read_bytes())


def test_a_real_sidecar_is_valid_and_a_holed_one_is_not(tmp_path) -> None:
    document = sidecar(tmp_path)
    check_valid("label-1", json.dumps(document).encode())
    validator = Draft202012Validator(json.loads(_schemas.load("label-1")))
    assert document["statement"]["schema"] == json.loads(_schemas.load("label-1"))["$id"]
    for member in ("schema", "asset", "disclosure", "notices", "issued"):
        holed = document | {
            "statement": {k: v for k, v in document["statement"].items() if k != member}
        }
        assert not validator.is_valid(holed), member
    document["statement"]["disclosure"].pop("label_id")
    assert not validator.is_valid(document)


def test_a_report_is_valid(disclosure) -> None:
    label = LabelReport(
        kind=LabelKind.SIDECAR, scheme="kzlabel", state=LabelState.TRUSTED,
        origin=Origin.AI_GENERATED, signer=Signer(name="n", not_after=disclosure.issued),
    )  # fmt: skip
    row = AssetReport(
        path="a", verdict=Verdict.COMPLIANT, integrity=Integrity.INTACT, labels=(label,)
    )
    report = Report(
        schema="kzlabel.report/1", tool="kzlabel", profile="kz", verified_at=disclosure.issued,
        premises=(), trust_lists=(), assets=(row, AssetReport(path="b", verdict=Verdict.UNDETERMINED)),
        summary=Summary(assets=2, verdicts={}, origins={}),
    )  # fmt: skip
    check_valid("report-1", msgspec.json.encode(report))


def test_every_profile_is_valid() -> None:
    folder = Path(profiles.__file__).parent
    assert profiles.names()
    for name in profiles.names():
        check_valid("profile-1", (folder / f"{name}.json").read_bytes())


def test_found_in_a_wheel_too(tmp_path, monkeypatch) -> None:
    (tmp_path / "label-1.json").write_bytes(b"{}")
    monkeypatch.setattr(_schemas, "_FOLDERS", (tmp_path, tmp_path / "none"))
    assert _schemas.load("label-1") == b"{}"


def test_the_command_writes_them_all(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setattr(_schemas, "_FOLDERS", (tmp_path / "none", tmp_path))
    _schemas.main()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        f"{name}.json": schema for name, schema in _schemas.generate().items()
    }
    assert len(capsys.readouterr().out.splitlines()) == len(_schemas.TITLES)


@pytest.mark.parametrize("name", ["", "label-2", "../label-1", "label-1.json"])
def test_an_unknown_schema_names_the_known(name) -> None:
    with pytest.raises(UsageError, match="label-1, report-1, signed-report-1, labelling-1"):
        _schemas.load(name)
