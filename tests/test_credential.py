"""Credentials: made, read from every form, judged by the C2PA certificate profile."""

from __future__ import annotations

import datetime as dt
import stat
import subprocess
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    pkcs12,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from kzlabel import _keyfiles, _keyload, _keystore, _pem, credential
from kzlabel.credential import Algorithm, Credential
from kzlabel.errors import CredentialError
from kzlabel.trust import store_of

if TYPE_CHECKING:
    from pathlib import Path

NOW = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
EMAIL = ExtendedKeyUsageOID.EMAIL_PROTECTION
WORD = b"correct horse"


def usage_of(*names: str) -> x509.KeyUsage:
    every = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
        "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{name: name in names for name in every})


class Authority:
    """A root, and leaves below it with anything wrong that is asked for."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Root")])
        extensions = [(x509.BasicConstraints(ca=True, path_length=1), True)]
        self.root = self.issue(self.key, "Root", extensions, issuer=self.name)

    def issue(  # noqa: PLR0913  a certificate has many parts
        self, key, name, extensions, *, issuer=None, by=None, begins=NOW, days=300, digest=None
    ):
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(issuer or self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begins - dt.timedelta(days=1))
            .not_valid_after(begins + dt.timedelta(days=days))
        )
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical=critical)
        return builder.sign(by or self.key, digest or hashes.SHA256())

    def extensions(self, *, usage=("digital_signature",), extended=(EMAIL,), ca=None, aki=True):
        found = []
        if usage is not None:
            found.append((usage_of(*usage), True))
        if extended is not None:
            found.append((x509.ExtendedKeyUsage(extended), False))
        if ca is not None:
            found.append((x509.BasicConstraints(ca=ca, path_length=None), True))
        if aki:
            identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
            found.append((identifier, False))
        return found


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="module")
def key():
    return ec.generate_private_key(ec.SECP256R1())


def der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)


def rules(*chain: x509.Certificate, now: dt.datetime = NOW) -> list[str]:
    found = credential.check([der(entry) for entry in chain], now)
    assert all("{" not in entry.message for entry in found)
    return [entry.code.removeprefix("kz.certificate.") for entry in found]


# --- Development credentials ----------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_a_development_credential_follows_the_profile_and_says_what_it_is(algorithm) -> None:
    made = credential.development(algorithm, now=NOW)
    assert credential.check((*made.chain, made.root), NOW) == ()
    assert made.development
    for certificate in (*made.chain, made.root):
        subject = x509.load_der_x509_certificate(certificate).subject
        assert all("development" in attribute.value for attribute in subject)
    assert store_of(made).lists


@pytest.mark.parametrize(("algorithm", "size"), [
    (Algorithm.ES256, 64), (Algorithm.ES384, 96), (Algorithm.ES512, 132), (Algorithm.ED25519, 64),
    (Algorithm.PS256, 384)])  # fmt: skip
def test_signatures_are_raw_and_verify(algorithm, size) -> None:
    made = credential.development(algorithm, now=NOW)
    signature = made.sign(b"message")
    assert len(signature) == size
    public = x509.load_der_x509_certificate(made.chain[0]).public_key()
    if algorithm is Algorithm.ED25519:
        public.verify(signature, b"message")
    elif algorithm is Algorithm.PS256:
        pss = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
        public.verify(signature, b"message", pss, hashes.SHA256())
    else:
        r, s = signature[: size // 2], signature[size // 2 :]
        digest = {64: hashes.SHA256, 96: hashes.SHA384, 132: hashes.SHA512}[size]()
        raw = encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big"))
        public.verify(raw, b"message", ec.ECDSA(digest))


def test_a_private_key_is_not_in_the_repr() -> None:
    made = credential.development()
    assert "PRIVATE" not in repr(made)


@pytest.mark.parametrize("name", ["", "  ", "x" * 41, "\u04d9" * 21])
def test_a_name_that_a_certificate_cannot_hold_is_refused(name) -> None:
    with pytest.raises(CredentialError) as caught:
        credential.development(name=name)
    assert caught.value.code == "kz.error.key-name"


# --- The certificate profile ----------------------------------------------------------------------


def test_a_sound_chain_breaks_no_rule(authority, key) -> None:
    leaf = authority.issue(key, "Leaf", authority.extensions(ca=False))
    assert rules(leaf) == []
    assert rules(leaf, authority.root) == []


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"usage": None}, "usage-missing"),
        ({"usage": ("key_agreement",)}, "usage"),
        ({"usage": ("content_commitment",)}, "usage"),
        ({"usage": ("digital_signature", "key_cert_sign")}, "usage-issuer"),
        ({"extended": None}, "extended-missing"),
        ({"extended": (ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,)}, "extended-any"),
        ({"extended": (ExtendedKeyUsageOID.CODE_SIGNING,)}, "extended"),
        ({"extended": (ExtendedKeyUsageOID.TIME_STAMPING,)}, "extended"),
        ({"extended": (EMAIL, ExtendedKeyUsageOID.OCSP_SIGNING)}, "extended-mixed"),
        ({"aki": False}, "authority-key"),
        ({"ca": True}, "ca"),
    ],
)
def test_each_broken_rule_is_named(authority, key, change, rule) -> None:
    assert rules(authority.issue(key, "Leaf", authority.extensions(**change))) == [rule]


@pytest.mark.parametrize("oid", ["1.3.6.1.5.5.7.3.36", "1.3.6.1.4.1.62558.2.1"])
def test_the_other_usages_of_c2pa_are_sound(authority, key, oid) -> None:
    extensions = authority.extensions(extended=(ObjectIdentifier(oid),))
    assert rules(authority.issue(key, "Leaf", extensions)) == []


@pytest.mark.parametrize(
    "make",
    [
        lambda: rsa.generate_private_key(public_exponent=65537, key_size=1024),  # noqa: S505  to be refused
        lambda: ec.generate_private_key(ec.SECP256K1()),
        lambda: ec.generate_private_key(ec.SECP224R1()),
        ed448.Ed448PrivateKey.generate,
        lambda: dsa.generate_private_key(2048),
    ],
    ids=["rsa1024", "secp256k1", "p224", "ed448", "dsa"],
)
def test_a_weak_or_foreign_key_is_named(authority, make) -> None:
    leaf = authority.issue(make(), "Leaf", authority.extensions())
    assert rules(leaf) == ["key"]


def test_a_signature_with_another_digest_is_named(authority, key) -> None:
    leaf = authority.issue(key, "Leaf", authority.extensions(), digest=hashes.SHA224())
    assert rules(leaf) == ["algorithm"]


def test_dates_are_judged_at_the_moment_asked_about(authority, key) -> None:
    leaf = authority.issue(key, "Leaf", authority.extensions())
    assert rules(leaf, now=NOW + dt.timedelta(days=301)) == ["expired"]
    assert rules(leaf, now=NOW - dt.timedelta(days=2)) == ["not-yet"]


def test_the_order_and_the_links_of_a_chain_are_judged(authority, key) -> None:
    leaf = authority.issue(key, "Leaf", authority.extensions())
    other = authority.issue(key, "Other", authority.extensions())
    assert "order" in rules(authority.root, leaf)
    assert "not-a-ca" in rules(leaf, other)
    assert "link" in rules(leaf, Authority().root)


def test_a_self_signed_signer_is_a_warning(authority, key) -> None:
    own = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Own")])
    leaf = authority.issue(key, "Own", authority.extensions(aki=False), issuer=own, by=key)
    (found,) = credential.check([der(leaf)], NOW)
    assert (found.code, found.outcome) == ("kz.certificate.self-signed", "warning")


def test_a_gost_certificate_is_told_what_to_use_instead(authority, key) -> None:
    whole = der(authority.issue(key, "Leaf", authority.extensions()))
    ecdsa, gost = bytes.fromhex("2a8648ce3d040302"), bytes.fromhex("2a85030701010302")
    found = credential.check([whole.replace(ecdsa, gost)], NOW)
    assert [entry.code for entry in found] == ["kz.certificate.gost"]


@pytest.mark.needs("openssl")
def test_a_certificate_of_version_1_is_named(tmp_path) -> None:
    for command in (
        "openssl ecparam -name prime256v1 -genkey -noout -out k.pem",
        "openssl req -new -key k.pem -subj /CN=x -out r.pem",
        "openssl x509 -req -in r.pem -signkey k.pem -days 10 -out c.pem",
    ):
        subprocess.run(command.split(), cwd=tmp_path, check=True, capture_output=True)
    (whole,) = _keyload.certificates(tmp_path / "c.pem")
    found = [entry.code for entry in credential.check([whole], dt.datetime.now(dt.UTC))]
    assert "kz.certificate.version" in found
    assert "kz.certificate.usage-missing" in found


def test_what_is_no_certificate_is_a_finding(authority) -> None:
    whole = der(authority.root)
    for length in range(0, len(whole), 5):
        (found,) = credential.check([whole[:length]], NOW)
        assert found.code == "kz.certificate.unreadable"
    assert credential.check([], NOW)[0].code == "kz.certificate.length"
    assert credential.check([whole] * 9, NOW)[0].code == "kz.certificate.length"


def test_no_flipped_byte_of_a_certificate_raises(authority, key) -> None:
    whole = der(authority.issue(key, "Leaf", authority.extensions(ca=False)))
    for at in range(len(whole)):
        broken = bytearray(whole)
        broken[at] ^= 0xFF
        found = credential.check([bytes(broken), der(authority.root)], NOW)
        assert any(entry.outcome == "failure" for entry in found)


# --- Reading keys ---------------------------------------------------------------------------------


@pytest.fixture
def made(tmp_path) -> Credential:
    """A development credential, its chain and root beside the test's key files."""
    found = credential.development(now=NOW)
    (tmp_path / "chain.pem").write_text(_pem.text(found.chain))
    (tmp_path / "full.pem").write_text(_pem.text((*found.chain, found.root)))
    (tmp_path / "root.pem").write_text(_pem.text((found.root,)))
    (tmp_path / "key.pem").write_bytes(found.private_key)
    return found


