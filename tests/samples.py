"""The fixtures, by path, and the arguments a labelling cannot do without."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from kzlabel.credential import development
from kzlabel.errors import KzlabelError
from kzlabel.formats import recognise
from kzlabel.model import Medium, Tags

FIXTURES = Path(__file__).parent.parent / "fixtures"
ASSETS = sorted(
    path
    for path in FIXTURES.iterdir()
    if path.is_file() and (path.suffix not in {".py", ".toml", ".sh"} or path.stem == "script")
)
MEDIUM = {path: room.spec.medium for path in ASSETS if (room := recognise(path))}
PICTURES = [path for path in MEDIUM if MEDIUM[path] is Medium.IMAGE]
SOUNDS = [path for path in MEDIUM if MEDIUM[path] is Medium.AUDIO]
DOCUMENTS = [path for path in MEDIUM if MEDIUM[path] is Medium.DOCUMENT]
TEXTS = [path for path in MEDIUM if MEDIUM[path] is Medium.TEXT]
FILMS = [path for path in MEDIUM if MEDIUM[path] is Medium.VIDEO]
WHO = ["--system-name", "Model", "--provider-name", "Provider LLP"]

key_of = cache(development)
"""A development credential of an algorithm, the same for all tests of a process: RSA takes long."""


def repeated(source: Path, target: Path, times: int) -> None:
    """Join a film to itself, packets copied: long enough for a notice to be heard over it."""
    import av

    with av.open(str(source)) as old:
        packets = [(p.stream.index, p) for p in old.demux() if p.dts is not None]
        with av.open(str(target), "w") as new:
            streams = [new.add_stream_from_template(stream) for stream in old.streams]
            lengths = [
                sum(p.duration for index, p in packets if index == stream.index)
                for stream in old.streams
            ]
            for _ in range(times):
                for index, packet in packets:
                    packet.stream = streams[index]
                    new.mux(packet)
                    packet.dts += lengths[index]
                    packet.pts += lengths[index]


def tags_or_none(path: Path) -> Tags:
    """What the tags of a damaged file say; nothing where it is one of our errors."""
    room = recognise(path)
    try:
        return room.read_tags(path) if room else {}
    except KzlabelError:
        return {}
