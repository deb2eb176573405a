"""When each frame is shown: kept exactly, whatever an encoder can count in.

Encoders of MPEG count frames, not time; AVI knows nothing but the order of its packets.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

    from kzlabel._av.video import Scan, VideoFacts


@dataclass
class Clock:
    """The time of each frame, by its number; encoders that count frames give the number back."""

    facts: VideoFacts
    scan: Scan
    muxer: str
    counted: bool
    number: int = 0
    last: int | None = None
    given: dict[int, int] = field(default_factory=dict)
    lasting: dict[int, int] = field(default_factory=dict)
    written: int = 0

    def time(self, frame: VideoFrame) -> int:
        """Return when the next frame is shown: later than the one before."""
        times = self.scan.times
        at = frame.pts
        if at is None or not self.scan.timed:
            at = times[min(self.number, len(times) - 1)]
        at = at if self.last is None or at > self.last else self.last + 1
        if self.muxer not in _ORDERED:
            if self.counted:
                self.given[self.number] = at
            if frame.duration:
                self.lasting[at] = frame.duration
        self.number, self.last = self.number + 1, at
        return at

    def restore(self, packet: Packet[VideoStream]) -> None:
        """Give a packet its duration, and one that is counted its time back."""
        if self.muxer in _ORDERED:
            self._restore_order(packet)
        if packet.pts is None:
            return
        if self.counted:
            self._restore_time(packet)
        packet.duration = self.lasting.pop(packet.pts, packet.duration or 0)

    def _restore_order(self, packet: Packet[VideoStream]) -> None:
        """Say only in which order packets come, or the container shifts what lies beside them."""
        times = self.scan.times
        packet.time_base = self.facts.time_base
        packet.pts = None
        packet.dts = times[min(self.written, len(times) - 1)]
        self.written += 1

    def _restore_time(self, packet: Packet[VideoStream]) -> None:
        shown = packet.pts or 0
        order = shown if packet.dts is None else packet.dts
        packet.time_base = self.facts.time_base
        packet.pts = self.given[shown]
        packet.dts = self._ordered(order)
        for done in [number for number in self.given if number < order - _KEPT_TIMES]:
            del self.given[done]

    def _ordered(self, order: int) -> int:
        if order in self.given:
            return self.given[order]
        first = self.given[min(self.given)]
        return first + order * max(1, round(1 / self.facts.rate / self.facts.time_base))


_ORDERED = ("avi",)
"""Containers in which a packet has no time but its place."""
_KEPT_TIMES = 64
"""How many frames late a packet may be."""
