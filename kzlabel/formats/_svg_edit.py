"""Splices into the bytes of an SVG: a packet, a group, a larger canvas. Nothing else changes."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from kzlabel._markup import quoteattr
from kzlabel.errors import RefusedError
from kzlabel.formats._svg_allowed import SVG
from kzlabel.formats._svg_scan import Document, Span, parse_document
from kzlabel.formats._svg_size import Canvas, length, longer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kzlabel.model import Placement

ROOT_ATTRIBUTES = ("width", "height", "viewBox")
"""What a band changes on the root."""


def insert_packet(document: Document, packet: bytes) -> bytes:
    """Return the document with `packet` in its `metadata`, in place of the old one."""
    content = document.content
    if document.packet:
        start, end = document.packet
        return content[:start] + packet + content[end:]
    if document.metadata is None:
        return _into(document, document.root, _element(document, "metadata", packet), first=True)
    return _into(document, document.metadata, packet, first=False)


def insert_group(document: Document, group: bytes) -> bytes:
    """Return the document with `group` as the last child of its root."""
    return _into(document, document.root, group, first=False)


def _element(document: Document, name: str, inner: bytes) -> bytes:
    namespace = f' xmlns="{SVG}"' if ":" in document.root_name else ""
    return f"<{name}{namespace}>".encode() + inner + f"</{name}>".encode()


def _into(document: Document, span: Span, inner: bytes, *, first: bool) -> bytes:
    content = document.content
    if not span.is_empty:
        at = span.inner if first else span.close
        return content[:at] + inner + content[at:]
    name = content[span.start + 1 : span.end].split(b">")[0].split()[0].rstrip(b"/")
    opened = content[span.start : span.end - 2].rstrip() + b">"
    return content[: span.start] + opened + inner + b"</" + name + b">" + content[span.end :]


def stripped(document: Document) -> Document:
    """Return the document without our earlier notices, and without the band they brought."""
    content = document.content
    former = ""
    for span, attributes in reversed(document.notices):
        content = content[: span.start] + content[span.end :]
        former = attributes.get("data-kzlabel-root", "") or former
    if content is document.content:
        return document
    found = parse_document(document.path, content)
    values = former.split("|")
    if len(values) != len(ROOT_ATTRIBUTES):
        return found
    return _with_root(found, dict(zip(ROOT_ATTRIBUTES, values, strict=True)))


def alone(document: Document, start: int) -> Document:
    """Return the root with nothing in it but what begins at `start`."""
    content = document.content
    return parse_document(document.path, content[: document.root.inner] + content[start:])


def band(document: Document, canvas: Canvas, placement: Placement) -> tuple[Document, Canvas]:
    """Return the document and its canvas made larger, to the right and below, for a band.

    Raises `RefusedError` where something is placed by percentages of the canvas: it would move.
    """
    if document.percentages:
        raise RefusedError("kz.error.svg-size", path=document.path, detail="%")
    wider, taller = placement.width / canvas.width, placement.height / canvas.height
    larger = replace(
        canvas,
        width=placement.width,
        height=placement.height,
        across=canvas.across * wider,
        down=canvas.down * taller,
    )
    changed: dict[str, str] = {}
    for name, ratio in (("width", wider), ("height", taller)):
        old = document.root_attributes.get(name, "")
        if length(old) is not None:
            changed[name] = longer(old, ratio)
    if canvas.has_view_box:
        numbers = (larger.x, larger.y, larger.across, larger.down)
        changed["viewBox"] = " ".join(f"{number:.10g}" for number in numbers)
    return _with_root(document, changed), larger


def _with_root(document: Document, changed: Mapping[str, str]) -> Document:
    """Return the document with attributes of the root's start tag replaced; "" leaves one alone."""
    start = document.root.start
    tag = document.content[start : document.root.inner].decode("utf-8")
    for name, value in changed.items():
        found = re.search(rf"""\s{name}\s*=\s*("[^"]*"|'[^']*')""", tag)
        if found and value:
            tag = tag[: found.start(1)] + quoteattr(value) + tag[found.end(1) :]
    content = document.content[:start] + tag.encode() + document.content[document.root.inner :]
    return parse_document(document.path, content)
