"""The signed statement in a notice's code: made, edited, copied, unknown, and what a report says."""

from __future__ import annotations

import base64
import dataclasses
import json
import random
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from msgspec import convert, structs
from PIL import Image
from samples import FIXTURES

from kzlabel import _pem, label, verify
from kzlabel._axes import axes_of
from kzlabel.credential import Algorithm, development
from kzlabel.errors import CredentialError, RefusedError
from kzlabel.labels import _code, _manifest_disclosure
from kzlabel.labels._code_reading import missing_codes, read_codes
from kzlabel.labels._manifest_store import Manifest, SignatureInfo, Store
from kzlabel.model import (
    AssetReport,
    CodeKey,
    Disclosure,
    Evidence,
    Integrity,
    LabelKind,
    LabelReport,
    LabelState,
    NoticeConfig,
    NoticeReport,
    NoticeStyle,
    Origin,
    Placement,
    Provider,
    Reading,
    Signer,
    Statement,
    System,
    Trust,
)
from kzlabel.notices._symbols import draw
from kzlabel.notices.visible import box
from kzlabel.trust import TrustKind, TrustList, TrustStore, store_of

NOW = datetime(2026, 11, 1, 12, 30, 15, tzinfo=UTC)
SIGNERS = {
    algorithm: development(algorithm, now=NOW) for algorithm in (Algorithm.ED25519, Algorithm.ES256)
}
ED, ES = SIGNERS.values()
NOBODY = development(Algorithm.ED25519, name="nobody", now=NOW)
CODES = NoticeConfig(code=True)


def said(statement: Statement = Statement.CREATED, **members: object) -> Disclosure:
    return Disclosure(
        statement=statement, system=System(name="M"), provider=Provider(name="P"), **members
    )


def b64(payload: bytes) -> str:
    return base64.b64encode(payload).decode()


def listed(
    *certificates: bytes, kinds: frozenset[TrustKind] = frozenset({TrustKind.CODE})
) -> TrustStore:
    return TrustStore(
        (TrustList("pinned", kinds, _pem.text(certificates), "2026-01-01", "0" * 64),)
    )


def seen(payload: bytes) -> NoticeReport:
    return NoticeReport(
        medium="symbol", text="", languages=(), perceivable=None, code="kz.notice.symbol",
        symbol=b64(payload),
    )  # fmt: skip


def read(payload: bytes, trust: TrustStore | None = None, *readings: Reading) -> Reading:
    (found,) = read_codes([seen(payload)], readings, trust or TrustStore()).readings
    return found


def codes_in(reading: Reading) -> list[str]:
    return [finding.code.removeprefix("kz.code.") for finding in reading.findings]


def labelled(label_id: str | None, *, trust: Trust = Trust.TRUSTED, **members: object) -> Reading:
    """A signed label of the file the code is on."""
    report = LabelReport(
        kind=LabelKind.MANIFEST, scheme="c2pa", state=LabelState.TRUSTED, label_id=label_id,
        signer=Signer(name="Provider LLP"),
    )  # fmt: skip
    return Reading(
        **{
            "report": report,
            "integrity": Integrity.INTACT,
            "trust": trust,
            "embedded": True,
            **members,
        }
    )


# --- The statement --------------------------------------------------------------------------------


@pytest.mark.parametrize("signer", SIGNERS.values(), ids=SIGNERS)
@pytest.mark.parametrize("statement", Statement)
def test_a_code_says_who_what_and_when(signer, statement):
    disclosure = said(statement, issued=NOW)
    payload = _code.made(disclosure, signer)
    assert len(payload) == 97
    code = _code.parse(payload)
    assert (code.statement, code.label_id, code.issued) == (statement, disclosure.label_id, NOW)
    assert code.key_id == _code.key_id_of(_code.leaf_key(signer))
    assert _code.verifies(code, _code.leaf_key(signer))
    assert payload == code.body + code.signature


@pytest.mark.parametrize("algorithm", [Algorithm.ES384, Algorithm.ES512, Algorithm.PS256])
def test_other_kinds_of_keys_are_refused_with_what_is_needed(algorithm):
    other = dataclasses.replace(ED, algorithm=algorithm, name="mine")
    with pytest.raises(CredentialError, match=f"mine: .*{algorithm}.*Ed25519, ES256"):
        _code.made(said(), other)


