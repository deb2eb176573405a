"""Tags of documents and texts as other programs write them: what is read, and what is not."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from time import process_time

import openpyxl
import pypdf
import pytest
from odf.meta import UserDefined
from odf.opendocument import load as load_odf
from openpyxl.packaging.custom import IntProperty, StringProperty
from pypdf.generic import ByteStringObject, NameObject, NumberObject
from samples import FIXTURES

from kzlabel.formats import recognise
from kzlabel.formats._unread import read_noting
from kzlabel.model import Tags

URI = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
SOON = 10.0
"""Seconds of this process; what grows with the square of its length takes far longer."""


def tags_of(path: Path) -> Tags:
    return recognise(path).read_tags(path)


def matter(tmp_path: Path, text: str, encoding: str = "utf-8") -> dict[str, str]:
    path = tmp_path / "a.md"
    path.write_bytes(text.encode(encoding))
    return dict(tags_of(path).get("front-matter", {}))


# --- Front matter ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("key: value", "value"),
        ("key:   spaced value  ", "spaced value"),
        ("key: value # a comment", "value"),
        ("key: value#no comment", "value#no comment"),
        ("key: 'it''s # here' # a comment", "it's # here"),
        ('key: "a \\"b\\" \\u0041"', 'a "b" A'),
        ('key: "C:\\d"', "C:\\d"),
        ("'key': value", "value"),
        ('"key": value', "value"),
        (f"key: {URI}", URI),
        ("key: |\n  one\n  two", "one\ntwo"),
        ("key: >-\n  one\n  two", "one two"),
        ("key:\n  a: 1\n  b: 'x: y'\n    c: deeper", '{"a": "1", "b": "x: y"}'),
        ('key: {"a": {"b": "c"}}', '{"a": {"b": "c"}}'),
        ("key: {a: 1, b: x}", '{"a": "1", "b": "x"}'),
        ('key: {\n  "a": "b"\n}', '{"a": "b"}'),
    ],
)
def test_the_forms_of_yaml(tmp_path, line, value) -> None:
    assert matter(tmp_path, f"---\nfirst: 1\n{line}\nlast: 2\n---\ntext\n") == {
        "first": "1",
        "key": value,
        "last": "2",
    }


def test_lists_and_doubles_are_repeats(tmp_path) -> None:
    text = "---\nkey:\n- a\n- b\ntwice: 1\ntwice: 2\n...\ntext: no\n"
    assert matter(tmp_path, text) == {"key": "a", "key#2": "b", "twice": "1", "twice#2": "2"}
    assert matter(tmp_path, "---\nk:\n  - a\n  - b\n---\n") == {"k": "a", "k#2": "b"}
    many = "---\n" + "k: x\n" * 500 + "---\n"
    assert len(matter(tmp_path, many)) == 8


def test_the_other_languages(tmp_path) -> None:
    toml = '+++\nkey = "value"\nwhen = 2026-01-18\n[AIGC]\nLabel = "1"\n+++\ntext\n'
    assert matter(tmp_path, toml) == {"key": "value", "AIGC": '{"Label": "1"}'}
    held = '{\n  "key": "value",\n  "AIGC": {"Label": "1"}\n}\ntext\n'
    assert matter(tmp_path, held) == {"key": "value", "AIGC": '{"Label": "1"}'}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1251"])
def test_encodings_and_line_endings(tmp_path, encoding) -> None:
    text = "---\r\nkey: слово\r\n---\r\nэти слова — русские\r\n"
    assert matter(tmp_path, text, encoding) == {"key": "слово"}


@pytest.mark.parametrize(
    "text",
    [
        'a: &a\n  Label: "1"\nAIGC: *a\n',
        'a: &a {"Label": "1"}\nAIGC: *a\n',
        'a: &a\n  Label: "1"\nAIGC:\n  <<: *a\n',
        'a:\n  AIGC: &a.1\n    x: y\nb: &b\n  AIGC: \'{"Label": "1"}\'\n<<: *b\n',
        'l: &l "1"\nAIGC:\n  Label: *l\n',
        'AIGC: !<tag:x> &a {Label: !!str "1"}\n',
    ],
)
def test_aliases_stand_for_what_was_given_before(tmp_path, text) -> None:
    assert json.loads(matter(tmp_path, f"---\n{text}---\n# A\n")["AIGC"]) == {"Label": "1"}


@pytest.mark.parametrize("value", ["*nowhere", "**bold**", "a & b", "* a", '"&a b"', "'!x y'"])
def test_what_only_looks_like_an_alias_is_text(tmp_path, value) -> None:
    given = {"key": value.strip("\"'"), "a": "x"}
    assert matter(tmp_path, f"---\na: &a x\nkey: {value}\n---\n# A\n") == given


@pytest.mark.parametrize(
    "text",
    [
        "a: &a {<<: *a}\nAIGC: *a\n",
        "a: &a x\nb: &b\n  - *a\n  - *a\nc: *b\n",
        "a: &a x\n" + "".join(f"k{at}: *a\n" for at in range(17)),
    ],
)
def test_aliases_of_aliases_and_too_many_are_told(tmp_path, text) -> None:
    path = tmp_path / "a.md"
    path.write_text(f"---\n{text}---\n# A\n")
    assert read_noting(tags_of, path)["unread"].keys() == {"front-matter"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "key: value\n",
        "# A title\n\n---\nkey: value\n---\n",
        " ---\nkey: value\n---\n",
        "---\nkey: value\n",
        "---\n\nA rule: across the page\n",
        "```\n---\nkey: value\n---\n```\n",
        "+++\nkey = \n+++\n",
        "{\n  key: value\n}\n",
        "<!--\n---\nkey: value\n---\n-->\n",
    ],
)
def test_what_is_no_front_matter(tmp_path, text) -> None:
    assert matter(tmp_path, text) == {}


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "---\na: " + '"' * 30_000 + "\n---\n",
        "---\n" + "a: {\n" * 6000 + "---\n",
        "---\n" + "a: |\n" * 6000 + "---\n",
        "---\na: " + "{" * 30_000 + "\n---\n",
        "---\na: b\n" + " x\n" * 10_000 + "---\n",
        "---\n" + "".join(f"k{n}: v\n" for n in range(3500)) + "---\n",
        "---\na: &x [*x, *x]\nb: !!python/object:os.system x\n---\n",
        "+++\na = " + "[" * 30_000 + "\n+++\n",
        '{\n"a": ' + "[" * 30_000 + "\n}\n",
        '{\n"a": "\\ud800"\n}\n',
    ],
)
def test_hostile_matter_is_soon_done_with(tmp_path, text) -> None:
    start = process_time()
    matter(tmp_path, text)
    assert process_time() - start < SOON


# --- JSON -----------------------------------------------------------------------------------------


def document(tmp_path: Path, content: object, name: str = "a.json") -> dict[str, str]:
    path = tmp_path / name
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    path.write_bytes(text)
    return dict(tags_of(path).get("json", {}))


def test_the_top_of_a_json_document(tmp_path) -> None:
    held = document(tmp_path, {
        "type": "FeatureCollection",
        "digitalSourceType": [URI, "x"],
        "AIGC": {"Label": "1"},
        "schema:aiDisclosure": {"level": "mixed", "tool": "T", "provider": {}},
        "title": "not asked for",
    }, "a.geojson")  # fmt: skip
    assert held == {
        "digitalSourceType": URI,
        "digitalSourceType#2": "x",
        "AIGC": '{"Label":"1"}',
        "schema:aiDisclosure": "mixed",
        "schema:aiDisclosure.tool": "T",
    }
    wide = json.dumps({"digitalSourceType": URI}).encode("utf-16")
    assert document(tmp_path, wide) == {"digitalSourceType": URI}


@pytest.mark.parametrize(
    "content",
    [
        {"features": [{"digitalSourceType": URI}]},
        {"metadata": {"AIGC": {"Label": "1"}}},
        [{"digitalSourceType": URI}],
        {"text": '"digitalSourceType"'},
        {"digitalSourceType": 1},
        {"digitalSourceType": "x" * 20_000},
        b'{"digitalSourceType": "' + URI.encode(),
        b'{"digitalSourceType": "x"} {}',
        b'{"digitalSourceType": ' + b"[" * 100_000,
        b'{"digitalSourceType": "\xff"}',
    ],
)
def test_what_is_deeper_or_damaged_is_left_out(tmp_path, content) -> None:
    assert document(tmp_path, content) == {}


# --- HTML -----------------------------------------------------------------------------------------


def page(tmp_path: Path, text: str) -> Tags:
    path = tmp_path / "a.html"
    path.write_text(f"<!doctype html>{text}")
    return tags_of(path)


def test_metas_repeat(tmp_path) -> None:
    held = page(
        tmp_path, '<meta name=a content=1><meta name="A" content=""><meta name=a content=2>'
    )
    assert held == {"html-meta": {"a": "1", "a#2": "2"}}


@pytest.mark.slow
def test_json_ld_at_the_end_of_a_long_page(tmp_path) -> None:
    script = f'<script type="application/ld+json">{{"digitalSourceType": "{URI}"}}</script>'
    held = page(tmp_path, "<p>words</p>" * 50_000 + "x" * 1_000_000 + script)
    assert held == {"json-ld": {"digitalSourceType": URI}}


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "<p ai-disclosure=mixed>" * 50_000,
        '<script type="application/ld+json">{"digitalSourceType":"x"}</script>' * 20_000,
        '<script type="application/ld+json">' + '{"image":' * 90_000,
        '<script type="application/ld+json">{"image":[' + "{}," * 300_000 + "{}]}</script>",
        '<script type="application/ld+json">["aiDisclosure"' + ",[]" * 300_000 + "]</script>",
        '<p ai-disclosure="' + "<p ai-disclosure='" * 50_000,
        "<p " + "ai-disclosure " * 100_000 + ">",
        "<template>" * 50_000 + "<p ai-disclosure=mixed>",
    ],
)
def test_hostile_pages_are_soon_done_with(tmp_path, text) -> None:
    start = process_time()
    held = page(tmp_path, text)
    assert process_time() - start < SOON
    assert all(len(family) <= 24 for family in held.values())


# --- Packages and PDF -----------------------------------------------------------------------------


def test_custom_properties(tmp_path) -> None:
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    book.properties.creator, book.properties.description = "Aigerim", "a table"
    for held in (StringProperty(name="AIGC", value="{}"), IntProperty(name="Number", value=7)):
        book.custom_doc_props.append(held)
    book.save(path)
    found = tags_of(path)["ooxml"]
    assert (found["AIGC"], found["Number"]) == ("{}", "7")
    assert (found["core:creator"], found["core:description"]) == ("Aigerim", "a table")
    again = tmp_path / "b.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(again, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "docProps/custom.xml":
                first = part.index(b"<property")
                one = part[first : part.index(b"</property>") + 11]
                part = part[:first] + one + part[first:]
            new.writestr(name, part)
    assert tags_of(again)["ooxml"]["AIGC#2"] == "{}"


@pytest.mark.parametrize("name", ["document.odt", "document.ods", "document.odp"])
def test_user_defined_metadata(tmp_path, name) -> None:
    path = tmp_path / name
    document = load_odf(FIXTURES / name)
    for text in ("one", "two"):
        document.meta.addElement(UserDefined(name="AIGC", valuetype="string", text=text))
    document.save(path)
    held = tags_of(path)["odf"]
    assert (held["AIGC"], held["AIGC#2"]) == ("one", "two")


def test_the_metadata_of_a_book(tmp_path) -> None:
    path = tmp_path / "a.epub"
    said = (
        b'<meta name="AIGC" content="{}"/><meta property="schema:digitalSourceType">x</meta>'
        b'<meta property="schema:digitalSourceType" refines="#a">y</meta>'
    )
    with zipfile.ZipFile(FIXTURES / "book.epub") as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name.endswith(".opf"):
                part = part.replace(b"</metadata>", said + b"</metadata>")
            new.writestr(name, part)
    held = tags_of(path)["epub"]
    assert (held["AIGC"], held["schema:digitalSourceType"]) == ("{}", "x")
    assert "schema:digitalSourceType#2" not in held


def test_the_information_of_a_pdf(tmp_path) -> None:
    path = tmp_path / "a.pdf"
    writer = pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    writer.add_metadata({"/AIGC": '{"Label": "1"}', "/Kazakh": "Қазақ тілі"})
    information = writer._info
    information[NameObject("/Bytes")] = ByteStringObject("слово".encode())
    information[NameObject("/Damaged")] = ByteStringObject(b"\xff\xfe\x00\xd8\x01")
    information[NameObject("/Number")] = NumberObject(7)
    writer.add_attachment("label.json", b'{"AIGC": {"Label": "1"}}')
    writer.write(path)
    held = tags_of(path)["pdf-info"]
    held = {name: value for name, value in held.items() if name != "Producer"}
    assert held == {"AIGC": '{"Label": "1"}', "Kazakh": "Қазақ тілі", "Bytes": "слово"}


# --- What is no document's own --------------------------------------------------------------------


@pytest.mark.parametrize("name", ["note.txt", "table.csv", "script.py", "subtitles.srt"])
def test_texts_have_no_tags(tmp_path, name) -> None:
    path = tmp_path / name
    path.write_bytes(
        f"---\ndigitalSourceType: {URI}\n---\n".encode() + (FIXTURES / name).read_bytes()
    )
    room = recognise(path)
    assert room is None or room.read_tags(path) == {}
