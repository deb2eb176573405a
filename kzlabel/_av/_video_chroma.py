"""Where chroma samples lie (`chroma_sample_loc_type`, ITU-T H.264 and H.265 annex E).

PyAV does not hand it out; FFmpeg's `trace_headers` reads the parameter sets aloud, into its log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from av import logging  # noqa: TID253  this is the border
from av.bitstream import BitStreamFilterContext  # noqa: TID253  likewise
from av.error import FFmpegError  # noqa: TID253  likewise

if TYPE_CHECKING:
    from av.video.stream import VideoStream

_SAID_BY = ("h264", "hevc")
_FIELD = "chroma_sample_loc_type_top_field"
_MOST = 5


def chroma_location(stream: VideoStream) -> int:
    """Return FFmpeg's code: 0 not said, 1 left, 2 centre, 3 top left, 4 top, and so on.

    No decoder may be at work in threads meanwhile: PyAV's log takes the interpreter's lock.
    """
    if stream.codec_context.codec.canonical_name not in _SAID_BY:
        return 0
    level = logging.get_level()
    logging.set_level(logging.INFO)
    try:
        with logging.Capture() as lines:
            BitStreamFilterContext("trace_headers", in_stream=stream)
    except (FFmpegError, ValueError):
        return 0  # parameter sets that make no sense: the decoder will say so
    finally:
        logging.set_level(level)
    said = [line.rsplit("=", 1)[-1].strip() for _, _, line in lines if _FIELD in line]
    known = bool(said) and said[0].isdecimal() and int(said[0]) <= _MOST
    return int(said[0]) + 1 if known else 0