@pytest.mark.parametrize(
    "sign",
    [lambda _: b"\0" * 64, lambda m: ED.sign(m)[:63], lambda m: ED.sign(m + b"?"), NOBODY.sign],
)
def test_a_key_elsewhere_that_signs_wrongly_is_refused(sign):
    with pytest.raises(CredentialError, match="does not verify"):
        _code.made(said(), dataclasses.replace(ED, sign=sign))


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"label_id": "urn:label:7"}, "kz.error.code-id"),
        ({"issued": datetime(1960, 1, 1, tzinfo=UTC)}, "kz.error.code-date"),
        ({"issued": datetime(2200, 1, 1, tzinfo=UTC)}, "kz.error.code-date"),
    ],
)
def test_what_has_no_place_in_it_is_refused(members, code):
    with pytest.raises(RefusedError) as refused:
        _code.made(said(**members), ED)
    assert refused.value.code == code


@pytest.mark.parametrize("signer", SIGNERS.values(), ids=SIGNERS)
def test_no_bit_can_be_changed(signer):
    payload, key = _code.made(said(), signer), _code.leaf_key(signer)
    for bit in range(8 * len(payload)):
        edited = bytearray(payload)
        edited[bit // 8] ^= 1 << bit % 8
        try:
            code = _code.parse(bytes(edited))
        except _code.CodeError:
            continue
        assert not _code.verifies(code, key), bit


@pytest.mark.parametrize("r", [0, 1, 2**256 - 1])
def test_a_signature_of_nothing_is_none(r):
    payload = _code.made(said(), ES)
    for parts in ((r, 0), (0, r), (r, r)):
        forged = payload[:33] + b"".join(part.to_bytes(32, "big") for part in parts)
        assert not _code.verifies(_code.parse(forged), _code.leaf_key(ES))


def test_a_signature_of_another_message_is_none():
    one, other = _code.made(said(), ED), _code.made(said(), ED)
    assert not _code.verifies(_code.parse(one[:33] + other[33:]), _code.leaf_key(ED))
    bare = one[:33] + ED.sign(one[:33])  # made for something that has no prefix
    assert not _code.verifies(_code.parse(bare), _code.leaf_key(ED))


def test_a_signature_in_der_is_none():
    code = _code.parse(_code.made(said(), ES))
    halves = (int.from_bytes(half, "big") for half in (code.signature[:32], code.signature[32:]))
    der = encode_dss_signature(*halves)  # what others write; ours is r||s and nothing else
    assert not _code.verifies(dataclasses.replace(code, signature=der), _code.leaf_key(ES))


@pytest.mark.parametrize(
    "key",
    [b"", b"\x30", b"?" * 5000, _code.leaf_key(NOBODY), _code.leaf_key(ES)],
    ids=["none", "cut", "text", "nobody", "other"],
)
def test_another_key_verifies_nothing(key):
    assert not _code.verifies(_code.parse(_code.made(said(), ED)), key)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda p: p[:-1],
        lambda p: p + b"\0",
        lambda p: p[:3],
        lambda p: p[:3] + b"\2" + p[4:],
        lambda p: p[:4] + b"\0" + p[5:],
        lambda p: p[:4] + b"\3" + p[5:],
        lambda p: b"KZM" + p[3:],
        lambda _: b"KZL" + bytes(1000),
    ],
)
def test_what_is_no_code_of_ours_says_so_and_declares_nothing(spoil):
    found = read(spoil(_code.made(said(), ED)), listed(ED.chain[0]))
    assert codes_in(found) == ["malformed"]
    assert (found.report.state, found.report.origin) == (LabelState.ABSENT, Origin.UNDECLARED)
    assert found.findings[0].outcome == "warning"
    alone, _ = axes_of((found,), (), (), external=False)
    assert alone.integrity is Integrity.ABSENT


def test_random_bytes_are_never_believed():
    draws = random.Random(5)
    for _ in range(200):
        found = read(b"KZL\1\1" + draws.randbytes(92), listed(ED.chain[0]), labelled("urn:uuid:7"))
        assert found.report.state is LabelState.UNSIGNED
        assert codes_in(found) == ["unknown-key", "unbound", "foreign"]


# --- Whose it is ----------------------------------------------------------------------------------


