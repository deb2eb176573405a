# ruff: noqa: ARG002, ARG005, RUF001  contracts have signatures of their own; texts are Kazakh
"""Manifests in text: signed inside, judged by us, by others, and after every kind of edit."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import ssl
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING

import c2pa_text
import c2pa_unstructured_text
import encypher_c2pa
import pytest

from kzlabel.credential import Algorithm, development
from kzlabel.errors import CredentialError, RefusedError
from kzlabel.formats._enclose_comment import CommentEnclosure
from kzlabel.formats._enclose_html import HtmlEnclosure
from kzlabel.formats._enclose_plain import PlainEnclosure
from kzlabel.labels import _c2pa_text, _manifest_text
from kzlabel.labels._manifest_frame import FrameError, check_frame
from kzlabel.labels.manifest import ManifestLabel
from kzlabel.model import (
    Asset,
    Carrier,
    CarrierKind,
    Disclosure,
    Enclosed,
    Integrity,
    LabelState,
    ManifestPlace,
    NoticeConfig,
    Origin,
    Provider,
    Statement,
    Step,
    System,
    Trust,
)
from kzlabel.trust import TrustKind, TrustStore, store_of

if TYPE_CHECKING:
    from pathlib import Path

LABEL = ManifestLabel()
DAMAGED = {Integrity.BROKEN, Integrity.UNREADABLE}
PAGE = "<!DOCTYPE html>\n<html lang=kk><head><title>Бет</title></head>\n<body><p>Сәлем!\n</body></html>\n"
XML = CommentEnclosure(("<?c2pa ", " ?>"))


class Room:
    """A kind of text, as far as a manifest needs one."""

    def __init__(self, enclosure, kind: CarrierKind = CarrierKind.EMBEDDED) -> None:
        self.held, self.kind = enclosure, kind

    def manifest_carrier(self, path: Path) -> Carrier:
        return Carrier(kind=self.kind, reason="kz.carrier.test")

    def enclosure(self, path: Path):
        return self.held


CASES = {
    "plain": (PlainEnclosure(), "text/plain", "Сәлем, әлем!\r\nПривет, мир.\n"),
    "bom": (PlainEnclosure(), "text/plain", "\ufeffСәлем.\n"),
    "not-nfc": (PlainEnclosure(), "text/plain", unicodedata.normalize("NFD", "йод, café\n")),
    "python": (CommentEnclosure(("# ", "")), "text/x-python", "import os\nprint(os.name)\n"),
    "shebang": (CommentEnclosure(("# ", "")), "text/x-python", "#!/usr/bin/python3\nx = 1\n"),
    "yaml-crlf": (CommentEnclosure(("# ", "")), "application/yaml", "a: 1\r\nb: 2\r\n"),
    "css": (CommentEnclosure(("/* ", " */")), "text/css", "a {}\nb { color: red }"),
    "xml": (XML, "application/xml", '<?xml version="1.0"?>\n<a>б</a>\n'),
    "html": (HtmlEnclosure(), "text/html", PAGE),
    "no-head": (HtmlEnclosure(), "text/html", "<!doctype html>\n<p>Сәлем!"),
}
"""An enclosure, the media type others know it by, and a text."""


class Desk:
    """Makes labelled texts in one directory."""

    def __init__(self, folder: Path, credential, trust: TrustStore) -> None:
        self.folder, self.credential, self.trust = folder, credential, trust
        self.number = itertools.count()

    def step(self, source: Path, room: Room, **changes) -> Step:
        folder = self.folder / f"step{next(self.number)}"
        folder.mkdir()
        said = Disclosure(
            statement=Statement.CREATED, system=System(name="M"), provider=Provider(name="P")
        )
        step = Step(
            source=source,
            asset=source,
            folder=folder,
            name=source.name,
            format=room,
            media_type="text/plain",
            disclosure=said,
            notice=NoticeConfig(),
            credential=self.credential,
            trust=self.trust,
            prior=tuple(LABEL.check(asset_of(source, room), self.trust)),
            manifest=ManifestPlace.EMBED,
        )
        return replace(step, **changes)

    def file(self, text: str | bytes) -> Path:
        path = self.folder / f"text{next(self.number)}"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def labelled(self, text: str | bytes, room: Room, **changes) -> Path:
        return LABEL.apply(self.step(self.file(text), room, **changes)).asset

    def check(self, content: bytes, room: Room, *, held: bool = True):
        return LABEL.check(asset_of(self.file(content), room, held=held), self.trust)


def asset_of(path: Path, room: Room, *, held: bool = True) -> Asset:
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    return Asset(path, room, "text/plain", len(content), digest, content if held else None)


def codes(reading) -> set[str]:
    return {entry.code for entry in reading.findings}


def check_intact(readings) -> None:
    (reading,) = readings
    assert reading.integrity is Integrity.INTACT, codes(reading)
    assert reading.trust is Trust.TRUSTED
    assert (reading.report.state, reading.report.where) == (LabelState.TRUSTED, "embedded")
    assert reading.report.origin is Origin.AI_GENERATED
    assert reading.report.signer.not_after is not None
    assert "assertion.dataHash.match" in codes(reading)
    assert not any(
        code.startswith("assertion.dataHash.m")
        for code in codes(reading) - {"assertion.dataHash.match"}
    )


@pytest.fixture(scope="module")
def signed(tmp_path_factory, credential, trust) -> dict[str, bytes]:
    desk = Desk(tmp_path_factory.mktemp("signed"), credential, trust)
    return {
        name: desk.labelled(text, Room(enclosure)).read_bytes()
        for name, (enclosure, _, text) in CASES.items()
    }


@pytest.fixture
def desk(tmp_path: Path, credential, trust) -> Desk:
    return Desk(tmp_path, credential, trust)


# --- Round trips ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CASES)
def test_signed_and_intact_and_nothing_else_changed(desk: Desk, signed, name: str) -> None:
    enclosure, _, text = CASES[name]
    check_intact(desk.check(signed[name], Room(enclosure)))
    (one,) = enclosure.enclosed(signed[name])
    rest = signed[name][: one.start] + signed[name][one.start + one.length :]
    is_plain = isinstance(enclosure, PlainEnclosure)
    assert rest.decode() == (unicodedata.normalize("NFC", text) if is_plain else text)


@pytest.mark.parametrize("name", CASES)
def test_a_verifier_of_other_hands_agrees(credential, signed, name: str) -> None:
    told = encypher_c2pa.verify(
        signed[name],
        CASES[name][1],
        trust_pem=ssl.DER_cert_to_PEM_cert(credential.root),
        no_default_trust=True,
        telemetry=False,
    )
    said = told["validation_state"], told["integrity"], told["hard_binding"], told["signature"]
    assert said == ("Trusted", "valid", "match", "valid"), told["validation_results"]
    assert not told["validation_results"]["failure"]


def test_plain_texts_agree_with_it_whatever_the_signature(desk: Desk) -> None:
    room = Room(PlainEnclosure())
    for number in range(12):  # two in three would fail it by chance
        content = desk.labelled(f"text {number}\n", room).read_bytes()
        told = encypher_c2pa.verify(content, "text/plain", telemetry=False)
        assert told["integrity"] == "valid"


@pytest.mark.parametrize("name", CASES)
def test_other_libraries_read_ours(signed, name: str) -> None:
    enclosure = CASES[name][0]
    (one,) = enclosure.enclosed(signed[name])
    text = signed[name].decode()
    if isinstance(enclosure, PlainEnclosure):
        assert c2pa_text.find_wrapper_info(text) == (one.store, one.start, one.length)
        assert c2pa_text.validate_text(text).valid
        found = c2pa_unstructured_text.extract(text)
        assert (found["payload"], found["start"], found["length"]) == (
            one.store,
            one.start,
            one.length,
        )
        bound = hashlib.sha256(enclosure.bound(signed[name], (one.start, one.length))).digest()
        c2pa_unstructured_text.verify_data_hash(text, bound, [(one.start, one.length)])
    elif isinstance(enclosure, HtmlEnclosure):
        assert c2pa_text.extract_html(text).manifest == one.store
    else:
        assert c2pa_text.extract_structured(text).manifest == one.store


@pytest.mark.slow
@pytest.mark.parametrize("algorithm", [Algorithm.PS256, Algorithm.ED25519, Algorithm.ES384])
@pytest.mark.parametrize("callback", [False, True])
def test_every_credential_signs(tmp_path: Path, algorithm: Algorithm, *, callback: bool) -> None:
    credential = development(algorithm)
    if callback:
        credential = replace(credential, private_key=None)
    desk = Desk(tmp_path, credential, store_of(credential))
    for enclosure in (PlainEnclosure(), CommentEnclosure(("// ", "")), HtmlEnclosure()):
        room = Room(enclosure)
        check_intact(desk.check(desk.labelled("var a;\n", room).read_bytes(), room))


def test_a_key_that_fails_is_said_by_its_own_words(desk: Desk, credential) -> None:
    def fails(message: bytes) -> bytes:
        raise OSError("the token is gone")

    broken = replace(credential, private_key=None, sign=fails)
    with pytest.raises(CredentialError, match="the token is gone"):
        desk.labelled("a\n", Room(PlainEnclosure()), credential=broken)


def test_signing_ends_where_no_frame_pleases_everybody(desk: Desk, monkeypatch) -> None:
    monkeypatch.setattr(_c2pa_text, "_MOST_SIGNINGS", 2)
    monkeypatch.setattr(PlainEnclosure, "agreed", lambda *_: False)
    room = Room(PlainEnclosure())
    check_intact(desk.check(desk.labelled("a\n", room).read_bytes(), room))


def test_a_length_that_does_not_settle_is_refused(desk: Desk) -> None:
    class Restless(CommentEnclosure):
        size = 0

        def enclose(self, content: bytes, store: bytes) -> tuple[bytes, Enclosed]:
            self.size += 1
            return content, Enclosed(start=0, length=self.size, store=store)

    with pytest.raises(RefusedError, match="does not settle"):
        desk.labelled("a\n", Room(Restless(("# ", ""))))


# --- Edits ----------------------------------------------------------------------------------------


def flipped(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def moved(content: bytes, one: Enclosed) -> bytes:
    """Return the text with its manifest a line further on, or in front."""
    held = content[one.start : one.start + one.length]
    rest = content[: one.start] + content[one.start + one.length :]
    at = rest.find(b"\n") + 1
    at = at if at != one.start else 0
    return rest[:at] + held + rest[at:]


def edits_of(content: bytes, one: Enclosed) -> dict[str, bytes]:
    start, end = one.start, one.start + one.length
    letter = next(
        at for at in range(len(content)) if not start <= at < end and chr(content[at]).isalpha()
    )
    inside = start + one.length // 2
    return {
        "letter": content[:letter] + b"Z" + content[letter + 1 :],
        "before": b"x\n" + content,
        "after": content + b"x\n",
        "blank-after": content + b"\n",
        "space-before": b" " + content,
        "line": content.replace(b"\n", b"\nx\n", 1),
        "newlines": content.replace(b"\r\n", b"\n")
        if b"\r\n" in content
        else content.replace(b"\n", b"\r\n"),
        "moved": moved(content, one),
        "twice": content[:end] + content[start:],
        "in-the-store": content[:inside] + content[inside + 8 :],
    }


@pytest.mark.parametrize("edit", edits_of(b"a", Enclosed(start=9, length=1)))
@pytest.mark.parametrize("name", CASES)
def test_every_edit_is_caught(desk: Desk, signed, name: str, edit: str) -> None:
    enclosure = CASES[name][0]
    (one,) = enclosure.enclosed(signed[name])
    content = edits_of(signed[name], one)[edit]
    assert content != signed[name]
    readings = desk.check(content, Room(enclosure))
    assert readings
    assert {reading.integrity for reading in readings} <= DAMAGED
    assert all(reading.embedded for reading in readings)


@pytest.mark.parametrize("name", ["plain", "python", "shebang", "html"])
def test_every_byte_of_the_frame_counts(desk: Desk, signed, name: str) -> None:
    enclosure, content = CASES[name][0], signed[name]
    (one,) = enclosure.enclosed(content)
    end = one.start + one.length
    for at in (*range(one.start, one.start + 40), *range(end - 30, end)):
        for reading in desk.check(flipped(content, at), Room(enclosure)):
            assert reading.integrity in DAMAGED, at


def test_every_byte_of_the_store_counts(desk: Desk, signed) -> None:
    enclosure = CASES["html"][0]
    (one,) = enclosure.enclosed(signed["html"])
    store, bare = one.store, enclosure.bound(signed["html"], (one.start, one.length))
    pad = store.rindex(b"cpad")
    name = range(pad + 1, pad + 4)  # no signature covers it, and it says nothing
    framing = [0, 3, 33, 38, 41, 155, store.index(b"c2pa.claim.v2"), pad - 500, pad + 100]
    for at in {*framing, *range(50, len(store), 37)} - set(name):
        content, _ = enclosure.enclose(bare, flipped(store, at))
        (reading,) = desk.check(content, Room(enclosure))
        assert reading.integrity in DAMAGED, at


def test_a_cut_text_is_never_intact(desk: Desk, signed) -> None:
    for name in ("plain", "python", "shebang", "html"):
        enclosure, content = CASES[name][0], signed[name]
        (one,) = enclosure.enclosed(content)
        first = max(one.start + 60, 1)
        for length in range(first, len(content), max(1, len(content) // 25)):
            readings = desk.check(content[:length], Room(enclosure))
            assert readings, (name, length)
            assert {reading.integrity for reading in readings} <= DAMAGED, (name, length)


def test_a_manifest_copied_to_another_text_is_broken(desk: Desk, signed) -> None:
    for name, (enclosure, _, _) in CASES.items():
        (one,) = enclosure.enclosed(signed[name])
        copied, _ = enclosure.enclose(b"alias x = y\n", one.store)
        (reading,) = desk.check(copied, Room(enclosure))
        assert reading.integrity is Integrity.BROKEN
        assert reading.trust is Trust.TRUSTED  # the signer is who he is
        assert codes(reading) & {"assertion.dataHash.mismatch", "assertion.dataHash.malformed"}


@pytest.mark.parametrize(("text", "said"), [("йод\n", ["kz.manifest.normalised"]), ("йод\n", [])])
def test_a_text_that_is_written_in_nfc_is_told(desk: Desk, text: str, said: list[str]) -> None:
    spelled = unicodedata.normalize("NFD", text) if said else text
    step = LABEL.apply(desk.step(desk.file(spelled), Room(PlainEnclosure())))
    assert [entry.code for entry in step.findings] == said


def test_normalisation_is_as_the_specification_says(desk: Desk) -> None:
    """A.8 hashes NFC, and counts offsets in the text as stored: only what is before moves them."""
    room = Room(PlainEnclosure())
    content = desk.labelled("одежда\nкафе é\n", room).read_bytes()
    (one,) = room.held.enclosed(content)
    text = content[: one.start].decode()
    same = text.replace("é", "e\u0301").encode() + content[one.start :]
    (reading,) = desk.check(same, room)
    assert "assertion.dataHash.malformed" in codes(reading)  # one byte further on, as in c2pa-rs
    bound = room.held.bound(same, (one.start + 1, one.length))
    assert bound == content[: one.start]  # the hash itself would hold


# --- Hostile manifests ----------------------------------------------------------------------------


def bound_as(monkeypatch: pytest.MonkeyPatch, change) -> None:
    """Have the next manifests signed with a data hash of somebody else's making."""
    honest = _c2pa_text._binding

    def dishonest(enclosure, text, where) -> bytes:
        assertion = json.loads(honest(enclosure, text, where))
        assertion |= change(assertion, text, where)
        return json.dumps(assertion).encode()

    monkeypatch.setattr(_c2pa_text, "_binding", dishonest)


