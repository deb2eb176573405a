"""The PDFs of a corpus: which may be rewritten, and what a labelled one has kept."""

from __future__ import annotations

import logging
from pathlib import Path

from pypdf import PdfReader

import kzlabel
from benchmarks._checks import disclosure
from kzlabel.credential import Credential
from kzlabel.model import NoticeConfig, NoticeStyle
from kzlabel.trust import store_of

logging.getLogger("pypdf").setLevel(logging.ERROR)


def is_guarded(path: Path) -> bool:
    """Whether a PDF has a password, or a digital signature that a change would break."""
    reader = PdfReader(path)
    if reader.is_encrypted:
        return True
    fields = reader.get_fields() or {}
    return any(field.get("/FT") == "/Sig" and "/V" in field for field in fields.values())


def is_labelled_beside(path: Path, target: Path, signer: Credential) -> bool:
    """Whether a guarded PDF is labelled by its companions alone, and stays as it was."""
    outside = NoticeConfig(style=NoticeStyle.EXTERNAL)
    kzlabel.label(path, target, disclosure(), signer, notice=outside)
    row = kzlabel.verify(target, trust=store_of(signer))
    return row.integrity == "intact" and target.read_bytes() == path.read_bytes()


def differences(before: Path, after: Path) -> list[str]:
    """Return what labelling changed in a PDF that it must not change."""
    old, new = PdfReader(before), PdfReader(after)
    checks = {
        "pages": len(old.pages) == len(new.pages),
        "words": all(
            _words(one.extract_text()) <= _words(two.extract_text())
            for one, two in zip(old.pages, new.pages, strict=False)
        ),
        "form fields": set(old.get_fields() or {}) <= set(new.get_fields() or {}),
        "outline": len(old.outline) == len(new.outline),
        "attachments": _attached(old) <= _attached(new),
        "links": [len(page.annotations or ()) for page in old.pages]
        == [len(page.annotations or ()) for page in new.pages],
    }
    return [name for name, kept in checks.items() if not kept]


def _attached(reader: PdfReader) -> set[str]:
    """Return the names of the attachments; an earlier manifest is one that goes."""
    manifest = "/C2PA_Manifest"
    held = reader.attachment_list
    return {one.name for one in held if one.associated_file_relationship != manifest}


def _words(text: str) -> set[str]:
    return set(text.split())
