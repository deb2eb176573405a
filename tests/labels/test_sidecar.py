from __future__ import annotations

import base64
import copy
import hashlib
import json
import os
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwk, jws
from samples import key_of

from kzlabel import _timestamp
from kzlabel.credential import Algorithm, Credential, development
from kzlabel.errors import CredentialError, RefusedError
from kzlabel.labels import _jws, _signer_trust
from kzlabel.labels._strict_json import StrictJsonError, canonical, decode
from kzlabel.labels.sidecar import MAX_SIDECAR, SUFFIX, SidecarLabel
from kzlabel.model import (
    Asset,
    Disclosure,
    FindingOutcome,
    Integrity,
    LabelState,
    NoticeConfig,
    NoticeStyle,
    Origin,
    Placement,
    Provider,
    Reading,
    Region,
    Statement,
    Step,
    System,
    Trust,
)
from kzlabel.trust import TrustKind, TrustList, TrustStore, store_of

if TYPE_CHECKING:
    from pathlib import Path

BYTES = b"the finished file" * 50
DISCLOSURE = Disclosure(
    statement=Statement.CREATED,
    system=System(name="Жұлдыз", version="2"),
    provider=Provider(name="Қоғам", bin="990140000003"),
    issued=datetime(2026, 3, 1, tzinfo=UTC),
    training_allowed=False,
)
PLACEMENT = Placement(
    statement=Statement.CREATED,
    style=NoticeStyle.OVERLAY,
    languages=("kk", "ru"),
    lines=("ЖИ жасаған", "Жұлдыз"),
    font="Open Sans",
    font_size=24.5,
    width=640,
    height=480,
    region=Region(x=0.1, y=0.2, w=1 / 3, h=1e-7),
)
DEFAULT = key_of(Algorithm.ES256)


class Signed(NamedTuple):
    asset: Asset
    path: Path
    credential: Credential

    @property
    def document(self) -> dict:
        return json.loads(self.path.read_bytes())

    def read(self, trust: TrustStore | None = None) -> Reading:
        (reading,) = SidecarLabel().check(self.asset, trust or store_of(self.credential))
        return reading

    def with_raw(self, raw: bytes) -> Reading:
        self.path.write_bytes(raw)
        return self.read()

    def with_document(self, document: object) -> Reading:
        return self.with_raw(json.dumps(document).encode())


def asset_of(path: Path) -> Asset:
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    return Asset(path, None, "image/jpeg", len(content), digest, content)


def step_of(folder: Path, credential: Credential, name: str = "a.jpg", **changes) -> Step:
    path = folder / name
    path.write_bytes(BYTES)
    step = Step(
        source=path, asset=path, folder=folder, name=name, format=None, media_type="image/jpeg",
        disclosure=DISCLOSURE, notice=NoticeConfig(), credential=credential,
        trust=TrustStore(), placements=(PLACEMENT,),
    )  # fmt: skip
    return replace(step, **changes)


def sign(folder: Path, credential: Credential = DEFAULT, **changes) -> Signed:
    step = SidecarLabel().apply(step_of(folder, credential, **changes))
    return Signed(asset_of(step.asset), step.companions[-1], credential)


@pytest.fixture
def signed(tmp_path: Path) -> Signed:
    return sign(tmp_path)


def codes(reading: Reading) -> set[str]:
    return {said.code for said in reading.findings}


def check_broken(reading: Reading, code: str) -> None:
    assert reading.integrity is Integrity.BROKEN
    assert reading.report.state is LabelState.INVALID
    assert code in codes(reading)


def check_unreadable(reading: Reading) -> None:
    assert reading.integrity is Integrity.UNREADABLE
    assert reading.report.state is LabelState.INVALID
    assert reading.trust is Trust.UNKNOWN
    assert not reading.hints
    assert reading.findings[0].outcome is FindingOutcome.FAILURE