def sha(content: bytes) -> list[int]:
    return list(hashlib.sha256(content).digest())


HOSTILE = {
    "all": lambda made, text, where: {
        "exclusions": [{"start": 0, "length": len(text)}],
        "hash": sha(b""),
    },
    "more": lambda made, text, where: {
        "exclusions": [{"start": where.start - 4, "length": where.length + 4}],
        "hash": sha(text[: where.start - 4]),
    },
    "less": lambda made, text, where: {
        "exclusions": [{"start": where.start, "length": where.length - 4}],
    },
    "several": lambda made, text, where: {
        "exclusions": [{"start": 0, "length": 4}, *made["exclusions"]],
        "hash": sha(text[4 : where.start]),
    },
    "none": lambda made, text, where: {"exclusions": [], "hash": sha(b"anything")},
    "twice": lambda made, text, where: {"exclusions": made["exclusions"] * 2},
    "beyond": lambda made, text, where: {
        "exclusions": [{"start": where.start, "length": where.length + 9}],
    },
    "other-hash": lambda made, text, where: {"hash": sha(b"other")},
    "short-hash": lambda made, text, where: {"hash": made["hash"][:4]},
}


@pytest.mark.parametrize("trick", HOSTILE)
def test_a_dishonest_binding_is_broken(desk: Desk, monkeypatch, trick: str) -> None:
    bound_as(monkeypatch, HOSTILE[trick])
    room = Room(PlainEnclosure())
    content = desk.labelled("Сәлем, әлем!\n", room).read_bytes()
    for reading in desk.check(content, room):
        assert reading.integrity is Integrity.BROKEN
        assert "assertion.dataHash.match" not in codes(reading)


