"""An OpenDocument package: its parts as XML, and whether it may be rewritten.

OpenDocument 1.3, part 2 (https://docs.oasis-open.org/office/OpenDocument/v1.3/os/part2-packages/):
`META-INF/manifest.xml` lists the parts, and which are encrypted (4.8); a file in META-INF with
`signatures` in its name holds digital signatures (3.5).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from kzlabel.errors import RefusedError, UnreadableAssetError
from kzlabel.formats._odf_names import NAMESPACES, full
from kzlabel.formats._package import Package, opened
from kzlabel.formats._xml_splice import Xml, parse

if TYPE_CHECKING:
    from pathlib import Path

CONTENT, STYLES, META = "content.xml", "styles.xml", "meta.xml"
MANIFEST = "META-INF/manifest.xml"
_MAX_MANIFEST = 8 << 20
_ENCRYPTED = (full("manifest:encryption-data"), full("manifest:encrypted-key"))
_NO_STYLES = f'<office:document-styles xmlns:office="{NAMESPACES["office"]}"/>'.encode()


@dataclass(frozen=True)
class Document:
    """A package that was opened."""

    package: Package

    @property
    def path(self) -> Path:
        """Where it lies."""
        return self.package.path

    def part(self, name: str, *, shallow: Collection[str] = (), enough: int | None = None) -> Xml:
        """Return a part as XML; a document without styles.xml has an empty one."""
        missing = name == STYLES and name not in self.package
        content = _NO_STYLES if missing else self.package.part(name)
        return self.parsed(name, content, shallow=shallow, enough=enough)

    def parsed(
        self, name: str, content: bytes, *, shallow: Collection[str] = (), enough: int | None = None
    ) -> Xml:
        """Return `content`, which stands for a part, as XML."""
        return parse(self.path, name, content, shallow=set(map(full, shallow)), enough=enough)

    @cached_property
    def manifest(self) -> Xml | None:
        """The list of parts; None where the package has none."""
        if MANIFEST not in self.package:
            return None
        content = self.package.part(MANIFEST, _MAX_MANIFEST)
        return parse(self.path, MANIFEST, content, doctype=True)  # OpenOffice 1 writes one

    @cached_property
    def is_encrypted(self) -> bool:
        """Whether parts of it are encrypted."""
        manifest = self.manifest
        return manifest is not None and any(
            element.name in _ENCRYPTED for element in manifest.root.walk()
        )

    @property
    def signature(self) -> str:
        """The part that holds digital signatures; empty where there is none."""
        inside = (name for name in self.package.entries if name.startswith("META-INF/"))
        return next((name for name in inside if "signatures" in name.lower()), "")


def read(path: Path) -> Document:
    """Open a document that can be read; raises `UnreadableAssetError`, `LimitError`."""
    document = Document(opened(path))
    if document.is_encrypted:
        raise UnreadableAssetError("kz.error.odf-encrypted", path=path)
    if CONTENT not in document.package:
        raise UnreadableAssetError("kz.error.odf-damaged", path=path, detail=CONTENT)
    return document


def writable(path: Path) -> Document:
    """Open a document that may be rewritten; raises `RefusedError` too."""
    document = Document(opened(path))
    if document.is_encrypted:
        raise RefusedError("kz.error.odf-encrypted", path=path)
    if document.signature:
        raise RefusedError("kz.error.odf-signed", path=path, part=document.signature)
    return read(path)
