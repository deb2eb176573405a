"""Trust: chains up to an anchor, lists read and installed, and the one command that fetches."""

from __future__ import annotations

import datetime as dt
import os
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from kzlabel import _download, _keys, _pem, _trust_files, _x509, trust
from kzlabel._options import Options
from kzlabel.batch import Tally
from kzlabel.cli.trust import trust as command
from kzlabel.credential import Algorithm, Credential, development
from kzlabel.errors import CredentialError
from kzlabel.trust import ChainStatus, TrustKind, chain_trust, store_of

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
EMAIL = ExtendedKeyUsageOID.EMAIL_PROTECTION
TIME = ExtendedKeyUsageOID.TIME_STAMPING


class Node:
    """A certificate with its key, that can issue others."""

    def __init__(  # noqa: PLR0913  a certificate has many parts
        self, name, issuer=None, *, ca=True, path_length=None, usage=None, extended=(),
        critical=(), key=None, days=100,
    ):  # fmt: skip
        self.key = key or ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        parent = issuer or self
        builder = (
            x509.CertificateBuilder()
            .subject_name(self.name)
            .issuer_name(parent.name)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - dt.timedelta(days=10))
            .not_valid_after(NOW + dt.timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=path_length), critical=True)
        )
        if extended:
            builder = builder.add_extension(x509.ExtendedKeyUsage(extended), critical=False)
        if usage is not None:
            builder = builder.add_extension(usage, critical=True)
        for extension in critical:
            builder = builder.add_extension(extension, critical=True)
        digest = None if isinstance(parent.key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
        self.certificate = builder.sign(parent.key, digest)
        self.der = self.certificate.public_bytes(Encoding.DER)
        self.pem = _pem.text((self.der,))


def signing(*, cert_sign: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not cert_sign, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=cert_sign, crl_sign=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip


def leaf_of(issuer: Node, **kwargs) -> Node:
    return Node("Leaf", issuer, **({"ca": False, "extended": [EMAIL]} | kwargs))


@pytest.fixture(scope="module")
def root() -> Node:
    return Node("Root")


@pytest.fixture(scope="module")
def middle(root) -> Node:
    return Node("Middle", root)


def code_of(chain, anchors, at=NOW) -> str:
    found = chain_trust([node.der for node in chain], [node.pem for node in anchors], at)
    assert "{" not in found.detail
    assert (found.status is ChainStatus.TRUSTED) == (found.code == "kz.chain.trusted")
    return found.code.removeprefix("kz.chain.")


# --- Chains ---------------------------------------------------------------------------------------


def test_a_chain_leads_to_any_certificate_of_it_or_an_issuer(root, middle) -> None:
    leaf = leaf_of(middle)
    assert code_of([leaf, middle], [root]) == "trusted"
    assert code_of([leaf, middle, root], [root]) == "trusted"
    assert code_of([leaf], [middle]) == "trusted"
    assert code_of([leaf, middle], [middle]) == "trusted"
    assert code_of([leaf], [leaf]) == "trusted"


def test_a_chain_that_leads_nowhere_is_untrusted(root, middle) -> None:
    leaf = leaf_of(middle)
    assert code_of([leaf], [root]) == "no-anchor"
    assert code_of([leaf, middle], []) == "no-anchor"
    assert code_of([leaf, middle], [Node("Root")]) == "no-anchor"
    assert code_of([leaf, middle, root], [Node("Other")]) == "no-anchor"


def test_the_list_that_vouches_is_named(root, middle) -> None:
    leaf = leaf_of(middle)
    lists = [Node("Other").pem, "", root.pem]
    found = chain_trust([leaf.der, middle.der], lists, NOW)
    assert (found.status, found.anchor) == (ChainStatus.TRUSTED, 2)


def test_every_link_must_hold(root, middle) -> None:
    leaf = leaf_of(middle)
    twin = Node("Middle", root)
    assert code_of([leaf, twin], [root]) == "broken"
    assert code_of([leaf, root], [root]) == "broken"
    assert code_of([middle, leaf], [root]) == "not-a-signer"


def test_only_a_ca_may_issue(root) -> None:
    for fields in ({"ca": False}, {"usage": signing()}, {"extended": [TIME]}):
        issuer = Node("Middle", root, **fields)
        assert code_of([leaf_of(issuer), issuer], [root]) == "not-a-ca"
        assert code_of([leaf_of(issuer)], [issuer]) == "no-anchor"
    issuer = Node("Middle", root, usage=signing(cert_sign=True), extended=[EMAIL])
    assert code_of([leaf_of(issuer), issuer], [root]) == "trusted"


def test_a_path_is_no_longer_than_its_issuers_allow() -> None:
    root = Node("Root", path_length=1)
    one = Node("One", root, path_length=0)
    two = Node("Two", one)
    assert code_of([leaf_of(one), one], [root]) == "trusted"
    assert code_of([leaf_of(two), two, one], [root]) == "not-a-ca"
    assert code_of([leaf_of(one), one], [Node("Root", key=root.key, path_length=0)]) == "no-anchor"


@pytest.mark.parametrize(
    "fields",
    [
        {"ca": True},
        {"extended": []},
        {"extended": [TIME]},
        {"extended": [ExtendedKeyUsageOID.SERVER_AUTH]},
        {"usage": signing(cert_sign=True)},
    ],
)
def test_only_a_signers_certificate_signs(root, fields) -> None:
    leaf = leaf_of(root, **fields)
    assert code_of([leaf], [root]) == "not-a-signer"
    assert code_of([leaf], [leaf]) == "not-a-signer"


def test_dates_count_at_the_moment_asked_about(root) -> None:
    old = Node("Old", root, days=20)
    leaf = leaf_of(old, days=50)
    assert code_of([leaf, old], [root]) == "trusted"
    later = NOW + dt.timedelta(days=30)
    found = chain_trust([leaf.der, old.der], [root.pem], later)
    assert (found.status, found.certificate) == (ChainStatus.EXPIRED, "CN=Old")
    assert code_of([leaf, old], [root], NOW + dt.timedelta(days=60)) == "expired"
    assert code_of([leaf, old], [root], NOW - dt.timedelta(days=11)) == "not-yet"
    assert code_of([leaf, old], [], later) == "no-anchor"


def test_an_anchors_own_dates_do_not_count() -> None:
    root = Node("Root", days=1)
    assert code_of([leaf_of(root)], [root], NOW + dt.timedelta(days=5)) == "trusted"


def test_what_is_not_understood_is_refused(root) -> None:
    constraint = x509.NameConstraints([x509.DNSName("kz")], None)
    issuer = Node("Middle", root, critical=[constraint])
    assert code_of([leaf_of(issuer), issuer], [root]) == "critical"
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")
    assert code_of([leaf_of(root, critical=[unknown])], [root]) == "critical"


def test_weak_keys_are_refused(root) -> None:
    weak = Node("Weak", root, key=rsa.generate_private_key(65537, 1024))  # noqa: S505  on purpose
    assert code_of([leaf_of(root, key=weak.key)], [root]) == "algorithm"
    assert code_of([leaf_of(weak), weak], [root]) == "algorithm"


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_every_algorithm_makes_chains(algorithm) -> None:
    root = Node("Root", key=_keys.generate(algorithm))
    assert code_of([leaf_of(root)], [root]) == "trusted"


def test_bytes_that_are_no_chain_are_untrusted(root) -> None:
    leaf = leaf_of(root)
    assert chain_trust([], [root.pem], NOW).code == "kz.chain.length"
    assert chain_trust([leaf.der] * 9, [root.pem], NOW).code == "kz.chain.length"
    assert chain_trust([b""], [root.pem], NOW).code == "kz.chain.unreadable"
    assert chain_trust([b"0" * 100_000], [root.pem], NOW).code == "kz.chain.unreadable"
    for at in range(0, len(leaf.der), 3):
        flipped = bytearray(leaf.der)
        flipped[at] ^= 0xFF
        assert chain_trust([bytes(flipped)], [root.pem], NOW).status is ChainStatus.UNTRUSTED
        assert chain_trust([leaf.der[:at]], [root.pem], NOW).status is ChainStatus.UNTRUSTED


def test_a_name_beyond_its_bounds_is_read_in_silence() -> None:
    common_name, country = b"\x06\x03\x55\x04\x03", b"\x06\x03\x55\x04\x06"
    odd = _x509.read(Node("Kazakhstan").der.replace(common_name, country))
    assert odd.name == "C=Kazakhstan"


# --- Lists ----------------------------------------------------------------------------------------


def error_of(call, *args, **kwargs) -> str:
    with pytest.raises(CredentialError) as caught:
        call(*args, **kwargs)
    assert "{" not in str(caught.value)
    return caught.value.code.removeprefix("kz.error.")


def test_a_list_is_read_with_its_kind_and_date(tmp_path, root) -> None:
    path = tmp_path / "our=list.pem"
    path.write_text("a comment\n" + root.pem + "\n-----BEGIN X-----\n")
    os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    plain = trust.parse(str(path))
    assert plain.kinds == trust.DEFAULT_KINDS
    assert (plain.name, plain.date, plain.pem) == ("our=list", "2026-11-01", root.pem)
    for kind in TrustKind:
        assert trust.parse(f"{kind}={path}").kinds == {kind}
    assert len(plain.sha256) == 64


def test_a_list_that_vouches_for_nobody_is_an_error(tmp_path, root) -> None:
    path = tmp_path / "list.pem"
    assert error_of(trust.parse, str(path)) == "trust-read"
    assert error_of(trust.parse, str(tmp_path)) == "trust-read"
    path.write_text("")
    assert error_of(trust.parse, str(path)) == "trust-empty"
    path.write_text("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")
    assert error_of(trust.parse, str(path)) == "trust-empty"
    for damaged in (root.pem[:-30], root.pem.replace("M", "*", 1), root.pem[:200] + root.pem[205:]):
        path.write_text(damaged)
        assert error_of(trust.parse, str(path)) == "trust-damaged"
    path.write_bytes(b"0" * (_trust_files.MAX_LIST + 1))
    assert error_of(trust.parse, str(path)) == "trust-size"


def test_lists_are_installed_replaced_and_kept_once(tmp_path, root, middle) -> None:
    path = tmp_path / "mine.pem"
    path.write_text(root.pem)
    assert trust.installed().lists == ()
    trust.add(path, frozenset({TrustKind.TSA}))
    path.write_text(middle.pem)
    trust.add(path, frozenset(), "other")
    trust.add(path, frozenset({TrustKind.CLAIM}), "mine")
    mine, other = trust.installed().lists
    assert (mine.name, mine.kinds, mine.pem) == ("mine", {TrustKind.CLAIM}, middle.pem)
    assert (other.name, other.kinds) == ("other", trust.DEFAULT_KINDS)
    home = _trust_files.folder()
    assert (home / "mine.pem.previous").read_text() == root.pem
    assert not [entry for entry in home.iterdir() if entry.name.startswith(".")]
    assert trust.installed().of(TrustKind.TSA) == ()


@pytest.mark.parametrize("name", ["../x", ".x", "a/b", "", "x" * 65])
def test_a_lists_name_never_leaves_its_folder(tmp_path, root, name) -> None:
    path = tmp_path / ".pem"
    path.write_text(root.pem)
    assert error_of(trust.add, path, frozenset(), name) == "trust-name"


def test_a_damaged_installation_is_an_error_not_an_empty_list(tmp_path, root) -> None:
    path = tmp_path / "mine.pem"
    path.write_text(root.pem)
    trust.add(path, frozenset())
    entry = _trust_files.folder() / "mine.json"
    good = entry.read_bytes()
    for bad in (b"", b"{", b"[]", b'{"name": 1}', good.replace(b"claim", b"clam"), b"\xff"):
        entry.write_bytes(bad)
        assert error_of(trust.installed) == "trust-damaged"
    entry.write_bytes(good)
    (_trust_files.folder() / "mine.pem").unlink()
    assert error_of(trust.installed) == "trust-read"


def test_a_list_with_an_unreadable_certificate_is_not_installed(tmp_path, root) -> None:
    path = tmp_path / "mine.pem"
    broken = bytearray(root.der)
    broken[len(broken) // 2 - 80 :] = b"\0" * (len(broken) - len(broken) // 2 + 80)
    path.write_text(root.pem + _pem.text((bytes(broken),)))
    assert error_of(trust.add, path, frozenset()) == "trust-damaged"
    assert trust.installed().lists == ()


def test_the_store_of_a_credential_trusts_it_and_nobody_else() -> None:
    mine, other = development(now=NOW), development(now=NOW)
    (entry,) = store_of(mine).of(TrustKind.SIDECAR)
    assert chain_trust(mine.chain, [entry.pem], NOW).status is ChainStatus.TRUSTED
    assert chain_trust(other.chain, [entry.pem], NOW).status is ChainStatus.UNTRUSTED
    bare = Credential("x", Algorithm.ES256, mine.chain, mine.sign)
    assert error_of(store_of, bare) == "no-root"


# --- The network, on the loopback only ------------------------------------------------------------


@pytest.fixture
def site(tmp_path) -> Iterator[tuple[str, dict[str, object], ssl.SSLContext]]:
    """An HTTPS server on the loopback: its address, its pages (text, or where to go instead)."""
    pages: dict[str, object] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = pages.get(self.path, 404)
            if isinstance(page, int):
                self.send_error(page)
            elif isinstance(page, tuple):
                self.send_response(302)
                self.send_header("Location", page[0])
                self.end_headers()
            else:
                self.send_response(200)
                self.end_headers()
                self.wfile.write(page.encode())

        def log_message(self, *_: object) -> None:
            return

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))])
    own = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    today = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(own).issuer_name(own).public_key(key.public_key())
        .serial_number(1).not_valid_before(today - dt.timedelta(days=1))
        .not_valid_after(today + dt.timedelta(days=1)).add_extension(name, critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = tmp_path / "server.pem"
    pem.write_bytes(certificate.public_bytes(Encoding.PEM) + _keys.pkcs8(key))
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(pem)
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.socket = serving.wrap_socket(httpd.socket, server_side=True)
    httpd.handle_error = lambda *_: None  # clients hang up on purpose here
    threading.Thread(target=httpd.serve_forever, args=(0.01,), daemon=True).start()
    yield (
        f"https://127.0.0.1:{httpd.server_port}",
        pages,
        ssl.create_default_context(cafile=str(pem)),
    )
    httpd.shutdown()
    httpd.server_close()


def test_lists_are_fetched_dated_and_installed(site, root, middle) -> None:
    address, pages, context = site
    pages |= {"/claim": root.pem, "/moved": (f"{address}/tsa",), "/tsa": middle.pem}
    sources = trust.sources_of([f"claim={address}/claim", f"tsa={address}/moved"])
    trust.update(sources, NOW, context=context)
    claim, tsa = trust.installed().lists
    assert (claim.name, claim.kinds, claim.pem) == ("C2PA-TRUST-LIST", {"claim"}, root.pem)
    assert (tsa.kinds, tsa.pem, tsa.date) == ({"tsa"}, middle.pem, "2026-11-01T00:00:00+00:00")
    pages["/claim"] = middle.pem
    trust.update(sources[:1], NOW, context=context)
    assert trust.installed().lists[0].pem == middle.pem
    assert (_trust_files.folder() / "C2PA-TRUST-LIST.pem.previous").read_text() == root.pem


def test_a_list_is_restored_and_nothing_is_lost_by_it(tmp_path, root, middle) -> None:
    path = tmp_path / "mine.pem"
    path.write_text(root.pem)
    assert trust.previous("mine") is None
    assert error_of(trust.restore, "mine") == "trust-no-previous"
    first = trust.add(path, frozenset({TrustKind.TSA}))
    assert trust.previous("mine") is None
    path.write_text(middle.pem)
    second = trust.add(path, frozenset({TrustKind.CLAIM}))
    assert trust.previous("mine") == first
    assert trust.restore("mine") == first
    assert trust.installed().lists == (first,)
    assert trust.previous("mine") == second
    assert trust.restore("mine") == second
    for name in ("../mine", "", "mine.pem.previous/x"):
        assert error_of(trust.restore, name) == "trust-name"
    (_trust_files.folder() / "mine.pem.previous").write_text("harmed")
    assert error_of(trust.restore, "mine") == "trust-empty"
    assert trust.installed().lists == (second,)


def test_the_same_list_fetched_again_does_not_push_out_the_one_before(site, root, middle) -> None:
    address, pages, context = site
    sources = trust.sources_of([f"claim={address}/claim"])
    for page, day in ((root.pem, 1), (middle.pem, 2), (middle.pem, 3), (middle.pem, 4)):
        pages["/claim"] = page
        trust.update(sources, NOW + dt.timedelta(days=day), context=context)
    (now,) = trust.installed().lists
    before = trust.previous(now.name)
    assert before is not None
    assert (now.pem, now.date[:10]) == (middle.pem, "2026-11-05")
    assert (before.pem, before.date[:10]) == (root.pem, "2026-11-02")


def test_the_commands_fetch_list_and_restore(site, tmp_path, root, middle, monkeypatch) -> None:
    """As a person types them; the server's certificate is among the system's."""
    address, pages, _ = site
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "server.pem"))

    def run(*arguments: str) -> str:
        found = CliRunner().invoke(command, arguments)
        assert found.exit_code == 0, found.exception
        return found.output

    pages["/claim"] = root.pem
    assert "C2PA-TRUST-LIST  claim  1 certificates" in run(
        "update", "--url", f"claim={address}/claim"
    )
    assert len(run("list").splitlines()) == 1
    pages["/claim"] = middle.pem + root.pem
    assert "2 certificates" in run("update", "--url", f"claim={address}/claim")
    present, before = run("list").splitlines()
    assert "2 certificates" in present
    assert before.strip().startswith("before: 1 certificates  20")
    assert before.endswith("kzlabel trust restore C2PA-TRUST-LIST")
    assert "1 certificates" in run("restore", "C2PA-TRUST-LIST")
    report = Tally(Options.of("kz", trust.installed(), synthetic=False, look=None)).report()
    assert [(one.name, one.kind) for one in report.trust_lists] == [("C2PA-TRUST-LIST", "claim")]
    assert report.trust_lists[0].date == trust.installed().lists[0].date >= "2026"
    (_trust_files.folder() / "C2PA-TRUST-LIST.pem.previous").write_text("harmed")
    assert "no PEM certificate" in run("list")
    failed = CliRunner().invoke(command, ["restore", "other"])
    assert isinstance(failed.exception, CredentialError)