def digest(algorithm: str) -> str:
    return base64.b64encode(hashlib.new(algorithm, b"bc").digest()).decode()


def detailed(changes=None, listed=("c2pa.hash.data",), stored=None) -> str:
    """Return a store as `Reader.detailed_json` has it, over the text b"abc" after one byte."""
    link = "self#jumbf=c2pa.assertions/"
    exclusions = [{"start": 0, "length": 1}]
    made = {"exclusions": exclusions, "alg": "sha256", "hash": digest("sha256"), "pad": ""}
    names = listed if stored is None else stored
    manifest = {
        "claim": {"created_assertions": [{"url": link + name} for name in listed]},
        "assertion_store": {name: made | (changes or {}) for name in names},
    }
    return json.dumps({"active_manifest": "m", "manifests": {"m": manifest}})


def judgement(text: str, monkeypatch) -> str:
    monkeypatch.setattr(_manifest_text, "check_frame", lambda store: None)
    one = Enclosed(start=0, length=1, store=b"store")
    read = _c2pa_text.Read("{}", text)
    said = json.loads(_manifest_text.judged(read, b"abc", one, HtmlEnclosure()))
    ((_, (status,)),) = said["validation_results"]["activeManifest"].items()
    return status["code"]


@pytest.mark.parametrize(
    ("told", "code"),
    [
        (detailed(), "assertion.dataHash.match"),
        (detailed({"pad": "AAAA", "pad2": "AA=="}), "assertion.dataHash.match"),
        (detailed({"pad": "AAEA"}), "assertion.dataHash.malformed"),
        (detailed({"pad2": "AAEA"}), "assertion.dataHash.malformed"),
        (detailed({"pad": "?"}), "assertion.dataHash.malformed"),
        (detailed({"pad": 7}), "assertion.dataHash.malformed"),
        (detailed({"hash": "é"}), "assertion.dataHash.malformed"),
        (detailed({"hash": ""}), "assertion.dataHash.mismatch"),
        (detailed({"url": "https://a"}), "assertion.dataHash.malformed"),
        (detailed({"exclusions": None}), "assertion.dataHash.malformed"),
        (detailed({"exclusions": [{"start": -1, "length": 2}]}), "assertion.dataHash.malformed"),
        (detailed({"exclusions": [{"start": 0, "length": 0}]}), "assertion.dataHash.malformed"),
        (detailed({"exclusions": [{"start": 0, "length": 1e9}]}), "assertion.dataHash.malformed"),
        (detailed({"alg": "sha384"}), "assertion.dataHash.mismatch"),
        (detailed({"alg": "sha512", "hash": digest("sha512")}), "assertion.dataHash.match"),
        (detailed({"alg": "md5", "hash": digest("md5")}), "algorithm.unsupported"),
        (detailed({"alg": None}), "algorithm.unsupported"),
        (detailed(listed=()), "claim.hardBindings.missing"),
        (detailed(listed=(), stored=("c2pa.hash.data",)), "claim.hardBindings.missing"),
        (detailed(stored=()), "assertion.dataHash.malformed"),
        (detailed(listed=("c2pa.hash.bmff.v3",)), "assertion.dataHash.malformed"),
        (detailed(listed=("c2pa.hash.collection.data",)), "assertion.dataHash.malformed"),
        (detailed(listed=("c2pa.hash.data", "c2pa.hash.boxes")), "assertion.multipleHardBindings"),
        (detailed(listed=("c2pa.hash.data",) * 2), "assertion.multipleHardBindings"),
        (
            detailed(stored=("c2pa.hash.data", "c2pa.hash.data__1")),
            "assertion.multipleHardBindings",
        ),
        ("[]", "assertion.dataHash.malformed"),
        ("[" * 100_000, "assertion.dataHash.malformed"),
        ("{}", "claim.hardBindings.missing"),
    ],
)
def test_the_binding_fails_closed(monkeypatch, told: str, code: str) -> None:
    assert judgement(told, monkeypatch) == code


