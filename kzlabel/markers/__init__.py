"""One room per family of third-party mark: tags in, marker out; pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.markers.gb45438 import Gb45438Marker
from kzlabel.markers.html_disclosure import HtmlDisclosureMarker
from kzlabel.markers.iptc import IptcMarker
from kzlabel.markers.schema_org import SchemaOrgMarker

if TYPE_CHECKING:
    from kzlabel.model import MarkerDetector

MARKERS: tuple[MarkerDetector, ...] = (
    IptcMarker(),
    SchemaOrgMarker(),
    HtmlDisclosureMarker(),
    Gb45438Marker(),
)
"""Standards first, then vendors, then what tools leave behind."""
