"""Pairs what two copies have: by the closest key first, then by looser ones."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")
Key = Callable[[T], Hashable]
"""What two of a pair must have in common; None fits nothing."""


def paired(
    before: Sequence[T], after: Sequence[T], *keys: Key[T] | tuple[Key[T], Key[T]]
) -> Iterator[tuple[T | None, T | None]]:
    """Give each of `before` with its like of `after`, then what is new; None stands for no like.

    Where two keys are given together, the first is for `before`, the second for `after`.
    """
    likes: dict[int, int] = {}
    for key in keys:
        first, second = key if isinstance(key, tuple) else (key, key)
        _pair([first(one) for one in before], [second(one) for one in after], likes)
    for index, one in enumerate(before):
        yield one, after[likes[index]] if index in likes else None
    taken = set(likes.values())
    yield from ((None, one) for index, one in enumerate(after) if index not in taken)


def _pair(before: Sequence[Hashable], after: Sequence[Hashable], likes: dict[int, int]) -> None:
    """Add to `likes` the pairs of those still alone, in the order they stand."""
    taken = set(likes.values())
    free: dict[Hashable, deque[int]] = defaultdict(deque)
    for index, key in enumerate(after):
        if index not in taken and key is not None:
            free[key].append(index)
    for index, key in enumerate(before):
        waiting = free.get(key) if index not in likes else None
        if waiting:
            likes[index] = waiting.popleft()
