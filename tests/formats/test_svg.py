"""SVG: tags and notice spliced into the text, and a notice that is judged by rendering."""

# ruff: noqa: S314  the documents are our own
from __future__ import annotations

import random
import subprocess
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from kzlabel.errors import (
    KzlabelError,
    LimitError,
    RefusedError,
    UnreadableAssetError,
    UnsupportedFormatError,
    UnsupportedTagsError,
)
from kzlabel.formats._svg_room import _render
from kzlabel.formats._svg_scan import read_document
from kzlabel.formats.svg import Svg
from kzlabel.model import CarrierKind, Corner, Notice, NoticeStyle, Statement

if TYPE_CHECKING:
    from pathlib import Path

ROOM = Svg()
OVERLAY = Notice(statement=Statement.CREATED, corner=Corner.BOTTOM_LEFT)
"""A corner: without one the picture is rendered once more, to find the calmest."""
STRIP = Notice(statement=Statement.CREATED, style=NoticeStyle.STRIP)
TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
TAGS = {"xmp": {"Iptc4xmpExt:DigitalSourceType": TYPE, "Iptc4xmpExt:AISystemUsed": "Model «Ә»"}}
NS = 'xmlns="http://www.w3.org/2000/svg"'
BODY = '<circle cx="160" cy="110" r="50" fill="#39c"/><path d="M0 0L220 160" stroke="#900"/>'


def svg(attributes: str = 'viewBox="0 0 330 220"', body: str = BODY, before: str = "") -> bytes:
    return f"{before}<svg {NS} {attributes}>{body}</svg>\n".encode()


SMALL = 'width="330" height="220" viewBox="0 0 330 220"'
"""Rendered at that size: what has a `viewBox` only is rendered at 900 x 600."""
SIZED = svg(SMALL)
SHAPES = {
    "viewBox": svg(),
    "sizes": svg('width="400" height="300"'),
    "both": svg("width='100mm' height='60mm' viewBox='0 0 600 300'"),
    "letterbox": svg('width="480" height="210" viewBox="0 0 330 220"'),
    "slice": svg(
        'width="480" height="210" viewBox="0 0 330 220" preserveAspectRatio="xMinYMax slice"'
    ),
    "stretched": svg(
        'width="480" height="210" viewBox="-50 -50 600 400" preserveAspectRatio="none"'
    ),
    "percent": svg('width="100%" height="100%" viewBox="0 0 2014.5 1674.641"'),
    "icon": svg('width="24" height="24" viewBox="0 0 24 24"', '<path d="M1 1h20v20z"/>'),
    "tiny units": svg('viewBox="0 0 1 0.7"', '<rect width=".5" height=".5"/>'),
    "declared": svg(
        SMALL,
        before='<?xml version="1.0" encoding="UTF-8"?>\n<!-- <svg> -->\n<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">\n',
    ),
    "prefixed": b'<s:svg xmlns:s="http://www.w3.org/2000/svg" viewBox="0 0 330 220"><s:g/></s:svg>',
    "empty": f'<svg {NS} viewBox="0 0 330 220"/>'.encode(),
    "metadata": svg(SMALL, "<metadata>old</metadata>" + BODY),
    "empty metadata": svg(SMALL, "<title>t</title><metadata/>" + BODY),
    "styled": svg(SMALL, "<style>g, path {display:none; fill:red} .a{opacity:0}</style>" + BODY),
}


def put(folder: Path, content: bytes, name: str = "a.svg") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def labelled(folder: Path, content: bytes, notice: Notice = OVERLAY):
    src, dst = put(folder, content), folder / "b.svg"
    placement = ROOM.write_notice(src, dst, notice)
    assert src.read_bytes() == content
    ET.fromstring(dst.read_bytes())
    return placement, dst


@pytest.mark.slow
@pytest.mark.parametrize("notice", [OVERLAY, STRIP], ids=["overlay", "strip"])
@pytest.mark.parametrize("shape", SHAPES)
def test_notice_is_seen(shape: str, notice: Notice, tmp_path: Path) -> None:
    placement, dst = labelled(tmp_path, SHAPES[shape], notice)
    (report,) = ROOM.find_notices(dst, (placement,), search=False)
    assert report.perceivable, report
    assert report.measures["correlation"] > 0.8
    if shape == "icon":
        assert placement.style is NoticeStyle.STRIP


