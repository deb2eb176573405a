"""The notice in a Word document: a paragraph that no style of the document reaches.

`page`: first in the body, before whatever is first there. `pages`: first in every header that is
shown (ECMA-376 part 1, 17.10): a section without one shows the section's before, the first section
none at all; `titlePg` brings a first page's header, `evenAndOddHeaders` one of even pages. Every
property that a style could hide words by is set here (17.3.1, 17.3.2).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel._markup import escape
from kzlabel.errors import UnreadableAssetError
from kzlabel.formats._docx_sections import STRICT, W_STRICT, Sections, W, sections_of
from kzlabel.formats._ooxml_room import Given
from kzlabel.model import NoticeStyle

if TYPE_CHECKING:
    from kzlabel.formats._ooxml_office import Draft
    from kzlabel.model import Notice

HALF_POINTS = 26
_BLOCKS = tuple(namespace + name for namespace in (W, W_STRICT) for name in ("p", "tbl", "sdt"))
_TAGS = {"kk": "kk-KZ", "ru": "ru-RU", "en": "en-US"}
_HEADER = "application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml"
_R = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "http://purl.oclc.org/ooxml/officeDocument/relationships",
)
_OFF = ("pageBreakBefore", "suppressLineNumbers", "bidi")
_RUN_OFF_BEFORE = (
    "i", "iCs", "caps", "smallCaps", "strike", "dstrike", "outline", "shadow", "emboss", "imprint",
)  # fmt: skip


def put_notice(draft: Draft, notice: Notice, lines: tuple[str, ...]) -> Given:
    """Put `lines` into the document; returns on how many pages, as far as it can be known: 0."""
    main = draft.office.main
    document = draft.xml(main, shallow=_BLOCKS)
    namespace = document.root.name[1:].partition("}")[0]
    body = next((c for c in document.root.children if c.name == f"{{{namespace}}}body"), None)
    if body is None:
        raise UnreadableAssetError("kz.error.package-damaged", path=draft.office.path, detail=main)
    paragraph = _paragraph(namespace, notice.languages, lines).encode()
    if notice.style is NoticeStyle.PAGE:
        draft.edit(main, document.opening(body, paragraph))
        return Given(1)
    return Given(_in_headers(draft, sections_of(draft.office), namespace, paragraph))


def _paragraph(namespace: str, languages: tuple[str, ...], lines: tuple[str, ...]) -> str:
    left, right = ("start", "end") if namespace == STRICT else ("left", "right")
    edge = "".join(
        f'<w:{side} w:val="single" w:sz="6" w:space="4" w:color="111111"/>'
        for side in ("top", left, "bottom", right)
    )
    off = {name: f'<w:{name} w:val="0"/>' for name in _OFF}
    runs = "".join(
        _run(language, line, "<w:br/>" if at else "")
        for at, (language, line) in enumerate(zip(languages, lines, strict=True))
    )
    return (
        f'<w:p xmlns:w="{namespace}"><w:pPr>{off["pageBreakBefore"]}'
        f'<w:numPr><w:ilvl w:val="0"/><w:numId w:val="0"/></w:numPr>{off["suppressLineNumbers"]}'
        f'<w:pBdr>{edge}</w:pBdr><w:shd w:val="clear" w:color="auto" w:fill="FFFFFF"/>{off["bidi"]}'
        f'<w:spacing w:before="0" w:beforeAutospacing="0" w:after="160" w:afterAutospacing="0"'
        f' w:line="264" w:lineRule="auto"/>'
        f'<w:ind w:{left}="0" w:{right}="0" w:firstLine="0"/><w:jc w:val="{left}"/></w:pPr>'
        f"{runs}</w:p>"
    )


def _run(language: str, line: str, before: str) -> str:
    off = "".join(f'<w:{name} w:val="0"/>' for name in _RUN_OFF_BEFORE)
    font = "".join(f' w:{script}="Arial"' for script in ("ascii", "hAnsi", "eastAsia", "cs"))
    return (
        f'<w:r><w:rPr><w:rFonts{font}/><w:b w:val="1"/><w:bCs w:val="1"/>{off}'
        '<w:vanish w:val="0"/><w:webHidden w:val="0"/><w:color w:val="111111"/>'
        '<w:spacing w:val="0"/><w:w w:val="100"/><w:position w:val="0"/>'
        f'<w:sz w:val="{HALF_POINTS}"/><w:szCs w:val="{HALF_POINTS}"/>'
        '<w:u w:val="none"/><w:effect w:val="none"/>'
        '<w:shd w:val="clear" w:color="auto" w:fill="FFFFFF"/><w:vertAlign w:val="baseline"/>'
        f'<w:rtl w:val="0"/><w:lang w:val="{_TAGS.get(language, language)}"/>'
        f'<w:specVanish w:val="0"/></w:rPr>{before}<w:t>{escape(line)}</w:t></w:r>'
    )


# --- On every page --------------------------------------------------------------------------------


def _in_headers(draft: Draft, sections: Sections, namespace: str, paragraph: bytes) -> int:
    """Put the notice into each header that is shown, and give one to sections that show none."""
    for part in sections.headers:
        header = draft.xml(part)
        draft.edit(part, header.opening(header.root, paragraph))
    if not sections.bare:
        return sections.count
    part = draft.free("word/headerKz", ".xml")
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    draft.put(part, f'{head}<w:hdr xmlns:w="{namespace}">'.encode() + paragraph + b"</w:hdr>")
    draft.declare(part, _HEADER)
    main = draft.office.main
    identity = draft.relate(main, part, "header")
    related = _R[namespace == STRICT]
    document = sections.document
    edits = []
    for section, kinds in sections.bare:
        references = "".join(
            f'<w:headerReference xmlns:w="{namespace}" xmlns:r="{related}" w:type="{kind}"'
            f' r:id="{identity}"/>'
            for kind in kinds
        )
        if section is not None:
            edits.append(document.opening(section, references.encode()))
        else:
            whole = f'<w:sectPr xmlns:w="{namespace}">{references}</w:sectPr>'
            edits.append(document.closing(sections.body, whole.encode()))
    draft.edit(main, *edits)
    return sections.count
