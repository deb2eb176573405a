"""One room per family of third-party mark: tags in, marker out; pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.markers.iptc import IptcMarker

if TYPE_CHECKING:
    from kzlabel.model import MarkerDetector

MARKERS: tuple[MarkerDetector, ...] = (IptcMarker(),)
