from __future__ import annotations

import base64
import hashlib
import json
import os
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwk, jws
from jsonschema import Draft202012Validator
from msgspec import structs
from samples import key_of

from kzlabel import _assets, _schemas, _timestamp, label, verify
from kzlabel._assets import companion
from kzlabel._options import Options
from kzlabel._seen import uri_of
from kzlabel.batch import Tally
from kzlabel.credential import Algorithm, Credential, development
from kzlabel.errors import CredentialError, LimitError, RefusedError
from kzlabel.labels import (
    _jws,
    _report_beside,
    _report_signing,
    _report_statement,
    _strict_json,
    report,
)
from kzlabel.labels._strict_json import StrictJsonError, canonical, decode_apart
from kzlabel.labels.report import check_report, sign_report
from kzlabel.labels.sidecar import SidecarLabel
from kzlabel.model import (
    REPORT_MEDIA_TYPE,
    Asset,
    AssetReport,
    Companion,
    FindingOutcome,
    Integrity,
    LabelKind,
    LabelState,
    NoticeConfig,
    NoticeReport,
    Origin,
    Reading,
    Region,
    Report,
    Seen,
    Step,
    Thumbnail,
    Trust,
    Verdict,
)
from kzlabel.profiles import load
from kzlabel.trust import TrustKind, TrustList, TrustStore, store_of
from kzlabel.verdict import error_row

DEFAULT = key_of(Algorithm.ES256)
CONTENT = {"a.jpg": b"the first", "wire/b.png": b"the second", "жаңа\n.txt": b"the third"}


def row_of(name: str, content: bytes, **changes) -> AssetReport:
    row = AssetReport(
        path=name, verdict=Verdict.COMPLIANT, media_type="image/jpeg", bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(), origin=Origin.AI_GENERATED,
        notices=(
            NoticeReport(
                medium="visible", text="ЖИ жасаған", languages=("kk",), perceivable=True,
                code="kz.notice.perceivable", where=Region(x=0.1, y=1e-7, w=1 / 3, h=1.0),
                measures={"contrast": 14.2, "em_px": 2e21},
            ),
        ),
    )  # fmt: skip
    return structs.replace(row, **changes)


ROWS = tuple(row_of(name, content) for name, content in CONTENT.items())


def report_of(rows=ROWS) -> Report:
    tally = Tally(Options(load("kz"), store_of(DEFAULT)))
    rows = tuple(tally.counting(rows))
    return structs.replace(tally.report(), assets=rows)


def asset_of(raw: bytes, path: Path = Path("/nowhere/report.json")) -> Asset:
    return Asset(path, None, "application/json", len(raw), hashlib.sha256(raw).hexdigest(), raw)


def read(raw: bytes, trust: TrustStore | None = None, path: Path | None = None) -> Reading:
    asset = asset_of(raw, path or Path("/nowhere/report.json"))
    (reading,) = check_report(asset, store_of(DEFAULT) if trust is None else trust)
    return reading


def read_document(document: object) -> Reading:
    return read(json.dumps(document).encode())


def codes(reading: Reading) -> set[str]:
    return {said.code.removeprefix("kz.signed-report.") for said in reading.findings}


def check_broken(reading: Reading, code: str) -> None:
    assert reading.integrity is Integrity.BROKEN
    assert reading.report.state is LabelState.INVALID
    assert code in codes(reading)


def check_unreadable(reading: Reading) -> None:
    assert reading.integrity is Integrity.UNREADABLE
    assert reading.report.state is LabelState.INVALID
    assert reading.trust is Trust.UNKNOWN
    assert reading.findings[0].outcome is FindingOutcome.FAILURE


@pytest.fixture(scope="module")
def signed() -> bytes:
    return sign_report(report_of(), DEFAULT)


@pytest.fixture
def document(signed: bytes) -> dict:
    return json.loads(signed)


# --- What holds -----------------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", Algorithm)
def test_a_signed_report_is_intact_and_trusted(algorithm) -> None:
    reading = read(sign_report(report_of(), key_of(algorithm)), store_of(key_of(algorithm)))
    assert (reading.integrity, reading.trust) == (Integrity.INTACT, Trust.TRUSTED)
    assert reading.report.kind is LabelKind.REPORT
    assert reading.report.state is LabelState.TRUSTED
    assert reading.report.origin is Origin.UNDECLARED
    assert reading.report.signer.development
    assert reading.report.created is not None
    assert codes(reading) == {"intact", "says", "none-beside", "kz.trust.report-trusted"}


