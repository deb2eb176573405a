"""Soft bindings and watermarks that a C2PA manifest claims, and that we cannot read.

`c2pa.soft-binding` names its algorithm (C2PA 18.10; list:
https://github.com/c2pa-org/softbinding-algorithm-list); the actions `c2pa.watermarked`, `.bound`
and `.unbound` (18.15) say that one was put in. Photographs are watermarked too: it says nothing of
the origin. A fingerprint is computed from the content and puts nothing into it: it is told from a
watermark.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from kzlabel.markers._c2pa_marks import FAMILY, evidence_of, placed
from kzlabel.markers._tag_names import shown
from kzlabel.model import FindingOutcome, LabelKind, Marker, Origin, finding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kzlabel.model import Finding, Tags

_ALG = "c2pa.soft-binding.alg"
_ACTIONS = frozenset({"c2pa.watermarked", "c2pa.watermarked.bound", "c2pa.watermarked.unbound"})
_FINGERPRINTS = frozenset({"io.iscc.v0", "com.adobe.icn.dense", "com.digicaps.fingerprint.1"})
"""Of the list, those that are computed and not put in."""


class C2paWatermarkMarker:
    """A watermark, or a fingerprint, that a manifest names."""

    scheme: ClassVar[str] = "c2pa-watermark"

    def detect(self, tags: Tags) -> Marker | None:
        """Return what is claimed; a mark of kind `watermark` where one was put in."""
        held = tags.get(FAMILY, {})
        claims = _claims(held)
        if not claims:
            return None
        marks = [name for name in claims.values() if name not in _FINGERPRINTS]
        prints = [name for name in claims.values() if name in _FINGERPRINTS]
        said = {"kz.marker.c2pa.watermark": marks, "kz.marker.c2pa.fingerprint": prints}
        return Marker(
            scheme=self.scheme,
            origin=Origin.UNDECLARED,
            tag=f"{FAMILY}: {next(iter(claims))}",
            evidence=evidence_of(held),
            kind=LabelKind.WATERMARK if marks else LabelKind.MARKER,
            findings=tuple(_finding(code, names) for code, names in said.items() if names),
        )


def _claims(held: Mapping[str, str]) -> dict[str, str]:
    """Return what is claimed by the tag that claims it: algorithms, else the actions alone."""
    algorithms = {name: held[name] for name in held if _is(name, _ALG)}
    actions = {name: held[name] for name in held if _is(name, "watermarked")}
    return algorithms or {name: value for name, value in actions.items() if value in _ACTIONS}


def _is(name: str, bare: str) -> bool:
    return bare in name and placed(name)[1] == bare


def _finding(code: str, names: list[str]) -> Finding:
    told = ", ".join(dict.fromkeys(map(shown, names)))
    return finding(code, FindingOutcome.INFORMATIONAL, LabelKind.MARKER, alg=told)
