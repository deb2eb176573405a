"""EBU R128 loudness (ITU-R BS.1770-4) of frames as they come, through FFmpeg's `ebur128` filter."""

from __future__ import annotations

from math import log10
from typing import TYPE_CHECKING

import numpy as np  # noqa: TID253  this is the border; its users import it inside functions
from av.filter import Graph  # noqa: TID253  likewise

from kzlabel._av._decoding import Converter, rows

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame

SILENCE = -70.0
"""LUFS of silence: the absolute gate of BS.1770, below which nothing counts."""
_LEAST = 0.4
"""Seconds; BS.1770 measures blocks of 400 ms and says nothing of less."""


class Meter:
    """Measures frames, which are brought to the first one's rate and layout."""

    def __init__(self) -> None:
        self.samples = 0
        self._rate = 1
        self._power = 0.0
        self._integrated = SILENCE
        self._graph: Graph | None = None
        self._converter = Converter("flt", None, None)

    @property
    def seconds(self) -> float:
        """How long the frames were together."""
        return self.samples / self._rate

    def add(self, frame: AudioFrame | None) -> None:
        """Take a frame; None after the last."""
        for ready in self._converter.converted(frame):
            self.samples += ready.samples
            self._rate = ready.sample_rate
            if self.seconds < _LEAST:
                self._power += float(np.sum(np.square(rows(ready), dtype=np.float64)))
            self._push(ready)

    def _push(self, frame: AudioFrame | None) -> None:
        if self._graph is None:
            if frame is None:
                return
            self._graph = _metering(frame)
        self._graph.push(frame)
        self._pull(self._graph)

    def _pull(self, graph: Graph) -> None:
        while True:
            try:
                out = graph.pull()
            except (BlockingIOError, EOFError):
                return
            self._integrated = float(out.metadata.get("lavfi.r128.I", self._integrated))

    def loudness(self) -> float:
        """Return the integrated loudness in LUFS, at least `SILENCE`; nothing is added after it."""
        self.add(None)
        self._push(None)
        if 0 < self.seconds < _LEAST:  # the mean, without K-weighting
            power = self._power / self.samples
            return max(SILENCE, 10 * log10(power) - 0.691) if power else SILENCE
        value = self._integrated
        return max(SILENCE, value)  # also where it is not a number


def _metering(frame: AudioFrame) -> Graph:
    graph = Graph()
    source = graph.add_abuffer(
        sample_rate=frame.sample_rate, format=frame.format, layout=frame.layout
    )
    meter = graph.add("ebur128", metadata="1", framelog="quiet")
    sink = graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    return graph
