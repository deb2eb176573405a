"""What one verification is asked."""

from __future__ import annotations

import msgspec

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