@pytest.mark.parametrize("corner", list(Corner))
def test_every_corner(corner: Corner, tmp_path: Path) -> None:
    notice = Notice(statement=Statement.MODIFIED, languages=("ru", "en"), corner=corner)
    placement, dst = labelled(tmp_path, SHAPES["letterbox"], notice)
    (report,) = ROOM.find_notices(dst, (placement,), search=False)
    assert report.perceivable, report


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES)
def test_overlay_changes_nothing_else(shape: str, tmp_path: Path) -> None:
    placement, dst = labelled(tmp_path, SHAPES[shape], Notice(statement=Statement.CREATED))
    if placement.style is NoticeStyle.STRIP or shape == "empty":
        return
    content = dst.read_bytes()
    at = content.index(b"<g xmlns=")
    end = content.index(b"</g>", at) + 4
    assert content[:at] + content[end:] == SHAPES[shape]


def test_words_are_there_for_screen_readers(tmp_path: Path) -> None:
    placement, dst = labelled(tmp_path, SHAPES["viewBox"])
    (notice,) = [e for e in ET.fromstring(dst.read_bytes()) if e.get("data-kzlabel")]
    assert (notice.get("role"), notice.get("aria-label")) == ("img", " / ".join(placement.lines))
    assert notice[0].text == notice.get("aria-label")


@pytest.mark.slow
@pytest.mark.parametrize("style", [OVERLAY, STRIP], ids=["overlay", "strip"])
@pytest.mark.parametrize("shape", ["both", "letterbox", "icon", "sizes"])
def test_second_notice_replaces_the_first(shape: str, style: Notice, tmp_path: Path) -> None:
    first, once = labelled(tmp_path, SHAPES[shape], style)
    again = tmp_path / "c.svg"
    second = ROOM.write_notice(once, again, style)
    assert again.read_bytes().count(b'data-kzlabel="notice"') == 1
    assert (first.width, first.height) == (second.width, second.height)
    assert len(again.read_bytes()) < 1.02 * len(once.read_bytes())


@pytest.mark.parametrize("shape", SHAPES)
def test_tags_are_spliced_and_replaced(shape: str, tmp_path: Path) -> None:
    one, two = tmp_path / "1.svg", tmp_path / "2.svg"
    ROOM.write_tags(put(tmp_path, SHAPES[shape]), one, TAGS)
    assert ROOM.read_tags(one)["xmp"].items() >= TAGS["xmp"].items()
    ROOM.write_tags(one, two, {"xmp": {"Iptc4xmpExt:AISystemUsed": "B"}})
    assert ROOM.read_tags(two)["xmp"]["Iptc4xmpExt:AISystemUsed"] == "B"
    assert ROOM.read_tags(two)["xmp"]["Iptc4xmpExt:DigitalSourceType"] == TYPE
    assert two.read_bytes().count(b"xmpmeta>") == 1
    ET.fromstring(two.read_bytes())


def test_packet_splice_keeps_all_other_bytes(tmp_path: Path) -> None:
    dst = tmp_path / "b.svg"
    ROOM.write_tags(put(tmp_path, SHAPES["declared"]), dst, TAGS)
    content = dst.read_bytes()
    at, end = content.index(b"<metadata>"), content.index(b"</metadata>") + len(b"</metadata>")
    assert content[:at] + content[end:] == SHAPES["declared"]


def test_bare_rdf_of_an_editor_stays(tmp_path: Path) -> None:
    rdf = (
        '<metadata><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" rdf:about="" dc:format="image/svg+xml"/>'
        "</rdf:RDF></metadata>"
    )
    src, dst = put(tmp_path, svg(body=rdf + BODY)), tmp_path / "b.svg"
    assert ROOM.read_tags(src) == {"xmp": {"dc:format": "image/svg+xml"}}
    ROOM.write_tags(src, dst, TAGS)
    assert ROOM.read_tags(dst)["xmp"]["dc:format"] == "image/svg+xml"
    assert ROOM.read_tags(dst)["xmp"]["Iptc4xmpExt:DigitalSourceType"] == TYPE


@pytest.mark.needs("exiftool")
@pytest.mark.parametrize("shape", ["viewBox", "declared", "empty", "metadata"])
def test_exiftool_reads_our_tags(shape: str, tmp_path: Path) -> None:
    dst = tmp_path / "b.svg"
    ROOM.write_tags(put(tmp_path, SHAPES[shape]), dst, TAGS)
    command = ["exiftool", "-s3", "-XMP:AISystemUsed", "-XMP:DigitalSourceType", str(dst)]
    read = subprocess.run(command, capture_output=True, text=True, check=True, encoding="utf-8")
    assert read.stdout.split("\n")[:2] == ["Model «Ә»", TYPE]