def private(found: Credential):
    return load_pem_private_key(found.private_key, None)


FORMS = [
    (Encoding.PEM, PrivateFormat.PKCS8, None),
    (Encoding.PEM, PrivateFormat.PKCS8, WORD),
    (Encoding.PEM, PrivateFormat.TraditionalOpenSSL, None),
    (Encoding.PEM, PrivateFormat.TraditionalOpenSSL, WORD),
    (Encoding.DER, PrivateFormat.PKCS8, None),
    (Encoding.DER, PrivateFormat.PKCS8, WORD),
    (Encoding.DER, PrivateFormat.TraditionalOpenSSL, None),
]


@pytest.mark.parametrize(("encoding", "style", "secret"), FORMS)
def test_every_form_of_a_key_is_read(tmp_path, made, encoding, style, secret) -> None:
    encryption = BestAvailableEncryption(secret) if secret else NoEncryption()
    path = tmp_path / "k"
    path.write_bytes(private(made).private_bytes(encoding, style, encryption))
    found = credential.load(path, tmp_path / "chain.pem", passphrase=lambda: WORD, now=NOW)
    assert found.chain == made.chain
    assert found.algorithm is Algorithm.ES256
    assert found.private_key == made.private_key
    assert found.development


def test_the_passphrase_is_asked_for_only_where_it_is_needed(tmp_path, made) -> None:
    def unwanted() -> bytes:
        raise AssertionError("asked")

    credential.load(tmp_path / "key.pem", tmp_path / "chain.pem", passphrase=unwanted, now=NOW)