# --- What holds -----------------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", Algorithm)
def test_a_signed_sidecar_is_intact_and_trusted(tmp_path, algorithm) -> None:
    reading = sign(tmp_path, key_of(algorithm)).read()
    assert reading.integrity is Integrity.INTACT
    assert reading.trust is Trust.TRUSTED
    assert reading.hints == (PLACEMENT,)
    report = reading.report
    assert report.state is LabelState.TRUSTED
    assert (report.origin, report.system, report.provider) == (
        Origin.AI_GENERATED,
        "Жұлдыз 2",
        "Қоғам",
    )
    assert report.label_id == DISCLOSURE.label_id
    assert report.created == DISCLOSURE.issued
    assert report.where == "a.jpg.kzlabel.json"
    assert report.signer is not None
    assert report.signer.development


@pytest.mark.parametrize("algorithm", Algorithm)
def test_an_independent_library_verifies_the_signature(tmp_path, algorithm) -> None:
    document = sign(tmp_path, key_of(algorithm)).document
    header = json.loads(base64.urlsafe_b64decode(document["signature"].split(".")[0] + "=="))
    assert set(header) == {"alg", "typ", "x5c"}
    assert (header["alg"], header["typ"]) == (algorithm.value, "kzlabel+jws")
    leaf = x509.load_der_x509_certificate(base64.b64decode(header["x5c"][0], validate=True))
    pem = leaf.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    kind = {"E": "EC", "P": "RSA"}[algorithm[0]] if algorithm is not Algorithm.ED25519 else "OKP"
    key = jwk.import_key(pem, kind)
    payload = canonical(document["statement"])
    registry = jws.JWSRegistry(algorithms=[algorithm.value])
    registry.max_header_length = 8192  # its limit does not foresee a chain
    found = jws.deserialize_compact(document["signature"], key, registry=registry, payload=payload)
    assert found.payload == payload


def test_without_a_sidecar_there_is_nothing(tmp_path) -> None:
    path = tmp_path / ("n" * 250)
    path.write_bytes(BYTES)
    assert SidecarLabel().check(asset_of(path), TrustStore()) == ()


def test_the_file_may_be_written_again_by_any_json_tool(signed) -> None:
    document = signed.document
    turned = {name: document[name] for name in reversed(document)}
    turned["statement"] = dict(reversed(document["statement"].items()))
    raw = json.dumps(turned, ensure_ascii=True, indent=7).replace("24.5", "2.45E1").encode()
    assert signed.with_raw(raw).integrity is Integrity.INTACT


def test_a_renamed_asset_is_no_harm(signed) -> None:
    renamed = signed.asset.path.rename(signed.asset.path.with_name("b.jpg"))
    signed.path.rename(renamed.with_name("b.jpg" + SUFFIX))
    (reading,) = SidecarLabel().check(asset_of(renamed), store_of(DEFAULT))
    assert reading.integrity is Integrity.INTACT
    assert "kz.sidecar.renamed" in codes(reading)


def test_a_name_that_is_not_unicode(tmp_path) -> None:
    reading = sign(tmp_path, name=os.fsdecode(b"\xff\n.jpg")).read()
    assert reading.integrity is Integrity.INTACT
    assert "kz.sidecar.renamed" not in codes(reading)


def test_nothing_but_what_was_said_is_written(signed) -> None:
    assert "prompt" not in signed.document["statement"]["disclosure"]
    assert signed.document["statement"]["disclosure"]["training_allowed"] is False
    assert "timestamp" not in signed.document


# --- Trust is the signer's alone ------------------------------------------------------------------


def test_a_signer_off_the_list_is_untrusted(signed) -> None:
    for trust in (TrustStore(), store_of(key_of(Algorithm.PS256))):
        reading = signed.read(trust)
        assert (reading.integrity, reading.trust) == (Integrity.INTACT, Trust.UNTRUSTED)
        assert reading.report.state is LabelState.VALID
        assert "kz.trust.sidecar-untrusted" in codes(reading)


@pytest.mark.parametrize("kind", [TrustKind.CLAIM, TrustKind.TSA])
def test_a_list_of_another_kind_does_not_vouch(signed, kind) -> None:
    (own,) = store_of(DEFAULT).lists
    assert (
        signed.read(TrustStore((replace(own, kinds=frozenset({kind})),))).trust is Trust.UNTRUSTED
    )


