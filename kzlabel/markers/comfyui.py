"""ComfyUI: the graph it ran (`prompt`) and the one it shows (`workflow`), as JSON.

    prompt    {"3": {"class_type": "KSampler", "inputs": {…}}, …}
    workflow  {"nodes": [{"type": "KSampler", "widgets_values": […]}, …], "links": […]}

Pictures have them as PNG texts, WebP and JPEG as EXIF (`Make` and the tags beside it, each
`prompt:{…}` or `workflow:{…}`), film and sound under these names or both in one comment
(https://github.com/comfyanonymous/ComfyUI, `comfy_extras/nodes_images.py`, `nodes_audio.py`).
A graph of nodes that generates nothing is not told from one that does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from kzlabel.markers._json import mapping, object_in, texts_in
from kzlabel.markers._texts import COMMENTS, name_of, named, personal, said
from kzlabel.model import Evidence, Marker, Origin

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kzlabel.model import Tags

_GRAPHS = named("prompt", "workflow")
_EXIF = tuple(("exif", name) for name in ("Make", "Model", "ImageDescription", "DocumentName"))
_MAX_NODES = 2000
_TEXTS = ("text", "text_g", "text_l", "t5xxl", "clip_l", "prompt", "positive", "negative", "lyrics")
_MODELS = ("ckpt_name", "unet_name", "model_name")


class ComfyUiMarker:
    """A graph of nodes: residue of the workflow."""

    scheme: ClassVar[str] = "comfyui"

    def detect(self, tags: Tags) -> Marker | None:
        """Return the mark where a graph has ComfyUI's own shape."""
        for where, text in _candidates(tags):
            nodes = _nodes_in(text)
            if nodes:
                model = next(
                    (name for node in nodes for name in texts_in(node["inputs"], *_MODELS)), ""
                )
                return Marker(
                    scheme=self.scheme, origin=Origin.AI_GENERATED, tag=where,
                    evidence=Evidence.RESIDUE,
                    system=name_of("ComfyUI", f"({model})" if model else ""),
                    personal=personal(prompt="\n".join(_prompts(nodes))),
                )  # fmt: skip
        return None


def _candidates(tags: Tags) -> Iterator[tuple[str, str]]:
    yield from said(tags, _GRAPHS)
    for where, text in said(tags, _EXIF):
        name, _, graph = text.partition(":")
        if name.lower() in ("prompt", "workflow"):
            yield where, graph
    yield from said(tags, COMMENTS)


def _nodes_in(text: str) -> list[dict[str, object]]:
    """Return the nodes of a graph, of a workflow, or of an object that holds either."""
    if "class_type" not in text and "nodes" not in text:
        return []
    held = object_in(text)
    if held is None:
        return []
    inner = (held.get("prompt"), held.get("workflow"))
    graphs = [held, *(mapping(one) or object_in(one) or {} for one in inner)]
    return next((nodes for one in graphs if (nodes := _graph(one) or _workflow(one))), [])


def _graph(held: Mapping[str, object]) -> list[dict[str, object]]:
    found = (mapping(node) for node in list(held.values())[:_MAX_NODES])
    return [
        node
        for node in found
        if node
        and isinstance(node.get("class_type"), str)
        and mapping(node.get("inputs")) is not None
    ]


def _workflow(held: Mapping[str, object]) -> list[dict[str, object]]:
    """Return the nodes of a workflow in the shape of a graph's, what they hold as `widgets`."""
    nodes, links = held.get("nodes"), held.get("links")
    if not isinstance(nodes, list) or not isinstance(links, list):
        return []
    found = (mapping(node) or {} for node in nodes[:_MAX_NODES])
    return [
        {"class_type": node["type"], "inputs": {}, "widgets": node.get("widgets_values")}
        for node in found
        if isinstance(node.get("type"), str) and "widgets_values" in node
    ]


def _prompts(nodes: list[dict[str, object]]) -> Iterator[str]:
    """Yield what people wrote into the nodes that encode text."""
    for node in nodes:
        if "Encode" not in str(node["class_type"]) and "Prompt" not in str(node["class_type"]):
            continue
        yield from texts_in(node["inputs"], *_TEXTS)
        widgets = node.get("widgets")
        if isinstance(widgets, list):
            yield from (text for text in widgets if isinstance(text, str))
