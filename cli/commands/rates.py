"""`emc rates`: the rates, as a table or in the contract's form."""

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from cli import options, printing
from cli.commands.incidents import remark
from cli.listing import Column, Listing, listing
from cli.runtime.reading import Readings, open_reader
from emc.definitions import METRICS
from emc.errors import InputError
from emc.registry import GROUPS, Registry, load_registry
from sinks.incidents.touching import days_of
from sinks.queries.rate_query import ALL_PERIODS, STRUCTURES, RateQuery, range_applies, select

NOTHING = "There are no such rates: nothing was received or declared."
_EVER = ("2000-01-01", "2100-01-01")


@click.command
@click.option("--metric", help=f"One of {', '.join(METRICS)}; default: all.")
@click.option("--definition", help="A definition of the metric; default: all.")
@click.option("--agency", help="An agency's code, e.g. H25.")
@click.option("--group", help=f"One of {', '.join(GROUPS)}.")
@click.option("--period", help=f"One of {', '.join(ALL_PERIODS)}; default: month.")
@click.option(
    "--start", metavar="DATE", help="First day of the period, YYYY-MM-DD; default: the current one."
)
@click.option("--from", "from_", metavar="DATE", help="Earliest start, inclusive.")
@click.option("--to", metavar="DATE", help="Latest start, inclusive.")
@click.option("--structure", help=f"One of {', '.join(STRUCTURES)}; default: reported.")
@click.option(
    "--counted-for", help="code (default) or settled: by who settles the dossier, where that is said."
)
@click.option("--as-of", metavar="INSTANT", help="What was shown at a past moment, RFC 3339 with offset.")
@listing
@options.reading
def rates(
    listing: Listing, data_dir: Path, api: str | None, clickhouse: str | None, **parameters: str | None
) -> None:
    """Show rates: numerator, denominator, rate, coverage, by agency and group.

    A rate is "computed under a definition", never an official figure. A dash is no data, which is not 0 %.
    "No catalogue": it hangs on the catalogue, and most of its dossiers have no entry there.
    """
    query = RateQuery(**parameters)
    if (query.from_ or query.to) and not range_applies(query.period or ""):
        printing.say(
            f"emc: --from and --to do not apply to {query.period}: --start is its first day", err=True
        )
    with open_reader(data_dir, api, clickhouse) as reader:
        found = reader.marked(reader.rates(query), query)
        _remark(reader, query, found)
        empty = NOTHING if found or listing.is_for_programs else _nothing(reader, query)
    show(found, listing, empty)


def _nothing(reader: Readings, query: RateQuery) -> str:
    """That there is none of what was asked for, and of when there are some."""
    asked = select(query, load_registry())
    when = f"{asked.first}" if asked.first == asked.last else f"{asked.first} … {asked.last}"
    said = f"There are no such rates of the {asked.period} {when}: nothing was received or declared."
    if not range_applies(asked.period):
        return said
    group = GROUPS[0] if query.agency is None and query.group is None else query.group
    every = RateQuery(
        metric=next(iter(METRICS)), agency=query.agency, group=group, period=asked.period, from_=_EVER[0],
        to=_EVER[1], structure=query.structure, counted_for=query.counted_for,
    )  # fmt: skip
    starts = sorted({rate["start"] for rate in reader.rates(every)})
    if not starts:
        return f"{said} There are none of any other {asked.period} either."
    return f"{said} There are some from {starts[0]} to {starts[-1]}: see --start, --from and --to."


def _remark(reader: Readings, query: RateQuery, found: list[dict[str, Any]]) -> None:
    """Tells of incidents that touch the rates; a service of before they were kept has none to tell."""
    days = days_of(found)
    if days is not None:
        with contextlib.suppress(InputError):
            remark(reader.incidents(query.agency, days))


def show(found: list[dict[str, Any]], listing: Listing, empty: str = NOTHING) -> None:
    """The rates as a list."""
    registry = load_registry()
    starts = {rate["start"] for rate in found}
    title = ""
    if found:
        title = f"Rates by {found[0]['period']}" + (f", {found[0]['start']}" if len(starts) == 1 else "")
    columns = (
        *((Column("start", "Start", key=True),) if len(starts) > 1 else ()),
        Column("metric", "Metric (definition)", lambda rate: f"{rate['metric']} ({rate['definition']})"),
        Column("agency", "Agency or group", lambda rate: whose(rate, registry)),
        Column("numerator", "Numerator", lambda rate: printing.count(rate["numerator"]), number=True),
        Column("denominator", "Denominator", lambda rate: printing.count(rate["denominator"]), number=True),
        Column("rate", "Rate", _share, number=True),
        Column("coverage", "Coverage", lambda rate: printing.percent(rate["coverage"], 1), number=True),
        Column("as_of", "As of", lambda rate: printing.moment(rate["as_of"])[:10], rank=1),
    )
    listing.show(found, columns, title, empty)


def _share(rate: Mapping[str, Any]) -> str:
    share = printing.percent(rate["rate"])
    return printing.spoken(f"{share} (no catalogue)") if rate.get("no_catalogue") else share


def whose(rate: Mapping[str, Any], registry: Registry) -> str:
    """A rate's agency, with its name, or its group."""
    if "group" in rate:
        group: str = rate["group"]
        return group if printing.spoken(group) == group else f"{group} ({printing.spoken(group)})"
    code: str = rate["agency"]
    return f"{code} {registry.agencies[code].name}" if code in registry else code
