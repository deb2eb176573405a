"""kzlabel: AI-origin labels and perceivable notices for media, and a verifier for both.

`label` and `verify` (and their forms in memory and for many files) are the two verbs; the nouns are
frozen values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from kzlabel.batch._labelling import label_many
    from kzlabel.batch._verifying import verify_many
    from kzlabel.credential import Credential
    from kzlabel.errors import KzlabelError
    from kzlabel.model import (
        AssetReport,
        Disclosure,
        NoticeConfig,
        NoticeStyle,
        Provider,
        Statement,
        System,
    )
    from kzlabel.trust import TrustStore
    from kzlabel.workflow import label, label_bytes, verify, verify_bytes

# Each name is loaded when it is first used, so that the command line starts in time.
_HOMES = {
    "AssetReport": "model",
    "Credential": "credential",
    "Disclosure": "model",
    "KzlabelError": "errors",
    "NoticeConfig": "model",
    "NoticeStyle": "model",
    "Provider": "model",
    "Statement": "model",
    "System": "model",
    "TrustStore": "trust",
    "label": "workflow",
    "label_bytes": "workflow",
    "label_many": "batch._labelling",
    "verify": "workflow",
    "verify_bytes": "workflow",
    "verify_many": "batch._verifying",
}

__all__ = [
    "AssetReport",
    "Credential",
    "Disclosure",
    "KzlabelError",
    "NoticeConfig",
    "NoticeStyle",
    "Provider",
    "Statement",
    "System",
    "TrustStore",
    "__version__",
    "label",
    "label_bytes",
    "label_many",
    "verify",
    "verify_bytes",
    "verify_many",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'kzlabel' has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(f"kzlabel.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
