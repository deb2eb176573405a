"""Metadata of OpenDocument: `meta:user-defined` in meta.xml (part 3, 4.3.2.17).

::

    <office:document-meta><office:meta>
      <dc:title>…</dc:title>
      <meta:user-defined meta:name="AISYSTEMUSED" meta:value-type="string">…</meta:user-defined>
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from kzlabel._markup import escape, quoteattr
from kzlabel.formats._odf_document import MANIFEST, META
from kzlabel.formats._odf_names import attribute, declared, every, first, full, short
from kzlabel.formats._repeats import gathered
from kzlabel.formats._unread import cut
from kzlabel.formats._xml_splice import Edit, Xml, spliced

if TYPE_CHECKING:
    from kzlabel.formats._odf_document import Document

MAX_VALUE = 1 << 20
"""Characters of a tag's name and value together; longer ones are left out."""
_USER = "meta:user-defined"
_EMPTY = (
    f'<?xml version="1.0" encoding="UTF-8"?>\n<office:document-meta{declared("office", "meta")}'
    ' office:version="1.3"><office:meta/></office:document-meta>'
).encode()


def tags_of(meta: Xml) -> dict[str, str]:
    """Return user-defined tags by their names, others as `dc:title`."""
    return gathered(_tags(meta))


def _tags(meta: Xml) -> Iterator[tuple[str, str]]:
    holder = first(meta.root, "office:meta")
    for element in holder.children if holder else ():
        name = attribute(element, "meta:name") if element.name == full(_USER) else ""
        name, value = name or short(element.name), element.text.strip()
        if len(name) + len(value) > MAX_VALUE:
            cut("odf")
        elif value:
            yield name, value


Parts = dict[str, bytes]


def tagged(document: Document, tags: Mapping[str, str]) -> tuple[Parts, Parts]:
    """Return the parts that change, and those to be added, for a document to have these tags."""
    if META in document.package:
        return {META: _with_tags(document.part(META), tags)}, {}
    added = {META: _with_tags(document.parsed(META, _EMPTY), tags)}
    listed = document.manifest
    return ({MANIFEST: _listing(listed)} if listed else {}), added


def _with_tags(meta: Xml, tags: Mapping[str, str]) -> bytes:
    holder = first(meta.root, "office:meta")
    text = "".join(_element(name, value) for name, value in tags.items() if value).encode()
    if holder is None:
        whole = f"<office:meta{declared('office')}>".encode() + text + b"</office:meta>"
        return spliced(meta.content, [meta.closing(meta.root, whole)])
    edits = [
        Edit(old.start, old.end, b"")
        for old in every(holder, _USER)
        if attribute(old, "meta:name") in tags
    ]
    return spliced(meta.content, [*edits, meta.closing(holder, text)])


def _element(name: str, value: str) -> str:
    return (
        f"<meta:user-defined{declared('meta')} meta:name={quoteattr(allowed(name))}"
        f' meta:value-type="string">{escape(allowed(value))}</meta:user-defined>'
    )


def allowed(text: str) -> str:
    """Return `text` without the characters that XML 1.0 has no way to write."""
    return "".join(c for c in text if c in "\t\n\r" or (c >= " " and c not in _NEVER))


_NEVER = "\ufffe\uffff" + "".join(map(chr, range(0xD800, 0xE000)))


def _listing(manifest: Xml) -> bytes:
    entry = (
        f'<manifest:file-entry{declared("manifest")} manifest:full-path="{META}"'
        ' manifest:media-type="text/xml"/>'
    )
    return spliced(manifest.content, [manifest.closing(manifest.root, entry.encode())])
