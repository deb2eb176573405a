from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kzlabel.errors import UnsupportedTagsError
from kzlabel.formats._xmp import MAX_PACKET, merge_packet, read_packet
from kzlabel.formats._xmp_packets import read_packets
from kzlabel.formats._xmp_walk import MAX_ELEMENTS

if TYPE_CHECKING:
    from pathlib import Path

AI = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
TAGS = {
    "Iptc4xmpExt:DigitalSourceType": AI,
    "Iptc4xmpExt:AISystemUsed": "Tau & <Co>",
    "Iptc4xmpExt:AISystemVersionUsed": "2.1",
    "kzlabel:LabelId": "urn:uuid:0190b6a0-7f5e-7000-8000-000000000001",
}
NS = (
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:x1="http://example.org/x1/" '
    'xmlns:iptcx="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
)
PADDING = ("\n" + " " * 100) * 20
PHOTOSHOP = f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Adobe XMP Core 9.1"> <rdf:RDF {NS}>
 <rdf:Description rdf:about="uuid:1&amp;2" photoshop:Credit='Made > with "it"' x1:own="1"
   iptcx:DigitalSourceType = "http://old" dc:format="image/jpeg">
  <dc:title><rdf:Alt><rdf:li xml:lang="x-default">Жұлдыз</rdf:li><rdf:li xml:lang="en">Mountain</rdf:li></rdf:Alt></dc:title>
  <dc:creator> <rdf:Seq><rdf:li>A</rdf:li> <rdf:li>B</rdf:li></rdf:Seq> </dc:creator>
  <x1:struct rdf:parseType="Resource"><x1:inner>no</x1:inner></x1:struct>
  <x1:link rdf:resource="http://example.org/"/>
 </rdf:Description></rdf:RDF></x:xmpmeta>{PADDING}<?xpacket end="w"?>"""


def packet(description: str) -> bytes:
    return f"<rdf:RDF {NS}>{description}</rdf:RDF>".encode()


def test_reads_attributes_elements_and_containers() -> None:
    assert read_packet(PHOTOSHOP.encode()) == {
        "photoshop:Credit": 'Made > with "it"',
        "x1:own": "1",
        "Iptc4xmpExt:DigitalSourceType": "http://old",
        "dc:format": "image/jpeg",
        "dc:title": "Жұлдыз",
        "dc:creator": "A; B",
        "x1:link": "http://example.org/",
    }


@pytest.mark.parametrize(
    ("description", "value"),
    [
        ("<rdf:Description t:AIGC='{&quot;Label&quot;:&quot;1&quot;}'/>", '{"Label":"1"}'),
        ("<rdf:Description><t:AIGC>{&#34;a&#34;}</t:AIGC></rdf:Description>", '{"a"}'),
        ("<rdf:Description><t:AIGC><![CDATA[{<a>}]]></t:AIGC></rdf:Description>", "{<a>}"),
        ("<rdf:Description><t:AIGC rdf:parseType='Literal'>v</t:AIGC></rdf:Description>", "v"),
        ("<rdf:Description><t:AIGC rdf:value='v' dc:q='1'/></rdf:Description>", "v"),
        (
            (
                "<rdf:Description><t:AIGC rdf:parseType='Resource'><rdf:value>v</rdf:value>"
                "<dc:q>1</dc:q></t:AIGC></rdf:Description>"
            ),
            "v",
        ),
        (
            (
                "<rdf:Description><t:AIGC><rdf:Description rdf:value='v' dc:q='1'/></t:AIGC>"
                "</rdf:Description>"
            ),
            "v",
        ),
        (
            (
                "<rdf:Description><t:AIGC><rdf:Alt><rdf:li xml:lang='kk'>k</rdf:li>"
                "<rdf:li xml:lang='x-default'>d</rdf:li></rdf:Alt></t:AIGC></rdf:Description>"
            ),
            "d",
        ),
        (
            (
                "<rdf:Description><t:AIGC><rdf:Bag><rdf:li rdf:resource='http://v'/></rdf:Bag>"
                "</t:AIGC></rdf:Description>"
            ),
            "http://v",
        ),
        ("<rdf:Description><t:AIGC resource='http://v'/></rdf:Description>", "http://v"),
    ],
    ids=range(10),
)
@pytest.mark.parametrize("slash", ["/", ""])
def test_every_form_of_a_value(description: str, value: str, slash: str) -> None:
    ours = f"<rdf:RDF xmlns:t='http://www.tc260.org.cn/ns/AIGC/1.0{slash}' {NS}>"
    assert read_packet(f"{ours}{description}</rdf:RDF>".encode()) == {"TC260:AIGC": value}


@pytest.mark.parametrize(
    "description",
    [
        (
            "<rdf:Description><dc:x rdf:parseType='Resource'><t:AIGC>inner</t:AIGC></dc:x>"
            "</rdf:Description>"
        ),
        "<rdf:Description><dc:x><t:AIGC rdf:resource='http://inner'/></dc:x></rdf:Description>",
        "<dc:x t:AIGC='not a description'/>",
        "<rdf:Description><!-- <t:AIGC>comment</t:AIGC> --></rdf:Description>",
        "<rdf:Description xmlns:t='http://example.org/' t:AIGC='another'/>",
    ],
    ids=range(5),
)
def test_what_is_no_property_of_the_file(description: str) -> None:
    ours = f"<rdf:RDF xmlns:t='http://www.tc260.org.cn/ns/AIGC/1.0/' {NS}>"
    assert set(read_packet(f"{ours}{description}</rdf:RDF>".encode())) <= {"t:AIGC"}


def test_what_is_said_again_otherwise_is_a_repeat() -> None:
    said = [packet(f"<rdf:Description dc:a='{value}' dc:b='1'/>") for value in "aba"]
    assert read_packets(said) == {"dc:a": "a", "dc:b": "1", "dc:a#2": "b"}
    many = "".join(f"<rdf:Description dc:a='{number}'/>" for number in range(20))
    assert list(read_packet(packet(many)).values()) == [str(number) for number in range(8)]
    assert read_packets([packet(many)] * 99) == read_packet(packet(many))
    merged = merge_packet(packet(many), {"dc:a": "ours"})
    assert read_packet(merged) == {"dc:a": "ours"}


def test_a_foreign_namespace_may_not_pose_under_a_known_prefix() -> None:
    posing = packet('<rdf:Description xmlns:dc="http://example.org/" dc:title="x" rdf:about=""/>')
    assert read_packet(posing) == {"http://example.org/title": "x"}


def test_only_what_stands_in_rdf_counts() -> None:
    stray = f'<a {NS}><rdf:Description dc:a="1"/><rdf:RDF/><b><rdf:Description dc:b="2"/></b></a>'
    assert read_packet(stray.encode()) == {}


@pytest.mark.slow
@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"no packet",
        b"\xff\xfe<",
        b"<\0?",
        PHOTOSHOP.encode()[:900],
        b'<!DOCTYPE a [<!ENTITY e "x">]>' + packet("<rdf:Description dc:a='1'/>"),
        packet("<rdf:Description dc:a='&e;'/>"),
        packet("<rdf:Description nope:a='1'/>"),
        packet("<rdf:Description dc:a='1'/>") + b" " * MAX_PACKET,
        packet("<a>" * 100 + "</a>" * 100),
        packet("<a/>" * MAX_ELEMENTS),
        packet(f"<{'a' * 600}/>"),
        packet("<rdf:Description dc:a='1'/>") + b"<b/>",
    ],
    ids=range(13),
)
def test_damage_and_bombs(damaged: bytes) -> None:
    assert read_packet(damaged) == {}
    with pytest.raises(UnsupportedTagsError):
        merge_packet(damaged, TAGS)


def test_every_truncation_is_survived() -> None:
    whole = PHOTOSHOP.encode()
    end = whole.index(b"</x:xmpmeta>")
    for cut in range(0, end, 7):
        assert read_packet(whole[:cut]) == {}


def test_a_new_packet() -> None:
    made = merge_packet(None, TAGS)
    assert read_packet(made) == TAGS
    assert made.startswith(b"<?xpacket begin=")
    assert made.endswith(b'<?xpacket end="w"?>')


def test_everything_else_stays_and_padding_gives_way() -> None:
    before = PHOTOSHOP.encode()
    after = merge_packet(before, TAGS)
    assert len(after) == len(before)
    assert read_packet(after) == read_packet(before) | TAGS
    head, tail = PHOTOSHOP.split('\n   iptcx:DigitalSourceType = "http://old"')
    assert after.startswith((head + tail[: tail.index("</rdf:RDF>")]).encode())
    assert b'rdf:about="uuid:1&amp;2"><Ipt' in after


def test_merging_again_changes_only_values() -> None:
    once = merge_packet(PHOTOSHOP.encode(), TAGS)
    assert merge_packet(once, TAGS) == once
    twice = merge_packet(once, TAGS | {"Iptc4xmpExt:AISystemUsed": "Other"})
    assert read_packet(twice)["Iptc4xmpExt:AISystemUsed"] == "Other"


@pytest.mark.parametrize(
    "description",
    [
        '<rdf:Description iptcx:AISystemUsed="old" rdf:about=""/>',
        "<rdf:Description rdf:about=''><iptcx:AISystemUsed>old</iptcx:AISystemUsed></rdf:Description>",
        "<rdf:Description rdf:about=''><iptcx:AISystemUsed><rdf:Alt><rdf:li>old</rdf:li></rdf:Alt></iptcx:AISystemUsed></rdf:Description>",
        "<rdf:Description><iptcx:AISystemUsed rdf:resource='old'/></rdf:Description>",
        "<rdf:Description xmlns='http://iptc.org/std/Iptc4xmpExt/2008-02-29/'><AISystemUsed>old</AISystemUsed></rdf:Description>",
        "<rdf:Description xmlns:q='http://iptc.org/std/Iptc4xmpExt/2008-02-19/' q:AISystemUsed='old'/>",
    ],
)
def test_ours_are_replaced_wherever_they_stand(description: str) -> None:
    before = packet(description)
    assert read_packet(before) == {"Iptc4xmpExt:AISystemUsed": "old"}
    after = merge_packet(before, TAGS)
    assert read_packet(after) == TAGS
    assert b"old" not in after
    assert merge_packet(before, {"Iptc4xmpExt:AISystemUsed": ""}) == packet("")


def test_what_is_no_description_is_left_alone() -> None:
    before = packet("<x1:Node><iptcx:AISystemUsed>theirs</iptcx:AISystemUsed></x1:Node>")
    assert read_packet(before) == {}
    assert merge_packet(before, {"Iptc4xmpExt:AISystemUsed": ""}) == before


def test_a_neighbour_keeps_its_description() -> None:
    before = packet(
        '<rdf:Description iptcx:AISystemUsed="old" dc:a="1"><dc:b>2</dc:b></rdf:Description>'
    )
    removed = merge_packet(before, {"Iptc4xmpExt:AISystemUsed": ""})
    assert removed == packet('<rdf:Description dc:a="1"><dc:b>2</dc:b></rdf:Description>')


@pytest.mark.parametrize("rdf", ["<rdf:RDF {}/>", "<rdf:RDF {} />", "<rdf:RDF {}></rdf:RDF>"])
def test_an_empty_rdf_under_another_prefix(rdf: str) -> None:
    before = rdf.format(NS).replace("rdf:", "r:").replace(":rdf", ":r").encode()
    assert read_packet(merge_packet(before, TAGS)) == TAGS


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-8", "utf-8-sig"])
def test_encodings(codec: str) -> None:
    before = PHOTOSHOP.encode(codec) + b"\0" * 4 * (codec[4] == "8")
    after = merge_packet(before, TAGS)
    assert read_packet(after) == read_packet(before) | TAGS
    assert after.decode(codec).rstrip("\0").endswith('<?xpacket end="w"?>')


def test_without_rdf_there_is_no_place() -> None:
    with pytest.raises(UnsupportedTagsError):
        merge_packet(b'<x:xmpmeta xmlns:x="adobe:ns:meta/"/>', TAGS)


@pytest.mark.parametrize("name", ["own:Name", "Name", "dc:a b", "dc:a><b", "dc:"])
def test_a_name_we_cannot_write_is_refused(name: str) -> None:
    with pytest.raises(UnsupportedTagsError, match="property name"):
        merge_packet(None, {name: "x"})


@given(st.text(min_size=1))
@pytest.mark.slow
def test_any_value_makes_a_packet_that_reads(value: str) -> None:
    tags = {"Iptc4xmpExt:AISystemUsed": "s" + value + "e", "Iptc4xmpExt:DigitalSourceType": AI}
    found = read_packet(merge_packet(None, tags))
    assert found["Iptc4xmpExt:DigitalSourceType"] == AI
    if all(c.isprintable() for c in value):
        assert found == tags


def exiftool(*arguments: str | Path) -> str:
    return subprocess.run(
        ["exiftool", *map(str, arguments)], check=True, capture_output=True, text=True
    ).stdout


def check_exiftool_reads(path: Path) -> None:
    (row,) = json.loads(exiftool("-j", "-n", "-G1", "-XMP:all", "-warning", path))
    assert row["XMP-iptcExt:DigitalSourceType"] == AI
    assert row["XMP-iptcExt:AISystemUsed"] == "Tau & <Co>"
    assert str(row["XMP-iptcExt:AISystemVersionUsed"]) == "2.1"
    assert row["XMP-kzlabel:LabelId"] == TAGS["kzlabel:LabelId"]
    assert not any("Warning" in name for name in row)


@pytest.mark.slow
@pytest.mark.needs("exiftool")
def test_exiftool_reads_what_we_merge(tmp_path: Path) -> None:
    made = tmp_path / "exiftool.xmp"
    exiftool(
        "-XMP-dc:Title=Жұлдыз", "-XMP-iptcExt:AISystemUsed=old", "-XMP-xmp:Rating=3", "-o", made
    )
    for name, before in {
        "new": None,
        "photoshop": PHOTOSHOP.encode(),
        "exiftool": made.read_bytes(),
        "ours": merge_packet(None, TAGS | {"Iptc4xmpExt:AISystemUsed": "old"}),
    }.items():
        merged = tmp_path / f"{name}-merged.xmp"
        merged.write_bytes(merge_packet(before, TAGS))
        check_exiftool_reads(merged)
    assert exiftool("-s3", "-XMP-dc:Title", tmp_path / "exiftool-merged.xmp").strip() == "Жұлдыз"
