"""Our own assertion, `kzlabel.disclosure`: what it says, and what is taken from it when read.

It holds in plain JSON what no standard assertion has a place for: the law's statement, the provider
with its business number, the label's id, the citation and the notices. Read back it is judged: a
member that is not as we write it is left out.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

import msgspec

from kzlabel.errors import printable
from kzlabel.labels._code import leaf_key
from kzlabel.labels._hints import is_sound
from kzlabel.labels._manifest_origin import lineage
from kzlabel.labels._manifest_status import verified_claims
from kzlabel.labels._manifest_store import Store, joined, mapping, words
from kzlabel.model import CodeKey, Placement, Signer, Step

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "kzlabel.disclosure"
SCHEMA = "kzlabel.disclosure/1"
MOST_HINTS = 64
"""Notices taken from one store; we write one, and keep one when we label again."""
MOST_KEYS = 16
"""Keys of codes taken from one store; each label that draws a code brings one."""
LONGEST_KEY = 256
"""Characters of one; those of P-256 have 124."""
LONGEST_NAME = 300
CITATION = {
    "article": "21(2)",
    "text": {
        "kk": "ҚР Заңы № 230-VIII, 21-бап, 2-тармақ",
        "ru": "Закон РК № 230-VIII, ст. 21, п. 2",  # noqa: RUF001  Russian
        "en": "RK Law No. 230-VIII, Art. 21(2)",
    },
}


def disclosure_of(step: Step, *, over_broken: bool) -> dict[str, object]:
    """Return the content of our assertion for this step."""
    said = step.disclosure
    content: dict[str, object] = {
        "schema": SCHEMA,
        "statement": said.statement.value,
        "label_id": said.label_id,
        "issued": said.issued.isoformat(),
        "system": _given(said.system),
        "provider": _given(said.provider),
        "law": CITATION,
        "notices": [_given(placement) for placement in step.placements],
    }
    if said.training_allowed is not None:
        content["training_allowed"] = said.training_allowed
    if over_broken:
        content["over_broken"] = True
    if any(placement.code for placement in step.placements):
        # Whoever has the file needs no list to tell that its code and its manifest are one's.
        content["code_key"] = base64.b64encode(leaf_key(step.credential)).decode()
    return content


def _given(value: msgspec.Struct) -> dict[str, object]:
    """Return the members of `value` that say something, as plain JSON."""
    plain = mapping(msgspec.to_builtins(value))
    return {name: member for name, member in plain.items() if member is not None}


class Said(msgspec.Struct, frozen=True):
    """What our assertion in somebody's manifest says."""

    system: str | None = None
    provider: str | None = None
    label_id: str | None = None
    issued: str | None = None
    over_broken: bool = False


def said_in(store: Store) -> Said:
    """Return the nearest disclosure: the active manifest's own, else the one it inherits."""
    for label, inherited in lineage(store):
        if inherited:
            for content in store.manifests[label].named(NAME):
                return _said(content)
    return Said()


def _said(content: object) -> Said:
    members = mapping(content)
    system = mapping(members.get("system"))
    name = words(system.get("name"))
    return Said(
        system=joined(name, words(system.get("version"))) if name else None,
        provider=words(mapping(members.get("provider")).get("name")),
        label_id=words(members.get("label_id")),
        issued=words(members.get("issued")),
        over_broken=members.get("over_broken") is True,
    )


def hints_of(store: Store) -> tuple[Placement, ...]:
    """Return the notices that the nearest manifest with a verified claim signature declares.

    They are hints where to look: the verifier renders each notice and compares it with the content.
    What an earlier manifest declared was measured on an earlier picture, which may have grown.
    """
    claims = verified_claims(store)
    for label, inherited in lineage(store):
        if inherited and label in claims:
            contents = store.manifests[label].named(NAME)
            found = dict.fromkeys(one for content in contents for one in _placements(content))
            if found:
                return tuple(found)[:MOST_HINTS]
    return ()


def code_keys_of(store: Store) -> tuple[CodeKey, ...]:
    """Return the keys of codes that the manifests with verified claim signatures vouch for.

    Each vouches for its own signer's; what the store inherits has been signed over by the active.
    """
    claims = verified_claims(store)
    found = (
        _code_key(store, label, content)
        for label, inherited in lineage(store)
        if inherited and label in claims
        for content in store.manifests[label].named(NAME)
    )
    return tuple(key for key in found if key is not None)[:MOST_KEYS]


def _code_key(store: Store, label: str, content: object) -> CodeKey | None:
    said = mapping(content)
    written, signature = words(said.get("code_key")), store.manifests[label].signature_info
    if written is None or len(written) > LONGEST_KEY:
        return None
    try:
        key = base64.b64decode(written, validate=True)
    except (ValueError, binascii.Error):
        return None
    name = (signature.common_name or signature.issuer) if signature else None
    signer = Signer(name=printable(name[:LONGEST_NAME])) if name else None
    own, label_id = label == store.active_manifest, words(said.get("label_id"))
    return CodeKey(key=key, signer=signer, own=own, label_id=label_id)


def _placements(content: object) -> Iterator[Placement]:
    listed = mapping(content).get("notices")
    for member in listed[:MOST_HINTS] if isinstance(listed, list) else ():
        try:
            placement = msgspec.convert(member, Placement)
        except msgspec.ValidationError:
            continue
        if is_sound(placement):
            yield placement
