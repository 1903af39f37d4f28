"""An agency's own list held against what is counted here: with both, only theirs, only ours, differently."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import islice
from typing import Any, NamedTuple

from emc.definitions import Definition, of_metric
from emc.facts import DOSSIER_FACTS, PROCEDURE_FACTS
from emc.identifiers import dossier_agency
from emc.instants import date_of_day, day_of
from sinks.clickhouse.database import Database
from sinks.disputes.their_list import COUNTING, Claim, TheirList
from sinks.queries.explain import not_counted
from sinks.queries.facts import COUNTED, DAY, facts_sql, with_entries, without_entry
from sinks.queries.reasons import NOTHING_ACCEPTED, judge

BOTH, DIFFERENTLY, ONLY_THEIRS, ONLY_OURS = "both", "differently", "only_theirs", "only_ours"
ANOTHERS = "its code is another agency's"
REFUSED = "every event of it was refused"
OTHER_DAY = "it counts on a day outside of the period"
_AT_ONCE = 1000
_NAMES = (*DOSSIER_FACTS, *PROCEDURE_FACTS)


class Span(NamedTuple):
    """Whose dossiers count on which days: `day` is `receipt` or `resolution`."""

    agency: str
    day: str
    first: date
    last: date


class Found(NamedTuple):
    """A dossier that the two sides do not count alike.

    `fact`, `theirs`, `ours`: what differs, of one that both have; `reason`: why it is so here.
    """

    dossier: str
    which: str
    fact: str | None
    theirs: Claim
    ours: Claim
    reason: str | None

    def told(self) -> dict[str, Any]:
        """As answers show it."""
        return {"set": self.which, **{name: getattr(self, name) for name in self._fields if name != "which"}}


class Ours(NamedTuple):
    """A dossier as it is counted here."""

    facts: Mapping[str, bool]
    days: Mapping[str, str | None]
    procedure: str | None
    without: Mapping[str, str]


def reconcile(database: Database, span: Span, theirs: TheirList) -> tuple[Counter[str], list[Found]]:
    """How many dossiers are in each set, and every difference: those that count differently first, then
    those that only we have, then only theirs.
    """
    left, counts = dict(theirs.dossiers), Counter[str]()
    found, only_ours = list[Found](), list[Found]()
    for code, ours in _ours(database, span):
        claims = left.pop(code, None)
        if claims is None:
            only_ours.append(Found(code, ONLY_OURS, None, None, None, None))
            continue
        differing = list(_differing(code, theirs.columns, claims, ours))
        counts[DIFFERENTLY if differing else BOTH] += 1
        found += differing
    only_theirs = list(_only_theirs(database, span, left))
    counts |= {ONLY_OURS: len(only_ours), ONLY_THEIRS: len(only_theirs)}
    return counts, found + only_ours + only_theirs


def _ours(database: Database, span: Span) -> Iterator[tuple[str, Ours]]:
    sql = facts_sql()
    rows = f"""
        SELECT agency, dossier, procedure, signature, received_at, resolved_at, {DAY[span.day]} AS day
        FROM dossiers FINAL
        WHERE agency = {{agency:String}} AND {COUNTED[span.day]}
            AND day BETWEEN {{first:Date}} AND {{last:Date}}
    """
    query = f"""
        SELECT r.dossier, r.procedure, r.received_at, r.resolved_at, e.held,
            {", ".join(f"toUInt8({sql[name]})" for name in _NAMES)}
        {with_entries(rows)} ORDER BY r.dossier
    """
    without = without_entry(database, span.agency)
    parameters = {"agency": span.agency, "first": span.first, "last": span.last}
    for block in database.stream(query, parameters):
        for code, procedure, received, resolved, entry, *held in block:
            facts = dict(zip(_NAMES, map(bool, held), strict=True))
            days = {"received_at": _day(received), "resolved_at": _day(resolved)}
            yield code, Ours(facts, days, procedure or None, {} if entry else without)


def _differing(code: str, columns: Iterable[str], claims: Iterable[Claim], ours: Ours) -> Iterator[Found]:
    """The columns in which a dossier counts differently, each with the facts that decide here."""
    for name, claim in zip(columns, claims, strict=True):
        if claim is None:
            continue
        value, reason = _counted(name, ours)
        if value != claim:
            yield Found(code, DIFFERENTLY, name, claim, value, reason)


def _counted(name: str, ours: Ours) -> tuple[Claim, str | None]:
    """What is counted here for a column, and why, in the words of an explanation."""
    if name in ours.days:
        return ours.days[name], None
    if name == "procedure":
        return ours.procedure, None
    if name in COUNTING:
        return verdict(of_metric(name)[0], ours.facts, ours.without)
    holds, words = judge(name, ours.facts, ours.without)
    return holds, ", ".join(words)


def verdict(
    definition: Definition, facts: Mapping[str, bool], without: Mapping[str, str]
) -> tuple[bool, str]:
    """Whether a dossier is in the numerator, and what decides that, or that it is not in the denominator."""
    below, words = judge(definition.denominator, facts, without)
    if not below:
        return False, ", ".join(words)
    above, words = judge(definition.numerator, facts, without)
    return above, ", ".join(words)


def _only_theirs(database: Database, span: Span, left: Iterable[str]) -> Iterator[Found]:
    """Dossiers that do not count here in the period, each with the reason."""
    codes = iter(sorted(left))
    while chunk := list(islice(codes, _AT_ONCE)):
        own = [code for code in chunk if dossier_agency(code) == span.agency]
        reasons = dict.fromkeys(chunk, ANOTHERS) | dict.fromkeys(own, NOTHING_ACCEPTED)
        asked = {"agency": span.agency, "dossiers": own}
        refused = database.query(
            "SELECT DISTINCT subject FROM rejections FINAL WHERE has({dossiers:Array(String)}, subject)",
            asked,
        )
        reasons |= dict.fromkeys((code for (code,) in refused), REFUSED)
        for row in database.rows(
            "SELECT dossier, removed, received_at, resolved_at, status FROM dossiers FINAL"
            " WHERE agency = {agency:String} AND dossier IN {dossiers:Array(String)}",
            asked,
        ):
            reasons[row["dossier"]] = not_counted(row, span.day) or OTHER_DAY
        yield from (Found(code, ONLY_THEIRS, None, None, None, reasons[code]) for code in chunk)


def _day(instant: int | None) -> str | None:
    return None if instant is None else date_of_day(day_of(instant)).isoformat()