@pytest.mark.parametrize("algorithm", Algorithm)
def test_an_independent_library_verifies_the_signature_and_the_rows(algorithm) -> None:
    document = json.loads(sign_report(report_of(), key_of(algorithm)))
    header = json.loads(base64.urlsafe_b64decode(document["signature"].split(".")[0] + "=="))
    assert set(header) == {"alg", "typ", "x5c"}
    assert (header["alg"], header["typ"]) == (algorithm.value, "kzlabel-report+jws")
    leaf = x509.load_der_x509_certificate(base64.b64decode(header["x5c"][0], validate=True))
    pem = leaf.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    kind = {"E": "EC", "P": "RSA"}[algorithm[0]] if algorithm is not Algorithm.ED25519 else "OKP"
    registry = jws.JWSRegistry(algorithms=[algorithm.value])
    registry.max_header_length = 8192  # its limit does not foresee a chain
    payload = canonical(document["statement"])
    key = jwk.import_key(pem, kind)
    found = jws.deserialize_compact(document["signature"], key, registry=registry, payload=payload)
    assert found.payload == payload


def test_the_rows_are_lines_whose_digest_is_signed(signed, document) -> None:
    lines = signed.split(b'"assets": [\n')[-1].removesuffix(b"\n  ]\n}\n").split(b",\n")
    digest = hashlib.sha256(b"".join(line + b"\n" for line in lines)).hexdigest()
    assert document["statement"]["assets"] == {"count": len(ROWS), "sha256": digest}
    assert [json.loads(line)["path"] for line in lines] == list(CONTENT)


@pytest.mark.needs("openssl")
def test_openssl_verifies_the_chain_and_the_signature(document, tmp_path) -> None:
    protected, _, value = document["signature"].split(".")
    header = json.loads(base64.urlsafe_b64decode(protected + "=="))
    leaf = x509.load_der_x509_certificate(base64.b64decode(header["x5c"][0]))
    (tmp_path / "leaf.pem").write_bytes(leaf.public_bytes(Encoding.PEM))
    (tmp_path / "root.pem").write_text(store_of(DEFAULT).lists[0].pem)
    key = leaf.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "key.pem").write_bytes(key)
    raw = base64.urlsafe_b64decode(value + "==")
    der = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    (tmp_path / "signature").write_bytes(der)
    payload = base64.urlsafe_b64encode(canonical(document["statement"])).rstrip(b"=")
    (tmp_path / "message").write_bytes(protected.encode() + b"." + payload)
    chain = ["verify", "-purpose", "any", "-CAfile", "root.pem", "leaf.pem"]
    made = ["dgst", "-sha256", "-verify", "key.pem", "-signature", "signature", "message"]
    for arguments in (chain, made):
        subprocess.run(["openssl", *arguments], cwd=tmp_path, check=True, capture_output=True)


def test_it_is_what_the_published_schema_says(document) -> None:
    schema = json.loads(_schemas.load("signed-report-1"))
    Draft202012Validator(schema).validate(document)


def test_the_file_may_be_written_again_by_any_json_tool(document) -> None:
    turned = {name: document[name] for name in reversed(document)}
    turned["statement"] = dict(reversed(document["statement"].items()))
    turned["assets"] = [dict(reversed(row.items())) for row in document["assets"]]
    raw = json.dumps(turned, ensure_ascii=True, indent=7).replace("14.2", "1.42E1").encode()
    assert read(raw).integrity is Integrity.INTACT


def test_a_row_with_all_it_can_have() -> None:
    seen = Seen(
        uri="a.jpg", modified="2026-01-01T00:00:00.000000001Z", run="kzlabel/0 kz 0", bytes=9
    )
    picture = Thumbnail(media_type="image/jpeg", width=1, height=1, content=b"\xff\0")
    error = error_row("b.jpg", LimitError("kz.error.memory", path="b.jpg"))
    rows = (structs.replace(ROWS[0], seen=seen, thumbnail=picture), error)
    raw = sign_report(report_of(rows), DEFAULT)
    assert read(raw).integrity is Integrity.INTACT
    Draft202012Validator(json.loads(_schemas.load("signed-report-1"))).validate(json.loads(raw))


def test_a_report_over_nothing() -> None:
    assert read(sign_report(report_of(()), DEFAULT)).integrity is Integrity.INTACT


def test_what_it_says_of_itself_is_told(signed) -> None:
    (said,) = (one for one in read(signed).findings if one.code == "kz.signed-report.says")
    assert said.values["count"] == "3"
    assert said.values["profile"] == load("kz").name
    assert said.values["tool"].startswith("kzlabel ")


# --- Trust is the signer's alone ------------------------------------------------------------------


def test_a_signer_off_the_list_is_untrusted(signed) -> None:
    (own,) = store_of(DEFAULT).lists
    claim = TrustStore((replace(own, kinds=frozenset({TrustKind.CLAIM})),))
    for trust in (TrustStore(), store_of(key_of(Algorithm.PS256)), claim):
        reading = read(signed, trust)
        assert (reading.integrity, reading.trust) == (Integrity.INTACT, Trust.UNTRUSTED)
        assert reading.report.state is LabelState.VALID
        assert "kz.trust.report-untrusted" in codes(reading)


