"""All rates from final states: one agency at a time, one definition at a time, period by period."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from tests.oracle.facts import RECEIPT_BITS, RESOLUTION_BITS, Catalogue, Facts, Level
from tests.oracle.forms import instant_text
from tests.oracle.metrics import METRICS, SUPPLY, Case, supply
from tests.oracle.periods import PERIODS, WINDOWS, final_day, first_day

Place = tuple[str, str, str, date]  # metric, definition, period, start
Cell = tuple[str, str, date, int]  # procedure, attribution, day, signature


class Rate(NamedTuple):
    """One rate's four numbers; `declared` 0 means no coverage."""

    numerator: int = 0
    denominator: int = 0
    counted: int = 0
    declared: int = 0

    def __add__(self, other: tuple[Any, ...]) -> "Rate":
        return Rate(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


class Calculation:
    """One agency's numbers from what it said in the end.

    Args:
        dossiers: the facts of every dossier.
        entries: (procedure, `valid_from`) → the entry's set fields.
        declarations: day → its set fields.
        as_of: the greatest time of an accepted event, µs.
        today: the day in Hanoi.
    """

    def __init__(
        self,
        dossiers: list[Facts],
        entries: dict[tuple[str, str], dict[str, Any]],
        declarations: Mapping[date, dict[str, Any]],
        as_of: int,
        today: date,
    ) -> None:
        self.dossiers = dossiers
        self.catalogue = Catalogue(entries)
        self.declarations = declarations
        self.as_of = as_of
        self.today = today

    def tallies(self) -> Counter[Cell]:
        """Dossiers by (procedure, attribution, day, signature masked to the attribution's bits)."""
        cells: Counter[Cell] = Counter()
        for one in self.dossiers:
            if one.receipt:
                cells[one.procedure, "receipt", one.receipt, one.signature & RECEIPT_BITS] += 1
            if one.resolution:
                cells[one.procedure, "resolution", one.resolution, one.signature & RESOLUTION_BITS] += 1
        return cells

    def rates(self) -> dict[Place, Rate]:
        """Every row that the contract says exists."""
        found: dict[Place, Rate] = {}
        for day, numbers in sorted(self._by_day("receipt").items()):
            self._add(found, "receipt", day, numbers)
        for day, numbers in sorted(self._by_day("resolution").items()):
            self._add(found, "resolution", day, numbers)
        return found | self._supply(found)

    def window(self, period: str, first: date) -> dict[Place, Rate]:
        """The rates of some days from `first` on: sums of those days, supply as of the last of them."""
        last = first + timedelta(days=WINDOWS[period] - 1)
        found: dict[Place, Rate] = {}
        for attribution in ("receipt", "resolution"):
            for day, numbers in self._by_day(attribution).items():
                if first <= day <= last:
                    for (metric, definition), rate in numbers.items():
                        place = (metric, definition, period, first)
                        found[place] = found.get(place, Rate()) + rate
        is_current = first <= self.today <= last and self.catalogue.all_on(self.today)
        if is_current or any(rate.denominator for rate in found.values()):
            levels = self.catalogue.all_on(min(last, self.today))
            for metric, definition, wanted in SUPPLY:
                found[metric, definition, period, first] = Rate(*supply(levels, wanted))
        return found

    def _by_day(self, attribution: str) -> dict[date, dict[tuple[str, str], Rate]]:
        """day → (metric, definition) → that day's numbers, for days with a dossier or a declaration."""
        groups = Counter(
            (day, one.procedure, one.signature)
            for one in self.dossiers
            if (day := one.receipt if attribution == "receipt" else one.resolution)
        )
        counted: Counter[date] = Counter()
        for (day, _, _), dossiers in groups.items():
            counted[day] += dossiers
        mine = [each for each in METRICS if each.day == attribution]
        days = {}
        for day in self._days(attribution, counted):
            covered = self._covered(attribution, day, counted[day])
            days[day] = {(each.metric, each.definition): covered for each in mine}
        for (day, procedure, signature), dossiers in groups.items():
            case = Case(signature, self.catalogue.on(procedure, day) or Level())
            for each in mine:
                if each.denominator(case):
                    share = Rate(dossiers if each.numerator(case) else 0, dossiers)
                    days[day][each.metric, each.definition] += share
        return days

    def _days(self, attribution: str, counted: Counter[date]) -> set[date]:
        declared = {day for day in self.declarations if self._declared(attribution, day) is not None}
        return set(counted) | declared

    def _declared(self, attribution: str, day: date) -> int | None:
        name = "received" if attribution == "receipt" else "resolved"
        declared: int | None = self.declarations.get(day, {}).get(name)
        return declared

    def _covered(self, attribution: str, day: date, counted: int) -> Rate:
        """The day's part in coverage: nothing when nothing was declared for it."""
        declared = self._declared(attribution, day)
        return Rate() if declared is None else Rate(0, 0, counted, declared)

    def _add(
        self, found: dict[Place, Rate], attribution: str, day: date, numbers: dict[tuple[str, str], Rate]
    ) -> None:
        for (metric, definition), rate in numbers.items():
            for period in PERIODS:
                place = (metric, definition, period, first_day(period, day))
                found[place] = found.get(place, Rate()) + rate

    def _supply(self, others: dict[Place, Rate]) -> dict[Place, Rate]:
        periods = {(period, start) for (_, _, period, start), rate in others.items() if rate.denominator}
        if self.catalogue.all_on(self.today):
            periods |= {(period, first_day(period, self.today)) for period in PERIODS}
        found = {}
        for period, start in periods:
            levels = self.catalogue.all_on(min(final_day(period, start), self.today))
            for metric, definition, wanted in SUPPLY:
                found[metric, definition, period, start] = Rate(*supply(levels, wanted))
        return found


def as_row(place: Place, rate: Rate, who: dict[str, str], as_of: int) -> dict[str, Any]:
    """The contract's form of a rate."""
    metric, definition, period, start = place
    return {
        "metric": metric,
        "definition": definition,
        **who,
        "period": period,
        "start": start.isoformat(),
        "numerator": rate.numerator,
        "denominator": rate.denominator,
        "rate": rate.numerator / rate.denominator if rate.denominator else None,
        "coverage": rate.counted / rate.declared if rate.declared else None,
        "as_of": instant_text(as_of, hours=7),
    }


def summed(parts: list[dict[Place, Rate]]) -> dict[Place, Rate]:
    """Sum over sum, over those that have a row."""
    total: dict[Place, Rate] = {}
    for part in parts:
        for place, rate in part.items():
            total[place] = total.get(place, Rate()) + rate
    return total


def rows_of(rates: dict[Place, Rate], who: dict[str, str], as_of: int) -> Iterator[dict[str, Any]]:
    """Every row of one agency or group."""
    return (as_row(place, rate, who, as_of) for place, rate in sorted(rates.items()))
