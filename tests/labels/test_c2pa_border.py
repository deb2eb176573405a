"""The border to c2pa: each setting is proved by what it does, since a misspelt one passes silently."""

from __future__ import annotations

import http.server
import io
import json
import ssl
import struct
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import c2pa
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import NameOID, ObjectIdentifier
from PIL import Image

from kzlabel.credential import Algorithm, Credential, development
from kzlabel.errors import CredentialError, RefusedError
from kzlabel.formats._enclose_plain import PlainEnclosure
from kzlabel.labels import _c2pa, _c2pa_settings, _c2pa_text, _manifest_lists
from kzlabel.labels._manifest_reading import reading_of_store
from kzlabel.labels._manifest_text import judged
from kzlabel.model import Integrity, Trust
from kzlabel.trust import TrustKind, TrustList, TrustStore, store_of

CREATED = {
    "action": "c2pa.created",
    "digitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture",
}
DEFINITION = {
    "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": [CREATED]}, "created": True}],
}


def jpeg(side: int = 64) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((side, side), 40).convert("RGB").save(out, "JPEG", quality=90)
    return out.getvalue()


def webp() -> bytes:
    out = io.BytesIO()
    Image.effect_noise((64, 64), 40).convert("RGB").save(out, "WEBP")
    return out.getvalue()


def embed(credential: Credential, trust: TrustStore, source: bytes | None = None) -> bytes:
    out = io.BytesIO()
    claim = _c2pa.Claim("x.jpg", DEFINITION, credential, trust)
    _c2pa.embed(claim, "image/jpeg", io.BytesIO(source or jpeg()), out)
    return out.getvalue()


def codes(content: bytes, trust: TrustStore) -> dict[str, str]:
    found = _c2pa.read(io.BytesIO(content), "image/jpeg", trust)
    assert isinstance(found, _c2pa.Found)
    results = json.loads(found.store)["validation_results"]["activeManifest"]
    return {entry["code"]: entry["explanation"] for kind in results.values() for entry in kind}


# --- Settings -------------------------------------------------------------------------------------


def test_no_thumbnail_is_made(credential, trust) -> None:
    source = jpeg(600)
    ours = embed(credential, trust, source)
    builder = c2pa.Builder(DEFINITION)
    theirs = io.BytesIO()
    builder.sign(_c2pa._signer(credential), "image/jpeg", io.BytesIO(source), theirs)
    assert b"c2pa.thumbnail" in theirs.getvalue()  # what c2pa-rs does when it is not told
    assert b"c2pa.thumbnail" not in ours
    assert len(ours) - len(source) < 8000


