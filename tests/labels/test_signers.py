"""Who signed, and how their certificate stands: trusted, unlisted, expired, revoked, unsuitable."""

from __future__ import annotations

import io
import json
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

import c2pa
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from PIL import Image

from kzlabel import verify_bytes
from kzlabel.labels._manifest_pieces import in_one_piece
from kzlabel.labels._manifest_signer import find_certificate
from kzlabel.labels._manifest_status import standing_of
from kzlabel.labels._manifest_store import SignatureInfo, parse
from kzlabel.model import Standing, Trust
from kzlabel.trust import TrustKind, TrustList, TrustStore

NOW = datetime.now(UTC).replace(microsecond=0)
CAPTURED = {
    "action": "c2pa.created",
    "digitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture",
}


@dataclass(frozen=True)
class Holder:
    """A certificate and its key."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    def sign(self, message: bytes) -> bytes:
        r, s = decode_dss_signature(self.key.sign(message, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32) + s.to_bytes(32)


def holder(name: str, issuer: Holder | None = None, usage: x509.ObjectIdentifier | None = None):
    key = ec.generate_private_key(ec.SECP256R1())
    own = x509.Name(
        [x509.NameAttribute(oid, name) for oid in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME)]
    )
    above = issuer.certificate.subject if issuer else own
    signs = (issuer.key if issuer else key).public_key()
    ca = usage is None
    builder = (
        x509.CertificateBuilder().subject_name(own).issuer_name(above).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(90)).not_valid_after(NOW + timedelta(90))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signs), critical=False)
        .add_extension(
            x509.KeyUsage(not ca, False, False, False, False, ca, ca, False, False), critical=True
        )
    )  # fmt: skip
    if usage is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    return Holder(key, builder.sign((issuer or Holder(key, None)).key, hashes.SHA256()))


@pytest.fixture(scope="module")
def root() -> Holder:
    return holder("Root")


@pytest.fixture(scope="module")
def leaf(root) -> Holder:
    return holder("Studio", root, ExtendedKeyUsageOID.EMAIL_PROTECTION)


@pytest.fixture(scope="module")
def responder(root) -> Holder:
    return holder("Responder", root, ExtendedKeyUsageOID.OCSP_SIGNING)


@pytest.fixture(scope="module")
def chain(leaf, root, responder) -> tuple[Holder, Holder, Holder]:
    return leaf, root, responder


@pytest.fixture(scope="module")
def listed(root) -> TrustStore:
    kinds = frozenset({TrustKind.CLAIM})
    return TrustStore((TrustList("mine", kinds, root.pem, "2026-01-01", "00"),))


@cache
def blank(form: str) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((48, 48), 40).convert("RGB").save(out, form)
    return out.getvalue()


def signed(leaf: Holder, root: Holder, form: str = "WEBP", more: int = 0) -> bytes:
    """Sign a picture, with an assertion of `more` characters before the signature."""
    actions = {"label": "c2pa.actions.v2", "data": {"actions": [CAPTURED]}, "created": True}
    ballast = {"label": "org.example.ballast", "data": {"x": "a" * more}, "created": True}
    context = c2pa.Context.from_dict(
        {"verify": {"verify_after_sign": False}, "builder": {"thumbnail": {"enabled": False}}}
    )
    signer = c2pa.Signer.from_callback(leaf.sign, c2pa.C2paSigningAlg.ES256, leaf.pem + root.pem)
    out = io.BytesIO()
    builder = c2pa.Builder({"assertions": [actions, ballast]}, context=context)
    builder.sign(signer, f"image/{form.lower()}", io.BytesIO(blank(form)), out)
    return out.getvalue()


# --- Revoked ---------------------------------------------------------------------------------------


def answer(leaf: Holder, root: Holder, responder: Holder, status: ocsp.OCSPCertStatus) -> bytes:
    """Return what an OCSP responder says of the leaf (RFC 6960)."""
    revoked = status is ocsp.OCSPCertStatus.REVOKED
    builder = (
        ocsp.OCSPResponseBuilder()
        .add_response(
            cert=leaf.certificate, issuer=root.certificate, algorithm=hashes.SHA1(),  # noqa: S303  what OCSP names certificates by
            cert_status=status, this_update=NOW - timedelta(1), next_update=NOW + timedelta(6),
            revocation_time=NOW - timedelta(30) if revoked else None,
            revocation_reason=x509.ReasonFlags.key_compromise if revoked else None,
        )
        .responder_id(ocsp.OCSPResponderEncoding.HASH, responder.certificate)
        .certificates([responder.certificate])
    )  # fmt: skip
    return builder.sign(responder.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


PAD = b"\x63pad\x59"
"""The header `pad` of the COSE signature (CBOR), as a byte string of up to 64 KB."""


def stapled(content: bytes, der: bytes) -> bytes:
    """Put an OCSP response into the unprotected header, in the place of padding (C2PA 13.2.4).

    c2pa-rs's own signers cannot; the signature does not cover that header, and nothing moves.
    """
    at = content.rindex(PAD)
    length = int.from_bytes(content[at + 5 : at + 7])
    assert content[at - 1] == 0xA1  # a map of one
    vals = b"\x65rVals\xa1\x68ocspVals\x81\x59" + struct.pack(">H", len(der)) + der
    rest = length - len(vals)
    assert rest > 255
    put = b"\xa2" + PAD + struct.pack(">H", rest) + bytes(rest) + vals
    return content[: at - 1] + put + content[at + 7 + length :]


@pytest.mark.parametrize(
    ("status", "standing", "code"),
    [
        ("REVOKED", Standing.REVOKED, "signingCredential.ocsp.revoked"),
        ("GOOD", Standing.TRUSTED, "signingCredential.ocsp.notRevoked"),
        ("UNKNOWN", Standing.TRUSTED, None),
    ],
)
def test_a_stapled_ocsp_response_is_heard(chain, listed, status, standing, code):
    leaf, root, responder = chain
    der = answer(leaf, root, responder, ocsp.OCSPCertStatus[status])
    row = verify_bytes(stapled(signed(leaf, root), der), "a.webp", trust=listed)
    (label,) = row.labels
    assert label.signer.standing is standing
    assert row.integrity == "intact"
    assert row.trust == ("untrusted" if status == "REVOKED" else "trusted")
    assert label.state == ("valid" if status == "REVOKED" else "trusted")
    found = {one.code for one in row.findings}
    assert code is None or code in found


def test_an_ocsp_response_of_somebody_else_is_not_heard(leaf, root, listed) -> None:
    strangers = holder("Strangers")
    foreign = holder("Responder", strangers, ExtendedKeyUsageOID.OCSP_SIGNING)
    for responder in (foreign, root):  # the root's certificate is not for that
        der = answer(leaf, root, responder, ocsp.OCSPCertStatus.REVOKED)
        row = verify_bytes(stapled(signed(leaf, root), der), "a.webp", trust=listed)
        assert row.labels[0].signer.standing is Standing.TRUSTED


def test_a_damaged_ocsp_response_is_not_heard(leaf, root, responder, listed) -> None:
    der = bytearray(answer(leaf, root, responder, ocsp.OCSPCertStatus.REVOKED))
    content = signed(leaf, root)
    for at in range(4, len(der), len(der) // 12):
        harmed = bytes(der[:at]) + bytes([der[at] ^ 0x55]) + bytes(der[at + 1 :])
        row = verify_bytes(stapled(content, harmed), "a.webp", trust=listed)
        assert row.integrity == "intact"
        assert row.labels[0].signer.standing in (Standing.TRUSTED, Standing.REVOKED)


# --- Trusted, unlisted, none -----------------------------------------------------------------------


def test_a_signer_on_a_list_and_on_none(leaf, root, listed) -> None:
    content = signed(leaf, root)
    (label,) = verify_bytes(content, "a.webp", trust=listed).labels
    assert (label.signer.standing, label.signer.name) == (Standing.TRUSTED, "Studio")
    (label,) = verify_bytes(content, "a.webp").labels
    assert (label.signer.standing, label.signer.issuer) == (Standing.UNLISTED, "Root")
    assert not label.signer.development


def status(*failures: str, success=("claimSignature.validated",)) -> str:
    codes = {
        "success": [{"code": code} for code in success],
        "failure": [{"code": code} for code in failures],
    }
    return json.dumps({"validation_results": {"activeManifest": codes}})


@pytest.mark.parametrize(
    ("failures", "standing"),
    [
        ((), "trusted"),
        (("signingCredential.revoked",), "revoked"),
        (("signingCredential.expired", "signingCredential.ocsp.revoked"), "revoked"),
        (("signingCredential.expired",), "expired"),
        (("claimSignature.outsideValidity",), "expired"),
        (("signingCredential.invalid", "signingCredential.expired"), "expired"),
        (("signingCredential.invalid",), "unsuitable"),
        (("assertion.dataHash.mismatch",), "trusted"),
    ],
)
def test_the_gravest_failure_is_the_standing(failures, standing) -> None:
    assert standing_of(parse(status(*failures)), Trust.TRUSTED) == standing
    alone = standing_of(parse(status(*failures)), Trust.UNTRUSTED)
    assert alone == ("unlisted" if standing == "trusted" else standing)


def test_nobody_signed_what_does_not_verify() -> None:
    broken = parse(status("claimSignature.mismatch", "signingCredential.expired", success=()))
    assert standing_of(broken, Trust.UNTRUSTED) is None


# --- A certificate in pieces -----------------------------------------------------------------------


def info(leaf: Holder) -> SignatureInfo:
    return SignatureInfo(
        common_name="Studio", cert_serial_number=str(leaf.certificate.serial_number)
    )


def across_a_border(leaf: Holder, root: Holder) -> bytes:
    """Return a JPEG whose signer's certificate begins in one segment and ends in the next."""
    for more in range(61_000, 66_000, 300):
        content = signed(leaf, root, "JPEG", more)
        if leaf.der not in content:
            return content
    raise AssertionError("no size cuts it")


