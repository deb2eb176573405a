"""Options that belong together: a command is given one value for them all."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import TypeVar

_Result = TypeVar("_Result")
_Command = Callable[..., _Result]
Adding = Callable[[Callable[..., object]], Callable[..., object]]
"""What adds an option to a command: `click.option(…)`."""


def group(
    name: str, made: Callable[..., object], *options: Adding
) -> Callable[[_Command[_Result]], _Command[_Result]]:
    """Return what adds `options` to a command, which is given `name` alone.

    `made` takes their values by their names and returns that one.
    """
    own = tuple(signature(made).parameters)

    def decorated(body: _Command[_Result]) -> _Command[_Result]:
        @wraps(body)
        def command(*arguments: object, **given: object) -> _Result:
            asked = {each: given.pop(each) for each in own}
            return body(*arguments, **given, **{name: made(**asked)})

        for add in reversed(options):
            add(command)
        return command

    return decorated
