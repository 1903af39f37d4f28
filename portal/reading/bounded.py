"""A mapping that holds a bounded number of values of a bounded weight: what was not used for longest goes."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, MutableMapping
from typing import TypeVar

T = TypeVar("T")


class Bounded(MutableMapping[Hashable, T]):
    """Values by their questions. Who shares it among threads holds a lock.

    `most`: values; `heaviest`: what they may weigh in all, each as `weigh` tells. One that is heavier than
    all may be is not kept.
    """

    def __init__(self, most: int, heaviest: int, weigh: Callable[[T], int]) -> None:
        self._most, self._heaviest, self._weigh = most, heaviest, weigh
        self._values: OrderedDict[Hashable, T] = OrderedDict()
        self.weight = 0

    def use(self, question: Hashable) -> T | None:
        """The value, which is the last to go from now on; None where there is none."""
        value = self._values.get(question)
        if value is not None:
            self._values.move_to_end(question)
        return value

    def __setitem__(self, question: Hashable, value: T) -> None:
        self.pop(question, None)
        self._values[question] = value
        self.weight += self._weigh(value)
        while len(self) > self._most or self.weight > self._heaviest:
            self.popitem()

    def __delitem__(self, question: Hashable) -> None:
        self.weight -= self._weigh(self._values.pop(question))

    def __getitem__(self, question: Hashable) -> T:
        return self._values[question]

    def __iter__(self) -> Iterator[Hashable]:
        """The one that goes next first."""
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)