PAST = datetime(2024, 5, 1, tzinfo=UTC)


def test_an_expired_signer_is_untrusted_and_not_broken() -> None:
    credential = development(now=PAST, days=2)
    reading = read(sign_report(report_of(), credential), store_of(credential))
    assert (reading.integrity, reading.trust) == (Integrity.INTACT, Trust.UNTRUSTED)
    assert "kz.chain.expired" in codes(reading)
    assert reading.report.signer.standing == "expired"


@pytest.mark.parametrize(("known", "trust"), [(b"token", "trusted"), (b"other", "untrusted")])
def test_a_time_stamp_outlives_the_certificate(monkeypatch, known, trust) -> None:
    def verify(token: bytes, message: bytes, anchors: list[str]) -> datetime:
        if token != known:
            raise CredentialError("kz.error.timestamp-mismatch", path="RFC 3161")
        return PAST + timedelta(days=1)

    monkeypatch.setattr(_timestamp, "request", lambda *_: b"token")
    monkeypatch.setattr(_timestamp, "verify", verify)
    credential = replace(development(now=PAST, days=2), tsa="http://tsa.example")
    lists = (*store_of(credential).lists, TrustList("t", frozenset({TrustKind.TSA}), "T", "", ""))
    raw = sign_report(report_of(), credential)
    assert json.loads(raw)["timestamp"] == base64.b64encode(b"token").decode()
    reading = read(raw, TrustStore(lists))
    assert (reading.integrity, reading.trust) == (Integrity.INTACT, trust)
    failed = "kz.trust.report-timestamp-failed" in codes(reading)
    assert failed == (trust == "untrusted")


# --- Tampering ------------------------------------------------------------------------------------


def flipped(raw: bytes, at: int, bit: int) -> bytes:
    return raw[:at] + bytes([raw[at] ^ (1 << bit)]) + raw[at + 1 :]


def says_the_same(raw: bytes, other: bytes) -> bool:
    """Whether two JSON texts hold one value: `1e21`, `1E21`."""
    try:
        return json.loads(raw) == json.loads(other)
    except ValueError:
        return False


@pytest.mark.parametrize("step", [7, pytest.param(1, marks=pytest.mark.slow)])
def test_no_byte_may_change(step) -> None:
    raw = sign_report(report_of(ROWS[:1]), DEFAULT)
    for at in range(0, len(raw), step):
        harmed = flipped(raw, at, at % 8)
        readings = check_report(asset_of(harmed), store_of(DEFAULT))
        if not readings:  # without its first bracket it is no JSON
            assert at == 0
            continue
        (reading,) = readings
        if reading.integrity is Integrity.INTACT:
            assert says_the_same(raw, harmed), (at, raw[at])
            continue
        assert reading.integrity in (Integrity.BROKEN, Integrity.UNREADABLE)
        assert reading.report.state is LabelState.INVALID
        assert reading.trust is not Trust.TRUSTED or "rows-mismatch" in codes(reading)


@pytest.mark.parametrize("algorithm", Algorithm)
def test_either_of_its_marks_gives_it_away(algorithm) -> None:
    raw = sign_report(report_of(), key_of(algorithm))
    check_unreadable(read(raw.replace(b"urn:kzlabel:", b"urn:Kzlabel:")))
    start = raw.index(b'"signature": "')
    check_unreadable(read(raw[:start] + raw[start:].replace(b"eyJ", b"fyJ", 1)))


@pytest.mark.parametrize("length", [400, -1000, -300, -4, -3])
def test_a_report_that_is_cut_off_is_undetermined(tmp_path, signed, length) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(signed[:length])
    row = verify(path, look=False)
    assert (row.verdict, row.integrity) == (Verdict.UNDETERMINED, Integrity.UNREADABLE)


ROW_CHANGES = {
    "turned": lambda rows: rows.reverse(),
    "dropped": lambda rows: rows.pop(1),
    "all dropped": lambda rows: rows.clear(),
    "twice": lambda rows: rows.append(rows[0]),
    "verdict": lambda rows: rows[1].update(verdict="noncompliant"),
    "digest": lambda rows: rows[2].update(sha256="0" * 64),
    "unknown member": lambda rows: rows[0].update(extra=1),
    "number": lambda rows: rows[0]["notices"][0]["measures"].update(contrast=14.3),
}


@pytest.mark.parametrize("change", ROW_CHANGES)
def test_every_change_of_rows_is_caught(document, change) -> None:
    ROW_CHANGES[change](document["assets"])
    reading = read_document(document)
    check_broken(reading, "rows-mismatch")
    assert "intact" not in codes(reading)


