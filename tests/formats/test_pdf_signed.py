"""PDF with a digital signature: never rewritten, labelled from outside; its signature stays intact."""

from __future__ import annotations

import datetime as dt
import io

import pypdf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pypdf.generic import DictionaryObject, NameObject, NumberObject
from reportlab.pdfgen import canvas

from kzlabel.errors import RefusedError, UnsupportedTagsError
from kzlabel.formats.pdf import Pdf
from kzlabel.model import CarrierKind, Notice, NoticeConfig, NoticeStyle, Statement
from kzlabel.workflow import label, verify

ROOM = Pdf()
START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def signer(tmp_path_factory):
    from pyhanko.sign import signers

    folder = tmp_path_factory.mktemp("signer")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(START).not_valid_after(START.replace(year=2046))
        .add_extension(x509.KeyUsage(True, True, False, False, False, False, False, False, False), True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = serialization.Encoding.PEM
    kinds = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(pem, *kinds))
    (folder / "cert.pem").write_bytes(certificate.public_bytes(pem))
    return signers.SimpleSigner.load(folder / "key.pem", folder / "cert.pem")


def drawn():
    file = io.BytesIO()
    pen = canvas.Canvas(file, pagesize=(595, 842), invariant=1)
    pen.drawString(72, 700, "Agreement")
    pen.showPage()
    pen.save()
    return file.getvalue()


@pytest.fixture
def signed(signer, tmp_path):
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import signers

    writer = IncrementalPdfFileWriter(io.BytesIO(drawn()))
    metadata = signers.PdfSignatureMetadata(field_name="Signature1", certify=True)
    made = signers.sign_pdf(writer, metadata, signer=signer)
    path = tmp_path / "signed.pdf"
    path.write_bytes(made.getvalue())
    return path


def is_intact(path):
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    with path.open("rb") as file:
        (signature,) = PdfFileReader(file).embedded_signatures
        context = ValidationContext(allow_fetching=False, trust_roots=[signature.signer_cert])
        status = validate_pdf_signature(signature, signer_validation_context=context)
        return status.intact and status.valid and status.bottom_line


@pytest.mark.slow
def test_the_signature_is_intact_after_labelling(signed, tmp_path, disclosure, credential, trust):
    assert is_intact(signed)
    target = tmp_path / "out" / "signed.pdf"
    target.parent.mkdir()
    external = NoticeConfig(style=NoticeStyle.EXTERNAL)
    label(signed, target, disclosure, credential, notice=external)
    assert target.read_bytes() == signed.read_bytes()
    assert is_intact(target)
    report = verify(target, trust=trust)
    assert (report.origin, report.integrity, report.trust) == ("ai-generated", "intact", "trusted")


def test_it_is_never_written(signed, tmp_path):
    notice = Notice(statement=Statement.CREATED, style=NoticeStyle.PAGE)
    with pytest.raises(RefusedError, match="--notice external"):
        ROOM.write_notice(signed, tmp_path / "b.pdf", notice)
    with pytest.raises(UnsupportedTagsError):
        ROOM.write_tags(signed, tmp_path / "b.pdf", {"pdf-info": {"A": "b"}})
    carrier = ROOM.manifest_carrier(signed)
    assert (carrier.kind, carrier.reason) == (CarrierKind.COMPANION, "kz.carrier.pdf-signed")
    assert not (tmp_path / "b.pdf").exists()


def test_what_would_break_it_does(signed, tmp_path):
    """The measure itself: one byte changed, and pyHanko says so."""
    content = signed.read_bytes()
    path = tmp_path / "b.pdf"
    path.write_bytes(content.replace(b"/MediaBox [ 0 0 595 842 ]", b"/MediaBox [ 0 0 595 843 ]"))
    assert path.read_bytes() != content
    assert not is_intact(path)


def changed(change):
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(drawn()))
    change(writer)
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def _flags(writer):
    form = DictionaryObject({NameObject("/SigFlags"): NumberObject(3)})
    writer.root_object[NameObject("/AcroForm")] = writer._add_object(form)


def _permissions(writer):
    held = DictionaryObject({NameObject("/DocMDP"): writer._add_object(DictionaryObject())})
    writer.root_object[NameObject("/Perms")] = held


@pytest.mark.parametrize("change", [_flags, _permissions])
def test_other_signs_of_a_signature(tmp_path, change):
    path = tmp_path / "a.pdf"
    path.write_bytes(changed(change))
    assert ROOM.manifest_carrier(path).reason == "kz.carrier.pdf-signed"


def test_a_field_that_waits_for_a_signature_is_none(tmp_path):
    def change(writer):
        field = DictionaryObject({NameObject("/FT"): NameObject("/Sig")})
        form = DictionaryObject({NameObject("/SigFlags"): NumberObject(2)})
        form[NameObject("/Fields")] = writer._add_object(field)
        writer.root_object[NameObject("/AcroForm")] = form

    path = tmp_path / "a.pdf"
    path.write_bytes(changed(change))
    assert ROOM.manifest_carrier(path).kind is CarrierKind.EMBEDDED


def test_an_update_after_our_label_breaks_it(tmp_path, disclosure, credential, trust):
    source, target = tmp_path / "a.pdf", tmp_path / "labelled.pdf"
    source.write_bytes(drawn())
    label(source, target, disclosure, credential)
    assert verify(target, trust=trust).verdict == "compliant"
    later = tmp_path / "later.pdf"
    ROOM.write_tags(target, later, {"pdf-info": {"Title": "Other"}})
    report = verify(later, trust=trust)
    assert (report.integrity, report.verdict) == ("broken", "noncompliant")


@pytest.mark.parametrize("place", ["first", "middle", "last"])
def test_one_byte_flipped(tmp_path, disclosure, credential, trust, place):
    source, target = tmp_path / "a.pdf", tmp_path / "labelled.pdf"
    source.write_bytes(drawn())
    label(source, target, disclosure, credential)
    content = bytearray(target.read_bytes())
    at = {"first": 16, "middle": content.index(b"Type"), "last": len(content) - 30}[place]
    content[at] ^= 1
    target.write_bytes(content)
    assert verify(target, trust=trust).verdict != "compliant"


def test_relabelling(tmp_path, disclosure, credential, trust):
    source, target, again = (tmp_path / f"{name}.pdf" for name in "abc")
    source.write_bytes(drawn())
    label(source, target, disclosure, credential)
    label(target, again, disclosure, credential)
    assert verify(again, trust=trust).verdict == "compliant"
    text = pypdf.PdfReader(again).pages[0].extract_text()
    assert text.count("Создано искусственным") == 1
