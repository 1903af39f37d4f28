"""Cycles are looked for by the clock."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from streams.supervision.collecting import CycleCollector


class Circle:
    """Refers to itself."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def thresholds() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


@pytest.mark.parametrize(("every", "is_found"), [(0.0, True), (3600.0, False)])
def test_a_cycle_is_freed_when_a_look_is_due(every: float, is_found: bool) -> None:
    collector = CycleCollector(every)
    seen = weakref.ref(Circle())
    collector.look_if_due()
    assert (seen() is None) == is_found


def test_a_batch_of_objects_sets_off_no_look() -> None:
    CycleCollector().begin()
    before = sum(generation["collections"] for generation in gc.get_stats())
    batch = [[n] for n in range(500_000)]
    assert len(batch) == 500_000
    assert sum(generation["collections"] for generation in gc.get_stats()) == before
