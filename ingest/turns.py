"""Calls of several threads on one object, one after the other."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from threading import RLock
from typing import Concatenate, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T", bound="TakesTurns")


class TakesTurns:
    """Each public method, of subclasses too, waits until none of another thread runs on the same object. All of them,
    rather than those that seem to need it: nobody has to remember it when one is added. A method may call another.

    class Counter(TakesTurns):
        def add(self) -> None: ...  # no two threads are ever in it at once
    """

    def __init__(self) -> None:
        self._turn = RLock()

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        for name, call in list(vars(cls).items()):
            if inspect.isfunction(call) and not name.startswith("_"):
                setattr(cls, name, _in_turn(call))


def _in_turn(call: Callable[Concatenate[T, P], R]) -> Callable[Concatenate[T, P], R]:
    @functools.wraps(call)
    def waiting(self: T, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with self._turn:
            return call(self, *args, **kwargs)

    return waiting