def bag(made: Credential, secret: bytes | None) -> bytes:
    leaf = x509.load_der_x509_certificate(made.chain[0])
    root = x509.load_der_x509_certificate(made.root)
    encryption = BestAvailableEncryption(secret) if secret else NoEncryption()
    return pkcs12.serialize_key_and_certificates(b"n", private(made), leaf, [root], encryption)


@pytest.mark.parametrize("secret", [None, WORD])
def test_pkcs12_holds_key_chain_and_root(tmp_path, made, secret) -> None:
    path = tmp_path / "k.p12"
    path.write_bytes(bag(made, secret))
    found = credential.load(path, passphrase=lambda: WORD, now=NOW)
    assert (found.chain, found.root) == (made.chain, made.root)


def test_the_bag_of_pkcs12_has_no_order(tmp_path, authority, key) -> None:
    middle_key = ec.generate_private_key(ec.SECP256R1())
    flags = [(x509.BasicConstraints(ca=True, path_length=0), True)]
    middle = authority.issue(middle_key, "Middle", flags)
    leaf = authority.issue(
        key, "Leaf", authority.extensions(), issuer=middle.subject, by=middle_key
    )
    stray = Authority().root
    path = tmp_path / "k.p12"
    path.write_bytes(
        pkcs12.serialize_key_and_certificates(
            b"n", key, leaf, [stray, authority.root, middle], NoEncryption()
        )
    )
    found = credential.load(path, now=NOW)
    assert (found.chain, found.root) == ((der(leaf), der(middle)), der(authority.root))
    path.write_bytes(pkcs12.serialize_key_and_certificates(b"n", key, None, None, NoEncryption()))
    assert refused(path) == "kz.error.chain-empty"
    path.write_bytes(pkcs12.serialize_key_and_certificates(b"n", None, leaf, None, NoEncryption()))
    assert refused(path) == "kz.error.key-damaged"


