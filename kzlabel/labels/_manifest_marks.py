"""What a manifest store says beside source types, for the rules about third parties: flat text.

The family `c2pa` of `Tags`. `integrity` and `declared` (the origin that its source types come to)
stand once; what a manifest says is named after where it stands::

    generator                           the claim generator's name
    signer                              the organisation that signed
    assertion, action                   the label of an assertion, an action's name, `#2` …
    watermarked                         an action that puts a watermark in
    c2pa.created.description            of an action; `softwareAgent` likewise
    c2pa.soft-binding.alg               of a soft binding (C2PA 18.10)
    c2pa.ai_generated_content.prompt    a member of that assertion; personal

with `parent:` before it in what the asset was made from, `part:` in what only went into it. What
is said twice in one place stands once.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from kzlabel.formats._repeats import gathered
from kzlabel.labels._manifest_origin import lineage
from kzlabel.labels._manifest_store import Manifest, Store, mapping, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kzlabel.model import Integrity, Origin

MOST_MANIFESTS = 32
MOST_ACTIONS = 64
MOST_ASSERTIONS = 64
"""Of one manifest; of each name the first eight are kept."""
LONGEST_TEXT = 2000
"""Characters of one value."""
PARENT, PART = "parent:", "part:"
_SOFT_BINDING = "c2pa.soft-binding"
_WATERMARKED = "c2pa.watermarked"
_GENERATED = "c2pa.ai_generated_content"


def marks_of(store: Store, integrity: Integrity, declared: Origin) -> dict[str, str]:
    """Return what the active manifest says, and what those say that the asset rests on.

    `declared` is what their source types come to.
    """
    found = {"integrity": integrity.value, "declared": declared.value}
    pairs = (
        (place + name, text[:LONGEST_TEXT])
        for label, inherited in islice(lineage(store), MOST_MANIFESTS)
        for place in (_place(store, label, inherited=inherited),)
        for name, text in _said(store.manifests[label])
    )
    return found | gathered(dict.fromkeys(pairs))


def _place(store: Store, label: str, *, inherited: bool) -> str:
    if label == store.active_manifest:
        return ""
    return PARENT if inherited else PART


def _said(manifest: Manifest) -> Iterator[tuple[str, str]]:
    if manifest.generator:
        yield "generator", manifest.generator
    if manifest.signature_info and manifest.signature_info.issuer:
        yield "signer", manifest.signature_info.issuer
    for entry in (manifest.assertions or ())[:MOST_ASSERTIONS]:
        yield "assertion", entry.label
    yield from _actions(manifest)
    for content in islice(manifest.named(_SOFT_BINDING), MOST_ASSERTIONS):
        if alg := words(mapping(content).get("alg")):
            yield f"{_SOFT_BINDING}.alg", alg
    for content in islice(manifest.named(_GENERATED), MOST_ASSERTIONS):
        held = mapping(content)
        if held.get("ai_generated") is True:
            yield f"{_GENERATED}.ai_generated", "true"
        if prompt := words(held.get("prompt")):
            yield f"{_GENERATED}.prompt", prompt


def _actions(manifest: Manifest) -> Iterator[tuple[str, str]]:
    for action in islice(manifest.actions(), MOST_ACTIONS):
        name = words(action.get("action"))
        if name is None:
            continue
        yield "watermarked" if name.startswith(_WATERMARKED) else "action", name
        agent = action.get("softwareAgent")
        said = {
            "softwareAgent": words(mapping(agent).get("name")) or words(agent),
            "description": words(action.get("description")),
        }
        yield from ((f"{name[:100]}.{member}", text) for member, text in said.items() if text)
