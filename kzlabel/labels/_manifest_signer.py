"""The signer's certificate, found in the bytes it lies in: who issued it, and until when.

c2pa-rs's JSON gives its serial number and its subject, but neither issuer nor dates; the report
that has them (`crjson`) checks every time-stamp again, for milliseconds. What is taken from here is
only shown; whom to trust is decided by c2pa-rs. The layout is RFC 5280's, 4.1.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from kzlabel.labels._manifest_pieces import in_one_piece

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kzlabel.labels._manifest_store import SignatureInfo

MOST_DIGITS = 60
"""A serial number has up to 20 bytes (RFC 5280 4.1.2.2)."""
MOST_NAMES = 32
MOST_PLACES = 8
"""Where a certificate's first bytes are looked at; each manifest of a store has its own copy."""
_VERSION_3 = b"\xa0\x03\x02\x01\x02"
_INTEGER, _OID = 0x02, 0x06
_UTC_TIME, _BMP_STRING = 0x17, 0x1E
_COMMON_NAME, _ORGANISATION = b"\x55\x04\x03", b"\x55\x04\x0a"
_LONG_FORM = 0x80
_MOST_LENGTH_BYTES = 2
_FIRST_OF_1900S = 50
"""UTCTime has two digits of the year; from 50 on they are of the 1900s (RFC 5280 4.1.2.5.1)."""


class Certificate(msgspec.Struct, frozen=True):
    """What a report shows of a certificate."""

    issuer: str | None
    not_after: datetime


def find_certificate(content: bytes, signature: SignatureInfo) -> Certificate | None:
    """Return the certificate that `signature` describes, where `content` holds it.

    A container may cut the store into segments: it is looked for in their joint.
    """
    serial = signature.cert_serial_number or ""
    if not (serial.isascii() and serial.isdigit() and len(serial) <= MOST_DIGITS):
        return None
    number = int(serial)
    written = number.to_bytes(number.bit_length() // 8 + 1)
    start = _VERSION_3 + bytes((_INTEGER, len(written))) + written
    found = _after(in_one_piece(content) or content, start)
    if found is None:
        return None
    issuer, not_after, subject = found
    named = signature.common_name is None or subject.get(_COMMON_NAME) == signature.common_name
    shown = issuer.get(_COMMON_NAME) or issuer.get(_ORGANISATION)
    return Certificate(shown, not_after) if named else None


_Read = tuple[dict[bytes, str], datetime, dict[bytes, str]]
"""Issuer, end of validity, subject."""


def _after(content: bytes, start: bytes) -> _Read | None:
    """Read what follows a certificate's first bytes, which may stand in several places."""
    at = -1
    for _ in range(MOST_PLACES):
        at = content.find(start, at + 1)
        if at < 0:
            return None
        try:
            return _after_serial(content, at + len(start))
        except (ValueError, OverflowError):
            continue
    return None


def _after_serial(der: bytes, at: int) -> _Read:
    """Read what follows the serial number: algorithm, issuer, validity, subject."""
    _, _, at = _element(der, at)
    _, issuer, at = _element(der, at)
    _, validity, at = _element(der, at)
    _, subject, _ = _element(der, at)
    _, _, second = _element(validity, 0)
    return _names(issuer), _time(*_element(validity, second)[:2]), _names(subject)


def _element(der: bytes, at: int) -> tuple[int, bytes, int]:
    """Return tag, content and end of the element at `at`; raises `ValueError` where it is cut."""
    header = der[at : at + 2]
    if len(header) < 2:  # noqa: PLR2004  a tag and a length
        raise ValueError("cut")
    at += 2
    length = header[1]
    if length >= _LONG_FORM:
        size = length - _LONG_FORM
        if not 1 <= size <= _MOST_LENGTH_BYTES:
            raise ValueError("longer than a certificate")
        length = int.from_bytes(der[at : at + size])
        at += size
    content = der[at : at + length]
    if len(content) != length:
        raise ValueError("cut")
    return header[0], content, at + length


def _elements(der: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    for _ in range(MOST_NAMES):
        if at >= len(der):
            return
        tag, content, at = _element(der, at)
        yield tag, content


def _names(name: bytes) -> dict[bytes, str]:
    """Return the attributes of a distinguished name, by their OID."""
    found: dict[bytes, str] = {}
    for _, relative in _elements(name):
        for _, pair in _elements(relative):
            tag, oid, at = _element(pair, 0)
            kind, value, _ = _element(pair, at)
            if tag == _OID:
                encoding = "utf-16-be" if kind == _BMP_STRING else "utf-8"
                found.setdefault(oid, value.decode(encoding, "replace"))
    return found


def _time(tag: int, written: bytes) -> datetime:
    text = written.decode("ascii")
    if tag == _UTC_TIME:
        century = "19" if int(text[:2]) >= _FIRST_OF_1900S else "20"
        text = century + text
    return datetime.fromisoformat(f"{text[:8]}T{text[8:]}").astimezone(UTC)