HIDING = {
    "covered": ("</svg>", '<rect x="-999" y="-999" width="9999" height="9999" fill="#999"/></svg>'),
    "removed": ('style="', 'style="display:none;', "display:none;display:inline;", "display:none;"),
    "transparent root": ("viewBox", 'opacity="0" viewBox'),
    "moved": ("<g xmlns", '<g transform="translate(0 5000)"><g xmlns', "</g>", "</g></g>"),
    "cropped": ('viewBox="0 0 330 220"', 'viewBox="200 0 100 50"'),
    "clipped": (
        "<g xmlns",
        '<clipPath id="c"><path d="M0 0h1v1z"/></clipPath><g clip-path="url(#c)"><g xmlns',
        "</g>",
        "</g></g>",
    ),
}


@pytest.mark.parametrize("how", HIDING)
def test_hidden_notice_is_not_perceivable(how: str, tmp_path: Path) -> None:
    placement, dst = labelled(tmp_path, SIZED)
    changes = HIDING[how]
    text = dst.read_text("utf-8")
    for old, new in zip(changes[::2], changes[1::2], strict=True):
        assert old in text
        text = text.replace(old, new)
    dst.write_text(text, "utf-8")
    (report,) = ROOM.find_notices(dst, (placement,), search=False)
    assert report.perceivable is False, report


def test_what_a_style_sheet_forces_is_seen(tmp_path: Path) -> None:
    placement, dst = labelled(tmp_path, SIZED)
    rule = b"<style>path{display:none!important}</style><circle"
    dst.write_bytes(dst.read_bytes().replace(b"<circle", rule, 1))
    (report,) = ROOM.find_notices(dst, (placement,), search=False)
    assert report.perceivable is False


