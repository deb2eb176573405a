"""`kzlabel.toml`: who labels, with what, and how; read once, validated, then a value.

Secrets are never in it: a passphrase comes from the environment or a file only its owner reads.
Paths in it are relative to the file itself.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

import msgspec

from kzlabel.errors import UsageError
from kzlabel.model import Disclosure, ManifestPlace, NoticeConfig, Provider, Statement, System

DEFAULT_NAME = "kzlabel.toml"

Sections = dict[str, dict[str, object]]
_PATHS = (
    ("credential", "chain"), ("credential", "key"), ("credential", "passphrase_file"),
    ("notice", "recording"),
)  # fmt: skip


class ProviderSection(Provider, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[provider]`: the owner or possessor of the AI system (Art. 21(3))."""


class SystemSection(System, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[system]`: the AI system."""


class NoticeSection(NoticeConfig, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[notice]`: its styles, languages and corner; when and for how long; an own recording."""


class CredentialSection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[credential]`: a name in the key store, or a chain and a key."""

    name: str | None = None
    chain: str | None = None
    key: str | None = None
    passphrase_file: str | None = None
    tsa: str | None = None


class ManifestSection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[manifest]`: where the C2PA manifest goes."""

    place: ManifestPlace = ManifestPlace.AUTO


class TrainingSection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[training]`: whether the result may be used for training (Art. 23(5))."""

    allowed: bool | None = None


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file."""

    provider: ProviderSection
    system: SystemSection
    credential: CredentialSection = CredentialSection()
    notice: NoticeSection = NoticeSection()
    manifest: ManifestSection = ManifestSection()
    training: TrainingSection = TrainingSection()

    def disclosure(self, statement: Statement, prompt: str | None = None) -> Disclosure:
        """Return a fresh disclosure: its own label id, issued now."""
        return Disclosure(
            statement=statement,
            system=self.system,
            provider=self.provider,
            training_allowed=self.training.allowed,
            prompt=prompt,
        )


def read_config(path: Path | None, overrides: Mapping[tuple[str, str], object]) -> Config:
    """Read the file (none: only the overrides) and lay the overrides, by section and key, over it.

    Raises `UsageError` naming the file and the key that was wrong or is missing.
    """
    sections = _sections(path) if path else {}
    for (section, key), value in overrides.items():
        sections.setdefault(section, {})[key] = value
    shown = path or DEFAULT_NAME
    _require_known(shown, sections)
    for section in ("provider", "system"):
        if not sections.get(section, {}).get("name"):
            raise UsageError("kz.error.config-missing", path=shown, value=f"{section}.name")
    try:
        config = msgspec.convert(sections, Config)
    except msgspec.ValidationError as exc:
        raise UsageError("kz.error.config", path=shown, detail=exc) from exc
    return config


def _require_known(shown: object, sections: Sections) -> None:
    """Refuse a section or a key that does not exist, before anything is said to be missing."""
    known = {field.name: field.type for field in msgspec.structs.fields(Config)}
    for section, content in sections.items():
        if section not in known:
            raise UsageError("kz.error.config", path=shown, detail=f"[{section}]")
        keys = {field.name for field in msgspec.structs.fields(known[section])}
        for key in content:
            if key not in keys:
                raise UsageError("kz.error.config", path=shown, detail=f"[{section}] {key}")


def _sections(path: Path) -> Sections:
    try:
        text = path.read_bytes().decode("utf-8")
        sections = tomllib.loads(text)
    except OSError as exc:
        raise UsageError("kz.error.closed", path=path, detail=exc) from exc
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise UsageError("kz.error.config", path=path, detail=exc) from exc
    wrong = next((name for name, value in sections.items() if not isinstance(value, dict)), None)
    if wrong is not None:
        raise UsageError("kz.error.config", path=path, detail=wrong)
    for section, key in _PATHS:
        value = sections.get(section, {}).get(key)
        if isinstance(value, str):
            sections[section][key] = str(path.parent / Path(value).expanduser())
    return sections