PAST = datetime(2024, 5, 1, tzinfo=UTC)


@pytest.fixture
def expired(tmp_path: Path) -> Signed:
    return sign(tmp_path, development(now=PAST, days=2))


def test_an_expired_signer_is_untrusted_and_not_broken(expired) -> None:
    reading = expired.read()
    assert (reading.integrity, reading.trust) == (Integrity.INTACT, Trust.UNTRUSTED)
    assert "kz.chain.expired" in codes(reading)
    assert reading.report.signer.standing == "expired"


def stamped(tmp_path: Path, monkeypatch, at: datetime, message: bytes | None = None) -> Reading:
    asked: list[bytes] = []

    def request(url: str, message: bytes) -> bytes:
        assert url == "http://tsa.example"
        asked.append(message)
        return b"token"

    def verify(token: bytes, message: bytes, anchors: list[str]) -> datetime:
        if (token, [message], anchors) != (b"token", asked, ["TSA"]):
            raise CredentialError("kz.error.timestamp-mismatch", path="RFC 3161")
        return at

    monkeypatch.setattr(_timestamp, "request", request)
    monkeypatch.setattr(_timestamp, "verify", verify)
    credential = replace(development(now=PAST, days=2), tsa="http://tsa.example")
    made = sign(tmp_path, credential)
    if message is not None:
        made.path.write_text(json.dumps(made.document | {"timestamp": message.decode()}))
    lists = (*store_of(credential).lists, TrustList("t", frozenset({TrustKind.TSA}), "TSA", "", ""))
    return made.read(TrustStore(lists))


def test_a_time_stamp_outlives_the_certificate(tmp_path, monkeypatch) -> None:
    reading = stamped(tmp_path, monkeypatch, PAST + timedelta(days=1))
    assert reading.trust is Trust.TRUSTED
    assert "kz.trust.sidecar-timestamp" in codes(reading)


def test_a_time_stamp_after_the_certificate_does_not_help(tmp_path, monkeypatch) -> None:
    assert stamped(tmp_path, monkeypatch, PAST + timedelta(days=9)).trust is Trust.UNTRUSTED


@pytest.mark.parametrize("token", [b"", b"dG9rZW4", b"b3RoZXI=", "ж".encode()])
def test_another_time_stamp_is_a_warning_and_proves_nothing(tmp_path, monkeypatch, token) -> None:
    reading = stamped(tmp_path, monkeypatch, PAST + timedelta(days=1), token)
    assert (reading.integrity, reading.trust) == (Integrity.INTACT, Trust.UNTRUSTED)
    assert "kz.trust.sidecar-timestamp-failed" in codes(reading)


# --- Tampering ------------------------------------------------------------------------------------


def leaves(value: object, path: tuple = ()) -> list[tuple]:
    if isinstance(value, dict):
        return [found for key, member in value.items() for found in leaves(member, (*path, key))]
    if isinstance(value, list):
        return [found for key, member in enumerate(value) for found in leaves(member, (*path, key))]
    return [path]


def edited(document: dict, path: tuple, change) -> dict:
    document = copy.deepcopy(document)
    holder = document
    for key in path[:-1]:
        holder = holder[key]
    change(holder, path[-1])
    return document


def altered(value: object) -> object:
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 1
    text = str(value)
    return {"created": "modified", "overlay": "strip"}.get(text, text[:-1] + "9x"[text[-1:] == "9"])


def test_every_field_edited_is_caught(signed) -> None:
    document = signed.document
    paths = leaves(document["statement"])
    assert len(paths) > 20
    for path in paths:

        def alter(holder, key) -> None:
            holder[key] = altered(holder[key])

        reading = signed.with_document(edited(document, ("statement", *path), alter))
        assert reading.integrity in (Integrity.BROKEN, Integrity.UNREADABLE), path
        assert reading.trust is not Trust.TRUSTED
        assert not reading.hints


def test_every_field_taken_out_is_caught(signed) -> None:
    document = signed.document
    for path in [*leaves(document["statement"]), ("asset",), ("disclosure",), ("notices",)]:
        reading = signed.with_document(
            edited(document, ("statement", *path), lambda holder, key: holder.__delitem__(key))
        )
        assert reading.integrity in (Integrity.BROKEN, Integrity.UNREADABLE), path


