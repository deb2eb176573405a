"""The notice label: which styles a medium gets, and what is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kzlabel.credential import development
from kzlabel.errors import RefusedError, UsageError
from kzlabel.labels.notice import NoticeLabel
from kzlabel.model import (
    OUTSIDE,
    STYLES,
    Disclosure,
    FindingOutcome,
    FormatSpec,
    Medium,
    Notice,
    NoticeConfig,
    NoticeStyle,
    Placement,
    Provider,
    Region,
    Span,
    Statement,
    Step,
    System,
)
from kzlabel.trust import TrustStore

CREDENTIAL = development()
OVERLAY, STRIP, PREPEND, MIX, PAGE, PAGES, INLINE, EXTERNAL, NONE = NoticeStyle


@dataclass
class Room:
    """A container of one medium that remembers what notices it was given."""

    medium: Medium
    asked: list[Notice] = field(default_factory=list)
    flaws: tuple[str, ...] = ()

    @property
    def spec(self) -> FormatSpec:
        return FormatSpec(name="ROOM", medium=self.medium, media_types=("x/y",), suffixes=(".x",))

    def write_notice(self, src: Path, dst: Path, notice: Notice) -> Placement:
        assert src.exists()
        self.asked.append(notice)
        dst.write_bytes(src.read_bytes() + notice.style.encode())
        drawn = notice.style in (OVERLAY, STRIP)
        return Placement(
            statement=notice.statement, style=notice.style, languages=notice.languages,
            lines=("words",), medium="visible" if drawn else "audible",
            region=Region(x=0, y=0, w=1, h=0.1) if drawn else None,
            spans=() if drawn else (Span(start=0, end=3),), duration=9.0, flaws=self.flaws,
        )  # fmt: skip


def step_of(folder: Path, room: Room, **config: object) -> Step:
    source = folder / "source.x"
    source.write_bytes(b"content ")
    said = Disclosure(
        statement=Statement.CREATED, system=System(name="M"), provider=Provider(name="P")
    )
    return Step(
        source=source, asset=source, folder=folder, name="out.x", format=room, media_type="x/y",
        disclosure=said, notice=NoticeConfig(**config), credential=CREDENTIAL, trust=TrustStore(),
    )  # fmt: skip


@pytest.mark.parametrize("medium", [Medium.IMAGE, Medium.AUDIO, Medium.VIDEO])
def test_without_a_style_a_medium_gets_its_own(tmp_path, medium):
    room = Room(medium)
    NoticeLabel().apply(step_of(tmp_path, room))
    assert [notice.style for notice in room.asked] == [STYLES[medium][0]]


@pytest.mark.parametrize(
    ("medium", "asked", "given"),
    [
        (Medium.VIDEO, (OVERLAY, MIX), (OVERLAY, MIX)),
        (Medium.VIDEO, (MIX, MIX), (MIX,)),
        (Medium.AUDIO, (STRIP, MIX), (MIX,)),
        (Medium.IMAGE, (STRIP, MIX), (STRIP,)),
        (Medium.IMAGE, (MIX, EXTERNAL), (EXTERNAL,)),
        (Medium.AUDIO, (PREPEND, NONE), (PREPEND,)),
        (Medium.IMAGE, (MIX,), ()),
        (Medium.VIDEO, (PREPEND,), ()),
        (Medium.TEXT, (NoticeStyle.PAGES,), (NoticeStyle.INLINE,)),
        (Medium.TEXT, (OVERLAY, NoticeStyle.PAGE, EXTERNAL), (NoticeStyle.INLINE,)),
        (Medium.DOCUMENT, (NoticeStyle.INLINE,), (NoticeStyle.PAGE,)),
        (Medium.DOCUMENT, (NoticeStyle.INLINE, NoticeStyle.PAGES), (NoticeStyle.PAGES,)),
        (Medium.DOCUMENT, (OVERLAY, EXTERNAL), (EXTERNAL,)),
        (Medium.IMAGE, (NoticeStyle.PAGES,), ()),
    ],
)
def test_of_several_styles_a_medium_takes_what_it_can_carry(medium, asked, given):
    assert NoticeConfig(style=asked).styles_of(medium) == given


@pytest.mark.parametrize("medium", STYLES)
@pytest.mark.parametrize("style", OUTSIDE)
def test_any_medium_may_have_nothing_inside(tmp_path, medium, style):
    room = Room(medium)
    after = NoticeLabel().apply(step_of(tmp_path, room, style=style))
    assert not room.asked
    assert after.asset == after.source
    assert [finding.code for finding in after.findings] == [f"kz.notice.{style}"]


def test_what_a_medium_cannot_carry_is_refused_by_name(tmp_path):
    with pytest.raises(RefusedError) as caught:
        NoticeLabel().apply(step_of(tmp_path, Room(Medium.IMAGE), style=MIX))
    assert caught.value.code == "kz.error.notice-style"
    assert "mix" in str(caught.value)
    assert "overlay, strip, external, none" in str(caught.value)


def test_two_notices_are_given_one_over_the_other(tmp_path):
    room = Room(Medium.VIDEO)
    config = {"style": (OVERLAY, MIX), "every": 5.0, "seconds": 4.0, "recording": "own.wav"}
    after = NoticeLabel().apply(step_of(tmp_path, room, **config))
    assert after.asset.read_bytes() == b"content overlaymix"
    assert [entry.medium for entry in after.placements] == ["visible", "audible"]
    for notice in room.asked:
        assert (notice.every, notice.seconds, notice.recording) == (300.0, 4.0, "own.wav")


def test_the_notice_of_the_other_sense_is_given_where_one_is_kept(tmp_path):
    from dataclasses import replace

    room = Room(Medium.VIDEO)
    step = step_of(tmp_path, room, style=(OVERLAY, MIX))
    kept = Placement(
        statement=Statement.CREATED, style=MIX, languages=("kk",), lines=("words",),
        medium="audible", spans=(Span(start=0, end=3),), duration=9.0,
    )  # fmt: skip
    after = NoticeLabel().apply(replace(step, kept_notices=(kept,)))
    assert [notice.style for notice in room.asked] == [OVERLAY]
    assert after.placements[1] == kept
    assert [finding.code for finding in after.findings] == ["kz.notice.kept"]


@pytest.mark.parametrize(
    ("medium", "style", "unused"),
    [
        (Medium.IMAGE, OVERLAY, ["--recording", "--seconds", "--every"]),
        (Medium.AUDIO, PREPEND, ["--seconds", "--corner"]),
        (Medium.VIDEO, OVERLAY, ["--recording"]),
        (Medium.VIDEO, (OVERLAY, MIX), []),
        (Medium.TEXT, INLINE, ["--recording", "--seconds", "--every", "--corner"]),
    ],
)
def test_settings_without_use_are_said(tmp_path, medium, style, unused):
    config = {"every": 5.0, "seconds": 4.0, "recording": "own.wav", "corner": "top-left"}
    after = NoticeLabel().apply(step_of(tmp_path, Room(medium), style=style, **config))
    assert [one.values["value"] for one in after.findings] == unused


@pytest.mark.parametrize(
    "wrong",
    [{"every": 0}, {"every": -1.0}, {"every": float("nan")}, {"seconds": 1.9},
     {"seconds": float("inf")}, {"style": "loud"}, {"style": ["mix", "loud"]}],
)  # fmt: skip
def test_numbers_that_cannot_be_are_refused_at_the_door(wrong):
    from kzlabel._door import valid

    with pytest.raises(UsageError):
        valid(wrong, NoticeConfig)


def test_what_is_amiss_with_its_place_is_said(tmp_path):
    room = Room(Medium.DOCUMENT, flaws=("kz.notice.covers",))
    after = NoticeLabel().apply(step_of(tmp_path, room))
    assert [(said.code, said.outcome) for said in after.findings] == [
        ("kz.notice.covers", FindingOutcome.WARNING)
    ]
    assert after.placements[0].flaws == room.flaws
