"""The text report: what people read, in three languages, safe on a terminal."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from msgspec import structs

from kzlabel.errors import UnreadableAssetError
from kzlabel.locale import LANGUAGES, sentence, table
from kzlabel.model import (
    AssetReport,
    Evidence,
    Finding,
    FindingOutcome,
    Integrity,
    LabelKind,
    LabelReport,
    LabelState,
    NoticeReport,
    NoticeState,
    Origin,
    Report,
    Signer,
    Span,
    Standing,
    Trust,
    TrustListReport,
    Verdict,
    finding,
)
from kzlabel.profiles import load
from kzlabel.reports._labels import label_line
from kzlabel.reports.text import asset_block, footer, render
from kzlabel.trust import TrustKind
from kzlabel.verdict import Axes, error_row, evaluate, premises, summary_of


def whole(one, language, *, colour=False) -> str:
    return "\n".join(render(one.assets, lambda: one, language, colour=colour))


def flat(text: str) -> str:
    """The words of a report, however its lines were broken."""
    return " ".join(text.split())


NOW = datetime(2026, 11, 22, tzinfo=UTC)
SIGNER = Signer(name="Studio", issuer="Studio Root", not_after=NOW, development=True)
MANIFEST = LabelReport(
    kind=LabelKind.MANIFEST, scheme="c2pa", state=LabelState.VALID, origin=Origin.AI_GENERATED,
    system="Suret 2.1", provider="Example LLP", signer=SIGNER, created=NOW, where="embedded",
)  # fmt: skip
NOTICE = NoticeReport(
    medium="visible", text="AI-generated", languages=("en",), perceivable=True,
    code="kz.notice.perceivable", measures={"contrast": 14.2},
)  # fmt: skip
INTACT = ("ai-generated", "intact", "untrusted", "perceivable")


def asset(
    *axes: str,
    path: str = "a.jpg",
    findings: tuple[Finding, ...] = (),
    labels: tuple[LabelReport, ...] = (),
    notices: tuple[NoticeReport, ...] = (),
) -> AssetReport:
    origin, integrity, trust, notice = axes
    four = Axes(
        origin=Origin(origin),
        integrity=Integrity(integrity),
        trust=Trust(trust),
        notice=NoticeState(notice),
    )
    verdict, requirements = evaluate(load("kz"), four, findings=findings)
    return AssetReport(
        path=path, verdict=verdict, origin=four.origin, integrity=four.integrity, trust=four.trust,
        notice=four.notice, requirements=requirements, labels=labels, notices=notices, findings=findings,
    )  # fmt: skip


def report(*assets: AssetReport, lists: tuple[TrustListReport, ...] = ()) -> Report:
    return Report(
        schema="kzlabel.report/1", tool="kzlabel 0.1.0", profile="kz/2026-01-18", verified_at=NOW,
        premises=premises(), trust_lists=lists, assets=assets, summary=summary_of(assets),
    )  # fmt: skip


def test_a_compliant_asset_says_who_what_and_why() -> None:
    found = (finding("algorithm.deprecated", FindingOutcome.INFORMATIONAL),)
    block = asset_block(asset(*INTACT, labels=(MANIFEST,), notices=(NOTICE,), findings=found), "en")
    assert block.splitlines() == [
        "a.jpg",
        "  verdict    COMPLIANT: it has a machine-readable mark and a perceivable notice",
        "  origin     AI-generated",
        "  integrity  intact: the signed label matches the file",
        "  trust      untrusted: the signer is on no trust list, or its certificate no longer counts",
        "  notice     perceivable: people can see, hear or read it",
        "  found      manifest c2pa (embedded): valid; AI-generated; system Suret 2.1; owner or possessor",
        "               Example LLP; labelled 2026-11-22",
        "               signed by Studio; certificate by Studio Root; valid until 2026-11-22",
        "               a development credential: good for trying, not for publishing",
        "             the notice can be seen: AI-generated",
        "  why        ✓ marked in machine-readable form: pass (must; RK Law No. 230-VIII, Art. 21(2))",
        "             ✓ accompanied by a notice that people can perceive: pass (must; RK Law No. 230-VIII,",
        "               Art. 21(2))",
        "             ✓ label signed, intact and bound to the content: pass (should; RK Law No. 230-VIII,",
        "               Art. 22(2))",
        "             ! signer on a trust list: fail (should; RK Law No. 230-VIII, Art. 22(2))",
        "             · a deprecated cryptographic algorithm was used [algorithm.deprecated]",
    ]


@pytest.mark.parametrize(
    ("code", "language", "words"),
    [
        ("", "en", "no AI label found; this does not mean that a human made it"),
        ("kz.undeclared", "en", "no label found; this does not mean that a human made it"),
        (
            "kz.undeclared-by-labels",
            "en",
            "no AI label found; this does not mean that a human made it",
        ),
        (
            "kz.undeclared",
            "ru",
            "метка об ИИ не найдена; это не значит, что файл создал человек",  # noqa: RUF001  Russian
        ),
        (
            "kz.undeclared",
            "kk",
            "ЖИ туралы таңба табылмады; бұл файлды адам жасады дегенді білдірмейді",
        ),
    ],
)
def test_undeclared_never_means_human(code: str, language: str, words: str) -> None:
    said = (finding(code, FindingOutcome.INFORMATIONAL),) if code else ()
    block = asset_block(asset("undeclared", "absent", "unknown", "absent", findings=said), language)
    assert flat(block).count(words) == 1
    assert "[kz.undeclared" not in block


def test_a_damaged_label_still_says_that_no_label_was_found() -> None:
    said = (finding("kz.undeclared", FindingOutcome.INFORMATIONAL),)
    block = asset_block(asset("undeclared", "broken", "unknown", "absent", findings=said), "en")
    assert "[kz.undeclared]" in block


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_is_said_in_every_language(language: str, verdict: Verdict) -> None:
    axes = {
        Verdict.COMPLIANT: INTACT,
        Verdict.NONCOMPLIANT: ("ai-modified", "broken", "trusted", "impaired"),
        Verdict.UNDECLARED: ("undeclared", "absent", "unknown", "absent"),
        Verdict.UNDETERMINED: ("possibly-ai", "unreadable", "unknown", "undetermined"),
    }[verdict]
    row = asset(*axes, labels=(MANIFEST,), notices=(NOTICE,))
    assert row.verdict is verdict
    text = whole(report(row), language)
    assert "kz." not in text.replace("kz/2026-01-18", "")
    assert not re.search(r"\{\w+\}", text)
    for premise in premises(language):
        assert premise in flat(text)


def test_only_a_label_that_was_seen_is_said_to_be_damaged() -> None:
    axes = ("undeclared", "unreadable", "unknown", "absent")
    unseen = flat(asset_block(asset(*axes), "en"))
    words = (
        "the file is damaged or goes beyond a limit, and whether it holds a label cannot be told"
    )
    assert words in unseen
    seen = flat(asset_block(asset(*axes, labels=(MANIFEST,)), "en"))
    assert "there is a signed label, but it is damaged" in seen
    assert "the signature that decides could not be judged" in seen
    assert "no signature to judge" not in seen


def test_an_error_takes_the_place_of_the_axes() -> None:
    row = error_row(
        "b.jpg", UnreadableAssetError("kz.error.unknown-profile", name="b.jpg", known="x")
    )
    assert asset_block(row, "ru").splitlines() == [
        "b.jpg",
        "  вывод           НЕ ОПРЕДЕЛЕНО: файл не удалось проверить",  # noqa: RUF001  Russian
        "  ошибка          b.jpg: нет такого профиля; есть: x",
    ]


@pytest.mark.parametrize("standing", Standing)
@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_a_signers_row_says_how_the_certificate_stands(standing, language) -> None:
    label = structs.replace(MANIFEST, signer=structs.replace(SIGNER, standing=standing))
    text = asset_block(asset(*INTACT, labels=(label,)), language)
    words = sentence(f"kz.report.standing.{standing}", language)
    assert not words.startswith("kz.")
    assert words in " ".join(text.split())
    assert sentence("kz.report.development", language).split()[0] in text


HOSTILE = "\x1b[31mred\x07 [bold]x[/bold] \u202egpj.\u2066 \n\r\x9b2J \udcff"


@pytest.mark.parametrize("colour", [False, True])
def test_nothing_from_a_file_steers_the_terminal(*, colour: bool) -> None:
    signer = Signer(name=HOSTILE, issuer=HOSTILE)
    label = structs.replace(
        MANIFEST, system=HOSTILE, provider=HOSTILE, where=HOSTILE, scheme=HOSTILE, signer=signer
    )
    notice = structs.replace(NOTICE, text=HOSTILE, code="kz." + HOSTILE)
    said = Finding(
        code="general.error",
        outcome=FindingOutcome.FAILURE,
        message=HOSTILE,
        values={"detail": HOSTILE},
    )
    odd = Finding(code=HOSTILE, outcome=FindingOutcome.WARNING, message=HOSTILE)
    row = asset(*INTACT, path=HOSTILE, findings=(said, odd), labels=(label,), notices=(notice,))
    lists = (TrustListReport(name=HOSTILE, kind="claim", date=HOSTILE, sha256=""),)
    text = whole(report(row, lists=lists), "en", colour=colour)
    assert text.count("[bold]x[/bold]") >= 9
    if colour:
        text = re.sub(r"\x1b\[(0|1|2|31|32|33|1;31)m", "", text)
        assert "\\x1b[31mred" in text
    assert all(c == "\n" or c.isprintable() for c in text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_trust_list_is_for_is_said_in_words(language: str) -> None:
    words = {f"kz.report.trust-kind.{kind}": kind for kind in TrustKind}
    assert words.keys() <= table().keys()
    lists = (TrustListReport(name="N", kind=" ".join(TrustKind), date="2026", sha256=""),)
    said = flat(whole(report(asset(*INTACT), lists=lists), language))
    assert ", ".join(sentence(code, language) for code in words) in said


def test_colour_changes_no_word(terminal) -> None:
    terminal(100)
    row = asset(*INTACT, labels=(MANIFEST,), notices=(NOTICE,), path="x" * 300)
    for language in LANGUAGES:
        plain, coloured = (whole(report(row), language, colour=colour) for colour in (False, True))
        assert "\x1b" not in plain
        assert "\x1b[32m" in coloured
        stripped = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
        assert [line.rstrip() for line in stripped.splitlines()] == plain.splitlines()


def test_rich_is_imported_for_colour_only() -> None:
    code = (
        "import sys; from kzlabel.reports import REPORTS; from kzlabel.reports.text import asset_block;"
        "from kzlabel.verdict import error_row; row = error_row('a', OSError(5, 'no'));"
        "asset_block(row, 'en'); assert 'rich' not in sys.modules;"
        "asset_block(row, 'en', colour=True); assert 'rich' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_repeated_findings_are_counted() -> None:
    same = tuple(
        finding(
            "assertion.boxesHash.unknownBox",
            FindingOutcome.FAILURE,
            LabelKind.MANIFEST,
            detail=str(n),
        )
        for n in range(1000)
    )
    block = asset_block(asset("ai-generated", "broken", "trusted", "absent", findings=same), "en")
    assert block.count("assertion.boxesHash.unknownBox") == 1
    assert "(x1000)" in block


def test_findings_of_one_code_that_name_different_things_are_all_said() -> None:
    code = "kz.signed-report.asset-other"
    names = ("1.txt", "2.txt", "1.txt")
    other = tuple(finding(code, FindingOutcome.FAILURE, name=name) for name in names)
    block = flat(asset_block(asset(*INTACT, findings=other), "en"))
    assert [block.count(f"{name}: the file that lies") for name in names[:2]] == [1, 1]
    assert block.count("(x2)") == 1


def test_successes_are_for_programs() -> None:
    said = (finding("claimSignature.validated", FindingOutcome.SUCCESS),)
    assert "claimSignature" not in asset_block(asset(*INTACT, findings=said), "en")


def test_a_notice_whose_sentence_does_not_quote_it_is_quoted() -> None:
    notice = structs.replace(NOTICE, code="kz.21-2.notice", perceivable=None)
    block = asset_block(asset(*INTACT, notices=(notice,)), "en")
    assert "notice “AI-generated”: accompanied by" in block


@pytest.mark.parametrize(
    ("spans", "times"),
    [
        ([(0, 9.4), (3590, 3600.2)], " (at 0:00-0:09, 59:50-1:00:00)"),
        ([(60 * n, 60 * n + 9) for n in range(9)],
         " (at 0:00-0:09, 1:00-1:09, 2:00-2:09, 3:00-3:09, …)"),
        ([], ""),
    ],
)  # fmt: skip
def test_a_notice_in_time_says_when(spans, times: str) -> None:
    heard = tuple(Span(start=start, end=end) for start, end in spans)
    notice = structs.replace(NOTICE, medium="audible", spans=heard)
    block = flat(asset_block(asset(*INTACT, notices=(notice,)), "en"))
    assert f"can be seen: AI-generated{times} why" in block


def test_why_a_notice_is_in_doubt_stands_on_its_axis() -> None:
    doubted = structs.replace(NOTICE, perceivable=None, code="kz.notice.cropped")
    said = finding("kz.notice.cropped", FindingOutcome.WARNING, text=NOTICE.text)
    axes = (*INTACT[:3], "undetermined")
    block = flat(asset_block(asset(*axes, notices=(doubted,), findings=(said,)), "en"))
    assert block.count(sentence("kz.notice.cropped", "en", text=NOTICE.text).rstrip(": ")) == 1
    assert "notice undetermined, not judged: " in block


def test_the_footer_says_how_to_add_a_trust_list() -> None:
    text = flat(footer(report(asset(*INTACT)), "en"))
    assert "kzlabel trust update" in text
    assert "kzlabel trust add FILE" in text
    assert "--trust PEM" in text
    assert "total: assets: 1; compliant: 1" in text
    none = (finding("kz.trust.none", FindingOutcome.WARNING),)
    assert "kz.trust.none" not in asset_block(asset(*INTACT, findings=none), "en")


def test_the_footer_names_the_trust_lists() -> None:
    lists = (TrustListReport(name="C2PA", kind="claim tsa", date="2026-11-01", sha256="00"),)
    text = flat(footer(report(lists=lists), "ru"))
    assert "C2PA (подписавшие манифесты, службы меток времени, 2026-11-01)" in text
    assert "trust update" not in text


def test_a_signer_without_a_name_takes_no_line() -> None:
    label = structs.replace(
        MANIFEST, signer=Signer(), created=None, system=None, origin=Origin.UNDECLARED
    )
    block = asset_block(asset(*INTACT, labels=(label,)), "en")
    assert "manifest c2pa (embedded): valid; owner or possessor Example LLP\n" in block
    assert "signed by" not in block


# --- Width ----------------------------------------------------------------------------------------


@pytest.fixture
def terminal(monkeypatch):
    return lambda width: monkeypatch.setenv("COLUMNS", str(width))


def without_colour(text: str) -> list[str]:
    return [line.rstrip() for line in re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines()]


def long_asset() -> AssetReport:
    said = (finding("kz.undeclared", FindingOutcome.INFORMATIONAL),)
    return asset("ai-generated", "broken", "untrusted", "absent", labels=(MANIFEST,), findings=said)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("asked", "width"), [(20, 60), (60, 60), (77, 77), (140, 140)])
def test_a_terminal_gets_lines_of_its_width(terminal, language, asked, width) -> None:
    terminal(asked)
    one = report(long_asset())
    lines = without_colour(whole(one, language, colour=True))
    assert max(map(len, lines)) <= width
    assert max(map(len, lines)) > width - 25
    assert flat("\n".join(lines)) == flat(whole(one, language))


def test_what_is_piped_does_not_follow_the_terminal(terminal) -> None:
    terminal(60)
    lines = whole(report(long_asset()), "ru").splitlines()
    assert 80 < max(map(len, lines)) <= 100


def test_what_goes_on_stands_under_the_value() -> None:
    lines = asset_block(long_asset(), "kk").splitlines()
    column = len(re.match(r"\s+\S+\s{2,}", lines[1])[0])
    for line in lines[1:]:
        heading, value = line[:column], line[column:]
        assert value.strip()
        assert heading.endswith("  ")


@pytest.mark.parametrize("colour", [False, True])
def test_only_a_word_longer_than_a_line_is_broken(terminal, *, colour: bool) -> None:
    terminal(60)
    word = "x" * 300
    path = f"one two/{word}.jpg"
    row = error_row(path, UnreadableAssetError("kz.error.box", path=path, detail="cut here"))
    title, *rest = without_colour(asset_block(row, "en", colour=colour))
    assert title == path
    assert max(map(len, rest)) <= (60 if colour else 100)
    assert word in "".join("".join(rest).split())
    assert "is damaged: cut here" in flat("\n".join(rest))


# --- What is to be looked at ----------------------------------------------------------------------


def test_a_report_of_many_ends_with_those_to_look_at() -> None:
    bad = ("ai-generated", "broken", "trusted", "perceivable")
    doubtful = ("possibly-ai", "absent", "unknown", "absent")
    rows = (
        asset(*bad, path="bad.jpg"),
        asset(*INTACT, path="good.jpg"),
        asset(*doubtful, path="doubt\n.jpg"),
        error_row("gone.jpg", OSError(5, "no")),
    )
    piece = [*render(rows, lambda: report(*rows), "en")][-1]
    assert piece.splitlines()[:7] == [
        "noncompliant (1):",
        "  bad.jpg",
        "undetermined (1):",
        "  doubt\\n.jpg",
        "not looked at (1):",
        "  gone.jpg",
        "",
    ]
    assert "good.jpg" not in piece
    alone = [*render(rows[:1], lambda: report(rows[0]), "en")][-1]
    assert "bad.jpg" not in alone


def test_the_list_is_short_and_says_how_many_more() -> None:
    rows = [error_row(f"gone-{n}", OSError(5, "no")) for n in range(30)]
    rows += [
        asset("ai-generated", "broken", "trusted", "absent", path=f"bad-{n}") for n in range(40)
    ]
    piece = [*render(rows, lambda: report(*rows), "en")][-1]
    assert (piece.count("  bad-"), piece.count("  gone-")) == (40, 10)
    assert "not looked at (30):" in piece
    assert "  and 20 more\n" in piece


# --- What is said of the notice, of ingredients, of the signer ------------------------------------


UNSURE = ("ai-generated", "intact", "trusted", "undetermined")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("kz.notice.not-looked", "no notice was looked for; give --look to search"),
        ("kz.notice.external", "shown by the publisher"),
        ("kz.notice.undetermined", "not judged: cut"),
    ],
)
def test_an_undetermined_notice_says_why_once(code: str, words: str) -> None:
    said = (finding(code, FindingOutcome.INFORMATIONAL, detail="cut"),)
    unjudged = structs.replace(NOTICE, perceivable=None, code="kz.notice.undetermined")
    for notices in ((), (unjudged,)):
        block = flat(asset_block(asset(*UNSURE, findings=said, notices=notices), "en"))
        assert block.count(words) == 1
        assert "notice undetermined, not judged: " in block
        assert ("notice “AI-generated”" in block) == bool(notices)


def test_a_reason_without_a_detail_ends_where_it_ends() -> None:
    said = (finding("kz.notice.undetermined", FindingOutcome.WARNING, detail=""),)
    block = asset_block(asset(*UNSURE, findings=said), "en")
    assert "undetermined, not judged\n" in block
    words = {"detail": "AI-generated", "text": "AI-generated"}
    said = (finding("kz.notice.undetermined", FindingOutcome.WARNING, **words),)
    assert "undetermined, not judged\n" in asset_block(asset(*UNSURE, findings=said), "en")
    cause = UnreadableAssetError("kz.error.text-size", path="a.txt", limit=9)
    said = (finding("kz.notice.undetermined", FindingOutcome.WARNING, detail=cause),)
    block = flat(asset_block(asset(*UNSURE, findings=said), "ru"))
    assert "предупреждение не оценено: в такой текст предупреждение вставляется до 9 байт" in block
    assert "не удалось оценить" not in block


def test_an_absent_notice_says_that_captions_are_not_looked_at() -> None:
    block = flat(asset_block(asset("ai-generated", "intact", "trusted", "absent"), "en"))
    assert (
        "a caption shown beside it, where people can perceive it, also satisfies Art. 21(2)"
        in block
    )
    silent = flat(asset_block(asset("undeclared", "absent", "unknown", "absent"), "en"))
    assert "a caption shown beside it" not in silent


def untrusted(outcome: FindingOutcome) -> Finding:
    return finding("signingCredential.untrusted", outcome, LabelKind.MANIFEST)


def test_an_untrusted_signer_is_a_warning_where_trust_is_no_must() -> None:
    said = (untrusted(FindingOutcome.FAILURE),)
    row = asset(*INTACT, findings=said)
    assert "! the signer is not on the trust list" in asset_block(row, "en")
    four = Axes(
        origin=Origin.AI_GENERATED, integrity=Integrity.INTACT, trust=Trust.UNTRUSTED,
        notice=NoticeState.PERCEIVABLE,
    )  # fmt: skip
    verdict, requirements = evaluate(load("kz-strict"), four, findings=said)
    strict = structs.replace(row, verdict=verdict, requirements=requirements)
    assert "✗ the signer is not on the trust list" in asset_block(strict, "en")


def test_a_foreign_companion_is_no_failure_of_a_compliant_file() -> None:
    said = (finding("kz.sidecar.digest-mismatch", FindingOutcome.FAILURE, LabelKind.SIDECAR),)
    block = asset_block(asset(*INTACT, findings=said), "en")
    assert "COMPLIANT" in block
    assert "! the signed sidecar is about another file" in block
    assert "✗" not in block


def test_a_citation_is_not_torn() -> None:
    blocks = [asset_block(long_asset(), language) for language in LANGUAGES]
    ends = [line.split()[-1] for block in blocks for line in block.splitlines()]
    assert not {"№", "No.", "Art.", "ст.", "п."} & set(ends)


def test_a_broken_hash_stays_a_failure() -> None:
    said = (finding("assertion.dataHash.mismatch", FindingOutcome.FAILURE, LabelKind.MANIFEST),)
    block = asset_block(asset("ai-generated", "broken", "trusted", "absent", findings=said), "en")
    assert "✗ the file was changed after it was signed" in block


def test_an_ingredient_s_finding_says_so_and_nothing_is_said_twice() -> None:
    said = (
        untrusted(FindingOutcome.FAILURE),
        untrusted(FindingOutcome.WARNING),
        untrusted(FindingOutcome.WARNING),
        untrusted(FindingOutcome.INFORMATIONAL),
    )
    block = asset_block(asset(*INTACT, findings=said), "en")
    assert block.count("the signer is not on the trust list") == 2
    assert "! the signer is not on the trust list" in block
    assert "! of an ingredient: the signer is not on the trust list" in block
    assert "(x2)" in block


def test_a_conflict_is_said_in_the_readers_words() -> None:
    evidence = {"first_evidence": "standard", "second_evidence": "signed"}
    codes = {f"{name}.code": f"kz.origin.evidence.{value}" for name, value in evidence.items()}
    values = {
        "first": "iptc",
        "first_origin": "ai-generated",
        "second": "c2pa",
        **evidence,
        **codes,
    }
    said = (finding("kz.origin.conflict", FindingOutcome.WARNING, **values),)
    block = flat(asset_block(asset(*INTACT, findings=said), "ru"))
    words = "iptc [стандартные метаданные] — «создано системой искусственного интеллекта», "
    assert f"{words}c2pa [подпись] — «не ИИ»" in block


BROKEN = ("ai-generated", "broken", "untrusted", "absent")


def pieces_of_advice(block: str) -> list[str]:
    return [line.strip() for line in block.splitlines() if "→" in line]


def test_what_must_be_and_is_not_says_what_to_do_once() -> None:
    changed = finding("assertion.dataHash.mismatch", FindingOutcome.FAILURE, LabelKind.MANIFEST)
    said = pieces_of_advice(asset_block(asset(*BROKEN, findings=(changed,)), "en"))
    assert len(said) == 2
    assert said[0].startswith("→ do not rely on this label")
    assert said[1].startswith("→ show people a notice beside the file")
    unmarked = asset_block(asset("possibly-ai", "unprotected", "unknown", "absent"), "en")
    assert len(pieces_of_advice(unmarked)) == 1


def test_what_holds_or_only_should_be_asks_for_nothing() -> None:
    assert pieces_of_advice(asset_block(asset(*INTACT), "en")) == []
    assert (
        pieces_of_advice(asset_block(asset("undeclared", "absent", "unknown", "absent"), "en"))
        == []
    )


def test_what_the_notice_s_own_line_says_is_not_said_again() -> None:
    said = (finding("kz.notice.not-looked", FindingOutcome.INFORMATIONAL),)
    block = asset_block(
        asset("ai-generated", "intact", "trusted", "undetermined", findings=said), "en"
    )
    assert block.count("--look") == 1
    assert pieces_of_advice(block) == []


@pytest.mark.parametrize(("language", "word"), [("ru", "внутри файла"), ("kk", "файл ішінде")])
def test_where_a_label_lies_is_translated(language: str, word: str) -> None:
    block = asset_block(asset(*INTACT, labels=(MANIFEST,)), language)
    assert f"c2pa ({word})" in block
    assert "embedded" not in block


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_row_that_says_not_ai_names_no_manifest(language: str) -> None:
    axis = sentence("kz.origin.not-ai", language)
    mark = LabelReport(
        kind=LabelKind.MARKER, scheme="iptc", state=LabelState.UNSIGNED, origin=Origin.NOT_AI
    )
    line = label_line(mark, language)
    assert sentence("kz.report.says.not-ai", language) in line
    assert axis not in line


def test_a_code_is_neither_unsigned_nor_what_decides() -> None:
    code = LabelReport(
        kind=LabelKind.CODE, scheme="kzlabel", state=LabelState.UNSIGNED,
        origin=Origin.AI_GENERATED, where="symbol", evidence=Evidence.VENDOR,
    )  # fmt: skip
    row = asset("ai-generated", "unprotected", "unknown", "perceivable", labels=(code,))
    block = flat(asset_block(row, "en"))
    assert "its signature was not checked, as the key is unknown" in block
    assert "the signature of a code decides nothing about the file" in block
    assert "not bound to the content" in block
    assert "vendor" not in block
    assert "anybody can change" not in block


def test_what_to_do_is_said_of_a_notice_that_nobody_could_tell() -> None:
    unread = finding("kz.notice.no-ocr", FindingOutcome.WARNING)
    alone = finding("kz.notice.symbol", FindingOutcome.WARNING)
    code = NoticeReport(
        medium="symbol", text="", languages=(), perceivable=None, code="kz.notice.symbol"
    )
    axes = ("undeclared", "absent", "unknown", "undetermined")
    said = flat(asset_block(asset(*axes, findings=(alone, unread), notices=(code,)), "en"))
    assert "not judged: the words on the picture were not read" in said
    assert said.count("were not read") == 1
    assert "→ install the reader of words, or let a person look" in said


@pytest.mark.parametrize("kind", [LabelKind.MANIFEST, LabelKind.SIDECAR])
def test_a_label_of_which_nothing_could_be_read_is_not_said_to_have_failed(kind: LabelKind) -> None:
    ruined = LabelReport(kind=kind, scheme="c2pa", state=LabelState.INVALID, where="embedded")
    axes = ("undeclared", "unreadable", "unknown", "absent")
    assert "(embedded): could not be read" in asset_block(asset(*axes, labels=(ruined,)), "en")
    for told in ({"system": "M"}, {"label_id": "urn:uuid:1"}, {"origin": Origin.AI_GENERATED}):
        read = structs.replace(ruined, **told)
        assert "(embedded): invalid" in asset_block(asset(*axes, labels=(read,)), "en")
