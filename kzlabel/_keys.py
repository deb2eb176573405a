"""Private keys: making them, the algorithm they sign with, and signing.

Signatures leave in the form that COSE (RFC 9053) and JOSE (RFC 7518) share: r||s for ECDSA,
RSASSA-PSS with a salt as long as the digest, 64 bytes for Ed25519.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from kzlabel.credential import Algorithm
from kzlabel.errors import CredentialError

if TYPE_CHECKING:
    from collections.abc import Callable

    from cryptography.hazmat.primitives.asymmetric.ec import (
        EllipticCurvePrivateKey,
        EllipticCurvePublicKey,
    )
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512

    SigningKey: TypeAlias = EllipticCurvePrivateKey | RSAPrivateKey | Ed25519PrivateKey

MIN_RSA_BITS = 2048
"""C2PA 13.2: a shorter modulus shall be refused."""
NEW_RSA_BITS = 3072
ED25519_SIGNATURE = 64
GOST_ARCS = ("1.2.398.3.10.1.", "1.2.643.")
"""Object identifiers of Kazakhstan's (NUC RK) and Russia's GOST algorithms."""
CURVES = {"secp256r1": Algorithm.ES256, "secp384r1": Algorithm.ES384, "secp521r1": Algorithm.ES512}
"""The curve decides the algorithm: C2PA 13.2 pairs them."""


def generate(algorithm: Algorithm) -> SigningKey:
    """Make a new private key for `algorithm`."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    match algorithm:
        case Algorithm.ES256:
            return ec.generate_private_key(ec.SECP256R1())
        case Algorithm.ES384:
            return ec.generate_private_key(ec.SECP384R1())
        case Algorithm.ES512:
            return ec.generate_private_key(ec.SECP521R1())
        case Algorithm.PS256:
            return rsa.generate_private_key(public_exponent=65537, key_size=NEW_RSA_BITS)
        case Algorithm.ED25519:
            return ed25519.Ed25519PrivateKey.generate()


def algorithm_of(key: object) -> Algorithm | None:
    """Return the algorithm that a private or public key signs with; None where C2PA has none."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    if isinstance(key, ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey):
        return CURVES.get(key.curve.name)
    if isinstance(key, rsa.RSAPrivateKey | rsa.RSAPublicKey):
        return Algorithm.PS256 if key.key_size >= MIN_RSA_BITS else None
    if isinstance(key, ed25519.Ed25519PrivateKey | ed25519.Ed25519PublicKey):
        return Algorithm.ED25519
    return None


def algorithm_for(key: object, path: str) -> Algorithm:
    """Return the algorithm of a key, or raise `CredentialError` where C2PA has none."""
    algorithm = algorithm_of(key)
    if algorithm is None:
        raise CredentialError("kz.error.key-algorithm", path=path, detail=kind_of(key))
    return algorithm


def measured(sign: Callable[[bytes], bytes], key: object, name: str) -> Callable[[bytes], bytes]:
    """Return `sign`, its answers held to the length that signatures of this public key have.

    A callback that returns DER for ECDSA would otherwise make labels that nobody can verify.
    """
    size = signature_size(key)

    def signed(message: bytes) -> bytes:
        signature = sign(message)
        if len(signature) != size:
            raise CredentialError("kz.error.callback-signature", path=name, detail=len(signature))
        return signature

    return signed


def signature_size(key: object) -> int:
    """Return the length of a key's signatures in bytes."""
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    if isinstance(key, ec.EllipticCurvePublicKey):
        return 2 * ((key.curve.key_size + 7) // 8)
    return (key.key_size + 7) // 8 if isinstance(key, rsa.RSAPublicKey) else ED25519_SIGNATURE


def signing_key(key: object) -> SigningKey | None:
    """Return a private key as one that we sign with; None where C2PA has no algorithm for it."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    kinds = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
    return key if isinstance(key, kinds) and algorithm_of(key) else None


def kind_of(key: object) -> str:
    """Return what a key is called, for a sentence that refuses it."""
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    if isinstance(key, ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey):
        return key.curve.name
    if isinstance(key, rsa.RSAPrivateKey | rsa.RSAPublicKey):
        return f"RSA {key.key_size}"
    return type(key).__name__.removesuffix("Key").removesuffix("Private").removesuffix("Public")


def certificate_hash(key: SigningKey) -> SHA256 | SHA384 | SHA512 | None:
    """Return the digest with which `key` signs certificates; Ed25519 has its own."""
    from cryptography.hazmat.primitives import hashes

    match algorithm_of(key):
        case Algorithm.ED25519:
            return None
        case Algorithm.ES384:
            return hashes.SHA384()
        case Algorithm.ES512:
            return hashes.SHA512()
        case _:
            return hashes.SHA256()


def signer(key: SigningKey) -> Callable[[bytes], bytes]:
    """Return a function that signs a message with `key`; it may be called from any thread."""
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    if isinstance(key, ec.EllipticCurvePrivateKey):
        return _ecdsa(key)
    if isinstance(key, rsa.RSAPrivateKey):
        return _pss(key)
    return key.sign


def _ecdsa(key: EllipticCurvePrivateKey) -> Callable[[bytes], bytes]:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    digest = certificate_hash(key) or hashes.SHA256()
    size = (key.curve.key_size + 7) // 8

    def sign(message: bytes) -> bytes:
        r, s = decode_dss_signature(key.sign(message, ec.ECDSA(digest)))
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")

    return sign


def _pss(key: RSAPrivateKey) -> Callable[[bytes], bytes]:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)

    def sign(message: bytes) -> bytes:
        return key.sign(message, pss, hashes.SHA256())

    return sign


def verifies(key: object, signature: bytes, message: bytes) -> bool:
    """Whether a public key made the signature over `message`, in the form that `signer` gives it.

    Any other length than the key's is refused.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            return _ecdsa_verifies(key, signature, message)
        if isinstance(key, rsa.RSAPublicKey):
            pss = padding.PSS(padding.MGF1(hashes.SHA256()), hashes.SHA256.digest_size)
            key.verify(signature, message, pss, hashes.SHA256())
            return True
        if isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, message)
            return True
    except InvalidSignature:
        return False
    return False


def _ecdsa_verifies(key: EllipticCurvePublicKey, signature: bytes, message: bytes) -> bool:
    """Verify r||s; raises `InvalidSignature`."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    digests = {32: hashes.SHA256(), 48: hashes.SHA384(), 66: hashes.SHA512()}
    half = signature_size(key) // 2
    if len(signature) != 2 * half or half not in digests:
        return False
    r, s = int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
    key.verify(encode_dss_signature(r, s), message, ec.ECDSA(digests[half]))
    return True


def pkcs8(key: SigningKey, secret: bytes | None = None) -> bytes:
    """Return the key as PKCS#8 PEM: unencrypted, the only form c2pa-rs reads, without `secret`."""
    from cryptography.hazmat.primitives import serialization

    encryption = (
        serialization.BestAvailableEncryption(secret) if secret else serialization.NoEncryption()
    )
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
    )