def test_a_field_put_in_is_caught(signed) -> None:
    document = signed.document
    document["statement"]["more"] = 1
    assert signed.read().report.signer.standing == "trusted"
    reading = signed.with_document(document)
    check_broken(reading, "kz.sidecar.signature-mismatch")
    assert reading.report.signer.standing is None


def test_an_unknown_field_that_was_signed_is_kept(signed) -> None:
    document = signed.document
    statement = document["statement"] | {"more": {"from": "a later version"}}
    document |= {"statement": statement, "signature": signature_over(statement)}
    assert signed.with_document(document).integrity is Integrity.INTACT


def test_a_broken_sidecar_still_raises_the_origin(signed) -> None:
    document = signed.document
    document["statement"]["asset"]["size"] += 1
    assert signed.with_document(document).report.origin is Origin.AI_GENERATED


def test_the_sidecar_of_another_file_and_a_changed_file(signed) -> None:
    path = signed.asset.path
    for content in (BYTES + b"\0", BYTES[:-1], b"x" + BYTES[1:]):
        path.write_bytes(content)
        reading = signed._replace(asset=asset_of(path)).read()
        check_broken(reading, "kz.sidecar.digest-mismatch")
        assert reading.hints == (PLACEMENT,), "the words were signed, so the notice can be judged"
        assert reading.trust is Trust.TRUSTED, "trust is a matter of the signer"


@pytest.mark.parametrize("member", ["size", "sha256"])
def test_digest_and_size_must_both_fit(signed, member) -> None:
    document = signed.document
    document["statement"]["asset"][member] = altered(document["statement"]["asset"][member])
    document["signature"] = signature_over(document["statement"])
    check_broken(signed.with_document(document), "kz.sidecar.digest-mismatch")


def test_every_cut_is_unreadable(signed) -> None:
    raw = signed.path.read_bytes().rstrip()
    for cut in range(0, len(raw), 37):
        check_unreadable(signed.with_raw(raw[:cut]))


@pytest.mark.filterwarnings("ignore:Attribute's length")  # cryptography, on a flipped certificate
def test_every_flipped_byte_is_caught(signed) -> None:
    raw = signed.path.read_bytes()
    for at in range(0, len(raw), 11):
        flipped = bytearray(raw)
        flipped[at] ^= 0x04
        reading = signed.with_raw(bytes(flipped))
        quiet = raw[at : at + 1].isspace()
        assert reading.integrity is not Integrity.INTACT or quiet, at


