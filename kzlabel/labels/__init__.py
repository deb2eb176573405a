"""One room per kind of label we write and check, in the order in which they are applied.

The notice changes the content, the metadata the container; the manifest binds both by hash; the
sidecar signs the digest of the finished file (DESIGN 3).
"""

from __future__ import annotations

from kzlabel.labels.manifest import ManifestLabel
from kzlabel.labels.metadata import MetadataLabel
from kzlabel.labels.notice import NoticeLabel
from kzlabel.labels.sidecar import SidecarLabel
from kzlabel.model import Label

LABELS: tuple[Label, ...] = (NoticeLabel(), MetadataLabel(), ManifestLabel(), SidecarLabel())