STATEMENT_CHANGES = {
    "profile": lambda one: one["report"].update(profile="kz-strict/2026-01-18"),
    "tool": lambda one: one["report"].update(tool="kzlabel 9"),
    "summary": lambda one: one["report"]["summary"].update(assets=4),
    "lists": lambda one: one["report"].update(trust_lists=[]),
    "count": lambda one: one["assets"].update(count=2),
    "digest": lambda one: one["assets"].update(sha256="0" * 64),
    "issued": lambda one: one.update(issued="2020-01-01T00:00:00Z"),
    "added": lambda one: one.update(note="checked"),
}


@pytest.mark.parametrize("change", STATEMENT_CHANGES)
def test_every_change_of_the_statement_is_caught(document, change) -> None:
    STATEMENT_CHANGES[change](document["statement"])
    reading = read_document(document)
    check_broken(reading, "signature-mismatch")
    assert reading.trust is Trust.UNTRUSTED
    assert reading.report.signer.standing is None


def test_a_digest_that_fits_other_rows_is_not_signed(document) -> None:
    other = json.loads(sign_report(report_of(ROWS[:1]), DEFAULT))
    document["statement"]["assets"] = other["statement"]["assets"]
    document["assets"] = other["assets"]
    check_broken(read_document(document), "signature-mismatch")


def test_signatures_of_two_reports_cannot_be_swapped(document) -> None:
    other = json.loads(sign_report(report_of(ROWS[:2]), DEFAULT))
    document["signature"], other["signature"] = other["signature"], document["signature"]
    for one in (document, other):
        check_broken(read_document(one), "signature-mismatch")


def test_another_key_signs_for_nobody_else(document) -> None:
    other = development()
    payload = canonical(document["statement"])
    protected = document["signature"].split(".")[0]
    value = other.sign(_jws.signing_input(protected, payload))
    document["signature"] = _jws.compact(protected, value)
    check_broken(read_document(document), "signature-mismatch")


# --- A signature is of one kind -------------------------------------------------------------------


def resigned(document: dict, typ: str, credential: Credential = DEFAULT) -> dict:
    protected = _jws.protect(credential.algorithm, credential.chain, typ)
    value = credential.sign(_jws.signing_input(protected, canonical(document["statement"])))
    return document | {"signature": _jws.compact(protected, value)}


def test_a_sidecars_signature_is_not_a_reports(document) -> None:
    assert read_document(resigned(document, "kzlabel-report+jws")).integrity is Integrity.INTACT
    for typ in ("kzlabel+jws", "JWT", "", "KZLABEL-REPORT+JWS"):
        reading = read_document(resigned(document, typ))
        check_unreadable(reading)
        assert "signature-unreadable" in codes(reading)


def test_a_reports_signature_is_not_a_sidecars(tmp_path, disclosure, document) -> None:
    source = tmp_path / "a.jpg"
    source.write_bytes(CONTENT["a.jpg"])
    step = Step(
        source=source, asset=source, folder=tmp_path, name="a.jpg", format=None,
        media_type="image/jpeg", disclosure=disclosure, notice=NoticeConfig(),
        credential=DEFAULT, trust=TrustStore(),
    )  # fmt: skip
    (path,) = SidecarLabel().apply(step).companions
    sidecar, asset = json.loads(path.read_bytes()), _assets.open_asset(source)
    for forged in (resigned(sidecar, "kzlabel-report+jws"), document):
        path.write_text(json.dumps(forged))
        (reading,) = SidecarLabel().check(asset, store_of(DEFAULT))
        assert reading.integrity is Integrity.UNREADABLE
    path.write_text(json.dumps(resigned(sidecar, "kzlabel+jws")))
    (reading,) = SidecarLabel().check(asset, store_of(DEFAULT))
    assert reading.integrity is Integrity.INTACT


# --- What is no such report -----------------------------------------------------------------------