def test_a_store_that_is_none_is_unreadable(desk: Desk) -> None:
    for enclosure in (PlainEnclosure(), CommentEnclosure(("# ", "")), HtmlEnclosure()):
        for store in (b"\0\0\0\x0cjumbnone", b"x" * 40, b"\0\0\0\x08jumb" * 5):
            content, _ = enclosure.enclose(b"a\n", store)
            for reading in desk.check(content, Room(enclosure)):
                assert reading.integrity is Integrity.UNREADABLE
                assert reading.report.state is LabelState.INVALID


def test_only_a_list_of_claim_signers_vouches(desk: Desk, signed) -> None:
    entry = desk.trust.lists[0]
    of_time = TrustStore((replace(entry, kinds=frozenset({TrustKind.TSA})),))
    others = store_of(development(name="another")).lists
    room = Room(PlainEnclosure())
    path = desk.file(signed["plain"])
    for lists, trusted in (
        ((*of_time.lists, *others), Trust.UNTRUSTED),
        ((*of_time.lists, entry), Trust.TRUSTED),
    ):
        (reading,) = LABEL.check(asset_of(path, room), TrustStore(lists))
        assert (reading.integrity, reading.trust) == (Integrity.INTACT, trusted)


def box(*boxes: bytes, kind: bytes = b"c2pa", label: bytes = b"c2pa", uuid: bytes = b"") -> bytes:
    """Return a superbox of JUMBF."""
    tail = uuid or bytes.fromhex("00110010800000aa00389b71")
    held = kind + tail + b"\3" + label + b"\0"
    inside = (8 + len(held)).to_bytes(4) + b"jumd" + held + b"".join(boxes)
    return (8 + len(inside)).to_bytes(4) + b"jumb" + inside