@pytest.mark.parametrize("signer", SIGNERS.values(), ids=SIGNERS)
def test_a_key_on_a_list_makes_it_trusted(signer):
    disclosure = said(Statement.MODIFIED, issued=NOW)
    found = read(_code.made(disclosure, signer), listed(NOBODY.chain[0], signer.chain[0]))
    report = found.report
    assert (report.kind, report.scheme, report.state) == (
        LabelKind.CODE,
        "kzlabel",
        LabelState.TRUSTED,
    )
    assert (report.origin, report.created) == (Origin.AI_MODIFIED, NOW)
    assert (report.label_id, report.evidence) == (disclosure.label_id, Evidence.SIGNED)
    assert (report.signer.name, report.signer.standing) == ("kzlabel development signer", "trusted")
    assert codes_in(found) == ["signed", "listed", "unbound"]
    assert (found.integrity, found.trust) == (Integrity.UNPROTECTED, Trust.UNKNOWN)


@pytest.mark.parametrize(
    "trust",
    [
        TrustStore(),
        listed(NOBODY.chain[0]),
        listed(ED.root),
        listed(ED.chain[0], kinds=frozenset({TrustKind.CLAIM, TrustKind.SIDECAR, TrustKind.TSA})),
        store_of(ED),
        TrustStore((TrustList("x", frozenset({TrustKind.CODE}), "no list\nat all", "", ""),)),
    ],
    ids=["none", "another", "its root", "another kind", "credential", "damaged"],
)
def test_an_unknown_key_is_an_unsigned_mark(trust):
    found = read(_code.made(said(), ED), trust)
    assert (found.report.state, found.report.evidence) == (LabelState.UNSIGNED, Evidence.VENDOR)
    assert (found.report.origin, found.report.signer) == (Origin.AI_GENERATED, None)
    assert codes_in(found) == ["unknown-key", "unbound"]
    assert _code.key_id_of(_code.leaf_key(ED)).hex() in found.findings[0].message


def test_a_root_that_signs_a_code_itself_is_no_signer():
    key, name = ed25519.Ed25519PrivateKey.generate(), x509.Name.from_rfc4514_string("CN=root")
    builder = x509.CertificateBuilder(name, name, key.public_key(), 7, NOW, NOW + timedelta(days=9))
    root = builder.add_extension(x509.BasicConstraints(True, None), critical=True).sign(key, None)
    der = root.public_bytes(Encoding.DER)
    payload = _code.made(said(issued=NOW), dataclasses.replace(ED, chain=(der,), sign=key.sign))
    assert codes_in(read(payload, listed(der))) == ["unknown-key", "unbound"]


def test_a_code_that_names_another_key_than_signed_it_is_none():
    body = _code._body(said(), b"8 others")
    code = _code.parse(body + ED.sign(_code.PREFIX + body))
    assert not _code.verifies(code, _code.leaf_key(ED))


@pytest.mark.parametrize("moved", [-timedelta(days=2), timedelta(days=400)])
def test_a_date_outside_the_certificate_is_not_trusted(moved):
    found = read(_code.made(said(issued=NOW + moved), ED), listed(ED.chain[0]))
    assert (found.report.state, found.report.signer.standing) == (LabelState.VALID, "expired")
    assert codes_in(found) == ["signed", "outside-validity", "unbound"]


def test_a_known_key_and_a_wrong_signature_are_broken():
    payload = _code.made(said(), ED)
    edited = payload[:4] + b"\2" + payload[5:]  # "altered", where "created" was signed
    key = CodeKey(key=_code.leaf_key(ED))
    for known in (
        read(edited, listed(ED.chain[0])),
        read(edited, None, labelled(None, code_keys=(key,))),
    ):
        assert (known.report.state, known.report.origin) == (LabelState.INVALID, Origin.AI_MODIFIED)
        assert (codes_in(known), known.report.signer) == (["broken"], None)
        assert known.report.evidence is Evidence.VENDOR


@pytest.mark.parametrize(
    ("trust", "own", "state"),
    [
        (Trust.TRUSTED, True, LabelState.TRUSTED),
        (Trust.UNTRUSTED, True, LabelState.VALID),
        (Trust.TRUSTED, False, LabelState.VALID),
    ],
)
def test_an_intact_label_of_the_file_vouches_as_far_as_it_is_trusted(trust, own, state):
    disclosure = said()
    key = CodeKey(key=_code.leaf_key(ED), signer=Signer(name="Earlier LLP"), own=own,
                  label_id=disclosure.label_id)  # fmt: skip
    by = labelled(disclosure.label_id, trust=trust, code_keys=(key,))
    found = read(_code.made(disclosure, ED), None, by)
    assert found.report.state is state
    assert found.report.signer.name == ("Provider LLP" if own else "Earlier LLP")
    assert found.report.signer.standing == (None if own else "unlisted")
    assert codes_in(found) == ["signed", "vouched", "unbound"]


