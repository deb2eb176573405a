from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kzlabel.errors import RefusedError
from kzlabel.formats._animation import Box, Dispose, FramePlan, FrameRect, plan

PATH = Path("a.gif")
FULL = Box(0, 0, 12, 12)
PLATE = Box(1, 9, 7, 11)
KEEP, BACK, PREV = Dispose.KEEP, Dispose.BACKGROUND, Dispose.PREVIOUS


def test_full_frames_stamp_the_whole_plate() -> None:
    frames = [FrameRect(FULL, dispose) for dispose in (KEEP, BACK, PREV)]
    assert all(p == FramePlan(FULL, PLATE, extended=False) for p in plan(frames, PLATE, path=PATH))


def test_a_small_first_frame_is_extended_to_the_plate() -> None:
    (only,) = plan([FrameRect(Box(8, 0, 10, 2))], PLATE, path=PATH)
    assert only == FramePlan(Box(1, 0, 10, 11), PLATE, extended=True)


def test_a_frame_away_from_a_kept_plate_is_left_alone() -> None:
    sprite = Box(8, 0, 10, 2)
    plans = plan([FrameRect(FULL), FrameRect(sprite)], PLATE, path=PATH)
    assert plans[1].rect == sprite
    assert plans[1].stamp.empty


def test_a_frame_that_paints_on_the_plate_stamps_that_part() -> None:
    plans = plan([FrameRect(FULL), FrameRect(Box(5, 5, 12, 10))], PLATE, path=PATH)
    assert plans[1] == FramePlan(Box(5, 5, 12, 10), Box(5, 9, 7, 10), extended=False)


def test_what_was_cleared_is_stamped_again() -> None:
    frames = [FrameRect(FULL), FrameRect(Box(5, 5, 12, 10), BACK), FrameRect(Box(0, 0, 2, 2))]
    plans = plan(frames, PLATE, path=PATH)
    assert plans[2] == FramePlan(Box(0, 0, 7, 10), PLATE.meet(Box(0, 0, 7, 10)), extended=True)


def test_what_was_undone_needs_no_stamp() -> None:
    frames = [FrameRect(FULL), FrameRect(Box(5, 5, 12, 10), PREV), FrameRect(Box(0, 0, 2, 2))]
    assert plan(frames, PLATE, path=PATH)[2].stamp.empty


@pytest.mark.parametrize(
    "frame", [FrameRect(Box(0, 0, 2, 2), BACK), FrameRect(Box(0, 0, 2, 2), over=False)]
)
def test_a_frame_that_would_wipe_its_surroundings_is_refused(frame: FrameRect) -> None:
    frames = [FrameRect(FULL), FrameRect(Box(5, 5, 12, 10), BACK), frame]
    with pytest.raises(RefusedError, match=r"a\.gif: .*frame 3"):
        plan(frames, PLATE, path=PATH)


def test_clearing_frames_extend_over_a_cleared_canvas() -> None:
    frames = [FrameRect(FULL, BACK), FrameRect(Box(8, 0, 10, 2), BACK, over=False)]
    assert plan(frames, PLATE, path=PATH)[1].extended


# --- A canvas in miniature: each plan is played beside the original -------------------------------

boxes = st.tuples(*[st.integers(0, 12)] * 4).map(
    lambda t: Box(min(t[0], t[2]), min(t[1], t[3]), max(t[0], t[2]) + 1, max(t[1], t[3]) + 1)
)
frames_of = st.builds(FrameRect, boxes, st.sampled_from(Dispose), st.booleans())
Canvas = dict[tuple[int, int], int]


def pixels(box: Box) -> list[tuple[int, int]]:
    return [(x, y) for x in range(box.left, box.right) for y in range(box.top, box.bottom)]


def play(frames: list[FrameRect], drawn: list[Canvas], own: list[Box]) -> list[Canvas]:
    canvas: Canvas = {}
    shown = []
    for number, (frame, ink, rect) in enumerate(zip(frames, drawn, own, strict=True)):
        before = dict(canvas)
        if not frame.over:
            canvas = {at: colour for at, colour in canvas.items() if at not in set(pixels(rect))}
        canvas.update(ink)
        shown.append(dict(canvas))
        if frame.dispose is PREV and number:
            canvas = before
        elif frame.dispose is not KEEP:
            canvas = {at: colour for at, colour in canvas.items() if at not in set(pixels(rect))}
    return shown


@pytest.mark.slow
@settings(deadline=None, max_examples=60)
@given(st.lists(frames_of, min_size=1, max_size=6), boxes, st.randoms(use_true_random=False))
def test_every_frame_shows_the_plate_and_nothing_else_changes(frames, plate, random) -> None:
    try:
        plans = plan(frames, plate, path=PATH)
    except RefusedError:
        return
    ink = [
        {at: number + 1 for at in pixels(frame.rect) if random.random() < 0.7}
        for number, frame in enumerate(frames)
    ]
    stamped = [i | dict.fromkeys(pixels(p.stamp), 99) for i, p in zip(ink, plans, strict=True)]
    before = play(frames, ink, [frame.rect for frame in frames])
    after = play(frames, stamped, [p.rect for p in plans])
    inside = set(pixels(plate))
    for old, new in zip(before, after, strict=True):
        assert all(new.get(at) == 99 for at in inside)
        assert {a: c for a, c in new.items() if a not in inside} == {
            a: c for a, c in old.items() if a not in inside
        }