SIGNATURE = {"kind": b"c2cs", "label": b"c2pa.signature"}
MANIFEST = {"kind": b"c2ma", "label": b"urn:c2pa:a"}


@pytest.mark.parametrize(
    "store",
    [
        box(box(box(**SIGNATURE), **MANIFEST)),
        box(box(kind=b"c2cm", label=b"x")),  # of a kind to come
        box(box(box(b"\0\0\0\x0c----cpadC\0\0\0"[:12], **SIGNATURE), **MANIFEST)),
        box(box(b"\0\0\0\x09cbor\0", **MANIFEST), box(box(**SIGNATURE), **MANIFEST)),
        box(box(box(kind=b"abcd", label=b"anything", uuid=b"x" * 12), **MANIFEST)),
    ],
)  # fmt: skip
def test_stores_that_are_framed_as_they_must(store: bytes) -> None:
    check_frame(store)


@pytest.mark.parametrize(
    ("store", "why"),
    [
        (b"", "0 manifest stores"),
        (box() + box(), "2 manifest stores"),
        (box(), "no manifest"),
        (box(kind=b"c2ma"), "no manifest store"),
        (box(label=b"c2pb"), "called c2pb"),
        (box(box(**MANIFEST))[:-1], "a box of"),
        (box(box(**MANIFEST), b"abc"), "a box is cut"),
        (box(b"\0\0\0\x08jumb"), "without description"),
        (box(box(box(kind=b"c2cs", label=b"c2pa.other"), **MANIFEST)), "called c2pa.other"),
        (box(box(box(b"cpadC\0\1\0", **SIGNATURE), **MANIFEST)), "not zero"),
        (box(box(box(b"cpadX\4\0\0\0\1", **SIGNATURE), **MANIFEST)), "not zero"),
        (box(box(box(b"cpadY\0\4\0\0\0\1", **SIGNATURE), **MANIFEST)), "not zero"),
        (box(box(**MANIFEST)).replace(b"jumb", b"xxxx", 1), "without description"),
    ],
)  # fmt: skip
def test_stores_that_are_not(store: bytes, why: str) -> None:
    with pytest.raises(FrameError, match=why):
        check_frame(store)