def test_a_fetch_that_fails_changes_nothing(site, root, monkeypatch) -> None:
    address, pages, context = site
    pages |= {
        "/good": root.pem,
        "/empty": "",
        "/html": "<html>",
        "/odd": _pem.text((b"\x30\x82\x01\x00" + b"\0" * 256,)),
        "/plain": ("http://127.0.0.1:9/",),
        "/file": ("file:///etc/passwd",),
        "/loop": (f"{address}/loop",),
        "/big": "0" * 5000,
    }
    monkeypatch.setattr(_trust_files, "MAX_LIST", 4000)
    wanted = {
        "empty": "trust-empty",
        "html": "trust-empty",
        "odd": "trust-damaged",
        "plain": "address",
        "file": "download",
        "loop": "download",
        "big": "download-size",
        "missing": "download",
    }
    for page, code in wanted.items():
        sources = trust.sources_of([f"claim={address}/good", f"sidecar={address}/{page}"])
        assert error_of(trust.update, sources, NOW, context=context) == code
        assert trust.installed().lists == ()


def test_a_server_that_nobody_vouches_for_is_not_believed(site, root) -> None:
    address, pages, _ = site
    pages["/good"] = root.pem
    assert error_of(trust.update, trust.sources_of([f"claim={address}/good"]), NOW) == "download"


