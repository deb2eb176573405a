"""What one verification is asked."""

from __future__ import annotations

import hashlib

import msgspec

from kzlabel import __version__
from kzlabel.profiles import Profile, load
from kzlabel.trust import TrustStore


class Options(msgspec.Struct, frozen=True):
    """What one verification is asked."""

    profile: Profile
    trust: TrustStore
    synthetic: bool = False
    look: bool | None = None
    password: str | None = None
    """Of encrypted documents."""
    personal: bool = False
    """Whether prompts and names of users that marks carry are shown."""
    thumbnails: bool = False
    """Whether rows come with a small picture of the asset."""

    @property
    def run(self) -> str:
        """Return what rows depend on beside the file: tool, profile, and a digest of the rest.

        Of a password only that there is one: rows are published, and it could be guessed from them.
        """
        asked = (self.synthetic, self.look, bool(self.password), self.personal, self.thumbnails)
        lists = sorted((one.sha256, *sorted(one.kinds)) for one in self.trust.lists)
        digest = hashlib.sha256(repr((self.profile, asked, lists)).encode()).hexdigest()
        return f"kzlabel/{__version__} {self.profile.name} {digest[:16]}"

    @classmethod
    def of(  # noqa: PLR0913  each is a question of its own
        cls,
        profile: str | Profile,
        trust: TrustStore | None,
        *,
        synthetic: bool,
        look: bool | None,
        password: str | None = None,
        personal: bool = False,
    ) -> Options:
        """Load the profile by name; raises `UsageError` where there is none of that name."""
        profile = load(profile) if isinstance(profile, str) else profile
        return cls(profile, trust or TrustStore(), synthetic, look, password, personal)