# --- Places ---------------------------------------------------------------------------------------


LONG = "Ұзақ мәтін.\n" * 1000


def test_short_texts_get_a_companion_and_long_ones_do_not(desk: Desk) -> None:
    room = Room(PlainEnclosure())
    auto = {"manifest": ManifestPlace.AUTO}
    short = LABEL.apply(desk.step(desk.file("Сәлем!\n"), room, **auto))
    assert (len(short.companions), short.asset) == (1, short.source)
    long = LABEL.apply(desk.step(desk.file(LONG), room, **auto))
    assert not long.companions
    check_intact(desk.check(long.asset.read_bytes(), room))
    beside = LABEL.apply(desk.step(desk.file(LONG), room, manifest=ManifestPlace.SIDECAR))
    assert (len(beside.companions), beside.asset) == (1, beside.source)
    for number, enclosure in enumerate((CommentEnclosure(("# ", "")), HtmlEnclosure())):
        step = LABEL.apply(desk.step(desk.file("a\n"), Room(enclosure), **auto))
        assert len(step.companions) == 1 - number  # of a page nobody reads the source


def test_what_the_room_does_not_embed_lies_beside(desk: Desk) -> None:
    room = Room(PlainEnclosure(), CarrierKind.COMPANION)
    assert LABEL.apply(desk.step(desk.file(LONG), room)).companions


