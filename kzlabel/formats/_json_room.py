"""JSON (RFC 8259): the notice is the first member of the top object, `"_notice"`.

JSON has no comments. A name that begins with an underscore is the usual sign of what is meant for
people and not for the program; `$comment` belongs to JSON Schema. The text is spliced, its
indentation followed, nothing else of it changes. An array or a bare value has no place for it.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from kzlabel.errors import RefusedError, UnreadableAssetError
from kzlabel.formats._json_tags import json_tags
from kzlabel.formats._text_file import WHOLE_BYTES, TextFile, read_head, read_whole
from kzlabel.formats._text_room import SEPARATOR, TextRoom
from kzlabel.formats._text_sight import UNDETERMINED, Mark, runs_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from kzlabel.formats._assembled import Stretch
    from kzlabel.model import Tags
    from kzlabel.notices.prose import Run

KEY = "_notice"
_COMMENT = re.compile(r"//|/\*|#")
"""What JSON has none of, and its dialects have."""
_SPACE = re.compile(r"[ \t\r\n]*")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+("?)|[{}\[\]:,]|[^\s"{}\[\]:,]+', re.DOTALL)
_CLOSES = {"}": "{", "]": "["}
_SHOWN = re.compile(r"\S")
_TELLS = re.compile(
    r"notice|disclos|disclaim|warning|label|comment|note|generated|(?:^|_)ai(?:_|$)|origin|source"
    r"|ескерту|предупрежд|примечан",
    re.IGNORECASE,
)
"""Names of members that speak of the file; the words of any other are its content."""
_JUDGED = 1 << 20
"""Characters among which the notice is sought; the text has to be JSON throughout."""
_MOST_NESTS = 2_000_000
_ESCAPE = re.compile(r"\\u[0-9a-fA-F]{4}")


class JsonRoom(TextRoom):
    """What the JSON room does."""

    def read_tags(self, path: Path) -> Tags:
        found = json_tags(path)
        return {"json": found} if found else {}

    def opened(self, path: Path) -> TextFile:
        return read_whole(path)

    def parts(self, file: TextFile, lines: tuple[str, ...]) -> Iterable[bytes | Stretch]:
        at = _opening(file)
        _require_whole(file, at)
        words = json.dumps(SEPARATOR.join(lines), ensure_ascii=False)
        return file.with_words(at + 1, _member(file.head, at, f'"{_free_key(file.head)}"', words))

    def seen(self, path: Path, limit: int) -> TextFile:  # noqa: ARG002  it is judged whole
        return read_head(path, WHOLE_BYTES)

    def runs(self, file: TextFile) -> Iterable[Run]:
        text, marks = "", []
        for shown, code in _shown(file.shown[:_JUDGED]):
            if code:
                marks.append(Mark(len(text), len(text) + len(shown), code))
            text += shown
        if not (file.is_whole and _is_plain(file.head)):
            marks.append(Mark(0, len(text), UNDETERMINED))
        return runs_of(text, marks)


def _opening(file: TextFile) -> int:
    """Return where the top object opens."""
    found = _SPACE.match(file.head)
    at = found.end() if found else 0
    if _COMMENT.match(file.head, at):
        raise RefusedError("kz.error.json-comment", path=file.path)
    if not file.head.startswith("{", at):
        raise RefusedError("kz.error.json-object", path=file.path)
    return at


def _require_whole(file: TextFile, at: int) -> None:
    """Raise `UnreadableAssetError` unless the top object is all there is, and closes."""
    stack: list[str] = []
    closed = False
    for token in _TOKEN.finditer(file.head, at):
        held = token[0]
        if held[0] == '"' and not token[1]:
            raise UnreadableAssetError("kz.error.json", path=file.path, detail='"')
        if closed and held == "{":
            raise RefusedError("kz.error.json-lines", path=file.path)
        if _COMMENT.match(held):
            raise RefusedError("kz.error.json-comment", path=file.path)
        if closed:
            raise UnreadableAssetError("kz.error.json", path=file.path, detail=held[:20])
        if held in "{[":
            stack.append(held)
        elif held in _CLOSES and stack.pop() != _CLOSES[held]:
            raise UnreadableAssetError("kz.error.json", path=file.path, detail=held)
        closed = not stack
    if stack:
        raise UnreadableAssetError("kz.error.json", path=file.path, detail=stack[-1])


def _free_key(text: str) -> str:
    """Return a name that no member has."""
    key, number = KEY, 1
    while f'"{key}"' in text:
        number += 1
        key = f"{KEY}_{number}"
    return key


def _member(text: str, at: int, key: str, words: str) -> str:
    """Return the member, as the text around writes its members."""
    found = _SPACE.match(text, at + 1)
    space = found[0] if found else ""
    is_only = text.startswith("}", at + 1 + len(space))
    is_spaced = "\n" in space or re.search(r'":[ \t]', text[at : at + 4096]) is not None
    member = f"{key}: {words}" if is_spaced else f"{key}:{words}"
    comma = "" if is_only else "," if space or not is_spaced else ", "
    return (space if not is_only or "\n" not in space else space + "  ") + member + comma


def _is_plain(text: str) -> bool:
    """Whether it is one JSON object, and every reader takes the same words from it.

    Of a name that stands there twice a reader takes the first, the last, or neither.
    """
    if text.count("[") + text.count("{") > _MOST_NESTS:
        return False
    try:  # numbers are not kept: they may be endless, and there may be millions of them
        sound: object = json.loads(
            text,
            object_pairs_hook=_is_unambiguous,
            parse_int=bool,
            parse_float=bool,
            parse_constant=_no_constant,
        )
    except (ValueError, RecursionError):
        return False
    return sound is True


def _is_unambiguous(pairs: list[tuple[str, object]]) -> bool:
    return len({name for name, _ in pairs}) == len(pairs)


def _no_constant(name: str) -> object:
    """Refuse NaN and Infinity, which Python reads and RFC 8259 does not know."""
    raise ValueError(name)


def _shown(text: str) -> Iterator[tuple[str, str]]:
    """Yield the text in stretches, with what a notice in them would be judged as.

    Only strings of the top object speak to people, and only those whose names say so.
    """
    depth, at, name, awaits = 0, 0, "", False
    for token in _TOKEN.finditer(text):
        held = token[0]
        yield text[at : token.start()], ""
        at = token.end()
        if depth == 1 and held[0] == '"' and awaits and _TELLS.search(name):
            yield _unescaped(held), UNDETERMINED if _ESCAPE.search(held) else ""
        else:
            yield _SHOWN.sub(";", held), ""
        if depth == 1 and held[0] == '"' and not awaits:
            name = held.strip('"')
        depth += (held in "{[") - (held in "}]")
        awaits = (awaits or held == ":") and held != ","


def _unescaped(held: str) -> str:
    try:
        return f" {json.loads(held, strict=False)} "
    except ValueError:
        return held