COVER = 'x="0" y="0" width="330" height="220" '
UNMARKED = ("data-kzlabel=", "data-other=")
LAST, EARLY, GROUP, ROOT = "</svg>", "<circle", "<title>", "<svg "
"""Where a trick goes: after the notice, before it, into it, on the root."""
TRICKS = {
    "script": (EARLY, "<script>0</script><circle"),
    "animation": (EARLY, '<animate attributeName="x" dur="1s"/><circle'),
    "set": (EARLY, '<set attributeName="display" to="none"/><circle'),
    "event": (EARLY, '<g onload="0"/><circle'),
    "html": (EARLY, "<foreignObject/><circle"),
    "link": (EARLY, '<link xmlns="http://www.w3.org/1999/xhtml" href="a.css"/><circle'),
    "html in metadata": (
        EARLY,
        '<metadata><script xmlns="http://www.w3.org/1999/xhtml">0</script></metadata><circle',
    ),
    "stylesheet": (ROOT, '<?xml-stylesheet href="a.css"?><svg '),
    "script in the notice": (GROUP, "<script>0</script><title>"),
    "set in the notice": (GROUP, '<set attributeName="visibility" to="hidden"/><title>'),
    "event on the notice": ('role="img"', 'role="img" onload="this.remove()"'),
    "html in the notice": (GROUP, "<foreignObject/><title>"),
    "calc on the notice": ("opacity:1;", "opacity:calc(0);"),
    "translate on the notice": ('style="display', 'style="translate:-99px 0;display'),
    "vendor on the notice": ('style="display', 'style="-webkit-transform:scale(0);display'),
    "css animation": (EARLY, "<style>g{animation:a 1s}</style><circle"),
    "css transition": (EARLY, "<style>g{transition:opacity 1s}</style><circle"),
    "media": (EARLY, "<style>@media screen{g{display:none}}</style><circle"),
    "import": (EARLY, "<style>@import 'a.css';</style><circle"),
    "alternative sheet": (EARLY, '<style media="print">g{fill:red}</style><circle'),
    "selector": (EARLY, "<style>g:last-child{opacity:0}</style><circle"),
    "every element": (EARLY, "<style>*{fill:red}</style><circle"),
    "css transform": (EARLY, "<style>path{transform:scale(0)}</style><circle"),
    "css geometry": (EARLY, "<style>path{d:none}</style><circle"),
    "css marker": (EARLY, "<style>path{marker-mid:url(#a)}</style><circle"),
    "css calc": (EARLY, "<style>.a{stroke-width:calc(9px)}</style><circle"),
    "css size": (EARLY, "<style>.a{width:9px}</style><circle"),
    "important": (EARLY, "<style>path{opacity:1!important}</style><circle"),
    "escape": (EARLY, "<style>path{t\\72ansform:scale(0)}</style><circle"),
    "svg selected": (EARLY, "<style>svg{fill:red}</style><circle"),
    "root selected": (ROOT, '<svg class="a" ', EARLY, "<style>.a{fill:red}</style><circle"),
    "root calc": (ROOT, '<svg style="opacity:calc(0)" '),
    "root max": (ROOT, '<svg style="max-width:1px" '),
    "root variable": (ROOT, '<svg style="fill:var(--a)" '),
    "root transform": (ROOT, '<svg transform="scale(1)" '),
    "root percent": ('width="330"', 'width="1%"'),
    "late text": (LAST, '<text y="99">x</text></svg>'),
    "late picture": (LAST, '<image href="http://x/y.png"/></svg>'),
    "late drawing": (LAST, '<image href="data:image/svg+xml,x"/></svg>'),
    "late use": (LAST, '<use href="a.svg#a"/></svg>'),
    "late link": (LAST, '<a href="http://x/"/></svg>'),
    "late switch": (LAST, "<switch/></svg>"),
    "late language": (LAST, f'<rect systemLanguage="xx" {COVER}/></svg>'),
    "late transform": (LAST, '<g style="transform:scale(9)"/></svg>'),
    "late fill": (
        LAST,
        f'<rect {COVER} fill="none" style="fill:oklch(50% 0 0)"/></svg>',
        *UNMARKED,
    ),
    "late system colour": (LAST, f'<rect {COVER} fill-opacity="0" stroke="graytext"/></svg>'),
    "late calc size": (LAST, '<rect width="calc(100%)" height="calc(100%)"/></svg>'),
    "late opacity": (LAST, f'<rect {COVER} opacity="0" style="opacity:calc(1)"/></svg>'),
    "late path": (LAST, """<path style="d:path('M0 0H999V999')"/></svg>"""),
    "late broken path": (LAST, '<path d="M0 0H1.V"/></svg>'),
    "late svg": (LAST, '<svg style="overflow:visible"/></svg>'),
    "late filter": (LAST, '<g filter="url(#a)"/></svg>'),
    "late attribute": (LAST, '<g z="1"/></svg>'),
    "unmarked under text": (*UNMARKED, LAST, '<text y="99">x</text></svg>'),
    "unmarked beside text": (*UNMARKED, EARLY, '<text y="99">x</text><circle'),
    "unmarked by class": (*UNMARKED, EARLY, "<style>g{fill:red}</style><circle"),
    "a decoy comes last": (
        *UNMARKED,
        LAST,
        '<text y="9">x</text><g data-kzlabel="notice"/></svg>',
    ),
    "undeclared entity": (
        ROOT,
        '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x"><svg ',
        EARLY,
        "&nbsp;<circle",
    ),
}


def changed(path: Path, changes: tuple[str, ...]) -> None:
    text = path.read_text("utf-8")
    for old, new in zip(changes[::2], changes[1::2], strict=True):
        assert old in text
        at = text.rindex(old) if old == LAST else text.index(old)
        text = text[:at] + new + text[at + len(old) :]
    path.write_text(text, "utf-8")


@pytest.fixture(scope="module")
def noticed(tmp_path_factory: pytest.TempPathFactory):
    placement, dst = labelled(tmp_path_factory.mktemp("svg"), SIZED)
    return placement, dst.read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("what", TRICKS)
def test_trick_is_not_perceivable(what: str, noticed, tmp_path: Path) -> None:
    placement, content = noticed
    changed(path := put(tmp_path, content), TRICKS[what])
    (report,) = ROOM.find_notices(path, (placement,), search=False)
    assert not report.perceivable, report
    if report.perceivable is None:
        assert report.code == "kz.notice.undetermined"


@pytest.mark.parametrize("what", [what for what in TRICKS if TRICKS[what][0] == EARLY])
def test_what_would_be_undetermined_is_refused(what: str, tmp_path: Path) -> None:
    if TRICKS[what][1].startswith(("<text", "&")):
        pytest.skip("text is under the notice")
    changed(path := put(tmp_path, SIZED), TRICKS[what])
    with pytest.raises(RefusedError, match="--notice none"):
        ROOM.write_notice(path, tmp_path / "c.svg", OVERLAY)