@pytest.mark.parametrize(
    "content", [LONG.encode("cp1251", "replace") + b"\xff", LONG.encode("utf-16")]
)
def test_a_text_without_place_gets_a_companion_and_it_is_said(desk: Desk, content: bytes) -> None:
    for enclosure in (PlainEnclosure(), CommentEnclosure(("# ", "")), HtmlEnclosure()):
        step = LABEL.apply(desk.step(desk.file(content), Room(enclosure)))
        assert step.companions
        (said,) = step.findings
        assert said.code == "kz.manifest.beside.encoding"
        assert "UTF-8" in said.message


def test_a_text_that_is_too_large_gets_a_companion(desk: Desk, monkeypatch) -> None:
    monkeypatch.setattr("kzlabel.labels._manifest_placed.LARGEST_TEXT", 100)
    assert LABEL.apply(desk.step(desk.file(LONG), Room(PlainEnclosure()))).companions


def test_a_large_text_shows_that_it_holds_a_manifest(desk: Desk, signed, monkeypatch) -> None:
    monkeypatch.setattr(_manifest_text, "GLIMPSED_BYTES", 20_000)
    filler = b"line\n" * 20_000
    for name, content in (
        ("plain", filler + signed["plain"]),
        ("python", signed["python"] + filler),
        ("shebang", b"#!/bin/sh\n" + filler + signed["shebang"]),
        ("html", signed["html"] + filler),
    ):
        (reading,) = desk.check(content, Room(CASES[name][0]), held=False)
        assert reading.integrity is Integrity.UNREADABLE
    assert not desk.check(filler, Room(PlainEnclosure()), held=False)
    assert not desk.check(b"short", Room(PlainEnclosure()), held=False)


def test_other_containers_are_told_to_embed_over_an_embedded_one(desk: Desk, signed) -> None:
    """A companion beside it would leave the earlier manifest inside, and broken."""
    earlier = desk.check(signed["plain"], Room(PlainEnclosure()))
    step = desk.step(desk.file("a"), Room(None), manifest=ManifestPlace.SIDECAR)
    with pytest.raises(RefusedError, match="embed the new one"):
        LABEL.apply(replace(step, prior=earlier))
    assert LABEL.apply(step).companions


def test_what_was_half_written_is_taken_away(desk: Desk, monkeypatch) -> None:
    step = desk.step(desk.file(LONG), Room(PlainEnclosure()))

    def stops(path: Path, content: bytes) -> int:
        with path.open("wb") as file:
            file.write(content[:10])
        raise OSError("the disk is full")

    monkeypatch.setattr("pathlib.Path.write_bytes", stops)
    with pytest.raises(OSError, match="full"):
        LABEL.apply(step)
    assert not list(step.folder.iterdir())


# --- Relabelling ----------------------------------------------------------------------------------


def ingredients(content: bytes, enclosure, trust) -> list[dict]:
    (one,) = enclosure.enclosed(content)
    read = _c2pa_text.read_enclosed(content, one.store, trust)
    store = json.loads(read.store)
    return store["manifests"][store["active_manifest"]].get("ingredients", [])


@pytest.mark.parametrize("name", ["plain", "shebang", "html"])
def test_the_earlier_manifest_is_kept_as_parent(desk: Desk, signed, name: str) -> None:
    enclosure = CASES[name][0]
    room = Room(enclosure)
    content = desk.labelled(signed[name], room).read_bytes()
    check_intact(desk.check(content, room))
    (parent,) = ingredients(content, enclosure, desk.trust)
    assert parent["relationship"] == "parentOf"
    assert parent["active_manifest"]
    recorded = parent["validation_results"]["activeManifest"]
    assert not recorded["failure"]
    assert "assertion.dataHash.match" in {status["code"] for status in recorded["success"]}
    told = encypher_c2pa.verify(content, CASES[name][1], telemetry=False)
    assert told["integrity"] == "valid"


def test_a_text_that_is_too_large_has_its_companion_as_parent_or_none(
    desk: Desk, signed, monkeypatch
) -> None:
    monkeypatch.setattr("kzlabel.labels.manifest.LARGEST_TEXT", 100)
    room = Room(PlainEnclosure())
    content = desk.labelled(signed["plain"], room).read_bytes()
    (parent,) = ingredients(content, room.held, desk.trust)
    assert "active_manifest" not in parent


