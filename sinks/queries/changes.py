"""The change of an agency's rate between two stretches of days, by its parts: read, split, shown."""

from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from emc.periods import last_day
from emc.registry import Registry
from sinks.clickhouse.database import Database
from sinks.queries.change_query import BY, ChangeQuery
from sinks.queries.parts import Stretch, counts_by
from sinks.queries.rate_query import ALL_PERIODS, COUNTED_FOR, definitions_of, first_day, one_of, registered
from sinks.queries.why import Contribution, Counts, split

_NAMED = ("procedure", "entry")


def read_change(database: Database, registry: Registry, asked: ChangeQuery) -> dict[str, Any]:
    """The change and what each part contributed, the greatest first; InputError for a wrong query.

    `change` is null, and nothing contributes, when one of the stretches has no dossier in the denominator.
    Contributions are exact: `change` of all of them adds up to the change of the rate.
    """
    definition = definitions_of(asked.metric, asked.definition)[0]
    registered(asked.agency, registry)
    one_of("period", asked.period, ALL_PERIODS)
    one_of("by", asked.by, BY)
    one_of("counted_for", asked.counted_for, COUNTED_FOR)
    first, second = (
        first_day(name, text, asked.period) for name, text in (("from", asked.from_), ("to", asked.to))
    )
    before, after = (counts_by(database, definition, _stretch(asked, day)) for day in (first, second))
    found = split(before, after)
    contributions = [] if found is None else _contributions(found.contributions, _names(database, asked))
    if asked.by == "procedure":
        for each in contributions:
            each["procedure"] = each["part"]
    return {
        "metric": definition.metric,
        "definition": definition.name,
        "agency": asked.agency,
        "period": asked.period,
        "by": asked.by,
        "counted_for": asked.counted_for,
        "from": _whole(first, before),
        "to": _whole(second, after),
        "change": None if found is None else float(found.change),
        "contributions": contributions,
    }


def _stretch(asked: ChangeQuery, first: date) -> Stretch:
    last = last_day(asked.period, first)
    return Stretch(asked.agency, asked.counted_for == "settled", asked.by, first, last)


def _names(database: Database, asked: ChangeQuery) -> dict[str, str]:
    if asked.by not in _NAMED:
        return {}
    whose = "1" if asked.counted_for == "settled" else "agency = {agency:String}"
    return dict(
        database.query(
            "SELECT procedure, argMax(name, valid_from) FROM procedures FINAL"
            f" WHERE {whose} GROUP BY procedure",
            {"agency": asked.agency},
        )
    )


def _contributions(found: Iterable[Contribution], names: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "part": each.part or None,
            "name": names.get(each.part.partition("/")[0]) or None,
            "before": list(each.before),
            "after": list(each.after),
            "rate_effect": float(each.rate_effect),
            "mix_effect": float(each.mix_effect),
            "change": float(each.change),
            "exact": _exact(each.change),
        }
        for each in found
    ]


def _whole(first: date, counts: dict[str, Counts]) -> dict[str, Any]:
    above, below = (sum(each[n] for each in counts.values()) for n in (0, 1))
    share = above / below if below else None
    return {"start": first.isoformat(), "numerator": above, "denominator": below, "rate": share}


def _exact(share: Fraction) -> str:
    """As `numerator/denominator`: floats are rounded, so their sum may miss the change by the last digit."""
    return f"{share.numerator}/{share.denominator}"
