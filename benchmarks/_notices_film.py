"""The video half of `make notices`: the burned-in notice, on unmarked film that is not in the tree.

Every file under VIDEO=DIR that a room of ours knows as video is cut to its first seconds. None may
have a notice; with one it must be found, declared or not, after it was shown at 640 pixels and CRF
32, and be impaired where it is covered in four of five frames.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks._checks import Checks, note
from kzlabel.errors import KzlabelError
from kzlabel.formats import recognise
from kzlabel.model import Format, Medium, Notice, Placement, Statement

SECONDS = 10
SUFFIXES = (".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi")
SMALL = "scale='if(gt(iw,ih),640,-2)':'if(gt(iw,ih),-2,640)'"
X264 = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-an")


def ffmpeg(source: Path, target: Path, *arguments: str) -> bool:
    """Run FFmpeg; whether it went well."""
    command = ("ffmpeg", "-v", "error", "-y", "-i", str(source), *arguments, str(target))
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def films(directory: Path, scratch: Path) -> Iterator[Path]:
    """Return the first seconds of every film, as it was coded."""
    for path in sorted(p for p in directory.rglob("*") if p.suffix.lower() in SUFFIXES):
        cut = scratch / f"{path.stem}-cut.mp4"
        if ffmpeg(path, cut, "-t", str(SECONDS), *X264) and room_of(cut):
            yield cut


def room_of(path: Path) -> Format | None:
    """Return the room of a video; None where it is none."""
    room = recognise(path)
    return room if room and room.spec.medium is Medium.VIDEO else None


def is_found(path: Path, *hints: Placement) -> bool:
    """Whether a visible notice is perceivable."""
    room = room_of(path)
    reports = room.find_notices(path, hints, search=True) if room else ()
    return any(report.medium == "visible" and report.perceivable for report in reports)


def covered(hint: Placement) -> str:
    """Return the filter that covers a notice in four of five frames."""
    region = hint.region
    if region is None:
        return "null"
    box = f"x=iw*{region.x}:y=ih*{region.y}:w=iw*{region.w}:h=ih*{region.h}"
    return f"drawbox={box}:c=gray:t=fill:enable='gt(mod(n,5),0)'"


class Rates(NamedTuple):
    """What became of one film."""

    alarm: bool
    declared: bool
    searched: bool
    impaired: bool


def rates(path: Path, room: Format, scratch: Path) -> Rates:
    """Give a film its notice, show it small, and cover it."""
    marked, small, hidden = (scratch / f"{name}.mp4" for name in ("marked", "small", "hidden"))
    marked.unlink(missing_ok=True)
    alarm = is_found(path)
    hint = room.write_notice(path, marked, Notice(statement=Statement.CREATED))
    ffmpeg(marked, small, "-vf", SMALL, *X264, "-crf", "32")
    ffmpeg(marked, hidden, "-vf", covered(hint), *X264, "-crf", "20")
    return Rates(alarm, is_found(small, hint), is_found(small), not is_found(hidden, hint))


def film(checks: Checks, directory: Path, scratch: Path) -> None:
    """Print the rates of the visible notice on film."""
    rows: list[Rates] = []
    for path in films(directory, scratch):
        try:
            if room := room_of(path):
                rows.append(rates(path, room, scratch))
        except KzlabelError as exc:
            note(f"visible: left out: {exc.code}")
    total, alarms = len(rows), sum(row.alarm for row in rows)
    none = not alarms and total > 0
    checks.line("visible: false alarms, unmarked film", f"{alarms}/{total}", "0", ok=none)
    checks.share("visible: 640p CRF 32, declared", sum(r.declared for r in rows), total)
    checks.share("visible: 640p CRF 32, searched", sum(r.searched for r in rows), total)
    checks.share("visible: covered in 80 %, impaired", sum(r.impaired for r in rows), total)