def strange(document: dict) -> dict[str, bytes]:
    text = json.dumps(document)
    rows = json.dumps(document["assets"])
    without = {name: value for name, value in document.items() if name != "assets"}
    opened = json.dumps(without)[:-1]
    return {
        "trailing": f"{text} x".encode(),
        "trailing object": f"{text}{{}}".encode(),
        "assets twice": f'{opened}, "assets": [], "assets": {rows}}}'.encode(),
        "assets twice, the other way": f'{opened}, "assets": {rows}, "assets": []}}'.encode(),
        "statement twice": text.replace('{"statement"', '{"statement": 1, "statement"', 1).encode(),
        "name twice in a row": text.replace('"bytes":', '"bytes": 1, "bytes":', 1).encode(),
        "lone surrogate": text.replace("a.jpg", chr(92) + "ud800", 1).encode(),
        "not UTF-8": text.replace("a.jpg", "\xff", 1).encode("latin-1"),
        "NaN": text.replace("14.2", "NaN", 1).encode(),
        "endless": text.replace("14.2", "1e400", 1).encode(),
        "too long a number": text.replace('"bytes": 9', '"bytes": ' + "9" * 5000, 1).encode(),
        "beyond a double": text.replace('"bytes": 9', f'"bytes": {2**53}', 1).encode(),
        "no assets": json.dumps(without).encode(),
        "assets a number": f'{opened}, "assets": 0}}'.encode(),
        "assets an object": f'{opened}, "assets": {{}}}}'.encode(),
        "assets numbers": f'{opened}, "assets": [0, 1]}}'.encode(),
        "assets and a number": f'{opened}, "assets": {rows[:-1]}, 3]}}'.encode(),
        "rows elsewhere": f'{opened}, "x": [{{}}], "assets": [0]}}'.encode(),
        "rows in rows": f'{opened}, "assets": [{rows}]}}'.encode(),
        "more": f'{opened}, "note": "all is well", "assets": {rows}}}'.encode(),
        "deep in a row": text.replace("14.2", "[" * 100_000, 1).encode(),
        "deep": f'{opened}, "assets": {"[" * 100_000}'.encode(),
        "deep and closed": f'{opened}, "assets": {"[" * 900}{"]" * 900}}}'.encode(),
        "closes more than it opens": f'{opened}, "assets": []]]]}}'.encode(),
        "a mark": b"\xef\xbb\xbf" + text.encode(),
        "nulls": text.encode() + b"\0",
        "unended": text.encode() + b'"',
    }


@pytest.mark.parametrize(
    "kind", list(strange({"statement": 1, "assets": [], "signature": ""})), ids=str
)
def test_what_another_reader_may_read_otherwise_is_refused(document, kind) -> None:
    raw = strange(document)[kind]
    assert raw != json.dumps(document).encode()
    check_unreadable(read(raw) if kind != "a mark" else read(raw.replace(b"\xef\xbb\xbf", b"{")))


def test_what_is_damaged_is_said_with_its_line(signed) -> None:
    at = signed.index(b'"path":"wire/b.png"')
    line = signed.count(b"\n", 0, at) + 1
    (said,) = read(signed[:at] + b"?" + signed[at:]).findings
    assert (said.code, said.values["line"]) == ("kz.signed-report.not-json", str(line))
    indented = json.dumps(json.loads(signed), indent=1)
    cut = indented.replace('"signature"', '?"signature"')
    line = cut.count("\n", 0, cut.index("?")) + 1
    (said,) = read(cut.encode()).findings
    assert said.values["line"] == str(line)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-8-sig"])
def test_what_a_shell_writes_anew_in_another_encoding_is_no_json(signed, encoding) -> None:
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    reading = read((mark + signed.decode()).encode(encoding))
    assert codes(reading) <= {"not-json", "unreadable"}
    check_unreadable(reading)


def test_rows_are_parsed_one_at_a_time() -> None:
    rest, rows = decode_apart(
        b'{"a": [{"x": [{}]}, [2], {"y": {"z": []}}], "b": {"c": [{}]}}', "a", 3
    )
    assert rest == {"b": {"c": [{}]}}
    assert list(rows) == [{"x": [{}]}, [2], {"y": {"z": []}}]
    with pytest.raises(StrictJsonError, match="more than 2"):
        decode_apart(b'{"a": [{}, {}, {}]}', "a", 2)
    _, rows = decode_apart(b'{"a": [{}, {"b": 1, "b": 2}]}', "a", 9)
    assert next(rows) == {}
    with pytest.raises(StrictJsonError, match="twice"):
        next(rows)


LONG = " " * 300
LONG_PIECES = {
    "an element": '{"a": [{}, {"x": "' + LONG + '"}]}',
    "an element without an end": '{"a": [{"x": "' + LONG,
    "elements": '{"a": [' + "{}, " * 100 + '{}], "b": 1' + LONG + "}",
    "the rest": '{"b": "' + LONG + '", "a": [{}]}',
    "what follows": '{"a": [{}]' + LONG,
    "brackets": "[]" * 200,
    "closing": "]" * 300,
}


@pytest.mark.parametrize("kind", LONG_PIECES)
def test_what_is_parsed_at_once_has_a_limit(monkeypatch, kind) -> None:
    monkeypatch.setattr(_strict_json, "MAX_PIECE", 250)
    with pytest.raises(StrictJsonError, match="is longer than 250"):
        decode_apart(LONG_PIECES[kind].encode(), "a", 1000)