@pytest.mark.parametrize("integrity", [each for each in Integrity if each is not Integrity.INTACT])
def test_a_label_that_does_not_hold_vouches_for_nothing(integrity):
    key = CodeKey(key=_code.leaf_key(ED))
    disclosure = said()
    by = labelled(disclosure.label_id, integrity=integrity, code_keys=(key,))
    assert codes_in(read(_code.made(disclosure, ED), None, by)) == ["unknown-key", "unbound"]


def test_a_code_of_another_label_is_foreign_unless_one_declares_it():
    payload, other = _code.made(said(), ED), said().label_id
    kept = Placement(
        statement=Statement.CREATED, style=NoticeStyle.OVERLAY, languages=("kk",), lines=("x",),
        code=b64(payload),
    )  # fmt: skip
    trust = listed(ED.chain[0])
    assert "foreign" in codes_in(read(payload, trust, labelled(other)))
    assert "foreign" not in codes_in(read(payload, trust, labelled(None)))
    assert "foreign" not in codes_in(read(payload, trust, labelled(other, hints=(kept,))))
    broken = labelled(other, hints=(kept,), integrity=Integrity.BROKEN)
    assert "foreign" not in codes_in(read(payload, trust, broken))  # resaved, not pasted
    parents = CodeKey(key=b"", own=False, label_id=_code.parse(payload).label_id)
    assert "foreign" not in codes_in(read(payload, trust, labelled(other, code_keys=(parents,))))


def test_each_code_is_one_row():
    payloads = [_code.made(said(), ED) for _ in range(2)]
    notices = [seen(payload) for payload in (*payloads, *payloads)]
    read_once = read_codes(notices, (), TrustStore())
    assert len(read_once.readings) == len(read_once.told) == 2
    assert not read_once.findings


def test_forged_codes_hide_none_that_holds_and_what_is_left_out_is_said():
    true, edited = _code.made(said(issued=NOW), ED), _code.made(said(), ED)
    forged = [b"KZL", edited[:-1] + b"?", *(_code.made(said(), NOBODY) for _ in range(20))]
    found = read_codes([*map(seen, forged), seen(true)], (), listed(ED.chain[0]))
    states = [reading.report.state for reading in found.readings]
    assert states == [LabelState.TRUSTED, *[LabelState.UNSIGNED] * 7]
    assert b64(true) in found.told
    (more,) = found.findings
    assert (more.code, more.values) == ("kz.code.more", {"count": "23", "shown": "8"})


def test_a_declared_code_that_was_not_read_is_said():
    hint = Placement(
        statement=Statement.CREATED, style=NoticeStyle.OVERLAY, languages=("kk",), lines=("x",),
        code=b64(b"KZL"),
    )  # fmt: skip
    assert [f.code for f in missing_codes([], [hint])] == ["kz.code.unread"]
    assert [f.code for f in missing_codes([seen(b"KZL?")], [hint])] == ["kz.code.other"]
    assert missing_codes([seen(b"KZL")], [hint]) == ()


# --- In files -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A labelled picture with a code."""
    folder = tmp_path_factory.mktemp("codes")
    Image.effect_noise((900, 720), 60).convert("RGB").save(folder / "in.jpg", quality=85)
    label(folder / "in.jpg", folder / "out.jpg", said(issued=NOW), ED, notice=CODES)
    return folder / "out.jpg"


def row(report: AssetReport) -> LabelReport:
    (found,) = (each for each in report.labels if each.kind is LabelKind.CODE)
    return found


def codes(report: AssetReport) -> list[str]:
    said_of = (f.code for f in report.findings if f.code.startswith("kz.code."))
    return [code.removeprefix("kz.code.") for code in said_of]


def screenshot(of: Path, to: Path, area: tuple[int, int, int, int] | None = None) -> Path:
    """Show a picture on a larger one, as a screen does; nothing of its file is left."""
    screen = Image.new("RGB", (1000, 760), (238, 240, 243))
    with Image.open(of) as picture:
        screen.paste(picture.crop(area) if area else picture, (40, 20))
    screen.save(to, quality=75)
    return to


def region_of(made: Path) -> tuple[Placement, tuple[int, int, int, int]]:
    statement = json.loads(made.with_name(made.name + ".kzlabel.json").read_text("utf-8"))
    members = statement["statement"]["notices"][0]
    placement = convert(members, Placement)
    return placement, box(placement)


