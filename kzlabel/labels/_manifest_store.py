"""A manifest store as c2pa-rs reports it in JSON: parsed once, into values.

Only what we read is parsed; an assertion's own content stays raw until somebody asks for it, since
anybody may write anything there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_ACTIONS = {"c2pa.actions", "c2pa.actions.v2"}
_NULL = msgspec.Raw(b"null")


class Status(Struct, frozen=True):
    """One validation status (C2PA 15.2)."""

    code: str
    url: str | None = None
    """The JUMBF URI of what it is about."""
    explanation: str | None = None


class Codes(Struct, frozen=True):
    """Validation statuses by outcome."""

    success: tuple[Status, ...] = ()
    informational: tuple[Status, ...] = ()
    failure: tuple[Status, ...] = ()


class Delta(Struct, frozen=True):
    """What is different about an ingredient since it was recorded."""

    codes: Codes = field(name="validationDeltas", default=Codes())
    ingredient: str | None = field(name="ingredientAssertionURI", default=None)


class Results(Struct, frozen=True):
    """Validation results of an asset or, as recorded, of an ingredient."""

    active: Codes | None = field(name="activeManifest", default=None)
    deltas: tuple[Delta, ...] | None = field(name="ingredientDeltas", default=None)


class Assertion(Struct, frozen=True):
    """An assertion; its content is anybody's."""

    label: str
    raw: msgspec.Raw = field(name="data", default=_NULL)

    @property
    def name(self) -> str:
        """The label without its instance number (`c2pa.actions.v2__1`)."""
        return self.label.partition("__")[0]

    def content(self) -> object:
        """Return the content; None where it nests too deep to be read."""
        try:
            return msgspec.json.decode(self.raw)
        except (msgspec.DecodeError, RecursionError):
            return None


class Ingredient(Struct, frozen=True):
    """An asset that went into this one."""

    relationship: str | None = None
    active_manifest: str | None = None
    validation_results: Results | None = None


class Generator(Struct, frozen=True):
    """The software that made a claim."""

    name: str | None = None
    version: str | None = None


class SignatureInfo(Struct, frozen=True):
    """The claim's signature. `issuer` is the organisation in the *subject* of the certificate."""

    issuer: str | None = None
    common_name: str | None = None
    cert_serial_number: str | None = None
    time: str | None = None


class Manifest(Struct, frozen=True):
    """One manifest of the store."""

    claim_generator: str | None = None
    claim_generator_info: tuple[Generator, ...] | None = None
    ingredients: tuple[Ingredient, ...] | None = None
    assertions: tuple[Assertion, ...] | None = None
    signature_info: SignatureInfo | None = None

    def named(self, name: str) -> Iterator[object]:
        """Give the content of every assertion called `name`."""
        return (entry.content() for entry in self.assertions or () if entry.name == name)

    def actions(self) -> Iterator[Mapping[str, object]]:
        """Give every action, and every template of actions, in the order written."""
        return (action for _, action in self.placed_actions())

    def placed_actions(self) -> Iterator[tuple[str, Mapping[str, object]]]:
        """Give the same, each with its path: `c2pa.actions.v2 actions[0]`."""
        for entry in self.assertions or ():
            if entry.name in _ACTIONS:
                content = mapping(entry.content())
                for member in ("actions", "templates"):
                    listed = content.get(member)
                    for index, action in enumerate(listed if isinstance(listed, list) else ()):
                        yield f"{entry.label} {member}[{index}]", mapping(action)

    @property
    def generator(self) -> str | None:
        """The claim generator's name and version."""
        for generator in self.claim_generator_info or ():
            if generator.name:
                return joined(generator.name, generator.version)
        return self.claim_generator


class Store(Struct, frozen=True):
    """A manifest store, validated."""

    active_manifest: str | None = None
    manifests: dict[str, Manifest] = {}
    validation_results: Results | None = None

    @property
    def active(self) -> Manifest:
        """The manifest that is about the asset itself."""
        return self.manifests.get(self.active_manifest or "", Manifest())

    @property
    def codes(self) -> Codes:
        """The statuses of the active manifest."""
        return (self.validation_results and self.validation_results.active) or Codes()

    @property
    def deltas(self) -> tuple[Delta, ...]:
        """The statuses that ingredients gained since they were recorded."""
        return (self.validation_results and self.validation_results.deltas) or ()


_STORE = msgspec.json.Decoder(Store)


def parse(text: str) -> Store:
    """Parse the JSON of a store. Raises `ValueError` for what c2pa-rs never writes."""
    try:
        return _STORE.decode(text)
    except (msgspec.DecodeError, RecursionError) as exc:
        raise ValueError(str(exc)) from exc


def mapping(value: object) -> Mapping[str, object]:
    """Return `value` where it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def words(value: object) -> str | None:
    """Return `value` where it is text that says something."""
    return (value.strip() or None) if isinstance(value, str) else None


def joined(name: str, version: str | None) -> str:
    """Return a system's name and version as one."""
    return f"{name} {version}" if version else name