HONEST = {
    "text": '<text x="9" y="99" font-family="Arial, sans-serif">x</text>',
    "class": "<style>.cls-1{fill:#39c;stroke:none;opacity:.8;stroke-width:.25px}</style>",
    "names": '<style type="text/css">g, path {display:none; fill:red}</style>',
    "gradient": '<linearGradient id="a"><stop offset="0" style="stop-color:#fff;stop-opacity:1"/>'
    '</linearGradient><rect width="50" height="50" fill="url(#a)"/>',
    "clip": '<clipPath id="a"><path d="M0 0h99v99z"/></clipPath><g clip-path="url(#a)"/>',
    "filter": '<filter id="a"><feGaussianBlur stdDeviation="3"/></filter>'
    '<rect width="9" height="9" filter="url(#a)"/>',
    "inkscape": '<i:namedview xmlns:i="http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd"/>'
    '<g xmlns:k="http://www.inkscape.org/namespaces/inkscape" k:label="1" id="layer1" '
    'transform="matrix(1.5,0,0,1.5,-6e-17,2)"><path style="fill:none;stroke:#000000;'
    "stroke-width:0.26px;stroke-linecap:butt;stroke-dasharray:none;-inkscape-stroke:none;"
    'marker:none;font-variation-settings:normal" d="m 1,2 c 1e-3,0 -2,3.5.5-1 4,4,4,4,4,4 z"/></g>',
    "picture": '<image width="9" height="9" href="data:image/png;base64,iVBORw0KGgo="/>',
    "use": '<g id="a"><circle r="9"/></g><use href="#a" x="50"/>',
}


@pytest.mark.parametrize("what", HONEST)
def test_honest_twin_is_perceivable(what: str, tmp_path: Path) -> None:
    content = SIZED.replace(b"<circle", HONEST[what].encode() + b"<circle", 1)
    placement, dst = labelled(tmp_path, content)
    (report,) = ROOM.find_notices(dst, (placement,), search=False)
    assert report.perceivable, report


def test_plain_shapes_may_come_later(noticed, tmp_path: Path) -> None:
    placement, content = noticed
    for later in ('<rect x="300" width="9" height="9" fill="red"/></svg>', "<g/></svg>"):
        changed(path := put(tmp_path, content), (LAST, later))
        (report,) = ROOM.find_notices(path, (placement,), search=False)
        assert report.perceivable, report


def test_no_file_is_read(tmp_path: Path) -> None:
    Image.new("RGB", (9, 9), "red").save(tmp_path / "red.png")
    plain, asking = Svg(), []
    for href in ("none.png", f"{tmp_path}/red.png", f" {tmp_path}/red.png"):
        body = f'<image href="{href}" xlink:href="{href}" width="330" height="220"/>'
        content = svg('xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 330 220"', body)
        asking.append(_render(read_document(put(tmp_path, content))).getextrema())
    assert plain.read_tags(tmp_path / "a.svg") == {}
    assert asking[0] == asking[1] == asking[2] == ((0, 0),) * 4


def test_entities_are_refused(tmp_path: Path) -> None:
    laughs = '<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    outside = '<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    for doctype in (laughs, outside, '<!DOCTYPE svg [<!ATTLIST g onload CDATA "0">]>'):
        src = put(tmp_path, svg(body="<desc>&a;</desc>", before=doctype))
        for look in (ROOM.read_tags, ROOM.manifest_carrier):
            with pytest.raises(UnreadableAssetError, match="entities"):
                look(src)


@pytest.mark.slow
def test_limits(tmp_path: Path) -> None:
    for body in ("<g>" * 300 + "</g>" * 300, "<g/>" * 200_001):
        with pytest.raises(LimitError):
            ROOM.read_tags(put(tmp_path, svg(body=body)))
    with pytest.raises(LimitError):
        ROOM.read_tags(put(tmp_path, svg(body=" " * (17 << 20))))


FULL = 'width="330" height="220"'
ENDLESS = {
    "octaves": '<filter id="f"><feTurbulence numOctaves="2000000000"/></filter>',
    "radius": '<filter id="f"><feMorphology radius="1 300"/></filter>',
    "scaled radius": '<filter id="f"><feMorphology radius="9"/></filter>',
    "steps": '<filter id="f">' + "<feTile/>" * 201 + "</filter>",
    "convolution": '<filter id="f"><feConvolveMatrix order="199"/></filter>',
    "filtered": '<filter id="f"><feFlood/></filter>' + f'<rect filter="url(#f)" {FULL}/>' * 300,
    "filtered by class": '<style>.a{filter:url(#f)}</style><filter id="f"><feFlood/></filter>'
    + f'<rect class="a" {FULL}/>' * 300,
    "layers": f'<rect opacity=".5" {FULL}/>' * 3000,
    "uses": '<g id="a0"><path/></g>'
    + "".join(f'<g id="a{n + 1}">' + f'<use href="#a{n}"/>' * 10 + "</g>" for n in range(9)),
    "circle": '<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>',
    "markers": '<marker id="m">' + "<path/>" * 99 + '</marker><path marker-mid="url(#m)" d="'
    + "M0 0" * 9999 + '"/>',
}  # fmt: skip


