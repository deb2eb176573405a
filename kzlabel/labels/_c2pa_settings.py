"""The settings of c2pa-rs, all in one place, and the names of trust lists inside them.

c2pa-rs takes a setting it does not know in silence, so a misspelt one would switch nothing: each is
proved by what it does in `tests/labels/test_c2pa_border.py`.
"""

from __future__ import annotations

import re
from dataclasses import replace

from kzlabel.trust import TrustKind, TrustStore

EXTENDED_KEY_USAGES = (
    "1.3.6.1.5.5.7.3.4",  # emailProtection
    "1.3.6.1.5.5.7.3.36",  # documentSigning
    "1.3.6.1.5.5.7.3.8",  # timeStamping
    "1.3.6.1.5.5.7.3.9",  # OCSPSigning
    "1.3.6.1.4.1.311.76.59.1.9",  # Microsoft's C2PA signing
    "1.3.6.1.4.1.62558.2.1",  # c2pa-kp-claimSigning
)
"""What a signer's certificate may be for (C2PA 14.5.1); c2pa-rs takes them only at top level."""

HELD_MEGABYTES = 32
"""What c2pa-rs keeps of a file in memory while it signs; the rest goes to temporary files.

By default it holds up to half a gigabyte, twice: labelling a 525 MB film took 1,050 MB, now 550."""

_KINDS = {TrustKind.TSA: "tsa", TrustKind.CLAIM: "manifest"}
"""Our kinds and c2pa-rs's, in the order it is given them: of two lists that fit, the last wins."""
_NAMED_LIST = re.compile(r"\bkzlabel:(\w+):\d+:[\w .-]*(?:\] trust anchors)?$")
"""At the very end, since a certificate's own name may stand before it."""


def settings(trust: TrustStore) -> dict[str, object]:
    """Return every setting of c2pa-rs we rest on: no network, no thumbnails, these anchors."""
    anchors = [
        {
            "trust_kind": theirs,
            "trust_uri": f"kzlabel:{kind}:{number}:{_plain(entry.name)}",
            "trust_anchors": entry.pem,
        }
        for kind, theirs in _KINDS.items()
        for number, entry in enumerate(trust.of(kind))
    ]
    return {
        "builder": {"thumbnail": {"enabled": False}},
        "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
        "core": {
            "allowed_network_hosts": [],
            "backing_store_memory_threshold_in_mb": HELD_MEGABYTES,
        },
        "trust": {"anchors": anchors, "trust_config": "\n".join(EXTENDED_KEY_USAGES)},
    }


def _plain(name: str) -> str:
    return re.sub(r"[^\w .-]", "_", name)


def kind_of_list(explanation: str) -> TrustKind | None:
    """Return the kind of the list that explains why a signer or a time-stamp is trusted."""
    found = _NAMED_LIST.search(explanation)
    return TrustKind(found[1]) if found and found[1] in set(TrustKind) else None


def only_of(kind: TrustKind, trust: TrustStore) -> TrustStore:
    """Return the store narrowed to the lists of one kind, in that kind alone."""
    only = frozenset({kind})
    return TrustStore(tuple(replace(entry, kinds=only) for entry in trust.of(kind)))
