"""The rows of `rates` and `rate_history` that a step of an agency touches."""

from collections.abc import Iterable

from emc.periods import PERIODS
from emc.sums import BY_DAY, RateCounts, Sums, changed, rates_of, zero
from streams.agencies import calendar
from streams.agencies.state import AgencyState
from streams.batch.rows import Row, Rows

_ZERO = zero()
_MINUTE_MS = 60_000


class RateRows:
    """Gathers the touched periods of an agency and writes their rates once, at the end of the step."""

    def __init__(self, state: AgencyState, today: int, shown_at: int) -> None:
        self.today = today
        self._state = state
        self._shown_at = minute(shown_at)
        self._touched: dict[calendar.Key, Sums] = {}
        self._supply_since: int | None = None
        self._supply_before: dict[calendar.Key, list[RateCounts]] = {}

    def touch(self, key: calendar.Key, delta: Sums) -> None:
        """A period whose sums changed by `delta`, perhaps by nothing."""
        self._touched[key] = delta

    def touch_supply(self, since: int) -> None:
        """The catalogue changed from the day `since` on."""
        self._supply_since = since if self._supply_since is None else min(self._supply_since, since)

    def before_supply(self) -> None:
        """Remembers the supply of all periods before the catalogue changes: only what differs is history."""
        renewed = self._state.renewed or self.today
        self._supply_before = {key: self._supply(key, renewed) for key in self._periods_since(0)}

    def renew(self) -> None:
        """Since the last renewal days ended: the supply of what was not over then is to be written anew."""
        self.before_supply()
        self.touch_supply(min(self._state.renewed, self.today))

    def write(self, rows: Rows, version: int) -> None:
        """Appends the rows of all touched periods."""
        for key, delta in self._touched.items():
            state = self._state
            new = changed(delta, state.sums[key], _has_catalogue(state, key, self.today))
            self._write(rows, version, key, counts_of(self._state, key, self.today), new)
        if self._supply_since is not None:
            for key in self._periods_since(self._supply_since):
                after = self._supply(key, self.today)
                before = self._supply_before.get(key)
                new = tuple(before is None or count != before[n] for n, count in enumerate(after))
                self._write(rows, version, key, after, new)

    def _write(
        self, rows: Rows, version: int, key: calendar.Key, counts: Iterable[RateCounts], new: Iterable[bool]
    ) -> None:
        agency = self._state.agency
        for count, is_new in zip(counts, new, strict=True):
            rows["rates"].append(rate_row(agency, key, count, version))
            if is_new:
                rows["rate_history"].append(history_row(agency, key, count, self._shown_at, version))

    def _supply(self, key: calendar.Key, today: int) -> list[RateCounts]:
        return list(counts_of(self._state, key, today))[len(BY_DAY) :]

    def _periods_since(self, day: int) -> set[calendar.Key]:
        """The periods with a row, or that could have had one, that end on `day` or later."""
        state = self._state
        current = {*calendar.containing(self.today), *calendar.containing(state.renewed or self.today)}
        return {key for key in state.sums if calendar.last_day(key) >= day} | current


def counts_of(state: AgencyState, key: calendar.Key, today: int) -> Iterable[RateCounts]:
    """The rates of one period of an agency, as integers."""
    supply = state.catalogue.supply(min(calendar.last_day(key), today))
    return rates_of(state.sums.get(key, _ZERO), supply, _has_catalogue(state, key, today))


def _has_catalogue(state: AgencyState, key: calendar.Key, today: int) -> bool:
    """Whether the period is current and an entry of the catalogue holds today: supply then has rows."""
    return key[1] <= today <= calendar.last_day(key) and state.catalogue.holds_any(today)


def rate_row(agency: str, key: calendar.Key, count: RateCounts, version: int) -> Row:
    """A row of `rates`; one that does not exist is marked deleted."""
    period, start = key
    return (
        agency,
        count.metric,
        count.definition,
        PERIODS[period],
        start,
        *count.integers(),
        version,
        int(not count.exists),
    )


def minute(shown_at: int) -> int:
    """The minute (ms) under which a change goes into the history: the last change of a minute stays."""
    return shown_at // _MINUTE_MS * _MINUTE_MS


def history_row(agency: str, key: calendar.Key, count: RateCounts, shown_at: int, version: int) -> Row:
    """A row of `rate_history`: from the minute `shown_at` (ms) on the rate was shown so, or did not exist."""
    period, start = key
    name = (agency, count.metric, count.definition, PERIODS[period], start)
    return (*name, shown_at, *count.integers(), int(not count.exists), version)
