"""What other people's tools say of labelled documents and texts.

c2pa-text and c2pa-unstructured-text frame manifests in texts, qpdf and pyHanko know PDF,
LibreOffice opens office files, python-docx and its like read them.
"""

from __future__ import annotations

import io
import logging
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import c2pa_text  # type: ignore[import-untyped]
import c2pa_unstructured_text  # type: ignore[import-untyped]
import encypher_c2pa

from kzlabel.credential import Credential
from kzlabel.formats import recognise
from kzlabel.formats._enclose_html import HtmlEnclosure
from kzlabel.formats._enclose_plain import PlainEnclosure
from kzlabel.formats._enclosed import without
from kzlabel.model import Enclosure
from kzlabel.notices.phrases import find_phrases

LIBREOFFICE = frozenset({".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp"})


# --- Manifests in texts ---------------------------------------------------------------------------


def enclosure_of(path: Path) -> Enclosure | None:
    """Return how a text carries its manifest; None for what is no text."""
    room = recognise(path)
    return None if room is None else room.enclosure(path)


def encypher_says_valid(path: Path) -> bool:
    """Whether encypher-c2pa calls the manifest valid; Markdown, which it seeks by A.9, as text."""
    if isinstance(enclosure_of(path), PlainEnclosure):
        result = encypher_c2pa.verify(path.read_bytes(), "text/plain", telemetry=False)
    else:
        result = encypher_c2pa.verify(str(path), telemetry=False)
    parts = ("integrity", "signature", "hard_binding")
    return [result.get(part) for part in parts] == ["valid", "valid", "match"]


def others_extract_ours(path: Path, enclosure: Enclosure) -> bool:
    """Whether the libraries of others find the same store that we do."""
    content = path.read_bytes()
    text, (one,) = content.decode(), enclosure.enclosed(content)
    found = [_extracted(text, enclosure)]
    if isinstance(enclosure, PlainEnclosure):
        found.append((c2pa_unstructured_text.extract(text) or {}).get("payload"))
    return all(store == one.store for store in found)


def _extracted(text: str, enclosure: Enclosure) -> object:
    if isinstance(enclosure, PlainEnclosure):
        return c2pa_text.extract_manifest(text)[0]
    if isinstance(enclosure, HtmlEnclosure):
        return getattr(c2pa_text.extract_html(text), "manifest", None)
    return c2pa_text.extract_structured(text).manifest


def ours_reads_others(path: Path, enclosure: Enclosure) -> bool:
    """Whether we find the store where they put it."""
    content = path.read_bytes()
    places = enclosure.enclosed(content)
    store, bare = places[0].store, without(content, places).decode()
    return all(
        [one.store for one in enclosure.enclosed(text.encode())] == [store]
        for text in _embedded(bare, store, enclosure)
    )


def _embedded(bare: str, store: bytes, enclosure: Enclosure) -> list[str]:
    if isinstance(enclosure, PlainEnclosure):
        wrapper: str = c2pa_unstructured_text.encode_padded(store)
        return [c2pa_text.embed_manifest(bare, store), bare + wrapper]
    if isinstance(enclosure, HtmlEnclosure):
        return [c2pa_text.embed_html_inline(bare, store).html]
    first = c2pa_text.Placement.END if bare.startswith(("#!", "%")) else c2pa_text.Placement.START
    reference = c2pa_text.encode_data_uri(store)
    return [c2pa_text.embed_structured(bare, reference, "#", placement=first).text]


# --- PDF ------------------------------------------------------------------------------------------


def qpdf_finds_nothing_amiss(path: Path) -> bool:
    """Whether `qpdf --check` finds neither errors nor anything to warn of."""
    return (
        subprocess.run(["qpdf", "--check", path], capture_output=True, check=False).returncode == 0
    )


def signed_pdf(source: Path, target: Path, signer: Credential) -> None:
    """Sign a PDF with pyHanko, as a document is signed."""
    from asn1crypto import keys, x509  # type: ignore[import-untyped]
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
        load_pem_private_key,
    )
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import PdfSignatureMetadata, SimpleSigner, sign_pdf
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    assert signer.private_key is not None
    key = load_pem_private_key(signer.private_key, None)
    der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    leaf, *rest = (x509.Certificate.load(certificate) for certificate in signer.chain)
    chain = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    chain.register_multiple(rest)
    hand = SimpleSigner(
        signing_cert=leaf, signing_key=keys.PrivateKeyInfo.load(der), cert_registry=chain
    )
    writer = IncrementalPdfFileWriter(io.BytesIO(source.read_bytes()))
    made = sign_pdf(writer, PdfSignatureMetadata(field_name="Signature"), signer=hand)
    target.write_bytes(made.getvalue())


def signature_is_intact(path: Path) -> bool:
    """Whether pyHanko says that the document's own signature holds, over all of the file."""
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.status import SignatureCoverageLevel

    logging.disable()  # it says at length that it does not know the signer
    with path.open("rb") as file:
        (signature,) = PdfFileReader(file).embedded_signatures
        status = validate_pdf_signature(signature)
    logging.disable(logging.NOTSET)
    covers = status.coverage is SignatureCoverageLevel.ENTIRE_FILE
    return bool(status.intact and status.valid and covers)


# --- Office files ---------------------------------------------------------------------------------


def libreoffice_shows(path: Path, folder: Path) -> bool:
    """Whether LibreOffice converts the file, and the notice is on the first page of that."""
    from pypdf import PdfReader

    profile = f"-env:UserInstallation=file://{folder}/profile"
    target = folder / path.suffix[1:]
    subprocess.run(
        ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", target, path],
        capture_output=True, check=False, timeout=180,
    )  # fmt: skip
    made = target / f"{path.stem}.pdf"
    if not made.exists():
        return False
    phrases = find_phrases(PdfReader(made).pages[0].extract_text())
    return {"kk", "ru"} <= {phrase.language for phrase in phrases}


def _docx(path: Path) -> bool:
    import docx

    return bool(docx.Document(str(path)).paragraphs)


def _xlsx(path: Path) -> bool:
    import openpyxl

    return bool(openpyxl.load_workbook(path).sheetnames)


def _pptx(path: Path) -> bool:
    import pptx

    return bool(list(pptx.Presentation(str(path)).slides))


def _odf(path: Path) -> bool:
    from odf.opendocument import load

    return load(str(path)).body.hasChildNodes() is True


LIBRARIES: Mapping[str, Callable[[Path], bool]] = {
    ".docx": _docx, ".xlsx": _xlsx, ".pptx": _pptx, ".odt": _odf, ".ods": _odf, ".odp": _odf,
}  # fmt: skip
"""python-docx, openpyxl, python-pptx and odfpy: whether one opens the file and finds something."""