def base64url(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def header_of(**members: object) -> dict:
    x5c = [base64.b64encode(der).decode() for der in DEFAULT.chain]
    return {"alg": "ES256", "typ": "kzlabel+jws", "x5c": x5c} | members


def signature_over(
    statement: object, header: object = None, credential: Credential = DEFAULT
) -> str:
    protected = base64url(header_of() if header is None else header)
    value = credential.sign(_jws.signing_input(protected, canonical(statement)))
    return f"{protected}..{base64url(value)}"


def test_the_forger_of_these_tests_can_sign(signed) -> None:
    document = signed.document
    document["signature"] = signature_over(document["statement"])
    assert signed.with_document(document).integrity is Integrity.INTACT


DER = DEFAULT.chain[0]
B64 = base64.b64encode(DER).decode()


@pytest.mark.parametrize(
    "header",
    [
        header_of(alg="none"),
        header_of(alg="HS256"),
        header_of(alg="RS256"),
        header_of(alg="ES384"),
        header_of(alg="es256"),
        header_of(alg=None),
        header_of(typ="JWT"),
        header_of(crit=["b64"], b64=False),
        header_of(jwk={"kty": "EC"}),
        header_of(kid="1"),
        {"alg": "ES256", "typ": "kzlabel+jws"},
        {"alg": "ES256", "x5c": [B64]},
        header_of(x5c=[]),
        header_of(x5c=B64),
        header_of(x5c=[1]),
        header_of(x5c=[B64] * 9),
        header_of(x5c=[B64 + "\n"]),
        header_of(x5c=[B64.rstrip("=") + "===="]),
        header_of(x5c=[base64.b64encode(DER[:-1]).decode()]),
        header_of(x5c=[base64.b64encode(b"").decode()]),
        header_of(x5c=[B64, base64.b64encode(DEFAULT.root or b"").decode()]),
        [],
        b"",
        b'{"alg":"ES256","alg":"ES256","typ":"kzlabel+jws","x5c":["' + B64.encode() + b'"]}',
        json.dumps(header_of()).encode() + b"{}",
    ],
    ids=range(25),
)  # fmt: skip
def test_another_header_is_refused(signed, header) -> None:
    document = signed.document
    document["signature"] = signature_over(document["statement"], header)
    check_unreadable(signed.with_document(document))


def test_the_chain_of_another_key_is_broken(signed) -> None:
    other = development()
    document = signed.document
    document["signature"] = signature_over(document["statement"], header_of(), other)
    reading = signed.with_document(document)
    check_broken(reading, "kz.sidecar.signature-mismatch")
    assert reading.trust is Trust.UNTRUSTED


def test_other_forms_of_the_signature(signed) -> None:
    document = signed.document
    protected, _, value = document["signature"].split(".")
    raw = base64.urlsafe_b64decode(value + "==")
    payload = base64url(canonical(document["statement"]))
    for odd in (
        "",
        ".",
        "..",
        f"{protected}.{payload}.{value}",
        f"{protected}..{value}.",
        f"{protected}..{value}=",
        f"{protected}..{value[:-1]}*",
        f"{protected} ..{value}",
        f"{protected}..{value}\n",
    ):
        check_unreadable(signed.with_document(document | {"signature": odd}))
    der, wide = b"\x30" + raw, raw[:32] + b"\0" + raw[32:]
    for short in (wide, b"", raw[:-1], raw + b"\0", der, b"\0" * 64, b"\xff" * 64):
        reading = signed.with_document(document | {"signature": f"{protected}..{base64url(short)}"})
        check_broken(reading, "kz.sidecar.signature-mismatch")


def test_hostile_files(signed) -> None:
    raw = signed.path.read_bytes()
    text = raw.decode()
    for hostile in (
        b"", b"null", b"[]", b"{}", b"\xff", b"\xef\xbb\xbf" + raw, raw + b"{}", raw + b"\0",
        raw.replace(b'"size":', b'"size": 1, "size":'),
        raw.replace(b'"notices":', b'"x": NaN, "notices":'),
        raw.replace(b'"notices":', b'"x": -Infinity, "notices":'),
        raw.replace(b'"notices":', b'"x": 1e999, "notices":'),
        raw.replace(b'"notices":', b'"x": 9007199254740993, "notices":'),
        raw.replace(b'"notices":', b'"x": ' + b"9" * 5000 + b', "notices":'),
        raw.replace(b'"notices":', b'"x": "\\ud800", "notices":'),
        raw.replace(b'"notices":', b'"\\ud800": 1, "notices":'),
        raw.replace(b'"notices":', b'"x": "\xed\xa0\x80", "notices":'),
        raw.replace(b'"notices":', b'"x": ' + b"[" * 40 + b"]" * 40 + b', "notices":'),
        b"[" * 200_000, b'{"a":' * 50_000, raw + b" " * MAX_SIDECAR, b" " * 10_000_000,
        text.replace("label:1", "label:2").encode(),
        text.replace("urn:uuid:", "").replace('"label_id"', '"label"').encode(),
        text.replace("2026-03-01T00:00:00Z", "2026-03-01T00:00:00").encode(),
        text.replace('"lines"', '"LINES"').encode(),
    ):  # fmt: skip
        check_unreadable(signed.with_raw(hostile))


def test_what_is_no_json_is_said_in_the_readers_words(signed) -> None:
    reading = signed.with_raw(b'{\n"statement": {')
    (said,) = reading.findings
    assert (said.code, said.values["line"]) == ("kz.sidecar.not-json", "2")
    assert not re.search("[a-zA-Z]", said.sentence("kk") + said.sentence("ru"))


def test_too_many_notices_are_unreadable(signed) -> None:
    document = signed.document
    document["statement"]["notices"] *= 65
    document["signature"] = signature_over(document["statement"])
    check_unreadable(signed.with_document(document))


def test_the_ends_of_time(signed) -> None:
    document = signed.document
    document["statement"]["issued"] = "0001-01-01T00:00:00+14:00"
    document["signature"] = signature_over(document["statement"])
    assert signed.with_document(document).integrity is Integrity.INTACT


def test_what_is_not_a_file_neither_blocks_nor_raises(signed) -> None:
    signed.path.unlink()
    os.mkfifo(signed.path)
    check_unreadable(signed.read())
    signed.path.unlink()
    signed.path.mkdir()
    check_unreadable(signed.read())
    signed.path.rmdir()
    signed.path.symlink_to(signed.path)
    check_unreadable(signed.read())


def test_where_the_file_system_refuses_it_says_so(signed) -> None:
    inside_a_file = replace(signed.asset, path=signed.asset.path / "a.jpg")
    with pytest.raises(NotADirectoryError):
        SidecarLabel().check(inside_a_file, TrustStore())


def test_a_key_of_another_kind_verifies_nothing(signed) -> None:
    document = signed.document
    found = _jws.parse(document["signature"], "kzlabel+jws")
    payload = canonical(document["statement"])
    other = replace(found, certificates=(replace(found.certificates[0], key=None),))
    assert _jws.verifies(found, payload)
    assert not _jws.verifies(other, payload)


def test_a_signer_without_a_common_name_is_still_named() -> None:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COUNTRY_NAME, "KZ")])
    assert _signer_trust._common_name(name) == "C=KZ"


