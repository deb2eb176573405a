"""Certificates in PEM files (RFC 7468), looked at without `cryptography`, which is slow to load."""

from __future__ import annotations

import base64
import binascii
import re

BLOCK = re.compile(rb"-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----")
BEGIN = b"-----BEGIN CERTIFICATE-----"
COLUMNS = 64
SEQUENCE = re.compile(rb"\A\x30(?:\x81(.)|\x82(..)|\x83(...))", re.DOTALL)
"""DER of a SEQUENCE of 128 bytes to 16 MiB: the least a certificate has is about 200."""


def blocks(pem: bytes) -> tuple[bytes, ...]:
    """Return the DER certificates of a PEM file in their order; empty where it has none.

    Raises `ValueError` where a block does not hold one DER sequence.
    """
    bodies = BLOCK.findall(pem)
    if len(bodies) != pem.count(BEGIN):
        raise ValueError("a certificate has no end, or foreign characters in it")
    return tuple(_der(body) for body in bodies)


def text(ders: tuple[bytes, ...]) -> str:
    """Return DER certificates as PEM, and nothing but them."""
    return "".join(_block(der) for der in ders)


def _block(der: bytes) -> str:
    body = base64.b64encode(der).decode("ascii")
    lines = (body[start : start + COLUMNS] for start in range(0, len(body), COLUMNS))
    return "\n".join(("-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----", ""))


def _der(body: bytes) -> bytes:
    try:
        der = base64.b64decode(b"".join(body.split()), validate=True)
    except binascii.Error as exc:
        raise ValueError(str(exc)) from exc
    head = SEQUENCE.match(der)
    if head is None or head.end() + _length(head) != len(der):
        raise ValueError("not one DER sequence")
    return der


def _length(head: re.Match[bytes]) -> int:
    return int.from_bytes(next(size for size in head.groups() if size), "big")
