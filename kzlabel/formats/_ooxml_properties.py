"""Properties of an office document: ours are custom ones, ECMA-376 part 1, 22.3.

`docProps/custom.xml`: `<property fmtid="{D5CDD505-…}" pid="2" name="…"><vt:lpwstr>…`, pid from 2 on
and unique. Of core and extended properties what names people and programs is read.
"""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING

from kzlabel._markup import escape, quoteattr
from kzlabel.errors import KzlabelError
from kzlabel.formats._ooxml_office import Draft, Office, local
from kzlabel.formats._repeats import gathered
from kzlabel.formats._unread import cut
from kzlabel.formats._xml_splice import Edit, Element

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PART = "docProps/custom.xml"
_CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
_NAMESPACE = "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"
_TYPES = "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"
_FORMAT = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"
_KIND = "custom-properties"
_OTHERS = {"core-properties": "core", "extended-properties": "app"}
MAX_PROPERTIES = 20_000
MAX_VALUE = 1 << 20
"""Characters of a value; what is longer is left out."""
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def read_properties(office: Office) -> dict[str, str]:
    """Return custom properties by name, others as `core:NAME` and `app:NAME`."""
    others = (
        (f"{prefix}:{name}", text)
        for kind, prefix in _OTHERS.items()
        for name, text in _read(office, kind)
    )
    return gathered(chain(_read(office, _KIND), others))


def _read(office: Office, kind: str) -> Iterator[tuple[str, str]]:
    """Return names and values; a damaged part is left out."""
    try:
        held = office.other("", kind)
    except KzlabelError:
        return
    children = list(held.root.children) if held else []
    if len(children) > MAX_PROPERTIES:
        cut("ooxml")
    for child in children[:MAX_PROPERTIES]:
        name = child.attributes.get("name", "") if kind == _KIND else local(child.name)
        text = child.text.strip()
        if len(name) + len(text) > MAX_VALUE:
            cut("ooxml")
        elif name and text:
            yield name, text


def write_properties(draft: Draft, properties: Mapping[str, str]) -> None:
    """Set custom properties, an empty value takes one away; all others stay."""
    part = _existing(draft)
    held = draft.xml(part)
    wanted = {name.casefold(): (name, text) for name, text in properties.items()}
    old = [child for child in held.root.children if local(child.name) == "property"]
    going = [child for child in old if child.attributes.get("name", "").casefold() in wanted]
    taken = {_pid(child) for child in old if child not in going}
    pids = (pid for pid in range(2, len(taken) + len(wanted) + 3) if pid not in taken)
    new = "".join(
        _property(next(pids), name, text, held.root) for name, text in wanted.values() if text
    )
    edits = [Edit(child.start, child.end, b"") for child in going]
    draft.edit(part, *edits, held.closing(held.root, new.encode()))


def _existing(draft: Draft) -> str:
    """Return the part that holds custom properties, made where there is none."""
    related = draft.office.related("", _KIND)
    if related:
        return related[0].target
    taken = draft.office.actual(_PART) is not None
    part = draft.free("docProps/custom", ".xml") if taken else _PART
    draft.added[part] = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<Properties xmlns="{_NAMESPACE}" xmlns:vt="{_TYPES}"></Properties>'
    ).encode()
    draft.declare(part, _CONTENT_TYPE)
    draft.relate("", part, _KIND)
    return part


def _pid(child: Element) -> int:
    text = child.attributes.get("pid", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0  # noqa: PLR2004  32 bits


def _property(pid: int, name: str, text: str, root: Element) -> str:
    namespace = root.name[1:].partition("}")[0]
    types = (
        _TYPES
        if namespace == _NAMESPACE
        else namespace.replace("customProperties", "docPropsVTypes")
    )
    value = escape(_NO_XML.sub("", text))
    return (
        f'<property xmlns="{namespace}" fmtid="{_FORMAT}" pid="{pid}"'
        f" name={quoteattr(_NO_XML.sub('', name))}>"
        f'<vt:lpwstr xmlns:vt="{types}">{value}</vt:lpwstr></property>'
    )
