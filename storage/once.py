"""An attribute that is worked out when it is first asked for, and kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Self, TypeVar, overload

Of = TypeVar("Of")
T = TypeVar("T")


class once(Generic[Of, T]):  # noqa: N801 - it reads as a decorator
    """`functools.cached_property` without the lock that it takes before Python 3.12, which costs more than most of
    what is kept so: two threads that ask at once each work it out, and either answer is right."""

    def __init__(self, work_out: Callable[[Of], T]) -> None:
        self._work_out, self._name = work_out, work_out.__name__
        self.__doc__ = work_out.__doc__

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...

    @overload
    def __get__(self, instance: Of, owner: type) -> T: ...

    def __get__(self, instance: Of | None, owner: type) -> Self | T:
        if instance is None:
            return self
        # No data descriptor: from now on the instance's own value is what is found under this name.
        found = instance.__dict__[self._name] = self._work_out(instance)
        return found
