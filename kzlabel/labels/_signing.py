"""Signing JSON with a credential: what a sidecar and a signed report have in common."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from kzlabel.errors import CredentialError
from kzlabel.labels import _jws

if TYPE_CHECKING:
    from kzlabel.credential import Credential


def signature_of(payload: bytes, credential: Credential, typ: str) -> dict[str, str]:
    """Return the signature, and the time-stamp over it where the credential names an authority.

    It is read back before it is returned. Raises `CredentialError`.
    """
    protected = _jws.protect(credential.algorithm, credential.chain, typ)
    value = credential.sign(_jws.signing_input(protected, payload))
    made = _jws.compact(protected, value)
    try:
        held = _jws.verifies(_jws.parse(made, typ), payload)
    except _jws.JwsError as exc:
        raise CredentialError("kz.error.sidecar-key", path=credential.name, detail=exc) from exc
    if not held:
        detail = f"{len(value)} bytes do not verify as {credential.algorithm}"
        raise CredentialError("kz.error.sidecar-key", path=credential.name, detail=detail)
    if credential.tsa is None:
        return {"signature": made}
    from kzlabel import _timestamp

    token = _timestamp.request(credential.tsa, value)
    return {"signature": made, "timestamp": base64.b64encode(token).decode()}
