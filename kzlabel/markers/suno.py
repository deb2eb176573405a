"""Suno: a comment in its own grammar, or the address of the song where the audio's source stands.

    made with suno; created=2026-02-25T03:57:12Z; id=UUID        (also: made with suno studio; …)
    WOAS  https://suno.com/song/UUID

Comments of MP3, MP4 and WAV, `DESCRIPTION` or `COMMENT` of Ogg and FLAC.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from kzlabel.markers._texts import COMMENTS, is_uuid, said
from kzlabel.model import Evidence, Marker, Origin

if TYPE_CHECKING:
    from kzlabel.model import Tags

_SOURCE = (("id3", "WOAS"), ("id3", "WXXX:"))
_SONG = r"https://(?:www\.)?suno\.(?:com|ai)/song/([0-9a-fA-F-]{36})/?"
_MADE = r"made with suno(?: studio)?"
_MAX_WORDS = 500


class SunoMarker:
    """The comment, or the song's address; prose about Suno is neither."""

    scheme: ClassVar[str] = "suno"

    def detect(self, tags: Tags) -> Marker | None:
        """Return the mark with the song's id."""
        for where, text in said(tags, COMMENTS):
            song = _song_of(text[:_MAX_WORDS])
            if song:
                return self._mark(where, song)
        for where, text in said(tags, _SOURCE):
            address = re.fullmatch(_SONG, text.strip()[:_MAX_WORDS])
            if address and is_uuid(address[1]):
                return self._mark(where, address[1])
        return None

    def _mark(self, where: str, song: str) -> Marker:
        return Marker(
            scheme=self.scheme, origin=Origin.AI_GENERATED, tag=where, evidence=Evidence.VENDOR,
            system="Suno", provider="Suno", label_id=song,
        )  # fmt: skip


def _song_of(comment: str) -> str | None:
    """Return the id in a comment of Suno's; None where it is none of its."""
    made, *fields = comment.strip().split(";")
    if not re.fullmatch(_MADE, made.strip(), re.IGNORECASE):
        return None
    named = dict(field.strip().partition("=")[::2] for field in fields)
    return named["id"] if is_uuid(named.get("id", "")) else None
