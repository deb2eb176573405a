"""A notice in words: where it stands, how it is seen, and what a hint may make of it."""

# ruff: noqa: RUF001  look-alike letters are what is tested
from __future__ import annotations

import pytest

from kzlabel.model import NoticeStyle, Placement, Statement
from kzlabel.notices.prose import FIRST_CHARACTERS, Run, judge_pages, judge_runs
from kzlabel.notices.words import words

WORDS = "Жасанды интеллект жасаған · Создано искусственным интеллектом\n"
HIDDEN, UNDETERMINED = "kz.notice.hidden", "kz.notice.undetermined"


def hint(style=NoticeStyle.INLINE, languages=("kk", "ru"), statement=Statement.CREATED, **more):
    lines = tuple(held.long for held in words(statement, languages))
    given = {"statement": statement, "style": style, "languages": languages, "lines": lines}
    return Placement(**(given | more))


def judged(*runs, hints=None):
    (report,) = judge_runs(runs, (hint(),) if hints is None else hints, search=False)
    return report


def searched(*runs):
    return [(r.code, r.perceivable) for r in judge_runs(runs, (), search=True)]


def test_first_and_visible_is_perceivable():
    report = judged(Run(WORDS, line=1, measures={"em_points": 11.0}), Run("Text.\n" * 500))
    assert (report.code, report.perceivable) == ("kz.notice.perceivable", True)
    assert report.languages == ("kk", "ru")
    assert report.text == WORDS.strip()
    assert report.measures == {"line": 1.0, "before": 0.0, "em_points": 11.0}


@pytest.mark.parametrize(
    ("runs", "code"),
    [
        ((Run("Text. " * 900), Run(WORDS)), "kz.notice.buried"),
        ((Run("\n" * 90), Run(WORDS)), "kz.notice.buried"),
        ((*[Run("\n")] * 90, Run(WORDS)), "kz.notice.buried"),
        ((Run(" " * 900 + WORDS),), "kz.notice.buried"),
        ((Run("\u200b" * 9000 + WORDS),), "kz.notice.buried"),
        ((Run("\u200b" * 60 + WORDS),), "kz.notice.perceivable"),
        *(
            ((Run(f"{blank}\n" * 500), Run(WORDS)), "kz.notice.buried")
            for blank in "\u200b\xad\ufe0f\u2800\u3164\u0301\x01*a"
        ),
        ((Run("\u2028\u200b" * 500 + WORDS),), "kz.notice.buried"),
        ((Run("\v\u200b" * 500 + WORDS),), "kz.notice.buried"),
        ((Run((" " * 70 + "\u200b") * 300 + WORDS),), "kz.notice.buried"),
        ((Run("\u200b " * 5000 + WORDS),), "kz.notice.buried"),
        ((Run("".join(f"{c}\u0300\u0301\u0302" for c in WORDS)),), UNDETERMINED),
        ((Run("".join(f"{c}\u0336" for c in WORDS)),), UNDETERMINED),
        ((Run("".join(f"{c}\u0301" for c in WORDS)),), "kz.notice.perceivable"),
        ((Run(WORDS), Run("z" + "\u0316" * 50)), UNDETERMINED),
        ((Run(WORDS.replace(" ", "\x9b ")),), UNDETERMINED),
        ((Run("\u202e\u202a\u202c"), Run(WORDS)), "kz.notice.turned"),
        ((Run("Title\n\n"), Run("    By nobody\n"), Run(WORDS)), "kz.notice.perceivable"),
        ((Run(WORDS, HIDDEN), Run("Text\n")), HIDDEN),
        ((Run(WORDS, "kz.notice.faint"),), "kz.notice.faint"),
        ((Run(WORDS, "kz.notice.small"),), "kz.notice.small"),
        ((Run(WORDS, UNDETERMINED),), UNDETERMINED),
        ((Run(WORDS, HIDDEN), Run(WORDS)), "kz.notice.perceivable"),
        ((Run("Text. " * 900), Run(WORDS, HIDDEN)), HIDDEN),
        ((Run(WORDS[:10]), Run("x", HIDDEN), Run(WORDS[10:])), "kz.notice.perceivable"),
        ((Run(WORDS[:10]), Run(WORDS[10:30], HIDDEN), Run(WORDS[30:])), HIDDEN),
        ((Run(WORDS[:10]), Run("x", HIDDEN), Run(WORDS[10:], UNDETERMINED)), UNDETERMINED),
        ((Run("Жасанды интеллект\n"), Run("жасаған\n")), "kz.notice.missing"),
        ((Run("Жасанды интеллект жасаған\n"), Run("Text\n")), "kz.notice.incomplete"),
        ((Run("Жасанды интеллект жасаған\n"), Run("Создано ИИ\n", HIDDEN)), HIDDEN),
        ((Run("Jasandy intellekt jasağan\n"), Run("Создано ИИ\n")), "kz.notice.other-script"),
        ((Run("Не " + WORDS[28:]), Run("ЖИ жасаған емес")), "kz.notice.missing"),
        ((Run("Изменено ИИ\n"), Run("ЖИ өзгерткен\n")), "kz.notice.missing"),
        ((Run("\u202e"), Run(WORDS)), "kz.notice.turned"),
        ((Run("\u202eabc\u202c "), Run(WORDS)), "kz.notice.perceivable"),
        ((Run("\u202eabc\n"), Run(WORDS)), "kz.notice.perceivable"),
        ((Run("Text\n"),), "kz.notice.missing"),
        ((), "kz.notice.missing"),
    ],
)  # fmt: skip
def test_as_good_as_it_is_seen(runs, code):
    report = judged(*runs)
    assert report.code == code
    states = {"kz.notice.perceivable": True, UNDETERMINED: None}
    assert report.perceivable is states.get(code, False)


