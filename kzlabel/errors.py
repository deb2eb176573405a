"""What is raised when kzlabel could not look at, or would not write, a file.

    KzlabelError
     ├─ UsageError              a setting, an option or a path that cannot be used
     ├─ CredentialError         a key, a certificate, a passphrase or a trust list, likewise
     ├─ UnsupportedFormatError  not a container we know
     ├─ UnsupportedTagsError    this file has no sound place for unsigned metadata
     ├─ UnreadableAssetError    the container is damaged, empty, or not what it must be
     ├─ LimitError              a named limit was met (DESIGN 7)
     ├─ MissingExtraError       a decoder that comes with an extra is not installed
     └─ RefusedError            it could be done, and would do harm

An exception means *we could not look*; what was seen is a `Finding`.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping

from kzlabel.locale import nested, sentence

_SURROGATES = range(0xD800, 0xE000)


class KzlabelError(Exception):
    """A code from the table of sentences, and the values its sentence names (`path` first)."""

    def __init__(self, code: str, /, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = texts_of(values)

    def sentence(self, language: str) -> str:
        """Return the error as one sentence in kk, ru or en."""
        return sentence(self.code, language, **self.values)

    def __str__(self) -> str:
        return self.sentence("en")

    def __reduce__(self) -> tuple[object, ...]:
        return _restore, (type(self), self.code, self.values)


def _restore(kind: type[KzlabelError], code: str, values: dict[str, str]) -> KzlabelError:
    return kind(code, **values)


def texts_of(values: Mapping[str, object]) -> dict[str, str]:
    """Return what a sentence names as text that prints.

    Another error among them, or the system's, keeps its code (`NAME.code`) and its own values, so
    that the sentence can be said in another language, reason and all.
    """
    texts: dict[str, str] = {}
    for name, value in values.items():
        if isinstance(value, KzlabelError):
            inner = {f"{name}.{key}": text for key, text in value.values.items()}
            inner[f"{name}.code"] = value.code
            texts |= {name: nested(name, inner), **inner}
        elif isinstance(value, OSError):
            known = errno.errorcode.get(value.errno or 0, "")
            texts |= {name: printable(value.strerror or value), f"{name}.code": f"kz.os.{known}"}
        else:
            texts[name] = printable(value)
    return texts


def printable(value: object) -> str:
    """Return `value` as text that prints anywhere: control and undecodable characters escaped."""
    text = str(value)
    return text if text.isprintable() else "".join(map(_escaped, text))


def _escaped(character: str) -> str:
    """Return `character`, or an escape; a lone surrogate stands for a byte of a file name."""
    if character.isprintable():
        return character
    code = ord(character)
    return (
        f"\\x{code & 0xFF:02x}"
        if code in _SURROGATES
        else character.encode("unicode_escape").decode("ascii")
    )


class UsageError(KzlabelError):
    """A setting, an option or a path that cannot be used."""


class CredentialError(KzlabelError):
    """A key, a certificate, a passphrase or a trust list that cannot be used."""


class UnsupportedFormatError(KzlabelError):
    """Not a container we know, or a member of one that we do not."""


class UnsupportedTagsError(KzlabelError):
    """This file has no sound place for unsigned metadata."""


class UnreadableAssetError(KzlabelError):
    """The container is damaged, empty, or not what it must be."""


class LimitError(KzlabelError):
    """A named limit was met."""


class MissingExtraError(KzlabelError):
    """A decoder that comes with an extra of kzlabel is not installed."""


class RefusedError(KzlabelError):
    """It could be done, and would do harm: over a broken label, over another file, at a loss."""
