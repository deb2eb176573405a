"""Values to JSON text that can always be written, whatever a file name holds."""

from __future__ import annotations

import json
import re

import msgspec

_SURROGATE = re.compile("[\ud800-\udfff]")


def encoded(value: msgspec.Struct | dict[str, object]) -> str:
    r"""Return `value` as JSON on one line, in UTF-8's reach.

    A name that is no Unicode (a lone surrogate, PEP 383) has no JSON form: such a byte becomes the
    four characters `\xNN`, as in the other reports.
    """
    try:
        return msgspec.json.encode(value).decode()
    except UnicodeEncodeError:
        text = json.dumps(msgspec.to_builtins(value), ensure_ascii=False, separators=(",", ":"))
        return _SURROGATE.sub(lambda found: f"\\\\x{ord(found[0]) & 0xFF:02x}", text)


def encoded_without(rows: str, report: msgspec.Struct) -> str:
    """Return the line of all that is in a report but its `rows`, which came before it."""
    names = (name for name in report.__struct_fields__ if name != rows)
    return encoded({name: getattr(report, name) for name in names})