def test_a_chain_of_one_may_be_der(tmp_path, made) -> None:
    path = tmp_path / "leaf.der"
    path.write_bytes(made.chain[0])
    assert credential.load(tmp_path / "key.pem", path, now=NOW).chain == made.chain
    path.write_bytes(made.chain[0][:-9])
    assert refused(tmp_path / "key.pem", path) == "kz.error.chain-damaged"


def test_a_root_at_the_end_of_the_chain_or_in_its_own_file_is_kept_apart(tmp_path, made) -> None:
    key = tmp_path / "key.pem"
    whole = credential.load(key, tmp_path / "full.pem", now=NOW)
    split = credential.load(key, tmp_path / "chain.pem", root=tmp_path / "root.pem", now=NOW)
    alone = credential.load(key, tmp_path / "chain.pem", now=NOW)
    assert (whole.chain, whole.root) == (split.chain, split.root) == (made.chain, made.root)
    assert alone.root is None
    with pytest.raises(CredentialError, match="root certificate is not known"):
        store_of(alone)


def refused(*args, **kwargs) -> str:
    with pytest.raises(CredentialError) as caught:
        credential.load(*args, now=NOW, **kwargs)
    assert "{" not in str(caught.value)
    assert ": " in str(caught.value)
    return caught.value.code


