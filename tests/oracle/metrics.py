"""Every metric and definition of the contract's table, as two plain predicates each."""

from collections.abc import Callable
from typing import NamedTuple

from tests.oracle.facts import FACTS, Level

Predicate = Callable[["Case"], bool]


class Case(NamedTuple):
    """A dossier's facts with its procedure's on the day it is counted."""

    signature: int
    level: Level

    def has(self, fact: str) -> bool:
        return bool(self.signature >> FACTS.index(fact) & 1)


class Metric(NamedTuple):
    """`day` is receipt or resolution: the dossiers of the denominator are among the received (resolved)."""

    metric: str
    definition: str
    day: str
    numerator: Predicate
    denominator: Predicate


def every(case: Case) -> bool:
    return True


def fact(name: str) -> Predicate:
    return lambda case: case.has(name)


def full(case: Case) -> bool:
    return case.has("online") and case.level.service_level == "full"


def claimed(case: Case) -> bool:
    return case.has("online") and case.has("claimed_full")


def with_result(case: Case) -> bool:
    return case.has("online") and (not case.level.result_required or case.has("electronic_result"))


def required(case: Case) -> bool:
    return case.level.result_required


def eligible(case: Case) -> bool:
    return case.level.eligible


METRICS = (
    Metric("online_submission", "channel", "receipt", fact("online"), every),
    Metric("online_submission", "with-result", "receipt", with_result, every),
    Metric("full_online_use", "all", "receipt", full, every),
    Metric("full_online_use", "eligible", "receipt", full, eligible),
    Metric("full_online_use", "claimed", "receipt", claimed, every),
    Metric("electronic_result", "resolved", "resolution", fact("electronic_result"), required),
    Metric("electronic_result", "received", "receipt", fact("electronic_result"), required),
    Metric("electronic_result", "all", "receipt", fact("electronic_result"), every),
    Metric("data_reuse", "received", "receipt", fact("reused"), every),
    Metric("on_time", "resolved", "resolution", fact("on_time"), fact("has_due")),
    Metric("digitised", "received", "receipt", fact("digitised"), every),
    Metric("identified", "received", "receipt", fact("identified"), every),
    Metric("online_payment", "received", "receipt", fact("paid_online"), fact("fee_due")),
)
SUPPLY = (
    ("full_online_supply", "eligible", ("full",)),
    ("online_supply", "eligible", ("full", "partial")),
)


def supply(levels: list[Level], wanted: tuple[str, ...]) -> tuple[int, int]:
    """(numerator, denominator) of a supply metric over the procedures that hold on a day."""
    eligible_ones = [level for level in levels if level.eligible]
    offered = [level for level in eligible_ones if level.published and level.service_level in wanted]
    return len(offered), len(eligible_ones)
