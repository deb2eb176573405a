"""The words: all of C2PA's codes, all values of the axes, in three languages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import kzlabel.locale
from kzlabel.locale import LANGUAGES, sentence, table
from kzlabel.model import (
    Integrity,
    LabelKind,
    LabelState,
    Level,
    NoticeState,
    Origin,
    Outcome,
    Trust,
    Verdict,
)
from kzlabel.verdict import PREMISES

FOLDER = Path(kzlabel.locale.__file__).parent
ROOMS = {
    name: json.loads((FOLDER / f"{name}.json").read_bytes())
    for name in ("c2pa", "verdict", "reports", "os", "workflow", "manifest", "sidecar", "notices")
}
ENTRIES = [(code, entry) for room in ROOMS.values() for code, entry in room.items()]

C2PA = """
assertion.accessible assertion.bmffHash.match assertion.boxesHash.match assertion.collectionHash.match
assertion.dataHash.match assertion.hashedURI.match assertion.multiAssetHash.match
claimSignature.insideValidity claimSignature.validated ingredient.claimSignature.validated
ingredient.manifest.validated signingCredential.ocsp.notRevoked signingCredential.trusted
timeOfSigning.insideValidity timeStamp.trusted timeStamp.validated
algorithm.deprecated assertion.bmffHash.additionalExclusionsPresent
assertion.boxesHash.additionalExclusionsPresent assertion.dataHash.additionalExclusionsPresent
ingredient.unknownProvenance signingCredential.ocsp.inaccessible signingCredential.ocsp.skipped
signingCredential.ocsp.unknown timeOfSigning.outsideValidity timeStamp.credentialInvalid
timeStamp.malformed timeStamp.mismatch timeStamp.outsideValidity timeStamp.untrusted
algorithm.unsupported assertion.action.ingredientMismatch assertion.action.malformed
assertion.action.redacted assertion.action.redactionMismatch assertion.action.softBindingMissing
assertion.bmffHash.malformed assertion.bmffHash.mismatch assertion.boxesHash.malformed
assertion.boxesHash.mismatch assertion.boxesHash.unknownBox assertion.cbor.invalid
assertion.cloud-data.actions assertion.cloud-data.hardBinding assertion.cloud-data.labelMismatch
assertion.cloud-data.malformed assertion.collectionHash.incorrectFileCount
assertion.collectionHash.invalidURI assertion.collectionHash.malformed
assertion.collectionHash.mismatch assertion.dataHash.malformed assertion.dataHash.mismatch
assertion.dataHash.redacted assertion.external-reference.actions
assertion.external-reference.hardBinding assertion.external-reference.malformed
assertion.hardBinding.redacted assertion.hashedURI.mismatch assertion.inaccessible
assertion.ingredient.malformed assertion.json.invalid assertion.metadata.disallowed assertion.missing
assertion.multiAssetHash.malformed assertion.multiAssetHash.mismatch
assertion.multiAssetHash.missingPart assertion.multipleHardBindings assertion.notRedacted
assertion.outsideManifest assertion.required.missing assertion.selfRedacted
assertion.timestamp.malformed assertion.undeclared claim.cbor.invalid claim.hardBindings.missing
claim.malformed claim.missing claim.multiple claim.required.missing claimSignature.mismatch
claimSignature.missing claimSignature.outsideValidity general.error hashedURI.mismatch
hashedURI.missing ingredient.claimSignature.mismatch ingredient.claimSignature.missing
ingredient.hashedURI.mismatch ingredient.manifest.mismatch ingredient.manifest.missing
manifest.compressed.invalid manifest.inaccessible manifest.missing manifest.multipleParents
manifest.text.corruptedWrapper manifest.text.multipleWrappers manifest.timestamp.invalid
manifest.timestamp.wrongParents manifest.update.invalid manifest.update.wrongParents
signingCredential.expired signingCredential.invalid signingCredential.ocsp.revoked
signingCredential.revoked signingCredential.untrusted com.adobe.prerelease
cawg.identity.trusted cawg.identity.well-formed cawg.identity.assertion.mismatch
cawg.x509.credential.trusted cawg.x509.credential.untrusted cawg.x509.signature.validated
cawg.x509.signature.mismatch cawg.ica.credential_valid cawg.ica.untrusted_issuer
signingCredential.notRevoked manifest.unreferenced manifest.unknownProvenance
assertion.external-reference.hashMismatch assertion.external-reference.labelMismatch
manifest.structuredText.noResolutionPath manifest.structuredText.emptyReference
manifest.structuredText.malformedReference manifest.structuredText.multipleReferences
manifest.structuredText.noManifest manifest.html.multipleManifests
assertion.alternativeContentRepresentation.match assertion.alternativeContentRepresentation.malformed
assertion.alternativeContentRepresentation.hashMismatch assertion.external-reference.created
assertion.alternativeContentRepresentation.missing livevideo.assertion.invalid
livevideo.continuityMethod.invalid livevideo.init.invalid livevideo.manifest.invalid
livevideo.segment.invalid livevideo.sessionkey.invalid
""".split()  # noqa: SIM905  a table


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_status_code_of_c2pa_has_a_sentence(language: str) -> None:
    for code in C2PA:
        assert sentence(code, language, detail="x") != f"{code}: x", code


def test_every_value_has_a_word() -> None:
    rooms = {
        "origin": Origin, "integrity": Integrity, "trust": Trust, "notice-state": NoticeState,
        "verdict": Verdict, "outcome": Outcome, "level": Level, "report.kind": LabelKind,
        "report.state": LabelState,
    }  # fmt: skip
    codes = [f"kz.{room}.{value}" for room, values in rooms.items() for value in values]
    codes += [f"kz.verdict.{value}.why" for value in (*Verdict, "error")]
    missing = [code for code in (*codes, *PREMISES) if code not in table()]
    assert missing == []


def test_every_entry_is_whole() -> None:
    flaws = {code: flaw for code, entry in ENTRIES for flaw in flaws_of(code, entry)}
    assert flaws == {}


def flaws_of(code: str, entry: dict[str, str]) -> Iterator[str]:
    """Say what is amiss with the sentences of one code."""
    if set(entry) != {*LANGUAGES, "kk_source"}:
        yield f"languages: {sorted(entry)}"
        return
    if entry["kk_source"] not in ("law", "not yet checked by a native speaker"):
        yield f"kk_source: {entry['kk_source']}"
    named = {language: set(re.findall(r"\{(\w+)\}", entry[language])) for language in LANGUAGES}
    if not named["kk"] == named["ru"] == named["en"]:
        yield f"values: {named}"
    for language in LANGUAGES:
        text = entry[language]
        if text != text.strip() or text.endswith(".") or not text.isprintable():
            yield f"{language}: {text!r}"
    bare = re.sub(r"\{\w+\}", "", entry["en"])
    if not bare.isascii() and code != "kz.report.notice-found":
        yield f"not ASCII: {bare}"


@pytest.mark.parametrize("room", ["c2pa", "verdict"])
def test_each_language_speaks_for_itself(room: str) -> None:
    for code, entry in ROOMS[room].items():
        assert len({entry[language] for language in LANGUAGES}) == 3, code
        assert re.search("[\u0430-\u044f]", entry["ru"]), code
        assert re.search("[\u0430-\u044f]", entry["kk"]), code


@pytest.mark.parametrize("room", ROOMS)
def test_no_other_room_says_the_same_code(room: str) -> None:
    for path in FOLDER.glob("*.json"):
        if path.stem != room:
            assert not set(ROOMS[room]) & set(json.loads(path.read_bytes())), path.name


def test_the_english_words_of_undeclared_are_frozen() -> None:
    human = "this does not mean that a human made it"
    assert sentence("kz.undeclared") == f"no label found; {human}"
    assert sentence("kz.undeclared-by-labels") == f"no AI label found; {human}"
    assert sentence("kz.verdict.undeclared.why") == f"no AI label found; {human}"