def test_each_way_to_go_wrong_is_one_error(tmp_path, made, authority) -> None:
    key, chain = tmp_path / "key.pem", tmp_path / "chain.pem"
    bad = tmp_path / "bad"
    bad.write_bytes(
        private(made).private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(WORD)
        )
    )
    assert refused(bad, chain) == "kz.error.passphrase-needed"
    assert refused(bad, chain, passphrase=lambda: b"wrong") == "kz.error.passphrase"
    assert refused(tmp_path / "missing", chain) == "kz.error.key-read"
    assert refused(tmp_path, chain) == "kz.error.key-read"
    assert refused(key, tmp_path / "missing") == "kz.error.key-read"
    assert refused(key, key) == "kz.error.chain-empty"
    assert refused(key) == "kz.error.chain-empty"
    bad.write_bytes(bag(made, WORD))
    assert refused(bad, passphrase=lambda: b"wrong") == "kz.error.passphrase"
    assert refused(bad) == "kz.error.passphrase-needed"
    bad.write_bytes(b"")
    assert refused(bad, chain) == "kz.error.key-damaged"
    assert refused(key, bad) == "kz.error.chain-empty"
    bad.write_bytes(b"0" * (2**20 + 1))
    assert refused(bad, chain) == "kz.error.key-read"
    bad.write_text(_pem.text((made.root, *made.chain)))
    assert refused(key, bad) == "kz.certificate.order"
    bad.write_text(_pem.text((made.root,)))
    assert refused(key, bad) == "kz.certificate.ca"
    other = credential.development(now=NOW)
    bad.write_text(_pem.text(other.chain))
    assert refused(key, bad) == "kz.error.key-mismatch"
    old = credential.development(now=NOW - dt.timedelta(days=400))
    bad.write_text(_pem.text(old.chain))
    assert refused(key, bad) == "kz.certificate.expired"
    new = credential.development(now=NOW + dt.timedelta(days=4))
    bad.write_text(_pem.text(new.chain))
    assert refused(key, bad) == "kz.certificate.not-yet"
    weak = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505  to be refused
    bad.write_bytes(weak.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    assert refused(bad, chain) == "kz.error.key-algorithm"


GOST_256 = bytes.fromhex("06082a85030701010101")
"""id-tc26-gost3410-12-256 as a DER object identifier."""
GOST_KZ = bytes.fromhex("060a2a830e030a0101020202")
"""1.2.398.3.10.1.1.2.2.2, a key of NUC RK."""


@pytest.mark.parametrize("oid", [GOST_256, GOST_KZ])
@pytest.mark.parametrize("encoding", ["pem", "der"])
def test_a_gost_key_is_told_what_to_use_instead(tmp_path, made, oid, encoding) -> None:
    algorithm = b"\x30" + bytes([len(oid)]) + oid
    body = b"\x02\x01\x00" + algorithm + b"\x04\x22\x04\x20" + b"k" * 32
    pkcs8 = b"\x30" + bytes([len(body)]) + body
    path = tmp_path / "gost.key"
    if encoding == "pem":
        import base64

        text = base64.b64encode(pkcs8).decode()
        path.write_text(f"-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n")
    else:
        path.write_bytes(pkcs8)
    assert refused(path, tmp_path / "chain.pem") == "kz.error.gost"
    with pytest.raises(CredentialError, match="use RSA or ECDSA"):
        credential.load(path, tmp_path / "chain.pem")


def test_a_gost_file_of_nuc_rk_is_known_by_its_name(tmp_path, made) -> None:
    path = tmp_path / "GOST512_0a1b2c.p12"
    path.write_bytes(bag(made, WORD))
    assert refused(path, passphrase=lambda: b"wrong") == "kz.error.gost"


@pytest.mark.needs("openssl")
def test_a_key_of_another_algorithm_in_pkcs12_is_not_called_a_wrong_passphrase(tmp_path) -> None:
    for command in (
        "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:SM2 -out k.pem",
        "openssl req -x509 -new -key k.pem -subj /CN=x -days 10 -out c.pem",
        "openssl pkcs12 -export -inkey k.pem -in c.pem -passout pass:abc -out k.p12",
    ):
        subprocess.run(command.split(), cwd=tmp_path, check=True, capture_output=True)
    assert refused(tmp_path / "k.p12", passphrase=lambda: b"abc") == "kz.error.key-algorithm"
    assert refused(tmp_path / "k.p12", passphrase=lambda: b"abd") == "kz.error.passphrase"


def test_no_cut_or_flipped_key_file_raises_anything_else(tmp_path, made) -> None:
    path = tmp_path / "k"
    der_key = private(made).private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    for whole in (bag(made, None), made.private_key, der_key):
        step = len(whole) // 40 + 1
        for at in range(0, len(whole), step):
            flipped = bytearray(whole)
            flipped[at] ^= 0x41
            for content in (whole[:at], bytes(flipped)):
                path.write_bytes(content)
                try:
                    _keyload.load_key(path, lambda: WORD)
                except CredentialError as exc:
                    assert exc.code.startswith("kz.error.")  # noqa: PT017  a comment may flip too


# --- Keys that stay elsewhere ---------------------------------------------------------------------


def test_a_callback_signs_and_its_answers_are_measured(made) -> None:
    chain = _pem.text((*made.chain, made.root)).encode()
    found = credential.from_callback(made.sign, chain, name="hsm", now=NOW)
    assert found.private_key is None
    assert (found.chain, found.root, found.algorithm) == (made.chain, made.root, Algorithm.ES256)
    assert len(found.sign(b"m")) == 64
    wrong = credential.from_callback(lambda _: b"\x30" * 71, chain, now=NOW)
    with pytest.raises(CredentialError, match="71 bytes"):
        wrong.sign(b"m")


# --- The key store --------------------------------------------------------------------------------


@pytest.fixture
def keys_home(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("KZLABEL_PASSPHRASE", raising=False)
    return tmp_path / "config" / "kzlabel" / "keys"


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_stored_key_is_private_from_the_start(keys_home, monkeypatch) -> None:
    modes = []
    write = _keyfiles.os.open

    def watched(path, flags, mode=0o777):
        handle = write(path, flags, mode)
        if str(path).endswith("key.pem"):
            modes.append(stat.S_IMODE(_keyfiles.os.fstat(handle).st_mode))
        return handle

    monkeypatch.setattr(_keyfiles.os, "open", watched)
    home = _keystore.create("dev", Algorithm.ES256, force=False, now=NOW)
    assert modes == [0o600]
    assert (mode_of(home), mode_of(home / "key.pem"), mode_of(keys_home)) == (0o700, 0o600, 0o700)
    assert sorted(path.name for path in keys_home.iterdir()) == ["dev"]
    found = credential.from_store("dev", now=NOW)
    assert found.development
    assert store_of(found).lists


def test_a_key_is_replaced_only_by_force(keys_home) -> None:
    home = _keystore.create("dev", Algorithm.ES256, force=False)
    before = (home / "key.pem").read_bytes()
    with pytest.raises(CredentialError) as caught:
        _keystore.create("dev", Algorithm.ES256, force=False)
    assert caught.value.code == "kz.error.key-exists"
    assert (home / "key.pem").read_bytes() == before
    _keystore.create("dev", Algorithm.ED25519, force=True)
    assert (home / "key.pem").read_bytes() != before
    assert sorted(path.name for path in keys_home.iterdir()) == ["dev"]


@pytest.mark.parametrize("name", ["..", "../x", "a/b", ".hidden", "", "x" * 41, "a\nb"])
def test_a_name_never_leaves_the_store(keys_home, name) -> None:
    with pytest.raises(CredentialError):
        _keystore.create(name, Algorithm.ES256, force=True)
    assert not keys_home.exists() or not list(keys_home.iterdir())


def test_an_encrypted_key_stays_encrypted(keys_home, tmp_path, made) -> None:
    path = tmp_path / "in.p12"
    path.write_bytes(bag(made, WORD))
    home = _keystore.bring("p", path, None, passphrase=lambda: WORD, force=False, now=NOW)
    assert b"ENCRYPTED" in (home / "key.pem").read_bytes()
    assert (home / "root.pem").exists()
    assert credential.from_store("p", passphrase=lambda: WORD, now=NOW).root == made.root
    with pytest.raises(CredentialError) as caught:
        credential.from_store("p", passphrase=lambda: b"wrong", now=NOW)
    assert caught.value.code == "kz.error.passphrase"


def test_a_request_is_answered_by_a_ca_and_imported(keys_home, tmp_path, authority) -> None:
    subject = "CN=\u0416\u0430\u04a3\u0430\u043b\u044b\u049b,O=Kz,C=KZ"
    path = _keystore.request("prod", subject, Algorithm.ES384, secret=None, force=False)
    asked = x509.load_pem_x509_csr(path.read_bytes())
    assert asked.is_signature_valid
    with pytest.raises(CredentialError):
        _keystore.request("prod", subject, Algorithm.ES384, secret=None, force=False)

    class Requested:
        def public_key(self):
            return asked.public_key()

    leaf = authority.issue(Requested(), "Leaf", authority.extensions())
    chain = tmp_path / "answer.pem"
    chain.write_text(_pem.text((der(leaf), der(authority.root))))
    home = _keystore.bring("prod", None, chain, passphrase=None, force=False, now=NOW)
    assert mode_of(home / "key.pem") == 0o600
    found = credential.from_store("prod", now=NOW)
    assert (found.algorithm, found.development) == (Algorithm.ES384, False)
    with pytest.raises(CredentialError) as caught:
        _keystore.bring("prod", None, chain, passphrase=None, force=False, now=NOW)
    assert caught.value.code == "kz.error.key-exists"


def test_a_refused_import_leaves_the_store_as_it_was(keys_home, tmp_path, made) -> None:
    (tmp_path / "chain.pem").write_text(_pem.text((made.root,)))
    with pytest.raises(CredentialError):
        _keystore.bring(
            "x", tmp_path / "key.pem", tmp_path / "chain.pem", passphrase=None, force=True, now=NOW
        )
    assert not keys_home.exists()


def test_a_passphrase_file_must_be_private(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("KZLABEL_PASSPHRASE", "other")
    path = tmp_path / "word"
    path.write_bytes(WORD + b"\n")
    path.chmod(0o600)
    get = credential.passphrase_from(path)
    assert get() == WORD
    path.chmod(0o640)
    with pytest.raises(CredentialError, match="0640"):
        get()
    path.chmod(0o600)
    path.write_bytes(b"\n")
    with pytest.raises(CredentialError) as caught:
        get()
    assert caught.value.code == "kz.error.passphrase-file"
    assert credential.passphrase_from(None)() == b"other"
    monkeypatch.delenv("KZLABEL_PASSPHRASE")
    assert credential.passphrase_from(None) is None


@pytest.mark.needs("openssl")
def test_openssl_reads_what_we_store(keys_home) -> None:
    home = _keystore.create("dev", Algorithm.ES256, force=False)
    _keystore.request("csr", "CN=X,O=Y", Algorithm.PS256, secret=WORD, force=False)
    checked = subprocess.run(
        ["openssl", "verify", "-CAfile", "root.pem", "chain.pem"],
        cwd=home, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert checked.stdout == "chain.pem: OK\n"
    asked = subprocess.run(
        ["openssl", "req", "-verify", "-noout", "-in", "request.pem"],
        cwd=keys_home / "csr", capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "OK" in asked.stderr + asked.stdout
    assert b"ENCRYPTED" in (keys_home / "csr" / "key.pem").read_bytes()