def test_a_code_is_in_manifest_and_sidecar_and_reads_back(made):
    placement, _ = region_of(made)
    payload = base64.b64decode(placement.code)
    assert placement.code_side == 147
    report = verify(made, trust=store_of(ED))
    assert (row(report).state, row(report).label_id) == (
        LabelState.TRUSTED,
        _code.parse(payload).label_id,
    )
    assert codes(report) == ["signed", "vouched", "unbound"]
    assert [notice.symbol for notice in report.notices] == [placement.code]
    made.with_name(made.name + ".kzlabel.json").rename(made.with_name("aside"))
    try:
        assert codes(verify(made)) == ["signed", "vouched", "unbound"]
    finally:
        made.with_name("aside").rename(made.with_name(made.name + ".kzlabel.json"))


@pytest.mark.slow
def test_a_screenshot_still_says_who_signed_it(made, tmp_path):
    shot = screenshot(made, tmp_path / "shot.jpg")
    report = verify(shot, look=True, trust=listed(ED.chain[0]))
    assert (row(report).state, row(report).signer.name) == (
        LabelState.TRUSTED,
        "kzlabel development signer",
    )
    assert (report.origin, report.integrity, report.trust) == (
        Origin.AI_GENERATED, Integrity.UNPROTECTED, Trust.UNKNOWN,
    )  # fmt: skip
    assert codes(report) == ["signed", "listed", "unbound"]
    assert row(verify(shot, look=True)).state is LabelState.UNSIGNED
    assert not verify(shot, trust=listed(ED.chain[0])).labels  # nothing is looked for unasked


def test_a_code_without_its_words_counts_and_is_no_notice(made, tmp_path):
    _, (left, top, _, bottom) = region_of(made)
    shot = screenshot(made, tmp_path / "shot.jpg", (left, top, left + 147, bottom))
    report = verify(shot, look=True, trust=listed(ED.chain[0]))
    assert (report.origin, row(report).state) == (Origin.AI_GENERATED, LabelState.TRUSTED)
    assert report.notice == "absent"
    assert report.verdict == "noncompliant"


