"""Names of OpenDocument 1.3 as people write them: `text:p`, whatever prefix a file binds.

https://docs.oasis-open.org/office/OpenDocument/v1.3/os/part3-schema/, 1.4 (namespaces).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kzlabel.formats._xml_splice import Element

_OASIS = "urn:oasis:names:tc:opendocument:xmlns:"
NAMESPACES: Mapping[str, str] = {
    "office": f"{_OASIS}office:1.0",
    "style": f"{_OASIS}style:1.0",
    "text": f"{_OASIS}text:1.0",
    "table": f"{_OASIS}table:1.0",
    "draw": f"{_OASIS}drawing:1.0",
    "presentation": f"{_OASIS}presentation:1.0",
    "anim": f"{_OASIS}animation:1.0",
    "smil": f"{_OASIS}smil-compatible:1.0",
    "form": f"{_OASIS}form:1.0",
    "meta": f"{_OASIS}meta:1.0",
    "manifest": f"{_OASIS}manifest:1.0",
    "fo": f"{_OASIS}xsl-fo-compatible:1.0",
    "svg": f"{_OASIS}svg-compatible:1.0",
    "number": f"{_OASIS}datastyle:1.0",
    "dc": "http://purl.org/dc/elements/1.1/",
    "xlink": "http://www.w3.org/1999/xlink",
    "xml": "http://www.w3.org/XML/1998/namespace",
    "loext": "urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0",
    "calcext": "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0",
}
_PREFIXES = {uri: prefix for prefix, uri in NAMESPACES.items()}


@lru_cache(maxsize=4096)
def short(name: str) -> str:
    """Return `{namespace}local` as `prefix:local`; what has no namespace of ours stays."""
    uri, brace, local = name[1:].partition("}")
    prefix = _PREFIXES.get(uri) if brace else None
    return f"{prefix}:{local}" if prefix else name


@lru_cache(maxsize=1024)
def full(name: str) -> str:
    """Return `prefix:local` as `{namespace}local`."""
    prefix, _, local = name.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}"


def attribute(element: Element, name: str, default: str = "") -> str:
    """Return an attribute's value by its name with our prefix."""
    return element.attributes.get(full(name), default)


def attributes(element: Element) -> dict[str, str]:
    """Return all attributes under names with our prefixes."""
    return {short(name): value for name, value in element.attributes.items()}


def every(element: Element, *names: str) -> Iterator[Element]:
    """Return the children of these names, with our prefixes."""
    return element.every(*map(full, names))


def first(element: Element, *path: str) -> Element | None:
    """Return the first child of that name, and of it the first of the next, and so on."""
    return element.first(*map(full, path))


def declared(*prefixes: str) -> str:
    """Return the declarations that bind these prefixes as we write them."""
    return "".join(f' xmlns:{prefix}="{NAMESPACES[prefix]}"' for prefix in prefixes)
