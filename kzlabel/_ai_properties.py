"""The XMP properties that say AI: IPTC Photo Metadata Standard 2025.1, and one of ours.

https://www.iptc.org/std/photometadata/specification/. IPTC has no place for a label's id, and the
identifiers of Dublin Core and of XMP name the picture and are other people's; so the id has a
property of its own, `LabelId` in `urn:kzlabel:xmp:1#`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kzlabel.model import Tags

SOURCE_TYPE = "Iptc4xmpExt:DigitalSourceType"
SYSTEM = "Iptc4xmpExt:AISystemUsed"
SYSTEM_VERSION = "Iptc4xmpExt:AISystemVersionUsed"
PROMPT = "Iptc4xmpExt:AIPromptInformation"
LABEL_ID = "kzlabel:LabelId"


def system_of(tags: Tags) -> str | None:
    """Return the AI system the tags name, with its version."""
    xmp = tags.get("xmp", {})
    return " ".join(filter(None, (xmp.get(SYSTEM), xmp.get(SYSTEM_VERSION)))) or None


def our_label_id(tags: Tags) -> str | None:
    """Return the id of our metadata label; None where the properties are other people's."""
    xmp = tags.get("xmp", {})
    label_id = xmp.get(LABEL_ID, "")
    return label_id if label_id.startswith("urn:uuid:") and xmp.get(SOURCE_TYPE) else None
