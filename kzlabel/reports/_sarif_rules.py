"""SARIF's reporting descriptors: requirements, findings and errors as rules, the law as a taxonomy.

A rule is described where it first occurs, under its own code: ids are stable across runs, and the
indexes hold for one run (SARIF 2.1.0, 3.49 and 3.19.23).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.errors import printable
from kzlabel.locale import _advice
from kzlabel.model import Level
from kzlabel.reports._why import citation

if TYPE_CHECKING:
    from kzlabel.model import Citation, Requirement

LAW = "RK Law No. 230-VIII"
_PASSED = "2025-11-17"
MOST_RULES = 1000
"""What more there is keeps its id and is not described: a manifest may hold codes of any name."""
LONGEST_ID = 200
LEVELS = {Level.MUST: "error", Level.SHOULD: "note"}


def plain(text: str) -> dict[str, str]:
    """Return a message that no viewer takes for more than text (3.11.5, 3.11.6).

    Braces would name arguments, and `[words](address)` would be a link: words of a file are in it.
    """
    shown = printable(text).replace("{", "{{").replace("}", "}}").replace("](", "] (")
    return {"text": shown}


def _named(code: str) -> str:
    return printable(code)[:LONGEST_ID]


def stopped(text: str) -> str:
    """Return one of our sentences as it stands among others: with a capital and a full stop."""
    return f"{text[:1].upper()}{text[1:]}." if text else ""


class _Table:
    """Descriptors by their id, each with its place in the list."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}
        self.listed: list[dict[str, object]] = []

    def __contains__(self, code: str) -> bool:
        return code in self._places or len(self.listed) >= MOST_RULES

    def add(self, code: str, described: dict[str, object]) -> None:
        """Take a descriptor up, at the end of the list."""
        self._places[code] = len(self.listed)
        self.listed.append(described)

    def place(self, code: str, name: str) -> dict[str, object]:
        """Return the place of a descriptor as the member `name`; nothing where it has none."""
        return {name: self._places[code]} if code in self._places else {}


class Descriptors:
    """What a run has to describe, in the order in which it came up."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._rules = _Table()
        self._notifications = _Table()
        self._articles = _Table()

    def requirement(self, one: Requirement) -> dict[str, object]:
        """Return the reference to the rule of a requirement, with its article and its words."""
        if one.id not in self._rules:
            described = self._described(one.id, LEVELS[one.level], ["law", one.level])
            described["fullDescription"] = plain(self._words(one.citation))
            described["relationships"] = [self._relationship(one.citation)]
            self._rules.add(one.id, described)
        return self._reference(one.id)

    def finding(self, code: str) -> dict[str, object]:
        """Return the reference to the rule of a finding."""
        if code not in self._rules:
            tag = "kzlabel" if code.startswith("kz.") else "c2pa"
            self._rules.add(code, self._described(code, "note", [tag]))
        return self._reference(code)

    def error(self, code: str, level: str) -> dict[str, object]:
        """Return the reference to the rule of what kept an asset from being looked at."""
        for table in (self._rules, self._notifications):
            if code not in table:
                table.add(code, self._described(code, level, ["kzlabel"]))
        return self._reference(code)

    def notification(self, code: str) -> dict[str, object]:
        """Return the reference to an error as a notification, which has its own places."""
        return {"id": _named(code), **self._notifications.place(code, "index")}

    def driver(self, tool: str) -> dict[str, object]:
        """Return the tool component: `tool` is its name and version."""
        name, _, version = tool.rpartition(" ")
        return {
            "name": name,
            "version": version,
            "semanticVersion": version,
            "language": self._language,
            "rules": self._rules.listed,
            "notifications": self._notifications.listed,
            "supportedTaxonomies": [{"name": LAW, "index": 0}],
        }

    def law(self) -> dict[str, object]:
        """Return the law as a taxonomy of the articles that the rules rest on."""
        return {
            "name": LAW,
            "releaseDateUtc": _PASSED,
            "language": self._language,
            "isComprehensive": False,
            "taxa": self._articles.listed,
        }

    def _reference(self, rule: str) -> dict[str, object]:
        return {"ruleId": _named(rule), **self._rules.place(rule, "ruleIndex")}

    def _described(self, code: str, level: str, tags: list[str]) -> dict[str, object]:
        meaning = _advice.meaning(code, self._language) or code
        advice = _advice.advice(code, self._language)
        return {
            "id": _named(code),
            "shortDescription": plain(stopped(meaning)),
            "fullDescription": plain(stopped(meaning)),
            "help": plain(f"{stopped(meaning)} {stopped(advice)}"),
            "defaultConfiguration": {"level": level},
            "properties": {"tags": tags},
        }

    def _words(self, cited: Citation) -> str:
        words = cited.text.get(self._language) or cited.text.get("en", "")
        return f"{citation(cited.article, self._language)}: {stopped(words)}"

    def _relationship(self, cited: Citation) -> dict[str, object]:
        article = cited.article
        if article not in self._articles:
            cite = stopped(citation(article, self._language))
            words = plain(self._words(cited))
            self._articles.add(
                article, {"id": article, "shortDescription": plain(cite), "fullDescription": words}
            )
        target = {
            "id": article,
            **self._articles.place(article, "index"),
            "toolComponent": {"name": LAW, "index": 0},
        }
        return {"target": target, "kinds": ["relevant"]}
