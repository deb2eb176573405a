"""The border to pypdf: a document opened, its password, and pypdf's errors translated once.

pypdf 7 repairs what it can and raises almost anything where it cannot. Only objects that are asked
for are parsed, so that a document costs what its cross-references cost.
"""

from __future__ import annotations

import errno
import io
import logging
import mmap
import re
import struct
import zlib
from contextlib import contextmanager
from functools import cached_property
from typing import IO, TYPE_CHECKING

from pypdf import PasswordType, PdfReader  # noqa: TID253  this is the border, imported lazily
from pypdf.errors import (  # noqa: TID253  likewise
    FileNotDecryptedError,
    LimitReachedError,
    PyPdfError,
)
from pypdf.generic import (  # noqa: TID253  likewise
    DictionaryObject,
    IndirectObject,
    PdfObject,
)

from kzlabel._passwords import password_of
from kzlabel.errors import LimitError, RefusedError, UnreadableAssetError
from kzlabel.formats._pdf_survey import Survey, survey_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FAILURES = (
    PyPdfError, ArithmeticError, AssertionError, AttributeError, EOFError, LookupError,
    NotImplementedError, RuntimeError, TypeError, ValueError, struct.error, zlib.error,
)  # fmt: skip
"""What pypdf raises on damaged documents; `RuntimeError` includes `RecursionError`."""
_MAY_MODIFY = 1 << 3
"""Permission bit 4, "modify the contents" (ISO 32000-2, table 22)."""
MOST_ENTRIES = 1_000_000
"""Cross-references of a document."""
_IN_MEMORY = 64 * 1024 * 1024
"""Bytes; larger files are mapped and read piece by piece."""
_SIGNATURES_EXIST = 1
"""Bit 1 of `/SigFlags` (table 225)."""
_TAIL = 2048
_STARTXREF = re.compile(rb"startxref\s+(\d{1,10})")
_MOST_SECTIONS = 1000
_SECTION_END = re.compile(rb"startxref|stream")
_PREVIOUS = re.compile(rb"/Prev\s+(\d{1,10})\b")
_SECTION = re.compile(rb"xref\b|\d{1,10}\s+\d{1,5}\s+obj")

logging.getLogger("pypdf").addHandler(logging.NullHandler())  # its repairs are nobody's output


class Reader(PdfReader):
    """A reader that remembers what of the cross-references it had to guess, or to leave out."""

    rebuilt = False
    lost = 0
    """Cross-references that lead to no object."""

    def _rebuild_xref_table(self, stream: IO[bytes]) -> None:
        self.rebuilt = True
        super()._rebuild_xref_table(stream)

    def read(self, stream: IO[bytes]) -> None:
        super().read(stream)
        self.lost = self._declared - sum(map(len, self.xref.values()))

    def _read_xref_tables_and_trailers(
        self, stream: IO[bytes], startxref: int | None, xref_issue_nr: int
    ) -> None:
        try:
            super()._read_xref_tables_and_trailers(stream, startxref, xref_issue_nr)
        except _FAILURES as exc:
            if self.strict or isinstance(exc, LimitReachedError):
                raise
            self.trailer = DictionaryObject()
            self._rebuild_xref_table(stream)
        self._declared = sum(map(len, self.xref.values()))

    def encrypted(self, value: PdfObject, number: int, generation: int) -> PdfObject:
        """Return `value` as it must stand in the file: encrypted where the document is."""
        if self._encryption is None:
            return value
        return self._encryption.encrypt_object(value, number, generation)

    @property
    def encrypts_metadata(self) -> bool:
        """Whether the XMP stream is encrypted like all others."""
        return self._encryption is None or self._encryption.EncryptMetadata

    def in_the_clear(self, reference: IndirectObject) -> PdfObject | None:
        """Return an object as it stands in the file, not decrypted."""
        self._override_encryption = True
        try:
            return self.get_object(reference)
        finally:
            self._override_encryption = False

    @property
    def may_be_modified(self) -> bool:
        """Whether the owner lets those modify who have the user's password only."""
        return self._encryption is None or bool(self._encryption.P & _MAY_MODIFY)


class Document:
    """An open PDF."""

    def __init__(
        self, path: Path, content: mmap.mmap | bytes, reader: Reader, survey: Survey
    ) -> None:
        self.path = path
        self.survey = survey
        self.content = content
        self.reader = reader
        self.password: str | None = None

    @property
    def catalog(self) -> DictionaryObject:
        """The document catalog."""
        return self.reader.root_object

    @property
    def is_encrypted(self) -> bool:
        """Whether it is, with a password or without."""
        return self.reader.is_encrypted

    @cached_property
    def startxref(self) -> int:
        """Where the last cross-reference section begins; -1 where it does not say so itself."""
        tail = len(self.content) - _TAIL
        said = list(_STARTXREF.finditer(self.content, max(0, tail)))
        at = int(said[-1][1]) if said else -1
        return at if at > 0 and _SECTION.match(self.content, at) else -1

    @property
    def is_appendable(self) -> bool:
        """Whether an update may follow: cross-references are sound, and of one kind."""
        begins = self.content[:5] == b"%PDF-"
        return begins and not self.reader.rebuilt and self._is_chain_sound()

    def _is_chain_sound(self) -> bool:
        """Whether each cross-reference section leads to one before, and none has a double."""
        at, seen = self.startxref, set[int]()
        while at not in seen and len(seen) < _MOST_SECTIONS and _SECTION.match(self.content, at):
            seen.add(at)
            end = _SECTION_END.search(self.content, at)
            said = self.content[at : end.start() if end else at]
            if b"/XRefStm" in said:
                return False
            previous = _PREVIOUS.search(said)
            if previous is None:
                return b"trailer" in said or b"/XRef" in said
            at = int(previous[1])
        return False