# --- What will not be signed ----------------------------------------------------------------------


@pytest.mark.parametrize("value", [b"", b"0" * 64, DER])
def test_a_key_that_does_not_fit_its_certificate(tmp_path, value) -> None:
    with pytest.raises(CredentialError, match="does not verify"):
        sign(tmp_path, replace(DEFAULT, sign=lambda _: value))
    with pytest.raises(CredentialError, match="does not verify"):
        sign(tmp_path, replace(DEFAULT, algorithm=Algorithm.ED25519))
    assert [path.name for path in tmp_path.iterdir()] == ["a.jpg"]


@pytest.mark.parametrize(
    ("prompt", "code"),
    [("\udcff", "kz.error.sidecar-text"), ("x" * MAX_SIDECAR, "kz.error.sidecar-size")],
)
def test_a_text_that_cannot_be_signed(tmp_path, prompt, code) -> None:
    disclosure = Disclosure(
        statement=Statement.MODIFIED, system=System(name="a"), provider=Provider(name="b"),
        prompt=prompt,
    )  # fmt: skip
    with pytest.raises(RefusedError) as caught:
        sign(tmp_path, disclosure=disclosure)
    assert caught.value.code == code


def test_an_earlier_file_is_never_overwritten(tmp_path) -> None:
    sign(tmp_path)
    with pytest.raises(FileExistsError):
        sign(tmp_path)


# --- Strict JSON ----------------------------------------------------------------------------------


def test_rfc_8785_vectors() -> None:
    parsed = decode(
        b'{"\\u20ac": "x", "\\r": 1, "1": [1e30, 4.50, 2e-3, 1E-27, -0.0], "\\ud83d\\ude00": null}'
    )
    assert canonical(parsed).decode() == '{"\\r":1,"1":[1e+30,4.5,0.002,1e-27,0],"€":"x","😀":null}'


@pytest.mark.parametrize("raw", [b"NaN", b"[Infinity]", b'{"a": -Infinity}'])
def test_what_only_some_readers_take_for_json(raw) -> None:
    with pytest.raises(StrictJsonError, match="not JSON"):
        decode(raw)


def test_brackets_in_strings_are_no_depth() -> None:
    assert decode(json.dumps({"a": "[" * 100 + '\\"['}).encode())
    with pytest.raises(StrictJsonError, match="deeper"):
        decode(b'["\\""' + b"[" * 40)
