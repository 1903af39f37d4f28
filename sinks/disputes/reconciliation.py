"""What comes of holding an agency's list, or its totals, against what is counted here."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from sinks.disputes.reconcile_query import Reconciling
from sinks.disputes.reconciling import BOTH, DIFFERENTLY, ONLY_OURS, ONLY_THEIRS, Found
from sinks.disputes.their_list import Total

SETS = (BOTH, DIFFERENTLY, ONLY_THEIRS, ONLY_OURS)
COLUMNS = ("set", "dossier", "fact", "theirs", "ours", "reason")
TOTAL_COLUMNS = ("metric", "definition", "numerator", "denominator", "our_numerator", "our_denominator")


class Reconciliation(msgspec.Struct, frozen=True):
    """`counts`: dossiers by set; `differences`: every one; `totals`: instead of both, of a list of totals."""

    asked: Reconciling
    counts: Counter[str]
    differences: list[Found]
    repeated: list[str]
    totals: list[dict[str, Any]]

    def told(self, limit: int) -> dict[str, Any]:
        """As answers show it, with at most so many differences."""
        by_fact = Counter(found.fact for found in self.differences if found.fact is not None)
        return msgspec.structs.asdict(self.asked) | {
            "counts": {name: self.counts[name] for name in SETS},
            "repeated": len(self.repeated),
            "by_fact": dict(by_fact.most_common()),
            "differences": [found.told() for found in self.differences[:limit]],
            "has_more": len(self.differences) > limit,
            "totals": self.totals,
        }

    def table(self) -> Iterator[Sequence[Any]]:
        """As a table with a header."""
        if self.totals:
            yield TOTAL_COLUMNS
            for each in self.totals:
                yield [each[name] for name in TOTAL_COLUMNS]
            return
        yield COLUMNS
        for found in self.differences:
            told = found.told()
            yield [_plain(told[name]) for name in COLUMNS]


def compared(total: Total, ours: dict[str, Any] | None) -> dict[str, Any]:
    """A total beside the rate here; null where there is none."""
    return total._asdict() | {
        "our_numerator": None if ours is None else ours["numerator"],
        "our_denominator": None if ours is None else ours["denominator"],
    }


def _plain(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value
