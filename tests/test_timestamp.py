"""Time-stamps made by OpenSSL, an independent authority, over a loopback server."""

from __future__ import annotations

import hashlib
import subprocess
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from kzlabel import _keys, _timestamp
from kzlabel.credential import Algorithm, development
from kzlabel.errors import CredentialError
from kzlabel.trust import store_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.needs("openssl")

MESSAGE = b"the signature of a label"
CONFIG = """
[tsa]
default_tsa = main
[main]
serial = {home}/serial
signer_cert = {home}/tsa.pem
signer_key = {home}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256, sha512
crypto_device = builtin
accuracy = secs:1
"""


def authority(home: Path, *, days: int = 30) -> None:
    """Write a root and a time-stamping certificate below it, with a configuration for openssl."""
    now = datetime.now(UTC)
    root_key, key = ec.generate_private_key(ec.SECP256R1()), _keys.generate(Algorithm.ES256)
    root_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test time root")])
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test time authority")])

    def base(subject: x509.Name, public: object) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(root_name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=40))
            .not_valid_after(now + timedelta(days=days))
        )

    root = (
        base(root_name, root_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(root_key.public_key()), critical=False
        )
        .sign(root_key, hashes.SHA256())
    )
    leaf = (
        base(name, key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()),
            critical=False,
        )
        .sign(root_key, hashes.SHA256())
    )
    (home / "root.pem").write_bytes(root.public_bytes(Encoding.PEM))
    (home / "tsa.pem").write_bytes(leaf.public_bytes(Encoding.PEM))
    (home / "tsa.key").write_bytes(_keys.pkcs8(key))
    (home / "serial").write_text("01\n")
    (home / "tsa.cnf").write_text(CONFIG.format(home=home))


def reply(home: Path, query: bytes) -> bytes:
    (home / "query.tsq").write_bytes(query)
    subprocess.run(
        ["openssl", "ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query.tsq", "-out", "r"],
        cwd=home,
        check=True,
        capture_output=True,
    )
    return (home / "r").read_bytes()


@pytest.fixture
def server() -> Iterator[Callable[[Callable[[bytes], bytes]], str]]:
    """A loopback authority: give it a function from query to answer, get its address."""
    running = []

    def serve(answer: Callable[[bytes], bytes]) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                query = self.rfile.read(int(self.headers["Content-Length"]))
                assert self.headers["Content-Type"] == "application/timestamp-query"
                body = answer(query)
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                return

        httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=httpd.serve_forever, args=(0.01,), daemon=True).start()
        running.append(httpd)
        return f"http://127.0.0.1:{httpd.server_port}/"

    yield serve
    for httpd in running:
        httpd.shutdown()
        httpd.server_close()


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> tuple[bytes, str]:
    """A token over MESSAGE, and the anchors of its authority."""
    home = tmp_path_factory.mktemp("tsa")
    authority(home)
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder, decode_timestamp_response

    query = TimestampRequestBuilder().data(MESSAGE).hash_algorithm(HashAlgorithm.SHA256).build()
    response = decode_timestamp_response(reply(home, query.as_bytes()))
    return response.time_stamp_token(), (home / "root.pem").read_text()


def code_of(token: bytes, message: bytes, anchors: list[str]) -> str:
    with pytest.raises(CredentialError) as caught:
        _timestamp.verify(token, message, anchors)
    return caught.value.code


def test_a_token_that_was_asked_for_verifies(tmp_path, server) -> None:
    authority(tmp_path)
    token = _timestamp.request(server(lambda query: reply(tmp_path, query)), MESSAGE)
    moment = _timestamp.verify(token, MESSAGE, [(tmp_path / "root.pem").read_text()])
    assert moment.tzinfo is not None
    assert abs(datetime.now(UTC) - moment) < timedelta(minutes=5)


def test_a_token_is_about_one_message(made) -> None:
    token, root = made
    assert code_of(token, MESSAGE + b".", [root]) == "kz.error.timestamp-mismatch"


def test_an_authority_off_the_list_is_not_believed(made) -> None:
    token, _ = made
    other = store_of(development()).lists[0].pem
    assert code_of(token, MESSAGE, [other]) == "kz.error.timestamp-untrusted"
    assert code_of(token, MESSAGE, []) == "kz.error.timestamp-untrusted"


def test_a_list_of_several_anchors_is_searched(made) -> None:
    token, root = made
    assert _timestamp.verify(token, MESSAGE, [store_of(development()).lists[0].pem, root])


def test_an_authority_that_had_expired_is_not_believed(tmp_path, server) -> None:
    authority(tmp_path, days=-1)
    token = _timestamp.request(server(lambda query: reply(tmp_path, query)), MESSAGE)
    root = (tmp_path / "root.pem").read_text()
    assert code_of(token, MESSAGE, [root]) == "kz.error.timestamp-untrusted"


def test_no_flipped_or_cut_token_is_believed(made) -> None:
    token, root = made
    moment = _timestamp.verify(token, MESSAGE, [root])
    survivors = 0
    for at in range(0, len(token), 3):
        broken = bytearray(token)
        broken[at] ^= 0x55
        try:  # CMS leaves its version numbers and an algorithm's name unsigned
            assert _timestamp.verify(bytes(broken), MESSAGE, [root]) == moment
            survivors += 1
        except CredentialError as exc:
            assert exc.code.startswith("kz.error.timestamp")  # noqa: PT017  most, not all, raise
    assert survivors <= 5
    for length in range(0, len(token), 13):
        assert code_of(token[:length], MESSAGE, [root]).startswith("kz.error.timestamp")


def test_a_long_token_is_refused(made) -> None:
    assert code_of(b"0" * 100_000, MESSAGE, [made[1]]) == "kz.error.timestamp"


@pytest.mark.parametrize(
    "answer", [b"", b"no", b"\x30\x03\x02\x01\x00", b"0" * 70_000, bytes.fromhex("30053003020102")]
)
def test_a_bad_answer_is_one_clear_error(server, answer) -> None:
    with pytest.raises(CredentialError) as caught:
        _timestamp.request(server(lambda _: answer), MESSAGE)
    assert "127.0.0.1" in str(caught.value)


def test_an_answer_to_another_request_is_refused(tmp_path, server) -> None:
    authority(tmp_path)
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    builder = TimestampRequestBuilder().data(MESSAGE).hash_algorithm(HashAlgorithm.SHA256)
    old = reply(tmp_path, builder.build().as_bytes())
    with pytest.raises(CredentialError, match="another request"):
        _timestamp.request(server(lambda _: old), MESSAGE)


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://127.0.0.1/", "x", "http://", "http://[::"]
)
def test_only_web_addresses_are_asked(url) -> None:
    with pytest.raises(CredentialError) as caught:
        _timestamp.request(url, MESSAGE)
    assert caught.value.code == "kz.error.address"


def test_an_authority_that_does_not_answer_is_named() -> None:
    with pytest.raises(CredentialError, match=r"127\.0\.0\.1:9/"):
        _timestamp.request("http://127.0.0.1:9/", MESSAGE, timeout=2)


def test_the_token_covers_the_digest(made) -> None:
    assert hashlib.sha256(MESSAGE).digest() in made[0]