def test_all_of_it_together_may_be_longer(monkeypatch) -> None:
    monkeypatch.setattr(_strict_json, "MAX_PIECE", 250)
    rows = [{"x": " " * 200}] * 20
    _, found = decode_apart(json.dumps({"a": rows}).encode(), "a", 20)
    assert list(found) == rows


@pytest.mark.slow
def test_little_of_what_a_stranger_says_is_repeated(document) -> None:
    long = "x" * 100_000
    document["statement"]["report"] |= {"tool": long, "profile": long}
    document["statement"]["report"]["trust_lists"] *= 5000
    said = read_document(resigned(document, "kzlabel-report+jws"))
    assert said.integrity is Integrity.INTACT
    typ = read_document(resigned(document, long))
    document["assets"][0]["verdict"] = long
    for reading in (said, typ, read_document(document)):
        assert max(len(one.message) for one in reading.findings) < 2000


def test_files_that_only_speak_of_such_reports_are_none(tmp_path) -> None:
    for name, raw in {
        "schema.json": _schemas.load("signed-report-1"),
        "text.md": b'{"schema" as in "urn:kzlabel:schema:signed-report:1"',
        "data.json": b'{"a": 1}',
    }.items():
        path = tmp_path / name
        path.write_bytes(raw)
        assert check_report(_assets.open_asset(path), TrustStore()) == ()


def test_an_unsigned_report_is_a_json_file(tmp_path, document) -> None:
    path = tmp_path / "report.json"
    path.write_text(json.dumps(document["statement"]["report"] | {"assets": document["assets"]}))
    row = verify(path)
    assert (row.media_type, row.labels) == ("application/json", ())
    assert "kz.undeclared" in {one.code for one in row.findings}


# --- Limits ---------------------------------------------------------------------------------------


def test_a_report_that_is_too_large_is_not_read(monkeypatch, signed) -> None:
    monkeypatch.setattr(report, "MAX_REPORT", len(signed))
    assert read(signed).integrity is Integrity.INTACT
    monkeypatch.setattr(report, "MAX_REPORT", len(signed) - 1)
    reading = read(signed)
    check_unreadable(reading)
    assert codes(reading) == {"too-large"}


@pytest.mark.slow
def test_three_hundred_megabytes_are_not_read(tmp_path, signed) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(signed)
    os.truncate(path, 300_000_000)
    row = verify(path, look=False)
    assert (row.verdict, row.integrity) == (Verdict.UNDETERMINED, Integrity.UNREADABLE)
    assert "kz.signed-report.too-large" in {one.code for one in row.findings}


def test_more_rows_than_the_limit_are_not_read(monkeypatch, signed) -> None:
    monkeypatch.setattr(_report_statement, "MOST_ROWS", 2)
    check_unreadable(read(signed))


@pytest.mark.parametrize(
    ("limit", "value"),
    [("MOST_ROWS", 2), ("MAX_REPORT", 500), ("MAX_REPORT", 2000), ("MAX_PIECE", 99)],
)
def test_a_report_that_nobody_would_check_is_not_signed(monkeypatch, limit, value) -> None:
    monkeypatch.setattr(_report_signing, limit, value)
    with pytest.raises(RefusedError, match="split it") as caught:
        sign_report(report_of(), DEFAULT)
    assert caught.value.code == "kz.error.signed-report-size"


def test_a_text_that_is_no_unicode_is_not_signed() -> None:
    reports = report_of((row_of("\ud800", b""),)), structs.replace(report_of(), tool="\ud800")
    for one in reports:
        with pytest.raises(RefusedError) as caught:
            sign_report(one, DEFAULT)
        assert caught.value.code == "kz.error.signed-report-text"


def test_a_key_that_does_not_fit_signs_nothing() -> None:
    with pytest.raises(CredentialError):
        sign_report(report_of(), replace(DEFAULT, sign=lambda _: b"x" * 64))


def test_a_large_report_is_read_from_the_disk(monkeypatch, tmp_path, signed) -> None:
    monkeypatch.setattr(_assets, "HELD_BYTES", 100)
    path = tmp_path / "report.json"
    path.write_bytes(signed)
    asset = _assets.open_asset(path)
    assert asset.content is None
    (reading,) = check_report(asset, store_of(DEFAULT))
    assert reading.integrity is Integrity.INTACT


@pytest.mark.slow
def test_ten_thousand_rows() -> None:
    rows = tuple(row_of(f"wire/{number}.jpg", b"x") for number in range(10_000))
    assert read(sign_report(report_of(rows), DEFAULT)).integrity is Integrity.INTACT


# --- What lies beside -----------------------------------------------------------------------------