def test_how_far_down_is_still_the_start():
    assert judged(Run("x" * (FIRST_CHARACTERS - 1) + "\n"), Run(WORDS)).perceivable
    report = judged(Run("x" * (FIRST_CHARACTERS + 1) + "\n"), Run(WORDS, line=2))
    assert (report.code, report.measures["before"]) == ("kz.notice.buried", FIRST_CHARACTERS + 1)
    (slide,) = judge_runs((Run("x" * 900 + "\n"), Run(WORDS)), (hint(),), search=False, first=1000)
    assert slide.perceivable


@pytest.mark.parametrize(
    "hostile",
    [
        {"lines": ("x" * 100_000,)}, {"lines": ()}, {"lines": ("",)}, {"lines": ("AI",)},
        {"lines": ("Создано искусственным интеллектом и людьми",)}, {"statement": Statement.MODIFIED},
    ],
)  # fmt: skip
def test_a_hint_that_is_not_in_our_words_is_not_believed(hostile):
    report = judged(Run(WORDS), hints=(hint(**{"lines": hint().lines} | hostile),))
    assert report.perceivable is not True
    assert len(report.text) <= 500


def test_one_row_for_each_hint_in_order_however_many():
    both = (hint(statement=Statement.MODIFIED), hint())
    reports = judge_runs((Run(WORDS),), both * 20, search=False)
    assert [report.perceivable for report in reports[:2]] == [False, True]
    assert len(reports) == 40
    assert {report.perceivable for report in reports[8:]} == {None}


PAGES = hint(NoticeStyle.PAGES)


def test_on_every_page_where_that_is_declared():
    (report,) = judge_pages([(Run(WORDS),)] * 3, (PAGES,), search=False)
    assert report.perceivable
    assert report.measures == {"before": 0.0, "page": 1.0, "pages": 3.0}


@pytest.mark.parametrize(("bare", "page"), [(0, 1.0), (2, 3.0)])
def test_a_page_without_it(bare, page):
    pages = [(Run(WORDS),)] * 4
    pages[bare] = (Run("Text\n"),)
    (report,) = judge_pages(pages, (PAGES,), search=False)
    assert (report.code, report.perceivable) == ("kz.notice.missing-pages", False)
    assert (report.measures["page"], report.measures["pages"]) == (page, 3.0)


