"""What a file shows of a manifest store before, or where, c2pa-rs cannot parse it.

Every store names itself "c2pa" in the clear: in its JUMBF boxes (C2PA 2.2, 11.1), in the name of
the part of a package that holds it (META-INF/content_credential.c2pa, A.5).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import BinaryIO

    from kzlabel.model import Asset

NAME = b"c2pa"
_PACKAGE = b"PK\x03\x04"
_CHUNK = 1 << 20
_OF_THE_FILE = ("Other: asset could not be parsed", "Io:")
"""How c2pa-rs (0.91) begins where it never came to a store: the container itself is damaged."""


def is_plain(asset: Asset) -> bool:
    """Whether a JPEG or a package can hold neither a manifest nor the URL of one.

    XMP names a remote manifest by dcterms:provenance. Most uploads have neither, and are known by
    a search instead of a parse.
    """
    held = asset.content
    if held is None:
        return False
    if held.startswith(_PACKAGE):
        return NAME not in held  # its XMP, where it has any, is no part that c2pa-rs reads
    return asset.media_type == "image/jpeg" and NAME not in held and b"provenance" not in held


def is_untold(detail: str, source: BinaryIO) -> bool:
    """Whether c2pa-rs failed (`detail`) of a file that shows no store: there may be none."""
    return detail.startswith(_OF_THE_FILE) and not _names_a_store(source)


def _names_a_store(source: BinaryIO) -> bool:
    source.seek(0)
    tail = b""
    while chunk := source.read(_CHUNK):
        if NAME in (tail + chunk).lower():
            return True
        tail = chunk[1 - len(NAME) :]
    return False
