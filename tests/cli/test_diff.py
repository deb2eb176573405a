"""`kzlabel diff`: what tools that are not ours lose on the way."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest
from PIL import Image
from samples import FIXTURES, WHO, repeated

from kzlabel import label
from kzlabel.model import NoticeConfig, NoticeStyle


@pytest.fixture(scope="module")
def labelled(tmp_path_factory, credential):
    """A labelled picture and its sidecar, to be copied from."""
    from kzlabel.model import Disclosure, Provider, Statement, System

    said = Disclosure(
        statement=Statement.CREATED, system=System(name="Test Model", version="1.0"),
        provider=Provider(name="Test LLP"),
    )  # fmt: skip
    made = tmp_path_factory.mktemp("labelled") / "picture.jpg"
    label(FIXTURES / "picture.jpg", made, said, credential)
    return made


def difference(run, before, after, *options) -> tuple[int, dict]:
    ran = run("diff", before, after, "--format", "json", *options)
    assert not ran.err
    return ran.code, json.loads(ran.out)


def told(found: dict) -> dict[str, str]:
    """What became of each label, and how many fields and notices came to which end."""
    labels = {f"{(one['before'] or one['after'])['kind']}": one["fate"] for one in found["labels"]}
    for kind in ("fields", "notices"):
        ends = sorted({one["fate"] for one in found[kind]})
        labels[kind] = " ".join(ends)
    return labels


def test_the_same_file_lost_nothing(run, labelled) -> None:
    code, found = difference(run, labelled, labelled)
    assert (code, found["losses"], found["schema"]) == (0, 0, "kzlabel.diff/1")
    assert told(found) == {
        "manifest": "survived", "sidecar": "survived", "metadata": "survived",
        "fields": "survived", "notices": "survived",
    }  # fmt: skip
    assert found["companions"] == [{"fate": "survived", "lost": False, "suffix": ".kzlabel.json"}]


@pytest.mark.parametrize("name", ["a.jpg", "a.webp"])
def test_pillow_saves_it_again(run, labelled, tmp_path, name) -> None:
    after = tmp_path / name
    with Image.open(labelled) as picture:
        picture.save(after, quality=85)
    code, found = difference(run, labelled, after)
    assert code == 1
    assert told(found) == {
        "manifest": "vanished", "sidecar": "vanished", "metadata": "vanished",
        "fields": "vanished", "notices": "survived",
    }  # fmt: skip
    assert (found["before"]["verdict"], found["after"]["verdict"]) == ("compliant", "noncompliant")
    assert (found["before"]["origin"], found["after"]["origin"]) == ("ai-generated", "undeclared")
    assert found["after"]["media_type"] == ("image/jpeg" if name == "a.jpg" else "image/webp")
    assert found["losses"] == 3 + len(found["fields"]) + 1


@pytest.mark.slow
@pytest.mark.needs("exiftool")
def test_exiftool_strips_it(run, labelled, tmp_path) -> None:
    after = shutil.copy(labelled, tmp_path / "a.jpg")
    subprocess.run(["exiftool", "-q", "-overwrite_original", "-all=", after], check=True)
    code, found = difference(run, labelled, after)
    assert code == 1
    assert told(found) == {
        "manifest": "vanished", "sidecar": "vanished", "metadata": "vanished",
        "fields": "vanished", "notices": "survived",
    }  # fmt: skip


@pytest.mark.slow
@pytest.mark.needs("exiftool")
def test_a_cms_takes_the_xmp_and_keeps_the_manifest(run, labelled, tmp_path) -> None:
    after = shutil.copy(labelled, tmp_path / "a.jpg")
    shutil.copy(f"{labelled}.kzlabel.json", f"{after}.kzlabel.json")
    subprocess.run(["exiftool", "-q", "-overwrite_original", "-xmp:all=", after], check=True)
    code, found = difference(run, labelled, after)
    assert code == 1
    assert told(found) == {
        "manifest": "broke", "sidecar": "broke", "metadata": "vanished",
        "fields": "vanished", "notices": "survived",
    }  # fmt: skip
    assert (found["after"]["integrity"], found["after"]["origin"]) == ("broken", "ai-generated")
    assert found["companions"][0]["fate"] == "survived"


@pytest.mark.slow
@pytest.mark.needs("mogrify")
def test_imagemagick_resizes_it(run, labelled, tmp_path) -> None:
    after = shutil.copy(labelled, tmp_path / "a.jpg")
    subprocess.run(["mogrify", "-resize", "75%", after], check=True)
    code, found = difference(run, labelled, after)
    assert code == 1
    assert told(found) == {
        "manifest": "broke", "sidecar": "vanished", "metadata": "survived",
        "fields": "survived", "notices": "survived",
    }  # fmt: skip
    assert found["after"]["sha256"] != found["before"]["sha256"]


@pytest.mark.needs("ffmpeg")
@pytest.mark.slow
def test_ffmpeg_remuxes_it(run, keyed, tmp_path) -> None:
    film, made = tmp_path / "film.mp4", tmp_path / "out" / "film.mp4"
    made.parent.mkdir()
    repeated(FIXTURES / "film.mp4", film, 2)
    assert run("label", film, "-o", made, *WHO).code == 0
    kept = {".mp4": ("vanished", "vanished"), ".mkv": ("survived", "survived vanished")}
    for suffix, (metadata, fields) in kept.items():
        after = tmp_path / f"after{suffix}"
        command = ["ffmpeg", "-v", "error", "-i", made, "-c", "copy", after]
        subprocess.run(command, check=True)
        code, found = difference(run, made, after)
        assert code == 1
        assert told(found) == {
            "manifest": "vanished", "sidecar": "vanished", "metadata": metadata,
            "fields": fields, "notices": "survived",
        }, suffix  # fmt: skip


@pytest.mark.slow
@pytest.mark.needs("ffmpeg")
def test_ffmpeg_copies_a_sound_into_another_container(run, credential, disclosure, tmp_path):
    sound, made, after = (tmp_path / name for name in ("a.mp3", "b.mp3", "c.mka"))
    repeated(FIXTURES / "sound.mp3", sound, 1)
    label(sound, made, disclosure, credential, notice=NoticeConfig(style=NoticeStyle.NONE))
    command = ["ffmpeg", "-v", "error", "-i", made, "-c", "copy", after]
    subprocess.run(command, check=True)
    code, found = difference(run, made, after, "--no-look")
    assert code == 1
    assert told(found)["manifest"] == "vanished"
    assert told(found)["metadata"] == "survived"
    moved = {one["before"]["family"]: one["after"]["family"] for one in found["fields"]}
    assert moved == {"id3": "matroska"}


@pytest.mark.slow
@pytest.mark.needs("tesseract")  # that nothing else is said is read off the pixels
def test_a_notice_that_is_painted_over_broke(run, labelled, tmp_path) -> None:
    after = tmp_path / "a.jpg"
    with Image.open(labelled) as picture:
        grey = Image.new("RGB", picture.size, "grey")
        grey.save(after)
    code, found = difference(run, labelled, after)
    assert (code, told(found)["notices"]) == (1, "broke")
    assert found["notices"][0]["after"]["perceivable"] is False
    assert found["after"]["notice"] == "impaired"


@pytest.mark.slow
def test_a_notice_that_moved_is_found(run, labelled, tmp_path) -> None:
    after = tmp_path / "a.png"
    with Image.open(labelled) as picture:
        bordered = Image.new("RGB", (picture.width, picture.height + 60), "white")
        bordered.paste(picture, (0, 0))
        bordered.save(after)
    _, found = difference(run, labelled, after)
    assert told(found)["notices"] == "survived"


@pytest.mark.slow
@pytest.mark.needs("tesseract")  # that nothing else is said is read off the pixels
def test_a_notice_and_a_code_on_a_larger_page_are_found_as_verify_finds_them(keyed, tmp_path):
    source, before = tmp_path / "in.png", tmp_path / "out.png"
    Image.new("RGB", (900, 720), (90, 140, 90)).save(source)
    assert keyed("label", source, "-o", before, "--code", *WHO).code == 0
    with Image.open(before) as picture:
        for size, held in ((980, 720), "perceivable"), ((1400, 1400), "impaired"):
            after = tmp_path / f"{held}.png"
            page = Image.new("RGB", size, "white")
            page.paste(picture.convert("RGB"), (70, 0))
            page.save(after)
            _, found = difference(keyed, before, after)
            seen = json.loads(keyed("verify", after, "--look", "--format", "json").out)
            row = seen["assets"][0]
            assert found["after"]["notice"] == row["notice"] == held
            assert [one["kind"] for one in row["labels"]] == ["code"]
            codes = [one for one in found["labels"] if one["before"]["kind"] == "code"]
            assert [one["after"]["label_id"] for one in codes] == [row["labels"][0]["label_id"]]


# --- As text, and what cannot be done --------------------------------------------------------------


@pytest.fixture
def stripped(labelled, tmp_path):
    after = tmp_path / "a.png"
    with Image.open(labelled) as picture:
        picture.save(after)
    return after


@pytest.mark.slow
def test_text_for_people(run, labelled, stripped) -> None:
    ran = run("diff", labelled, stripped)
    assert ran.code == 1
    for words in ("label vanished: manifest c2pa", "notice survived", "lost or broken: 9"):
        assert words in ran.out
    assert max(len(line) for line in ran.out.splitlines()[2:]) <= 100


@pytest.mark.slow
def test_a_report_goes_into_a_file(run, labelled, stripped, tmp_path) -> None:
    report = tmp_path / "diff.txt"
    ran = run("diff", labelled, stripped, "-o", report)
    assert (ran.code, ran.out) == (1, "")
    assert report.read_text("utf-8").endswith("\n")
    assert run("diff", labelled, stripped, "-o", stripped).code == 2
    assert run("diff", labelled, stripped, "-o", tmp_path).code == 2


@pytest.mark.slow
def test_trust_is_weighed(run, labelled, tmp_path, trust) -> None:
    pem = tmp_path / "root.pem"
    pem.write_text(trust.lists[0].pem)
    _, found = difference(run, labelled, labelled, "--trust", pem)
    assert found["before"]["trust"] == found["after"]["trust"] == "trusted"


def test_what_cannot_be_looked_at(run, labelled, tmp_path) -> None:
    empty = tmp_path / "empty.jpg"
    empty.write_bytes(b"")
    for paths in ((labelled, tmp_path / "missing"), (tmp_path, labelled), (labelled, empty)):
        ran = run("diff", *paths)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith("kzlabel: ")
    assert "-r" not in run("diff", labelled, tmp_path).err.split(str(tmp_path))[-1]
    assert run("diff", labelled).code == 2
    assert run("diff", "--help").code == 0


@pytest.mark.slow
def test_no_byte_of_a_copy_ends_in_a_traceback(run, labelled, tmp_path) -> None:
    content = labelled.read_bytes()
    after = tmp_path / "a.jpg"
    after.write_bytes(b"\xff\xd8\xff\xe0 nothing")
    assert run("diff", labelled, after).code in (1, 2)
    for cut in (1, 3, 100, len(content) // 2, len(content) - 1):
        after.write_bytes(content[:cut])
        assert run("diff", labelled, after).code in (1, 2), cut
    for at in range(2, len(content), len(content) // 8):
        after.write_bytes(content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :])
        assert run("diff", labelled, after).code in (1, 2), at