def test_a_companion_that_is_no_file_is_no_parent(desk: Desk) -> None:
    room, source = Room(PlainEnclosure()), desk.file(LONG)
    source.with_name(source.name + ".c2pa").mkdir()
    content = LABEL.apply(desk.step(source, room)).asset.read_bytes()
    (reading,) = desk.check(content, room)
    assert "kz.manifest.over-broken" in codes(reading)


def test_a_modified_text_has_its_source_as_parent(desk: Desk) -> None:
    room = Room(PlainEnclosure())
    said = Disclosure(
        statement=Statement.MODIFIED, system=System(name="M"), provider=Provider(name="P")
    )
    content = desk.labelled(LONG, room, disclosure=said).read_bytes()
    (reading,) = desk.check(content, room)
    assert (reading.integrity, reading.report.origin) == (Integrity.INTACT, Origin.AI_MODIFIED)
    assert len(ingredients(content, room.held, desk.trust)) == 1


def test_a_broken_parent_is_never_laundered(desk: Desk, signed) -> None:
    room = Room(PlainEnclosure())
    cuts = (signed["plain"][:-size] for size in range(2000, 2004))  # also inside a character
    wrong, _ = room.held.enclose(b"a\n", b"no store at all")
    for spoiled in (b"x" + signed["plain"], wrong, *cuts):
        content = desk.labelled(spoiled, room).read_bytes()
        (reading,) = desk.check(content, room)
        assert reading.integrity is Integrity.INTACT
        assert "kz.manifest.over-broken" in codes(reading)


def test_an_earlier_manifest_does_not_stay_inside_beside_a_new_one(desk: Desk, signed) -> None:
    for name in ("plain", "shebang", "html"):
        enclosure, _, text = CASES[name]
        step = desk.step(desk.file(signed[name]), Room(enclosure), manifest=ManifestPlace.SIDECAR)
        done = LABEL.apply(step)
        assert len(done.companions) == 1
        assert done.asset.read_bytes() == text.encode()
        assert step.source.read_bytes() == signed[name]


def test_a_companion_is_kept_as_parent_of_an_enclosed_one(desk: Desk) -> None:
    room = Room(PlainEnclosure())
    source = desk.file(LONG)
    step = LABEL.apply(desk.step(source, room, manifest=ManifestPlace.SIDECAR))
    source.with_name(source.name + ".c2pa").write_bytes(step.companions[0].read_bytes())
    content = LABEL.apply(desk.step(source, room)).asset.read_bytes()
    check_intact(desk.check(content, room))
    assert ingredients(content, room.held, desk.trust)[0]["active_manifest"]


# --- References, and more than one ----------------------------------------------------------------


def test_a_url_is_reported_and_never_fetched(desk: Desk) -> None:
    link = '<link rel="c2pa-manifest" href="https://a.kz/m.c2pa" type="application/c2pa">'
    line = "# -----BEGIN C2PA MANIFEST----- https://a.kz/m.c2pa -----END C2PA MANIFEST-----\nx\n"
    for text, enclosure in (
        (PAGE.replace("</head>", link + "</head>"), HtmlEnclosure()),
        (line, CommentEnclosure(("# ", ""))),
    ):
        (reading,) = desk.check(text.encode(), Room(enclosure))
        assert reading.report.state is LabelState.REFERENCED
        assert codes(reading) == {"kz.manifest.remote"}
        step = LABEL.apply(desk.step(desk.file(text), Room(enclosure)))  # it may have but one
        assert [entry.code for entry in step.findings] == ["kz.manifest.beside.referenced"]
        assert step.companions
        assert step.asset == step.source


def test_two_manifests_are_both_broken(desk: Desk, signed) -> None:
    multiple = {
        "plain": "manifest.text.multipleWrappers",
        "python": "manifest.structuredText.multipleReferences",
        "html": "manifest.html.multipleManifests",
    }
    for name, code in multiple.items():
        enclosure = CASES[name][0]
        (one,) = enclosure.enclosed(signed[name])
        held = signed[name][one.start : one.start + one.length]
        end = one.start + one.length
        content = signed[name][:end] + held + signed[name][end:]
        readings = desk.check(content, Room(enclosure))
        assert len(readings) == 2
        for reading in readings:
            assert code in codes(reading)
            assert reading.integrity is Integrity.BROKEN
            assert reading.report.origin is Origin.AI_GENERATED