def test_the_worst_page_counts():
    pages = [(Run(WORDS),), (Run(WORDS, UNDETERMINED),), (Run(WORDS, HIDDEN),)]
    (report,) = judge_pages(pages, (PAGES,), search=False)
    assert (report.code, report.measures["page"]) == (HIDDEN, 3.0)


def test_the_first_page_is_all_that_is_taken_for_it():
    def pages():
        yield (Run(WORDS),)
        raise AssertionError

    (report,) = judge_pages(pages(), (hint(NoticeStyle.PAGE),), search=False)
    assert report.perceivable


def test_searching_without_a_hint():
    assert searched(Run("Title\n"), Run(WORDS)) == [("kz.notice.perceivable", True)]
    assert searched(Run("Title\n"), Run(WORDS, HIDDEN)) == [(HIDDEN, False)]
    assert searched(Run("Nothing of the kind\n")) == []
    assert judge_runs((Run(WORDS),), (), search=False) == ()
    assert len(searched(Run(WORDS), Run("Изменено ИИ\n"))) == 2


def test_prose_about_ai_is_no_notice():
    prose = "AI-generated images flood the web faster than anybody had expected them to.\n"
    assert searched(Run(prose)) == []
    assert searched(Run("AI-generated art\n")) == [("kz.notice.mentioned", None)]
    assert searched(Run("AI-generated content: what the law says\n"))[0][1] is None
    wrapped = "Как отличить тексты,\nсозданные нейросетью,\nот написанных людьми.\n"
    assert searched(Run(wrapped))[0][1] is None
    report = judged(Run(prose), hints=(hint(languages=("en",)),))
    assert report.code == "kz.notice.missing"


@pytest.mark.parametrize("end", ["?\n", " — неправда\n", ". Нет.\n", ": 0 %\n"])
def test_declared_words_that_are_asked_or_denied_say_nothing(end):
    report = judged(Run(f"Создано ИИ{end}"), hints=(hint(languages=("ru",)),))
    assert (report.code, report.perceivable) == ("kz.notice.missing", False)


FAR = Run("Much is said of much else here.\n" * 60)


def test_a_notice_further_down_is_told_from_none():
    assert searched(FAR, Run(WORDS)) == [("kz.notice.buried", False)]
    assert searched(FAR, Run("Текст создан ИИ\n")) == [("kz.notice.buried", False)]
    assert searched(FAR, Run("This image was made with AI.\n")) == [("kz.notice.buried", False)]
    (report,) = judge_pages([(FAR,), (FAR,), (Run(WORDS),)], (), search=True)
    assert (report.code, report.measures["page"]) == ("kz.notice.buried", 3.0)


@pytest.mark.parametrize(
    "prose",
    [
        "Images created by AI\n", "AI-generated content\n", "Much is said. Создано ИИ\n", "слова,\nсозданные ИИ\n",
        "which of them are\nAI-generated\n", "Создано ИИ\nили человеком, неясно.\n", "Тексты, созданные ИИ\n",
        "the labels are: AI-generated, human\n", "ЖИ жасаған мәтіндер\n",
    ],
)  # fmt: skip
def test_prose_further_down_is_no_notice(prose):
    assert searched(FAR, Run(prose)) == []
    assert judge_pages([(FAR,), (Run(prose),)], (), search=True) == ()


def test_a_notice_on_the_first_page_is_enough():
    def pages():
        yield (Run(WORDS),)
        raise AssertionError

    assert judge_pages(pages(), (), search=True)[0].perceivable


def test_a_page_of_any_size():
    runs = [Run("слово ", HIDDEN if at % 2 else "kz.notice.perceivable") for at in range(20_000)]
    assert judged(*runs, Run(WORDS)).code == "kz.notice.buried"
    assert judged(Run("x" * 1_000_000), Run(WORDS)).code == "kz.notice.missing"
