"""Tampering, each caught and named by the right axis; and nothing caught where nothing is wrong."""

from __future__ import annotations

import io
import struct

import c2pa
import pytest
from PIL import Image, ImageDraw
from samples import FIXTURES

import kzlabel
from kzlabel import _pem
from kzlabel.model import (
    Integrity,
    NoticeState,
    Origin,
    Trust,
    Verdict,
)


@pytest.fixture
def png(tmp_path):
    """A PNG with alpha, large enough for an overlay."""
    path = tmp_path / "picture.png"
    with Image.open(FIXTURES / "picture.jpg") as picture:
        picture.convert("RGBA").save(path)
    return path


def pixels(placement) -> tuple[int, int, int, int]:
    at, width, height = placement.region, placement.width, placement.height
    box = (at.x * width, at.y * height, (at.x + at.w) * width, (at.y + at.h) * height)
    return tuple(round(edge) for edge in box)


def redrawn(change):
    """Harm the pixels of the plate by `change(picture, box)`."""

    def harm(path, placement):
        with Image.open(path) as picture:
            picture.load()
        change(picture, pixels(placement))
        picture.save(path, "PNG")

    return harm


def painted_over(picture, box):
    ImageDraw.Draw(picture).rectangle(box, (90, 140, 60, 255))


def made_transparent(picture, box):
    hole = Image.new("RGBA", (box[2] - box[0], box[3] - box[1]), (0, 0, 0, 0))
    picture.paste(hole, box[:2])


def words_kept_plate_transparent(picture, box):
    plate = picture.crop(box)
    plate.putalpha(plate.convert("L"))
    picture.paste(plate, box[:2])


def half_covered(picture, box):
    ImageDraw.Draw(picture).rectangle((*box[:2], (box[0] + box[2]) // 2, box[3]), (0, 0, 0, 255))


def made_faint(picture, box):
    plate = picture.crop(box).convert("L").point(lambda value: 120 + value // 12)
    picture.paste(plate.convert("RGBA"), box[:2])


def shrunk(picture, box):
    plate = picture.crop(box).resize(((box[2] - box[0]) // 3, (box[3] - box[1]) // 3))
    ImageDraw.Draw(picture).rectangle(box, (90, 140, 60, 255))
    picture.paste(plate, box[:2])


def other_words(picture, box):
    ImageDraw.Draw(picture).rectangle(box, (0, 0, 0, 255))
    ImageDraw.Draw(picture).text(box[:2], "Photograph: a photographer", (255, 255, 255, 255))


@pytest.mark.parametrize(
    "change",
    [painted_over, made_transparent, words_kept_plate_transparent, half_covered, made_faint,
     shrunk, other_words],
)  # fmt: skip
def test_a_hidden_notice_is_impaired_whatever_its_signer_says(dishonest, png, trust, change):
    row = kzlabel.verify(dishonest(png, redrawn(change)), trust=trust)
    assert (row.integrity, row.trust) == (Integrity.INTACT, Trust.TRUSTED)
    assert row.notice is NoticeState.IMPAIRED
    assert row.verdict is Verdict.NONCOMPLIANT


def test_the_honest_twin_is_perceivable(dishonest, png, trust):
    row = kzlabel.verify(dishonest(png, lambda *_: None), trust=trust)
    assert (row.notice, row.verdict) == (NoticeState.PERCEIVABLE, Verdict.COMPLIANT)


def test_paint_after_signing_breaks_and_impairs(tmp_path, disclosure, credential, trust):
    source, target = tmp_path / "in.bmp", tmp_path / "out.bmp"
    with Image.open(FIXTURES / "picture.jpg") as picture:
        picture.convert("RGB").save(source)
    made = kzlabel.label(source, target, disclosure, credential)
    left, top, right, bottom = pixels(made.placements[0])
    content = bytearray(target.read_bytes())
    start, width, height = (struct.unpack_from("<i", content, at)[0] for at in (10, 18, 22))
    for y in range(top, bottom):
        row = start + (height - 1 - y) * ((width * 3 + 3) // 4 * 4)
        content[row + left * 3 : row + right * 3] = b"\x40" * ((right - left) * 3)
    target.write_bytes(content)
    found = kzlabel.verify(target, trust=trust)
    assert (found.integrity, found.notice) == (Integrity.BROKEN, NoticeState.IMPAIRED)
    assert found.verdict is Verdict.NONCOMPLIANT


def test_an_embedded_manifest_in_another_picture_is_broken(
    tmp_path, png, disclosure, credential, trust
):
    labelled, thief = tmp_path / "labelled.png", tmp_path / "thief.png"
    kzlabel.label(png, labelled, disclosure, credential)
    held = labelled.read_bytes()
    start = held.index(b"caBX") - 4
    chunk = held[start : start + 12 + struct.unpack_from(">I", held, start)[0]]
    out = io.BytesIO()
    Image.new("RGBA", (400, 300), "green").save(out, "PNG")
    other = out.getvalue()
    at = other.index(b"IDAT") - 4
    thief.write_bytes(other[:at] + chunk + other[at:])
    row = kzlabel.verify(thief, trust=trust)
    assert (row.integrity, row.origin) == (Integrity.BROKEN, Origin.AI_GENERATED)
    assert row.verdict is Verdict.NONCOMPLIANT


def test_somebody_elses_camera_is_not_ai(tmp_path, credential, trust):
    facts = c2pa.C2paSignerInfo(
        b"es256", _pem.text(credential.chain).encode(), credential.private_key, None
    )
    kind = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"
    action = {"action": "c2pa.created", "digitalSourceType": kind}
    definition = {
        "claim_generator_info": [{"name": "A camera"}],
        "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": [action]}}],
    }
    out = io.BytesIO()
    with (FIXTURES / "picture.jpg").open("rb") as source:
        c2pa.Builder(definition).sign(c2pa.Signer.from_info(facts), "image/jpeg", source, out)
    path = tmp_path / "camera.jpg"
    path.write_bytes(out.getvalue())
    row = kzlabel.verify(path, trust=trust)
    assert (row.origin, row.integrity, row.trust) == (
        Origin.NOT_AI, Integrity.INTACT, Trust.TRUSTED,
    )  # fmt: skip
    assert row.verdict is Verdict.UNDECLARED
    path.write_bytes(out.getvalue()[:-400] + bytes(380) + out.getvalue()[-20:])
    assert kzlabel.verify(path, trust=trust).origin is not Origin.NOT_AI
