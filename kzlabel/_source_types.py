"""The IPTC digital source types, and the origin each declares.

Vocabulary: https://cv.iptc.org/newscodes/digitalsourcetype/ and C2PA's own two additions (C2PA
18.15, `digitalSourceType` of an action). What counts as AI follows the C2PA conformance rubrics.
"""

from __future__ import annotations

import msgspec

from kzlabel.model import Origin

_IPTC = "cv.iptc.org/newscodes/digitalsourcetype/"
_C2PA = "c2pa.org/digitalsourcetype/"
_LONGEST = 200
"""No form of a source type is longer; what is, is something else."""

_IPTC_ORIGINS = {
    "trainedAlgorithmicMedia": Origin.AI_GENERATED,
    "compositeWithTrainedAlgorithmicMedia": Origin.AI_MODIFIED,
    "compositeSynthetic": Origin.AI_MODIFIED,
    "composite": Origin.POSSIBLY_AI,
    "digitalArt": Origin.POSSIBLY_AI,
    "algorithmicallyEnhanced": Origin.POSSIBLY_AI,
    "algorithmicMedia": Origin.NOT_AI,
    "compositeCapture": Origin.NOT_AI,
    "computationalCapture": Origin.NOT_AI,
    "dataDrivenMedia": Origin.NOT_AI,
    "digitalCapture": Origin.NOT_AI,
    "digitalCreation": Origin.NOT_AI,
    "humanEdits": Origin.NOT_AI,
    "minorHumanEdits": Origin.NOT_AI,
    "negativeFilm": Origin.NOT_AI,
    "positiveFilm": Origin.NOT_AI,
    "print": Origin.NOT_AI,
    "screenCapture": Origin.NOT_AI,
    "softwareImage": Origin.NOT_AI,
    "virtualRecording": Origin.NOT_AI,
}
_C2PA_ORIGINS = {
    "trainedAlgorithmicData": Origin.AI_GENERATED,
    "empty": Origin.NOT_AI,
}
_BY_CODE = {
    code.casefold(): (code, origin) for code, origin in (_IPTC_ORIGINS | _C2PA_ORIGINS).items()
}
_SPACES = {_IPTC: _IPTC_ORIGINS, _C2PA: _C2PA_ORIGINS}
_URIS = {
    scheme + space + code: code
    for space, codes in _SPACES.items()
    for scheme in ("http://", "https://")
    for code in codes
}

RANK = {origin: rank for rank, origin in enumerate(Origin)}
"""Each origin's place in the order of the enum: 0 is the most AI."""


class SourceType(msgspec.Struct, frozen=True):
    """A digital source type as it was read."""

    code: str
    """The vocabulary's own spelling: `trainedAlgorithmicMedia`."""
    origin: Origin
    exact: bool
    """False where only the code was written, or its letters' case was wrong: worth a warning."""


def source_type(text: str) -> SourceType | None:
    """Recognise a source type: its URI (http or https, a slash at the end or not) or bare code."""
    if len(text) > _LONGEST:
        return None
    uri = text.strip().removesuffix("/")
    code = _URIS.get(uri)
    if code is not None:
        return SourceType(code, _BY_CODE[code.casefold()][1], exact=True)
    known = _BY_CODE.get(_bare(uri))
    return SourceType(*known, exact=False) if known else None


def _bare(uri: str) -> str:
    """Return the folded code of a loosely written URI, of IPTC's `digsrctype:` or of itself."""
    folded = uri.casefold().removeprefix("http://").removeprefix("https://")
    for prefix in (_IPTC, _C2PA, "digsrctype:"):
        if folded.startswith(prefix):
            return folded.removeprefix(prefix)
    return folded


def origin_of(text: str) -> Origin:
    """Return the origin a source type declares; `undeclared` for what the table does not know."""
    known = source_type(text)
    return known.origin if known else Origin.UNDECLARED


def most_ai(*origins: Origin) -> Origin:
    """Return the most AI of `origins`; `undeclared` where there are none."""
    return min(origins, key=RANK.__getitem__, default=Origin.UNDECLARED)
