"""Whether the manifest goes into a PDF: c2pa-rs (lopdf) writes the whole document anew.

That destroys digital signatures and takes encryption away, in silence; and PDF/A-1, -2 and plain -4
allow no such attachment. What it does to all else is a test (tests/formats/test_pdf_carrier.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pypdf.generic import DictionaryObject  # noqa: TID253  imported lazily, with its border

from kzlabel.errors import LimitError, RefusedError, UnreadableAssetError
from kzlabel.formats._pdf_archive import conformance
from kzlabel.formats._pdf_file import Document, is_signed, opened, resolved
from kzlabel.formats._pdf_syntax import is_plain
from kzlabel.formats._pdf_tags import packet_of
from kzlabel.model import Carrier, CarrierKind

if TYPE_CHECKING:
    from pathlib import Path

LARGEST_EMBEDDED = 256 * 1024 * 1024
"""Bytes. lopdf keeps the document in memory several times over."""
_NO_ATTACHMENTS = ("1", "2")
_PLAIN_4 = ("4", "4e")


def carrier_of(path: Path) -> Carrier:
    """Say where the manifest of this document goes, and why; see `Format.manifest_carrier`."""
    reason = _harm(path)
    if reason is None:
        return Carrier(kind=CarrierKind.EMBEDDED, reason="kz.carrier.pdf")
    return Carrier(kind=CarrierKind.COMPANION, reason=reason)


def _harm(path: Path) -> str | None:
    """Return why the document must not be written anew; None where it may be."""
    if path.stat().st_size > LARGEST_EMBEDDED:
        return "kz.carrier.pdf-limits"
    try:
        with opened(path) as document:
            if is_signed(document):
                return "kz.carrier.pdf-signed"
            if document.is_encrypted:
                return "kz.carrier.pdf-encrypted"
            return _structure_harm(document)
    except LimitError:
        return "kz.carrier.pdf-limits"
    except (UnreadableAssetError, RefusedError):
        return "kz.carrier.pdf-damaged"


def _structure_harm(document: Document) -> str | None:
    if not document.is_appendable or not is_plain(document):
        return "kz.carrier.pdf-damaged"
    if _has_branching_attachments(document):
        return "kz.carrier.pdf-attachments"
    part = conformance(packet_of(document))
    if part.startswith(_NO_ATTACHMENTS) or part in _PLAIN_4:
        return "kz.carrier.pdf-archive"
    return None


def _has_branching_attachments(document: Document) -> bool:
    """Whether attachments are listed in a tree of several nodes, whose root c2pa-rs malforms."""
    names = resolved(document.catalog, "/Names")
    files = resolved(names, "/EmbeddedFiles") if isinstance(names, DictionaryObject) else None
    return isinstance(files, DictionaryObject) and "/Kids" in files