@pytest.fixture
def beside(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir("/")
    folder = tmp_path / "handed"
    for name, content in CONTENT.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def read_beside(folder: Path, rows=ROWS) -> Reading:
    return read(sign_report(report_of(rows), DEFAULT), path=folder / "report.json")


def counts(reading: Reading) -> dict[str, str]:
    return {
        one.code.rpartition(".")[2]: one.values.get("count") or one.values["name"]
        for one in reading.findings
        if {"name", "count"} & set(one.values) and not one.code.endswith((".says", "-trusted"))
    }


def test_unchanged_assets_are_counted(beside) -> None:
    reading = read_beside(beside)
    assert reading.integrity is Integrity.INTACT
    assert counts(reading) == {"assets-same": "3"}


@pytest.mark.parametrize("content", [b"the sECOND", b"the second, longer", b""])
def test_another_file_in_its_place_is_named(beside, content) -> None:
    (beside / "wire/b.png").write_bytes(content)
    reading = read_beside(beside)
    check_broken(reading, "asset-other")
    assert counts(reading) == {"assets-same": "2", "asset-other": "wire/b.png"}
    assert reading.trust is Trust.TRUSTED


def test_one_that_is_not_there_is_named_where_others_are(beside) -> None:
    (beside / "a.jpg").unlink()
    reading = read_beside(beside)
    assert reading.integrity is Integrity.INTACT
    assert counts(reading) == {"assets-same": "2", "asset-missing": "a.jpg"}


def test_the_working_directory_is_looked_into_too(beside, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(beside)
    assert counts(read_beside(tmp_path)) == {"assets-same": "3"}


def test_paths_that_lead_elsewhere_are_not_followed(beside, tmp_path) -> None:
    outside = tmp_path / "secret"
    outside.write_bytes(b"secret")
    (beside / "link").symlink_to(outside)
    (beside / "folder").symlink_to(tmp_path)
    os.mkfifo(beside / "pipe")
    (beside / "place").mkdir()
    names = [
        "../secret", str(outside), "link", "folder/secret", "wire/../../secret", "pipe", "place",
        "", ".", "/dev/zero", "a.jpg/x", "nul\0", "x" * 5000, "/" * 3000, "a/" * 2000 + "b",
    ]  # fmt: skip
    reading = read_beside(beside, tuple(row_of(name, b"secret") for name in names))
    assert reading.integrity is Integrity.INTACT
    links, away = {"link", "folder/secret", "pipe", "place", "a.jpg/x"}, 7
    found = [one for one in reading.findings if one.code.endswith("asset-unread")]
    assert {one.values["name"] for one in found} == links
    assert {one.outcome for one in found} == {FindingOutcome.WARNING}
    assert counts(reading)["outside"] == str(away)
    missing = [one for one in reading.findings if one.code.endswith("asset-missing")]
    assert len(missing) == len(names) - len(links) - away


def test_what_is_away_is_not_said_to_be_missing(beside) -> None:
    seen = Seen(uri="s3://wire/a.jpg", modified="", run="")
    rows = row_of("/srv/a.jpg", b"x"), row_of("../a.jpg", b"x"), row_of("s3", b"x", seen=seen)
    assert counts(read_beside(beside, rows)) == {"outside": "3"}
    assert counts(read_beside(beside, (*rows, row_of("gone", b"x")))) == {
        "outside": "3", "none-beside": "1",
    }  # fmt: skip


@pytest.fixture
def labelled(beside) -> AssetReport:
    """A row of a file with companions, the manifest's under the stem they share."""
    made = []
    for name in ("b.c2pa", "b.png.kzlabel.json"):
        (beside / "wire" / name).write_bytes(name.encode())
        made.append(companion(Path(name), name.encode()))
    return structs.replace(ROWS[1], companions=tuple(made))


def test_companions_are_part_of_what_was_looked_at(beside, labelled) -> None:
    reading = read_beside(beside, (labelled,))
    assert (reading.integrity, counts(reading)) == (Integrity.INTACT, {"assets-same": "1"})
    (beside / "wire/b.c2pa").write_bytes(b"another")
    (beside / "wire/b.png.kzlabel.json").unlink()
    reading = read_beside(beside, (labelled, ROWS[0]))
    check_broken(reading, "companion-other")
    assert counts(reading) == {
        "companion-other": "wire/b.c2pa", "companion-missing": "wire/b.png.kzlabel.json",
        "assets-same": "1",
    }  # fmt: skip


def test_companions_that_came_since_are_named(beside, labelled) -> None:
    (beside / "wire/b.png.c2pa").write_bytes(b"later")
    (beside / "a.jpg.kzlabel.json").write_bytes(b"later")
    reading = read_beside(beside, (labelled, ROWS[0]))
    assert (reading.integrity, counts(reading)) == (
        Integrity.INTACT, {"assets-same": "2", "companion-new": "a.jpg.kzlabel.json"},
    )  # fmt: skip
    new = [said for said in reading.findings if said.code.endswith("companion-new")]
    assert [said.values["name"] for said in new] == ["wire/b.png.c2pa", "a.jpg.kzlabel.json"]
    assert {said.outcome for said in new} == {FindingOutcome.WARNING}


def test_a_companion_is_compared_through_no_link_and_under_no_other_name(beside, labelled) -> None:
    manifest = beside / "wire/b.c2pa"
    manifest.rename(beside / "wire/c")
    manifest.symlink_to("c")
    reading = read_beside(beside, (labelled,))
    assert (reading.integrity, counts(reading)) == (
        Integrity.INTACT, {"asset-unread": "wire/b.c2pa"},
    )  # fmt: skip
    odd = tuple(companion(Path(name), CONTENT["a.jpg"]) for name in ("a.jpg", "..", "/a.jpg"))
    named = structs.replace(
        labelled, companions=(Companion(name="../a.jpg", sha256=ROWS[0].sha256), *odd)
    )
    check_broken(read_beside(beside, (named,)), "companion-missing")


def test_a_name_of_any_bytes_is_found_by_its_uri(beside) -> None:
    path = beside / os.fsdecode(b"\xff.jpg")
    path.write_bytes(b"x")
    seen = Seen(uri=uri_of(Path(path.name)), modified="", run="")
    assert counts(read_beside(beside, (row_of("\\xff.jpg", b"x", seen=seen),))) == {
        "assets-same": "1"
    }


def test_rows_of_what_could_not_be_looked_at_are_not_looked_for(beside) -> None:
    assert counts(read_beside(beside, (row_of("x", b"", sha256=None, bytes=None),))) == {}


def test_comparing_has_limits(beside, monkeypatch) -> None:
    monkeypatch.setattr(_report_beside, "MOST_COMPARED", 2)
    assert counts(read_beside(beside)) == {"assets-same": "2", "not-compared": "1"}
    monkeypatch.setattr(_report_beside, "MOST_BYTES", 12)
    assert counts(read_beside(beside)) == {"assets-same": "1", "not-compared": "2"}


def test_few_are_named(beside, monkeypatch) -> None:
    monkeypatch.setattr(_report_beside, "MOST_NAMED", 1)
    rows = (ROWS[0], *(row_of(f"none/{number}", b"") for number in range(5)))
    assert counts(read_beside(beside, rows)) == {
        "assets-same": "1", "asset-missing": "none/0", "asset-missing-more": "4",
    }  # fmt: skip


# --- A row like any other -------------------------------------------------------------------------


def test_verify_says_what_it_is(tmp_path, signed) -> None:
    path = tmp_path / "REPORT.json"
    path.write_bytes(signed)
    row = verify(path, trust=store_of(DEFAULT))
    assert (row.verdict, row.media_type) == (Verdict.UNDECLARED, REPORT_MEDIA_TYPE)
    assert (row.origin, row.integrity, row.trust) == ("undeclared", "intact", "trusted")
    said = {one.code for one in row.findings}
    assert "kz.undeclared-report" in said
    assert not {"kz.undeclared", "kz.undeclared-by-labels"} & said
    assert [one.kind for one in row.labels] == [LabelKind.REPORT]
    assert all(one.outcome == "not-applicable" for one in row.requirements)


@pytest.mark.parametrize("name", ["REPORT.json", "report", "report.txt", "a.kzlabel.json"])
def test_it_is_known_by_what_it_holds(tmp_path, signed, name) -> None:
    path = tmp_path / name
    path.write_bytes(signed)
    assert verify(path, look=False).media_type == REPORT_MEDIA_TYPE


def test_a_broken_one_is_undetermined(tmp_path, signed) -> None:
    path = tmp_path / "REPORT.json"
    path.write_bytes(signed.replace(b"compliant", b"xompliant"))
    assert verify(path).verdict is Verdict.UNDETERMINED
    path.write_bytes(signed.replace(b'"verdict":"compliant"', b'"verdict":"undeclared"'))
    row = verify(path)
    assert (row.verdict, row.integrity) == (Verdict.UNDETERMINED, Integrity.BROKEN)
    cited = [row.findings[index].code for index in row.requirements[0].findings]
    assert cited == ["kz.signed-report.rows-mismatch"]


def test_a_signed_report_is_not_labelled(tmp_path, signed, disclosure) -> None:
    path = tmp_path / "REPORT.json"
    path.write_bytes(signed)
    with pytest.raises(RefusedError) as caught:
        label(path, tmp_path / "out.json", disclosure, DEFAULT)
    assert caught.value.code == "kz.error.signed-report"
    assert [one.name for one in tmp_path.iterdir()] == ["REPORT.json"]
