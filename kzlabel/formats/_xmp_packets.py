"""The XMP packets of one file read together: the first is the file's, others may say more.

ISO 16684-1 has one packet in a file; tools that do not find it write a second one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.formats._repeats import add_said
from kzlabel.formats._unread import cut
from kzlabel.formats._xmp import read_packet

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_PACKETS = 16
"""Of one file that are read: one is the rule, two happen."""


def read_packets(packets: Iterable[bytes]) -> dict[str, str]:
    """Return the properties of all packets of a file; what a later one says otherwise, as `#2`."""
    found: dict[str, str] = {}
    for number, packet in enumerate(packets):
        if number == MAX_PACKETS:
            cut("xmp")
            break
        add_packet(found, packet)
    return found


def add_packet(found: dict[str, str], packet: bytes) -> None:
    """Add the properties of one more packet; what it says otherwise stands under `NAME#2`."""
    for name, value in read_packet(packet).items():
        add_said(found, name.partition("#")[0], value)