@pytest.mark.parametrize("what", ENDLESS)
def test_endless_work_is_refused(what: str, tmp_path: Path) -> None:
    content = svg('viewBox="0 0 330 220" ', ENDLESS[what])
    with pytest.raises(LimitError):
        ROOM.find_notices(put(tmp_path, content), (), search=True)


@pytest.mark.parametrize(
    "body",
    ["<style>" + "/*" * 500_000 + "</style>", "<style>" + "a " * 500_000 + "</style>",
     '<g fill="url(' + " " * 500_000 + '"/>', '<g style="opacity' + " " * 500_000 + '"/>'],
    ids=["comments", "selector", "url", "style"],
)  # fmt: skip
@pytest.mark.slow
def test_long_nonsense_takes_no_longer_than_its_length(body: str, tmp_path: Path) -> None:
    assert not ROOM.find_notices(put(tmp_path, svg(SMALL, body)), (), search=True)


def test_compressed_is_named(tmp_path: Path) -> None:
    path = put(tmp_path, b"\x1f\x8b\x08", "a.svgz")
    assert ROOM.sniff(b"\x1f\x8b\x08", path)
    with pytest.raises(UnsupportedFormatError):
        ROOM.read_tags(path)


def test_utf16_is_read_and_not_written(tmp_path: Path) -> None:
    content = svg(before='<?xml version="1.0" encoding="UTF-16"?>').decode().encode("utf-16")
    src = put(tmp_path, content)
    assert ROOM.sniff(content, src)
    assert ROOM.read_tags(src) == {}
    with pytest.raises(UnsupportedTagsError):
        ROOM.write_tags(src, tmp_path / "b.svg", TAGS)
    with pytest.raises(RefusedError):
        ROOM.write_notice(src, tmp_path / "b.svg", OVERLAY)


def test_unknown_size_and_percentages_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedError):
        labelled(tmp_path, svg("", BODY))
    with pytest.raises(RefusedError):
        labelled(tmp_path, svg(body='<rect y="50%" width="9" height="9"/>'), STRIP)


def test_sniff(tmp_path: Path) -> None:
    path = tmp_path / "a.svg"
    assert all(ROOM.sniff(content, path) for content in SHAPES.values())
    assert ROOM.sniff(b"\xef\xbb\xbf  " + SIZED, path)
    others = (
        b"",
        b"<html><svg/></html>",
        b"<!-- <svg>",
        b"<svgx/>",
        b"<?xml version='1.0'?><a/>",
        b"\x89PNG",
    )
    assert not any(ROOM.sniff(head, path) for head in others)
    assert ROOM.manifest_carrier(put(tmp_path, SIZED)).kind is CarrierKind.EMBEDDED


def test_unlabelled_has_no_notice(tmp_path: Path) -> None:
    assert not ROOM.find_notices(put(tmp_path, SIZED), (), search=True)


def test_damage_is_named(tmp_path: Path) -> None:
    chance, whole = random.Random(3), SHAPES["declared"] + SHAPES["both"]
    ROOM.write_tags(put(tmp_path, SHAPES["both"]), tmp_path / "t.svg", TAGS)
    whole = (tmp_path / "t.svg").read_bytes()
    mutants = [b""] + [whole[: chance.randrange(len(whole))] for _ in range(10)]
    for _ in range(30):
        flipped = bytearray(whole)
        flipped[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        mutants.append(bytes(flipped))
    for mutant in mutants:
        src, dst = put(tmp_path, mutant), tmp_path / "b.svg"
        for work in (
            lambda s=src: ROOM.read_tags(s),
            lambda s=src, d=dst: ROOM.write_tags(s, d, TAGS),
            lambda s=src, d=dst: ROOM.write_notice(s, d, OVERLAY),
        ):
            try:
                work()
            except (KzlabelError, OSError):
                continue
