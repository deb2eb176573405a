"""The digital source types as schema.org names them: https://schema.org/IPTCDigitalSourceEnumeration.

Most are IPTC's code with a capital and `DigitalSource` behind it; where one is not, the table says
what it stands for.
"""

from __future__ import annotations

from kzlabel._source_types import SourceType, source_type

_ENDING = "DigitalSource"
_CODES = {
    "AlgorithmicMedia": "algorithmicMedia",
    "AlgorithmicallyEnhanced": "algorithmicallyEnhanced",
    "Composite": "composite",
    "CompositeCapture": "compositeCapture",
    "CompositeSynthetic": "compositeSynthetic",
    "CompositeWithTrainedAlgorithmicMedia": "compositeWithTrainedAlgorithmicMedia",
    "DataDrivenMedia": "dataDrivenMedia",
    "DigitalArt": "digitalArt",
    "DigitalCapture": "digitalCapture",
    "MinorHumanEdits": "minorHumanEdits",
    "MultiFrameComputationalCapture": "computationalCapture",
    "NegativeFilm": "negativeFilm",
    "PositiveFilm": "positiveFilm",
    "Print": "print",
    "TrainedAlgorithmicMedia": "trainedAlgorithmicMedia",
    "VirtualRecording": "virtualRecording",
}
_PREFIXES = ("https://schema.org/", "http://schema.org/", "schema:")
_LONGEST = 200


def schema_source_type(text: str) -> SourceType | None:
    """Recognise `https://schema.org/X`, `schema:X` or, not exact, bare `X`."""
    if len(text) > _LONGEST:
        return None
    term = text.strip().removesuffix("/")
    prefix = next((prefix for prefix in _PREFIXES if term.startswith(prefix)), "")
    name = term.removeprefix(prefix)
    known = (
        source_type(_CODES.get(name.removesuffix(_ENDING), "")) if name.endswith(_ENDING) else None
    )
    return SourceType(known.code, known.origin, exact=bool(prefix)) if known else None


def any_source_type(text: str) -> SourceType | None:
    """Recognise a source type as IPTC writes it, or as schema.org does."""
    return source_type(text) or schema_source_type(text)
