"""What is to be said of many files: the same once, with a count, and refusals last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kzlabel.cli._language import LANGUAGE
from kzlabel.errors import KzlabelError
from kzlabel.locale import sentence
from kzlabel.model import Finding


class Remarks:
    """Gathers what came of each file."""

    def __init__(self) -> None:
        self._files: dict[str, list[str]] = {}
        """The names of the files that a sentence is about."""
        self._refusals: list[str] = []

    def note(self, name: str, findings: Sequence[Finding]) -> None:
        """Take up what was found in making the file `name`."""
        for said in dict.fromkeys(one.sentence(LANGUAGE) for one in findings):
            self._files.setdefault(said, []).append(name)

    def refuse(self, refusal: KzlabelError) -> None:
        """Take up why a file was not made."""
        self._refusals.append(refusal.sentence(LANGUAGE))

    @property
    def refused(self) -> bool:
        """Whether any file was."""
        return bool(self._refusals)

    def lines(self) -> Iterator[str]:
        """Yield what is to be said, in the reader's language."""
        for said, names in self._files.items():
            if len(names) == 1:
                yield f"{names[0]}: {said}"
            else:
                yield sentence("kz.cli.label.of-many", LANGUAGE, said=said, count=len(names))
        yield from self._refusals