@pytest.mark.slow
def test_a_picture_full_of_codes_still_says_who_signed_one(tmp_path):
    sheet = Image.new("RGB", (900, 900), "white")
    many = [*(_code.made(said(), NOBODY) for _ in range(10)), _code.made(said(issued=NOW), ED)]
    for at, payload in enumerate(many):
        sheet.paste(draw(payload, 3).convert("RGB"), (at % 4 * 200, at // 4 * 200))
    sheet.save(tmp_path / "sheet.png")
    report = verify(tmp_path / "sheet.png", look=True, trust=listed(ED.chain[0]))
    assert [each.state for each in report.labels].count("trusted") == 1
    assert len(report.labels) == len(report.notices) == 8
    counted = [finding.code for finding in report.findings]
    assert (counted.count("kz.notice.symbol"), counted.count("kz.code.more")) == (8, 1)


def repainted(made: Path, to: Path, paint: Callable[[Image.Image, Placement], None]) -> Path:
    """Change the pixels of a labelled picture; its sidecar is kept, and no longer fits."""
    with Image.open(made) as picture:
        changed = picture.convert("RGB")
    paint(changed, region_of(made)[0])
    changed.save(to)
    sidecar = made.with_name(made.name + ".kzlabel.json")
    to.with_name(to.name + ".kzlabel.json").write_bytes(sidecar.read_bytes())
    return to


def test_words_whose_code_is_gone_say_so(made, tmp_path):
    def paint(picture: Image.Image, placement: Placement) -> None:
        left, top, _, bottom = box(placement)
        picture.paste("white", (left, top, left + placement.code_side, bottom))

    report = verify(repainted(made, tmp_path / "new.png", paint))
    assert report.notices[0].perceivable
    assert codes(report) == ["unread"]


def test_a_code_of_another_picture_pasted_over_it_is_foreign(made, tmp_path):
    other = _code.made(said(), NOBODY)

    def paint(picture: Image.Image, placement: Placement) -> None:
        picture.paste(draw(other, 3).convert("RGB"), box(placement)[:2])

    report = verify(repainted(made, tmp_path / "new.png", paint), trust=listed(NOBODY.chain[0]))
    assert set(codes(report)) == {"other", "signed", "listed", "unbound", "foreign"}
    foreign = next(f for f in report.findings if f.code == "kz.code.foreign")
    assert foreign.outcome == "failure"
    assert str(uuid.UUID(_code.parse(other).label_id)) in foreign.message


def test_labelling_again_keeps_the_earlier_code_which_is_not_foreign(made, tmp_path):
    out = tmp_path / "again.jpg"
    again = label(made, out, said(), ES, notice=CODES)
    assert "kz.notice.kept" in [f.code for f in again.findings]
    assert again.placements[0].code == region_of(made)[0].code
    report = verify(out, trust=store_of(ES))
    assert codes(report) == ["signed", "vouched", "unbound"]
    assert row(report).state is LabelState.VALID  # the earlier signer is on no list
    assert row(report).label_id != again.disclosure.label_id


@pytest.mark.parametrize("size", [(699, 900), (300, 200)])
def test_too_small_a_picture_is_refused_by_name(size, tmp_path):
    source = tmp_path / "small.png"
    Image.new("RGB", size, "navy").save(source)
    with pytest.raises(RefusedError, match=r"small\.png: .*700"):
        label(source, tmp_path / "out.png", said(), ED, notice=CODES)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["small.png"]


def test_a_kept_notice_without_a_code_gets_none_and_says_so(tmp_path):
    Image.new("RGB", (720, 720), "navy").save(tmp_path / "in.png")
    label(tmp_path / "in.png", tmp_path / "one.png", said(), ED)
    again = label(tmp_path / "one.png", tmp_path / "two.png", said(), ED, notice=CODES)
    (unused,) = (f for f in again.findings if f.code == "kz.notice.unused")
    assert "--code" in unused.message
    assert not again.placements[0].code


def test_a_code_that_cannot_be_read_back_is_not_released(tmp_path, monkeypatch):
    Image.new("RGB", (720, 720), "navy").save(tmp_path / "in.png")
    monkeypatch.setattr("kzlabel.notices._coded.draw", lambda *_: Image.new("L", (147, 147), 255))
    with pytest.raises(RefusedError, match="code that was drawn"):
        label(tmp_path / "in.png", tmp_path / "out.png", said(), ED, notice=CODES)
    assert [path.name for path in tmp_path.iterdir()] == ["in.png"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["sound.wav", "text.txt", "film.mp4"])
def test_other_media_get_no_code_and_say_so(name, tmp_path):
    made = label(FIXTURES / name, tmp_path / name, said(), ED, notice=CODES)
    (unused,) = (f for f in made.findings if f.code == "kz.notice.unused")
    assert unused.values["value"] == "--code"
    assert not any(placement.code for placement in made.placements)


@pytest.mark.parametrize("written", [None, "", "?", "A" * 300, 7, ["x"], {"x": 1}])
def test_a_key_that_a_manifest_writes_oddly_is_left_out(written):
    store = Store(active_manifest="a", manifests={"a": Manifest()})
    assert _manifest_disclosure._code_key(store, "a", {"code_key": written}) is None


def test_a_name_in_a_manifest_prints_anywhere():
    signature = SignatureInfo(common_name="Evil\u202e\x1b[31m" + "x" * 5000)
    store = Store(active_manifest="a", manifests={"a": Manifest(signature_info=signature)})
    key = _manifest_disclosure._code_key(store, "a", {"code_key": b64(b"key")})
    assert (key.key, key.own) == (b"key", True)
    assert key.signer.name.isprintable()
    assert len(key.signer.name) < 400


def test_a_key_of_another_curve_is_refused_before_anything_is_written(tmp_path):
    other = development(Algorithm.ES384, now=NOW)
    Image.new("RGB", (720, 720), "navy").save(tmp_path / "in.png")
    with pytest.raises(CredentialError, match="ES384"):
        label(tmp_path / "in.png", tmp_path / "out.png", said(), other, notice=CODES)
    assert [path.name for path in tmp_path.iterdir()] == ["in.png"]


def test_a_code_raises_the_origin_and_decides_nothing_else():
    by = structs.replace(labelled(None).report, origin=Origin.NOT_AI)
    camera = labelled(None, report=by)
    for code in (read(_code.made(said(), ED)), read(_code.made(said(), ED), listed(ED.chain[0]))):
        axes, findings = axes_of((camera, code), (), (), external=False)
        assert (axes.origin, axes.integrity, axes.trust) == (
            Origin.AI_GENERATED, Integrity.INTACT, Trust.TRUSTED,
        )  # fmt: skip
        assert [finding.code for finding in findings] == ["kz.origin.conflict"]
        alone, _ = axes_of((code,), (), (), external=False)
        assert (alone.integrity, alone.trust) == (Integrity.UNPROTECTED, Trust.UNKNOWN)