@contextmanager
def parsing(path: Path) -> Iterator[None]:
    """Translate what pypdf raises."""
    try:
        yield
    except (LimitReachedError, MemoryError) as exc:
        raise LimitError("kz.error.pdf-limit", path=path, detail=_said(exc)) from exc
    except FileNotDecryptedError as exc:
        raise RefusedError("kz.error.pdf-password", path=path) from exc
    except _FAILURES as exc:
        raise UnreadableAssetError("kz.error.pdf-damaged", path=path, detail=_said(exc)) from exc
    except OSError as exc:
        if exc.errno != errno.EINVAL:  # a cross-reference to before the file
            raise
        raise UnreadableAssetError("kz.error.pdf-damaged", path=path, detail=_said(exc)) from exc


def _said(exc: BaseException) -> str:
    return f"{type(exc).__name__}: {exc}"[:200]


@contextmanager
def opened(path: Path, *, strict: bool = False) -> Iterator[Document]:
    """Open the document at `path`; what pypdf raises inside the block is translated.

    `strict` repairs nothing, and does not look whether each cross-reference leads to an object.

    Raises `UnreadableAssetError`, `LimitError` and `OSError`.
    """
    with path.open("rb") as file, parsing(path):
        size = file.seek(0, 2)
        if not size:
            raise UnreadableAssetError("kz.error.pdf-damaged", path=path, detail="empty")
        file.seek(0)
        if size <= _IN_MEMORY:
            content = file.read()
            yield _document(path, content, io.BytesIO(content), strict=strict)
        else:
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
                yield _document(path, mapped, file, strict=strict)


def _document(
    path: Path, content: bytes | mmap.mmap, stream: IO[bytes], *, strict: bool
) -> Document:
    survey = survey_of(path, content)  # first: pypdf unpacks cross-references at once
    reader = Reader(stream, strict, xref_stream_maximum_entries=MOST_ENTRIES)
    return Document(path, content, reader, survey)


def unlocked(document: Document) -> bool:
    """Whether the document can be read: not encrypted, or with the password that is known, or none.

    The password is then in `document.password`; an empty one opens what only its owner locked.
    """
    if not document.is_encrypted:
        return True
    said = password_of(document.path)
    for password in ("",) if said is None else (said, ""):
        if document.reader.decrypt(password):
            document.password = password
            return True
    return False


def unlock_to_change(document: Document) -> None:
    """Make sure that who runs us may change the document; it stays encrypted as it is.

    Raises `RefusedError` without a password, and where the user's does not allow changes.
    """
    if not document.is_encrypted:
        return
    said = password_of(document.path)
    kind = document.reader.decrypt(said) if said is not None else PasswordType.NOT_DECRYPTED
    is_user = kind is PasswordType.USER_PASSWORD
    lets_users = bool(said) and document.reader.may_be_modified
    if kind is PasswordType.OWNER_PASSWORD or (is_user and lets_users):
        document.password = said
    elif is_user or document.reader.decrypt(""):
        raise RefusedError("kz.error.pdf-owner", path=document.path)
    else:
        raise RefusedError("kz.error.pdf-password", path=document.path)


@contextmanager
def opened_to_append(path: Path) -> Iterator[Document]:
    """Open a document to which an update may be appended.

    One with broken or doubled cross-references is written anew first. Raises as `opened` does, and
    `RefusedError` where it is signed, or encrypted and not ours to change.
    """
    with opened(path) as document:
        if is_signed(document):
            raise RefusedError("kz.error.pdf-signed", path=path)
        unlock_to_change(document)
        yield document if document.is_appendable else _rewritten(document)


def is_signed(document: Document) -> bool:
    """Whether anything says that there is a digital signature; a field to be signed is none."""
    if document.survey.has_signature:
        return True
    if document.is_encrypted and not unlocked(document):
        return False
    catalog = document.catalog
    form = resolved(catalog, "/AcroForm")
    flags = resolved(form, "/SigFlags") if isinstance(form, DictionaryObject) else 0
    permissions = resolved(catalog, "/Perms")
    return bool(permissions) or (isinstance(flags, int) and bool(flags & _SIGNATURES_EXIST))


def resolved(held: DictionaryObject, name: str) -> object:
    """Return an entry of a dictionary, resolved; None where there is none."""
    value = held.get(name)
    return value.get_object() if value is not None else None


def _rewritten(document: Document) -> Document:
    """Return the document with its objects written anew, with sound cross-references."""
    from pypdf import PdfWriter

    if document.is_encrypted:
        raise RefusedError("kz.error.pdf-encrypted-damaged", path=document.path)
    target = io.BytesIO()
    PdfWriter(clone_from=document.reader).write(target)
    content = target.getvalue()
    return _document(document.path, content, io.BytesIO(content), strict=False)