@pytest.mark.slow
def test_a_certificate_across_every_border_of_segments_is_found(leaf, root) -> None:
    found = 0
    for more in range(62_000, 63_000, 20):
        content = signed(leaf, root, "JPEG", more)
        found += leaf.der not in content
        assert find_certificate(content, info(leaf)) is not None, more
    assert found > 5


def test_a_certificate_across_two_segments_of_a_jpeg_is_found(leaf, root) -> None:
    content = across_a_border(leaf, root)
    held = find_certificate(content, info(leaf))
    assert held is not None
    assert (held.issuer, held.not_after) == ("Root", NOW + timedelta(90))
    assert leaf.der in in_one_piece(content)
    assert find_certificate(content, SignatureInfo(cert_serial_number="12345")) is None


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP"])
def test_a_certificate_in_other_containers_is_found(leaf, root, form) -> None:
    content = signed(leaf, root, form)
    held = find_certificate(content, info(leaf))
    assert held is not None
    assert held.issuer == "Root"
    assert (leaf.der in content) is (form != "GIF")


def test_a_certificate_in_base64_is_found(leaf, root) -> None:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'
    signer = c2pa.Signer.from_callback(leaf.sign, c2pa.C2paSigningAlg.ES256, leaf.pem + root.pem)
    out = io.BytesIO()
    actions = {"label": "c2pa.actions.v2", "data": {"actions": [CAPTURED]}, "created": True}
    c2pa.Builder({"assertions": [actions]}).sign(signer, "image/svg+xml", io.BytesIO(svg), out)
    held = find_certificate(out.getvalue(), info(leaf))
    assert held is not None
    assert held.issuer == "Root"


def test_pieces_of_what_nobody_would_write(leaf, root) -> None:
    content = signed(leaf, root, "JPEG", 60_000)
    gif = signed(leaf, root, "GIF")
    for whole in (content, gif):
        for cut in range(0, len(whole), len(whole) // 40):
            in_one_piece(whole[:cut])
            in_one_piece(whole[:cut] + b"\xff" * 64 + whole[cut + 64 :])
    for odd in (b"", b"<", b"<c2pa:manifest", b"<c2pa:manifest>===x", b"GIF8", b"\xff\xd8\xff"):
        assert in_one_piece(odd) == b""
    assert in_one_piece(b"\xff\xd8" + b"\xff\xeb\x00\x04JP" * 20_000) == b""