@pytest.fixture
def server():
    """A server on this machine, and the paths it was asked for."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

        do_POST = do_GET  # noqa: N815  the name http.server looks for

        def log_message(self, *_: object) -> None: ...

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{listening.server_port}", asked
        listening.shutdown()
        thread.join()


def test_a_remote_manifest_is_not_fetched(credential, trust, server) -> None:
    url, asked = server
    builder = c2pa.Builder(DEFINITION)
    builder.set_no_embed()
    builder.set_remote_url(f"{url}/m.c2pa")
    out = io.BytesIO()
    builder.sign(_c2pa._signer(credential), "image/jpeg", io.BytesIO(jpeg()), out)
    found = _c2pa.read(io.BytesIO(out.getvalue()), "image/jpeg", trust)
    assert found == _c2pa.Referenced(f"{url}/m.c2pa")
    assert not asked
    with pytest.raises(c2pa.C2paError):
        c2pa.Reader("image/jpeg", io.BytesIO(out.getvalue()))
    assert asked == ["/m.c2pa"]  # what c2pa-rs does when it is not told


@pytest.mark.parametrize(
    "changed",
    [{"verify": {"remote_manifest_fetch": False}}, {"core": {"allowed_network_hosts": []}}],
)
def test_each_of_the_two_locks_holds_alone(credential, trust, server, changed: dict) -> None:
    url, asked = server
    (member,) = changed
    assert changed[member].items() <= _c2pa.settings(trust)[member].items()
    builder = c2pa.Builder(DEFINITION)
    builder.set_no_embed()
    builder.set_remote_url(f"{url}/m.c2pa")
    out = io.BytesIO()
    builder.sign(_c2pa._signer(credential), "image/jpeg", io.BytesIO(jpeg()), out)
    with pytest.raises(c2pa.C2paError):
        c2pa.Reader(
            "image/jpeg", io.BytesIO(out.getvalue()), context=c2pa.Context.from_dict(changed)
        )
    assert not asked


def certificates(  # noqa: PLR0913  what a certificate may differ in
    usage: str,
    begins: datetime,
    ends: datetime,
    *,
    key: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | None = None,
    root_key: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | None = None,
    ocsp: str | None = None,
    digest: hashes.HashAlgorithm | None = None,
    critical: bool = False,
) -> Credential:
    """Make a root and a leaf for one extended key usage; Ed25519, so that sizes do not vary."""
    key = key or ed25519.Ed25519PrivateKey.generate()
    root_key = root_key or ed25519.Ed25519PrivateKey.generate()

    def name(role: str) -> x509.Name:
        return x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Test"),
                x509.NameAttribute(NameOID.COMMON_NAME, role),
            ]
        )

    def signed(
        role: str, public, first: datetime, last: datetime, number: int, *extensions
    ) -> bytes:
        builder = (
            x509.CertificateBuilder()
            .subject_name(name(role))
            .issuer_name(name("root"))
            .public_key(public)
        )
        builder = builder.serial_number(number).not_valid_before(first).not_valid_after(last)
        for extension, weight in extensions:
            builder = builder.add_extension(extension, critical=weight)
        return builder.sign(root_key, digest).public_bytes(serialization.Encoding.DER)

    signs = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
    vouches = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
    now = datetime.now(UTC)
    root = signed(
        "root", root_key.public_key(), now - timedelta(900), now + timedelta(900), 2**60 + 1,
        (x509.BasicConstraints(ca=True, path_length=None), True), (vouches, True),
        (x509.SubjectKeyIdentifier.from_public_key(root_key.public_key()), False),
    )  # fmt: skip
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key())
    extensions = [
        (x509.BasicConstraints(ca=False, path_length=None), True), (signs, True),
        (x509.ExtendedKeyUsage([ObjectIdentifier(usage)]), critical), (authority, False),
    ]  # fmt: skip
    if ocsp:
        access = x509.AccessDescription(
            x509.AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(ocsp)
        )
        extensions.append((x509.AuthorityInformationAccess([access]), False))
    leaf = signed("leaf", key.public_key(), begins, ends, 2**60 + 2, *extensions)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Credential("test", Algorithm.ED25519, (leaf,), key.sign, root, pem)


def listing(credential: Credential, *kinds: TrustKind) -> TrustStore:
    pem = ssl.DER_cert_to_PEM_cert(credential.root or b"")
    return TrustStore((TrustList("a [list] of (mine)", frozenset(kinds), pem, "2026-01-01", "00"),))


NOW = datetime.now(UTC).replace(microsecond=0)
CURRENT = (NOW - timedelta(30), NOW + timedelta(30))


@pytest.mark.parametrize("usage", _c2pa_settings.EXTENDED_KEY_USAGES)
def test_every_extended_key_usage_of_the_list_signs_and_is_trusted(usage: str) -> None:
    credential = certificates(usage, *CURRENT)
    trust = listing(credential, TrustKind.CLAIM)
    found = codes(embed(credential, trust), trust)
    assert "signingCredential.trusted" in found


def test_another_extended_key_usage_is_refused() -> None:
    credential = certificates("1.3.6.1.5.5.7.3.3", *CURRENT)  # code signing
    with pytest.raises(CredentialError):
        embed(credential, listing(credential, TrustKind.CLAIM))


def test_revocation_is_not_looked_up(server) -> None:
    url, asked = server
    credential = certificates("1.3.6.1.5.5.7.3.4", *CURRENT, ocsp=url)
    trust = listing(credential, TrustKind.CLAIM)
    content = embed(credential, trust)
    assert "signingCredential.ocsp.skipped" in codes(content, trust)
    assert not asked
    eager = _c2pa.settings(trust) | {"verify": {"ocsp_fetch": True}, "core": {}}
    c2pa.Reader("image/jpeg", io.BytesIO(content), context=c2pa.Context.from_dict(eager)).json()
    assert asked  # what c2pa-rs does when it is told to


def test_lists_are_named_by_kind_each_once(credential, trust) -> None:
    both = replace(trust.lists[0], kinds=frozenset({TrustKind.CLAIM, TrustKind.TSA}))
    store = TrustStore((both, both, replace(both, kinds=frozenset({TrustKind.SIDECAR}))))
    anchors = _c2pa.settings(store)["trust"]["anchors"]
    assert [entry["trust_kind"] for entry in anchors] == ["tsa", "tsa", "manifest", "manifest"]
    assert len({entry["trust_uri"] for entry in anchors}) == 4


def test_the_explanation_names_the_list_and_its_kind() -> None:
    credential = certificates("1.3.6.1.5.5.7.3.4", *CURRENT)
    for kind in (TrustKind.CLAIM, TrustKind.TSA):
        trust = listing(credential, kind)
        explanation = codes(embed(credential, trust), trust)["signingCredential.trusted"]
        assert _c2pa_settings.kind_of_list(explanation) is kind
    assert _c2pa_settings.kind_of_list("trusted, found in [elsewhere] trust anchors") is None
    spoof = "timestamp cert trusted: O, trust list: kzlabel:tsa:0:x, trust list: kzlabel:claim:1:y"
    assert _c2pa_settings.kind_of_list(spoof) is TrustKind.CLAIM
    assert _c2pa_settings.kind_of_list("trusted, found in [kzlabel:claim:0:x] and more") is None
    assert _c2pa_settings.kind_of_list("") is None


# --- An expired signer ----------------------------------------------------------------------------


def expired(trust_kind: TrustKind = TrustKind.CLAIM) -> tuple[bytes, TrustStore]:
    """Sign with a certificate that has run out; c2pa-rs does not, so it is shown a current one.

    Both certificates have the same key and size: the callback signs, and the file then holds, what
    a program without that scruple would have written.
    """
    key, root_key = ed25519.Ed25519PrivateKey.generate(), ed25519.Ed25519PrivateKey.generate()
    usage = "1.3.6.1.5.5.7.3.4"
    past = certificates(usage, NOW - timedelta(60), NOW - timedelta(30), key=key, root_key=root_key)
    current = certificates(usage, *CURRENT, key=key, root_key=root_key)
    (old,), (new,) = past.chain, current.chain
    assert len(old) == len(new)
    chain = ssl.DER_cert_to_PEM_cert(new)

    def sign(message: bytes) -> bytes:
        assert new in message
        return key.sign(message.replace(new, old))

    context = c2pa.Context.from_dict({"verify": {"verify_after_sign": False}})
    signer = c2pa.Signer.from_callback(sign, c2pa.C2paSigningAlg.ED25519, chain)
    out = io.BytesIO()
    try:
        c2pa.Builder(DEFINITION, context=context).sign(
            signer, "image/webp", io.BytesIO(webp()), out
        )
    except c2pa.C2paError as exc:  # pragma: no cover
        pytest.fail(f"c2pa-rs checks the signature while it signs: {exc}")
    assert new in out.getvalue()
    return out.getvalue().replace(new, old), listing(past, trust_kind)


def test_an_expired_signer_is_intact_and_untrusted() -> None:
    content, trust = expired()
    found = _c2pa.read(io.BytesIO(content), "image/webp", trust)
    assert isinstance(found, _c2pa.Found)
    reading = reading_of_store(found.store, content, trust, None, lambda _: None)
    assert "signingCredential.expired" in {entry.code for entry in reading.findings}
    assert (reading.integrity, reading.trust) == (Integrity.INTACT, Trust.UNTRUSTED)
    assert reading.report.signer is not None
    assert reading.report.signer.not_after == NOW - timedelta(30)
    assert reading.report.signer.standing == "expired"


def test_an_expired_credential_does_not_sign() -> None:
    past = certificates("1.3.6.1.5.5.7.3.4", NOW - timedelta(60), NOW - timedelta(30))
    with pytest.raises(CredentialError, match="test"):
        embed(past, listing(past, TrustKind.CLAIM))


# --- Caches ---------------------------------------------------------------------------------------


def test_contexts_and_signers_are_reused_and_bounded(credential, trust) -> None:
    assert _c2pa._context(trust) is _c2pa._context(store_of(credential))
    assert _c2pa._signer(credential) is _c2pa._signer(credential)
    for _ in range(12):
        _c2pa._signer(development())
    assert len(_c2pa._signers) <= 8


def test_a_credential_need_not_be_hashable(credential, trust) -> None:
    class Store(dict):
        def sign(self, message: bytes) -> bytes:
            return credential.sign(message)

    content = embed(replace(credential, private_key=None, sign=Store().sign), trust)
    assert "signingCredential.trusted" in codes(content, trust)


def test_a_list_that_is_no_pem_trusts_nobody(credential, trust) -> None:
    content = embed(credential, trust)
    for pem in ("", "junk", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"):
        found = codes(content, TrustStore((replace(trust.lists[0], pem=pem),)))
        assert "signingCredential.untrusted" in found


# --- Time-stamps ----------------------------------------------------------------------------------

TSA = """
[tsa]
default_tsa = main
[main]
serial = {home}/serial
signer_cert = {home}/tsa.pem
signer_key = {home}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256, sha384, sha512
"""


@pytest.fixture
def authority(tmp_path):
    """A time-stamp authority by OpenSSL on this machine: its address and its root."""
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authorities = certificates(
        "1.3.6.1.5.5.7.3.8",
        *CURRENT,
        key=key,
        root_key=root_key,
        digest=hashes.SHA256(),
        critical=True,
    )
    (tmp_path / "tsa.pem").write_text(ssl.DER_cert_to_PEM_cert(authorities.chain[0]))
    (tmp_path / "tsa.key").write_bytes(authorities.private_key)
    (tmp_path / "serial").write_text("01\n")
    (tmp_path / "tsa.cnf").write_text(TSA.format(home=tmp_path))

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            (tmp_path / "q").write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
            command = [
                "openssl",
                "ts",
                "-reply",
                "-config",
                "tsa.cnf",
                "-queryfile",
                "q",
                "-out",
                "r",
            ]
            subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
            answer = (tmp_path / "r").read_bytes()
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None: ...

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{listening.server_port}/", authorities
        listening.shutdown()
        thread.join()


@pytest.mark.needs("openssl")
def test_a_text_is_time_stamped_once(credential, trust, authority, tmp_path, monkeypatch) -> None:
    url, stamper = authority
    claim = _c2pa.Claim("x.txt", DEFINITION, replace(credential, tsa=url), trust)
    monkeypatch.setattr(PlainEnclosure, "agreed", lambda *_: False)  # another would cost a stamp
    content = _c2pa_text.sign_enclosed(claim, b"text\n", PlainEnclosure())
    assert (tmp_path / "serial").read_text().strip() == "02"
    (one,) = PlainEnclosure().enclosed(content)
    both = TrustStore((*trust.lists, *listing(stamper, TrustKind.TSA).lists))
    read = _c2pa_text.read_enclosed(content, one.store, both)
    assert isinstance(read, _c2pa_text.Read)
    told = judged(read, content, one, PlainEnclosure())
    reading = reading_of_store(told, one.store, both, None, lambda _: None)
    assert reading.integrity is Integrity.INTACT
    assert "timeStamp.trusted" in {entry.code for entry in reading.findings}


def test_a_text_says_what_its_credential_failed_of(credential, trust) -> None:
    for changes, what in (
        ({"tsa": "http://127.0.0.1:9/"}, "time-stamp authority"),
        ({"chain": development(name="another").chain}, "cannot sign"),
    ):
        claim = _c2pa.Claim("x.txt", DEFINITION, replace(credential, **changes), trust)
        with pytest.raises(CredentialError, match=what):
            _c2pa_text.sign_enclosed(claim, b"text\n", PlainEnclosure())
    broken = _c2pa.Claim("x.txt", {"assertions": [{"label": "a b", "data": 1}]}, credential, trust)
    with pytest.raises(RefusedError, match=r"x\.txt"):
        _c2pa_text.sign_enclosed(broken, b"text\n", PlainEnclosure())


@pytest.mark.needs("openssl")
def test_a_time_stamp_counts_by_a_list_of_its_kind(
    credential, trust, authority, monkeypatch
) -> None:
    url, stamper = authority
    content = embed(replace(credential, tsa=url), trust)
    right = TrustStore((*trust.lists, *listing(stamper, TrustKind.TSA).lists))
    wrong = TrustStore((*trust.lists, *listing(stamper, TrustKind.CLAIM).lists))
    both = TrustStore((*right.lists, *listing(stamper, TrustKind.CLAIM).lists))
    standings = []

    def judge(store: TrustStore) -> tuple[Trust, bool]:
        def again(kind: TrustKind) -> str:
            return text(_c2pa_settings.only_of(kind, store))

        def text(lists: TrustStore) -> str:
            found = _c2pa.read(io.BytesIO(content), "image/jpeg", lists)
            assert isinstance(found, _c2pa.Found)
            return found.store

        reading = reading_of_store(text(store), content, store, None, again)
        assert reading.integrity is Integrity.INTACT
        assert reading.report.signer is not None
        standings.append(reading.report.signer.standing)
        return reading.trust, "kz.trust.time-kind" in {entry.code for entry in reading.findings}

    assert "timeStamp.trusted" in codes(content, right)
    assert judge(right) == judge(both) == judge(trust) == (Trust.TRUSTED, False)
    assert judge(wrong) == (Trust.TRUSTED, True)  # the certificate is current: time adds nothing
    later = datetime.now(UTC) + timedelta(days=3650)
    monkeypatch.setattr(_manifest_lists, "now", lambda: later)
    assert judge(right) == judge(both) == (Trust.TRUSTED, False)
    assert judge(wrong) == (Trust.UNTRUSTED, True)
    assert set(standings[:-1]) == {"trusted"}
    assert standings[-1] == "expired"


def test_settings_that_c2pa_refuses_are_the_lists_fault(credential, trust, monkeypatch) -> None:
    monkeypatch.setattr(_c2pa, "settings", lambda _: {"trust": 3})
    with pytest.raises(CredentialError, match="kzlabel"):
        _c2pa.read(
            io.BytesIO(b"x"), "image/jpeg", replace(trust, lists=(*trust.lists, *trust.lists))
        )


def test_a_parent_whose_manifest_must_not_be_lost_is_not_made_plain(credential, trust) -> None:
    content = embed(credential, trust)
    at = content.index(b"c2pa.claim.v2\0") + 22
    ruined = content[:at] + b"\xff" + content[at + 1 :]
    for may_be_plain in (True, False):
        described = {"relationship": "parentOf", "title": "p", "label": "parent"}
        parent = _c2pa.Parent(
            "image/jpeg", io.BytesIO(ruined), described, may_be_plain=may_be_plain
        )
        opened = {"action": "c2pa.opened", "parameters": {"ingredientIds": ["parent"]}}
        definition = {
            "assertions": [
                {"label": "c2pa.actions.v2", "data": {"actions": [opened]}, "created": True}
            ]
        }
        claim = _c2pa.Claim("x.jpg", definition, credential, trust, parent)
        out = io.BytesIO()
        if may_be_plain:
            _c2pa.embed(claim, "image/jpeg", io.BytesIO(jpeg()), out)
            assert "signingCredential.trusted" in codes(out.getvalue(), trust)
        else:
            with pytest.raises(RefusedError, match=r"x\.jpg"):
                _c2pa.embed(claim, "image/jpeg", io.BytesIO(jpeg()), out)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self").exists(), reason="asks /proc for the peak of a child")
def test_what_is_held_in_memory_while_signing_is_bounded(tmp_path: Path) -> None:
    """A child signs 160 MB; without the setting it would hold them twice."""
    sound = tmp_path / "long.wav"
    size = 160 << 20
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 2, 48000, 192000, 4, 16)
    with sound.open("wb") as file:
        file.write(struct.pack("<4sI4s", b"RIFF", size - 8, b"WAVE") + form)
        file.write(struct.pack("<4sI", b"data", size - 44))
        file.truncate(size)
    held = []
    for change in ("", "; del made['core']['backing_store_memory_threshold_in_mb']"):
        code = SIGN_AND_WEIGH.replace("# change", change)
        done = subprocess.run(
            [sys.executable, "-c", code, str(sound), str(tmp_path / "signed")],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        held.append(int(done.stdout))
    print(held)
    assert held[0] < held[1] - 100_000


SIGN_AND_WEIGH = """
import re, sys
import c2pa
from kzlabel import _pem
from kzlabel.credential import development
from kzlabel.labels._c2pa_settings import settings
from kzlabel.trust import TrustStore
key = development()
made = settings(TrustStore()) # change
facts = c2pa.C2paSignerInfo(b"es256", _pem.text(key.chain).encode(), key.private_key, None)
kind = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
action = {"action": "c2pa.created", "digitalSourceType": kind}
manifest = {"assertions": [{"label": "c2pa.actions.v2", "data": {"actions": [action]}}]}
builder = c2pa.Builder(manifest, context=c2pa.Context.from_dict(made))
with open(sys.argv[1], "rb") as source, open(sys.argv[2], "w+b") as target:
    builder.sign(c2pa.Signer.from_info(facts), "audio/wav", source, target)
status = open("/proc/self/status").read()  # ru_maxrss would begin at the parent's
print(re.search(r"VmHWM:\\s+([0-9]+)", status)[1])
"""
