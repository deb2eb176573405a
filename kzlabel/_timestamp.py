"""RFC 3161 time-stamps (https://www.rfc-editor.org/rfc/rfc3161): the border to `rfc3161_client`.

A token proves that a message existed at a moment, so that a signature outlives its certificate.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from kzlabel import _pem
from kzlabel.errors import CredentialError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from cryptography import x509
    from rfc3161_client import TimeStampResponse

MAX_TOKEN = 65536
"""Bytes of a token or an answer; real ones have two to eight thousand."""
TIMEOUT = 30.0
SHA256 = "2.16.840.1.101.3.4.2.1"
DER_LONG = 0x80
GRANTED = bytes.fromhex("3003020100")
"""DER of PKIStatusInfo { status granted }: what stands before the token in an answer."""


def request(url: str, message: bytes, *, timeout: float = TIMEOUT) -> bytes:
    """Ask the authority at `url` (http or https) for a token over the SHA-256 of `message`.

    `timeout` is in seconds, for the whole exchange. The answer is checked to be about this very
    request; its signature is checked by `verify`. Raises `CredentialError`.
    """
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    from kzlabel._download import Door, post

    if not message:
        raise CredentialError("kz.error.timestamp", path=url, detail="nothing to time-stamp")
    query = TimestampRequestBuilder().data(message).hash_algorithm(HashAlgorithm.SHA256).build()
    door = Door(MAX_TOKEN, timeout, frozenset({"http", "https"}))
    answer = post(url, query.as_bytes(), "application/timestamp-query", door)
    response = _decode(answer, url)
    if response.status != 0:
        detail = "; ".join(response.status_string) or f"status {response.status}"
        raise CredentialError("kz.error.timestamp", path=url, detail=detail)
    if response.tst_info.nonce != query.nonce:
        raise CredentialError("kz.error.timestamp", path=url, detail="an answer to another request")
    _same(response, message, url)
    return response.time_stamp_token()


def verify(token: bytes, message: bytes, anchors_pem: Sequence[str]) -> datetime:
    """Return when `token` says that `message` existed, as a time in UTC.

    Raises `CredentialError` where the token is damaged, is about another message, or its authority
    does not chain to `anchors_pem` at that time; without anchors nobody is believed.
    """
    from rfc3161_client import VerificationError, VerifierBuilder

    roots = _roots(anchors_pem)
    if not roots:
        raise CredentialError("kz.error.timestamp-untrusted", path="RFC 3161", detail="no list")
    response = _decode(_answer(token), "RFC 3161")
    _same(response, message, "RFC 3161")
    try:
        VerifierBuilder(roots=roots).build().verify_message(response, message)
    except (VerificationError, ValueError) as exc:
        raise CredentialError("kz.error.timestamp-untrusted", path="RFC 3161", detail=exc) from exc
    return response.tst_info.gen_time


def _answer(token: bytes) -> bytes:
    """Wrap a token as the answer it came in, the only form that the library reads."""
    body = GRANTED + token
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    head = size if len(body) < DER_LONG else bytes([DER_LONG | len(size)]) + size
    return b"\x30" + head + body


def _decode(answer: bytes, path: str) -> TimeStampResponse:
    from rfc3161_client import decode_timestamp_response

    if len(answer) > MAX_TOKEN:
        raise CredentialError("kz.error.timestamp", path=path, detail=f"{len(answer)} bytes")
    try:
        response = decode_timestamp_response(answer)
        if response.status == 0:
            _ = response.tst_info, response.signed_data  # parsed on access, and may raise
    except ValueError as exc:
        raise CredentialError("kz.error.timestamp", path=path, detail=exc) from exc
    return response


def _same(response: TimeStampResponse, message: bytes, path: str) -> None:
    """Refuse a token about another message, or one that names it by another digest than SHA-256."""
    imprint = response.tst_info.message_imprint
    digest = hashlib.sha256(message).digest()
    if imprint.hash_algorithm.dotted_string != SHA256 or imprint.message != digest:
        raise CredentialError("kz.error.timestamp-mismatch", path=path)


def _roots(anchors_pem: Sequence[str]) -> list[x509.Certificate]:
    from kzlabel import _x509

    try:
        ders = [der for pem in anchors_pem for der in _pem.blocks(pem.encode("utf-8", "replace"))]
        return [_x509.read(der).parsed for der in ders]
    except ValueError as exc:
        raise CredentialError("kz.error.trust-damaged", path="RFC 3161", detail=exc) from exc
