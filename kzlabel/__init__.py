"""kzlabel: AI-origin labels and perceivable notices for media, and a verifier for both.

`label` and `verify` (and their forms in memory) are the two verbs; the nouns are frozen values.
"""

from __future__ import annotations

__version__ = "0.1.0"

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
    "verify",
    "verify_bytes",
]