@pytest.mark.parametrize("spec", ["", "claim", "claim=", "other=https://x", "https://x"])
def test_a_source_names_its_kind(spec) -> None:
    assert error_of(trust.sources_of, [spec]) == "trust-source"


@pytest.mark.parametrize("url", ["http://127.0.0.1/x", "file:///etc/passwd", "ftp://x/y", "/x"])
def test_lists_come_over_https_only(url) -> None:
    assert error_of(trust.update, trust.sources_of([f"claim={url}"]), NOW) == "address"


def test_the_official_lists_are_those_of_c2pa() -> None:
    claim, tsa = trust.sources_of([])
    assert claim.url.startswith("https://raw.githubusercontent.com/c2pa-org/conformance-public/")
    assert (TrustKind.CLAIM in claim.kinds, tsa.kinds) == (True, {TrustKind.TSA})


def test_a_slow_server_meets_the_deadline(site, root, monkeypatch) -> None:
    address, pages, context = site
    pages["/good"] = root.pem
    ticks = iter([0.0, 100.0, 200.0])
    monkeypatch.setattr(_download.time, "monotonic", lambda: next(ticks, 300.0))
    door = _download.Door(10_000, 60, context=context)
    assert error_of(_download.fetch, f"{address}/good", door) == "download"


def test_a_list_is_whole_or_absent_when_writing_fails(tmp_path, root, monkeypatch) -> None:
    path = tmp_path / "mine.pem"
    path.write_text(root.pem)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(_trust_files.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        trust.add(path, frozenset())
    assert list(_trust_files.folder().iterdir()) == []
    assert isinstance(path, Path)
