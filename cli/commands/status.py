"""`emc status`: one screen that says whether all is well."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import msgspec

from cli import options, printing
from cli.commands.doctor_disk import disk_of
from cli.commands.findings import Finding, broken, by_limits, doubtful, show, well
from cli.runtime.api_reader import ApiReader
from cli.runtime.reading import Readings, open_reader
from dashboards.alerts.form import Thresholds
from dashboards.alerts.limits import FileLimits
from dashboards.alerts.thresholds import site_thresholds
from emc import settings
from emc.definitions import of_metric
from emc.instants import now_us, parse_instant
from emc.registry import load_registry
from emc.translation import noun
from sinks.queries.rate_query import RateQuery

_NAMED, _WIDTH = 5, 10
_DIFFERENT_ADVICE = "Run `emc audit`, then report it."
_LAG_ADVICE = "Look at what it waits for, and at docs/operations.md#pipelinelag."


@click.command()
@options.as_json
@options.reading
def status(as_json: bool, data_dir: Path, api: str | None, clickhouse: str | None) -> int:
    """Show on one screen: service, lag, freshness, silent sources, refusals, alerts, audit, disk.

    Alerts are judged here, by the thresholds of the site or those shipped, without Prometheus; how long each
    has held is not looked at. Exit code 1 if something is broken.
    """
    thresholds = site_thresholds(settings.current().site.thresholds)
    with open_reader(data_dir, api, clickhouse) as reader:
        findings = list(_findings(reader, thresholds))
    if api is None and clickhouse is None and data_dir.is_dir():
        findings.append(disk_of(data_dir))
    for finding in findings:
        if as_json:
            printing.line(msgspec.structs.asdict(finding))
        else:
            show(finding, _WIDTH)
    return int(any(finding.status == "fail" for finding in findings))


def _findings(reader: Readings, thresholds: Thresholds) -> Iterator[Finding]:
    health = reader.health() if isinstance(reader, ApiReader) else None
    if health is None:
        yield doubtful(
            "service",
            "none is asked, the tables are read alone",
            "Start it with `emc up`, or name its --api.",
        )
    else:
        yield from _of_health(health, thresholds)
    limits = FileLimits(thresholds, load_registry())
    yield from _of_sources(reader.sources(), limits)
    yield _of_rates(reader, limits)


def _of_health(health: dict[str, Any], thresholds: Thresholds) -> Iterator[Finding]:
    said = str(health["status"])
    waiting = health.get("waiting_for") or "; ".join(health.get("warnings") or ())
    if said == "ok":
        yield well("service", said)
    else:
        told = f"{said}, waits for {waiting}" if waiting else said
        judge = broken if said == "down" else doubtful
        yield judge("service", told, "Look at its log, and at `emc doctor`.")
    lag = health.get("lag")
    if lag is None:
        yield doubtful("lag", "not known", "Kafka does not answer: look at it.")
    else:
        found = f"{printing.count(lag)} {noun(lag, 'message', 'messages')}"
        yield by_limits("lag", lag, found, thresholds.pipeline.lag, 10 * thresholds.pipeline.lag, _LAG_ADVICE)
    refused = health.get("broken_sources") or []
    if refused:
        advice = "Look at `emc rejections list --group --agency …`."
        yield doubtful("refusals", f"most events of {_some(refused)} are refused", advice)
    else:
        yield well("refusals", "no source's events are mostly refused")
    yield _of_audit(health.get("audit"))


def _of_audit(audit: dict[str, Any] | None) -> Finding:
    if audit is None:
        return well("audit", "none yet in this process")
    different = audit.get("different") or 0
    if different:
        return broken("audit", f"rows that differ: {printing.count(different)}", _DIFFERENT_ADVICE)
    checked = audit.get("checked") or 0
    return well("audit", f"{printing.count(checked)} {noun(checked, 'row', 'rows')} compared, none differs")


def _of_sources(sources: Sequence[dict[str, Any]], limits: FileLimits) -> Iterator[Finding]:
    if not sources:
        yield doubtful("freshness", "nothing has arrived yet", "See docs/connecting.md or docs/importing.md.")
        return
    newest = max(sources, key=lambda one: parse_instant(one["last_arrival"]))
    arrived = printing.moment(newest["last_arrival"])
    yield well("freshness", f"the newest event arrived {arrived} from {newest['source']}")
    now = now_us() / 1e6
    registry = load_registry()
    silent = [
        f"{one['source']} since {printing.moment(one['last_arrival'])}"
        for one in sources
        if one["agency"] in registry
        and registry.agencies[one["agency"]].successor is None
        and limits.working_seconds(one["source"], parse_instant(one["last_arrival"]) / 1e6, now)
        > limits.silence_limit(one["agency"])
    ]
    if silent:
        advice = "Call the agencies, or look at docs/operations.md#sourcesilent."
        yield doubtful("sources", f"silent: {len(silent)} of {len(sources)}: {_some(silent)}", advice)
    else:
        yield well("sources", f"{len(sources)}, none is silent")


def _of_rates(reader: Readings, limits: FileLimits) -> Finding:
    """The agencies' rates of this month that are below their thresholds, over enough dossiers."""
    below = []
    for rate in reader.rates(RateQuery(period="month")):
        metric = rate["metric"]
        if "agency" not in rate or rate["definition"] != of_metric(metric)[0].name or rate["rate"] is None:
            continue
        limit = limits.of_agency(metric, rate["agency"])
        if limit and rate["denominator"] >= limit.minimum and rate["rate"] < limit.threshold:
            below.append(f"{metric} of {rate['agency']}, {printing.percent(rate['rate'])}")
    if below:
        return doubtful(
            "alerts", f"rates below their thresholds: {len(below)}: {_some(below)}",
            "See docs/operations.md, and `emc dossiers --missing` for what is missing.",
        )  # fmt: skip
    return well("alerts", "no rate of this month is below its threshold")


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
