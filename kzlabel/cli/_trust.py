"""`--trust` and `--trust-installed`: the lists that one run rests on."""

from __future__ import annotations

from kzlabel.trust import TrustStore, installed, parse


def store_from(specs: tuple[str, ...], *, with_installed: bool) -> TrustStore:
    """Return the lists given as `[KIND=]PEM`, and the installed ones. Raises `CredentialError`."""
    given = tuple(parse(spec) for spec in specs)
    return TrustStore((*given, *(installed().lists if with_installed else ())))
