"""The properties that say AI, by family of tags: IPTC Photo Metadata Standard 2025.1, and ours.

https://www.iptc.org/std/photometadata/specification/. In XMP they are IPTC's own properties. IPTC
has no place for a provider or a label's id, and the identifiers of Dublin Core and of XMP name the
picture and are other people's; so these have properties in `urn:kzlabel:xmp:1#`. Tags of audio,
video and documents have no vocabulary for any of it: there the names of IPTC stand as free fields.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kzlabel.model import Disclosure, Tags

SOURCE_TYPE = "Iptc4xmpExt:DigitalSourceType"
SYSTEM = "Iptc4xmpExt:AISystemUsed"
SYSTEM_VERSION = "Iptc4xmpExt:AISystemVersionUsed"
PROMPT = "Iptc4xmpExt:AIPromptInformation"
PROMPT_WRITER = "Iptc4xmpExt:AIPromptWriterName"
PROVIDER = "kzlabel:Provider"
LABEL_ID = "kzlabel:LabelId"

_FREE = {
    SOURCE_TYPE: "DIGITALSOURCETYPE",
    SYSTEM: "AISYSTEMUSED",
    SYSTEM_VERSION: "AISYSTEMVERSIONUSED",
    PROMPT: "AIPROMPTINFORMATION",
    PROVIDER: "AIPROVIDER",
    LABEL_ID: "KZLABEL_LABELID",
}
_PREFIXES = {
    "id3": "TXXX:", "vorbis": "", "mp4": "----:com.apple.iTunes:", "matroska": "",
    "pdf-info": "", "html-meta": "", "ooxml": "", "odf": "", "epub": "",
}  # fmt: skip
FAMILIES: Mapping[str, Mapping[str, str]] = {
    "xmp": {name: name for name in _FREE},
    **{
        family: {name: prefix + free for name, free in _FREE.items()}
        for family, prefix in _PREFIXES.items()
    },
}
"""Family of tags -> our concept (named as in XMP) -> the tag's own name."""
OWN_NAMES: Mapping[str, str] = {
    name.partition(":")[2].casefold(): name
    for name in (SOURCE_TYPE, SYSTEM, SYSTEM_VERSION, PROMPT, PROMPT_WRITER)
}
"""IPTC's names as other people write them in any container, folded -> our concept."""


def written(disclosure: Disclosure) -> dict[str, str]:
    """Return what a disclosure says, by concept; an empty one takes an earlier system's away."""
    said = {
        SOURCE_TYPE: disclosure.statement.digital_source_type,
        SYSTEM: disclosure.system.name,
        SYSTEM_VERSION: disclosure.system.version or "",
        PROVIDER: disclosure.provider.name,
        LABEL_ID: disclosure.label_id,
    }
    return said | ({PROMPT: disclosure.prompt} if disclosure.prompt else {})


def in_family(family: str, said: Mapping[str, str]) -> dict[str, str]:
    """Return concepts under the names that `family` has for them."""
    return {FAMILIES[family][concept]: value for concept, value in said.items()}


def read_from(tags: Tags, family: str) -> dict[str, str]:
    """Return what the tags of one family say, by concept."""
    held = tags.get(family, {})
    return {concept: held[name] for concept, name in FAMILIES[family].items() if held.get(name, "")}


def system_in(said: Mapping[str, str]) -> str | None:
    """Return the AI system that is named, with its version."""
    return " ".join(filter(None, (said.get(SYSTEM), said.get(SYSTEM_VERSION)))) or None


def is_ours(said: Mapping[str, str]) -> bool:
    """Whether these are a label of ours; without its id they are other people's."""
    return said.get(LABEL_ID, "").startswith("urn:uuid:") and SOURCE_TYPE in said
