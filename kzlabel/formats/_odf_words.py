"""The words of a notice in OpenDocument: a paragraph, with styles of its own.

Its styles say everything that a style they inherit from, or a default, could hide it with. Each
language is a span, so that it has its `fo:language`. All elements declare the prefixes they use, so
that they mean the same wherever they are spliced in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from kzlabel._markup import escape, quoteattr
from kzlabel.formats._odf_names import declared, every, first
from kzlabel.formats._xml_splice import Edit, Xml

if TYPE_CHECKING:
    from kzlabel.formats._odf_styles import Styles
    from kzlabel.formats._xml_splice import Element

_COUNTRIES = {"kk": "KZ", "ru": "RU", "en": "GB"}
_NAMESPACES = declared("style", "fo", "text", "draw", "svg", "loext")
_LINES_BETWEEN = "<text:line-break/>"
_LETTERS = (
    'fo:color="#000000" style:use-window-font-color="false" loext:opacity="100%"'
    ' fo:background-color="transparent" text:display="true" fo:font-family="Liberation Sans"'
    ' style:font-family-generic="swiss" fo:font-weight="normal" fo:font-style="normal"'
    ' fo:letter-spacing="normal" style:text-scale="100%" style:text-position="0% 100%"'
    ' style:text-line-through-style="none" style:text-outline="false" fo:text-transform="none"'
    ' style:text-blinking="false" fo:font-size="{size:g}pt"'
)
_BLOCK = (
    'fo:margin-left="0cm" fo:margin-right="0cm" fo:margin-top="0cm" fo:margin-bottom="0.2cm"'
    ' fo:text-indent="0cm" fo:text-align="start" fo:line-height="100%"'
    ' fo:background-color="#ffffff" fo:padding="0.1cm" fo:border="0.5pt solid #000000"'
    ' fo:break-before="auto" fo:break-after="auto" fo:keep-with-next="auto" style:shadow="none"'
)
_BOX = (
    'draw:fill="solid" draw:fill-color="#ffffff" draw:opacity="100%" draw:stroke="solid"'
    ' svg:stroke-color="#000000" svg:stroke-width="0.02cm" draw:shadow="hidden"'
    ' draw:textarea-horizontal-align="left" draw:textarea-vertical-align="middle"'
    ' draw:auto-grow-height="false" draw:auto-grow-width="false" draw:fit-to-size="false"'
    ' fo:wrap-option="wrap" fo:padding="4pt" fo:min-height="0cm" fo:min-width="0cm"'
)
_OURS = re.compile(r"kzlabel([0-9]{1,8})")
_ATTRIBUTE = re.compile(rb"""\s+([^\s=<>"'/]+)\s*=\s*("[^"]*"|'[^']*')""")


class Wording:
    """The notice's markup for one part, under style names that the part does not use yet."""

    def __init__(self, lines: Mapping[str, str], styles: Styles, size: float) -> None:
        self._lines, self.size = lines, size
        used = (_OURS.match(name) for _, name in (*styles.automatic, *styles.common))
        last = max((int(found[1]) for found in used if found), default=-1)
        self.name = f"kzlabel{last + 1}"

    def styles(self, master: str = "", number: str = "auto") -> str:
        """Return the styles; the paragraph begins a page of this master page, where one is given.

        `number` is what that page's number begins with.
        """
        letters = _LETTERS.format(size=self.size)
        page = f" style:master-page-name={quoteattr(master)}" if master else ""
        paragraph = (
            f'<style:style{_NAMESPACES} style:name="{self.name}" style:family="paragraph"{page}>'
            f"<style:paragraph-properties {_BLOCK} style:page-number={quoteattr(number)}/>"
            f"<style:text-properties {letters}/></style:style>"
        )
        return paragraph + "".join(
            f'<style:style{_NAMESPACES} style:name="{self.name}-{language}" style:family="text">'
            f'<style:text-properties {letters} fo:language="{language}"'
            f' fo:country="{_COUNTRIES[language]}"/></style:style>'
            for language in self._lines
        )

    @property
    def box_style(self) -> str:
        """The style of a text box around the paragraph."""
        return (
            f'<style:style{_NAMESPACES} style:name="{self.name}-box" style:family="graphic">'
            f"<style:graphic-properties {_BOX}/></style:style>"
        )

    @property
    def paragraph(self) -> str:
        """The paragraph."""
        spans = _LINES_BETWEEN.join(
            f'<text:span text:style-name="{self.name}-{language}">{escape(line)}</text:span>'
            for language, line in self._lines.items()
        )
        return f'<text:p{declared("text")} text:style-name="{self.name}">{spans}</text:p>'


def with_styles(part: Xml, styles: bytes) -> Edit:
    """Return the edit that adds automatic styles to a part."""
    holder = first(part.root, "office:automatic-styles")
    if holder is not None:
        return part.closing(holder, styles)
    tag = f"<office:automatic-styles{declared('office')}>".encode()
    after = next(every(part.root, "office:master-styles", "office:body"), None)
    at = after.start if after is not None else part.root.close
    return Edit(at, at, tag + styles + b"</office:automatic-styles>")


def retagged(tag: bytes, changes: Mapping[str, str]) -> bytes:
    """Return a start tag with attributes, named like `style:name`, set to new values.

    They get a prefix that no program writes: what the tag itself binds may mean anything.
    """
    head = re.match(rb"<[^\s/>]+", tag)
    end = b"/>" if tag.endswith(b"/>") else b">"
    if head is None:
        return tag
    locals_ = {name.partition(":")[2].encode() for name in changes}
    kept = [
        found[0] for found in _ATTRIBUTE.finditer(tag, head.end())
        if found[1].rpartition(b":")[2] not in locals_ or found[1].startswith(b"xmlns")
    ]  # fmt: skip
    new: list[bytes] = []
    for name, value in changes.items():
        prefix, _, local = name.partition(":")
        bound = declared(prefix).replace(f"xmlns:{prefix}", f"xmlns:kz-{prefix}")
        if bound.encode() not in (*kept, *new):
            new.append(bound.encode())
        new.append(f" kz-{prefix}:{local}={quoteattr(value)}".encode())
    return b"".join([head[0], *kept, *new, end])


def start_tag(part: Xml, element: Element, changes: Mapping[str, str]) -> Edit:
    """Return the edit that sets attributes of `element`."""
    inner = part.inner(element)
    return Edit(element.start, inner, retagged(part.content[element.start : inner], changes))
