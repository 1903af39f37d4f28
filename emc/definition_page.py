"""The page of definitions, `docs/definitions.md`, written from `definitions.toml`.

python -m emc.definition_page > docs/definitions.md
"""

from collections.abc import Iterator

from emc.definitions import DEFINITIONS, METRICS, Definition, of_metric

_HEAD = """\
# Definitions

Written by `python -m emc.definition_page` from `emc/definitions.toml`: change that file, never this one.

A rate is *computed under a definition*. None of them is "the official rate": no official text at hand defines
one. The status says where a definition comes from:

* `official`: read in an official text;
* `practice`: working documents, public practice of one-stop systems, press;
* `own`: our own reasoning.

The first definition of a metric is its default. A definition never changes in place: a change is a new
definition with a new name, beside the old one. All days are calendar days in Asia/Ho_Chi_Minh.

*Received*: `received_at` is set and `removed` is not true. *Resolved*: received, `resolved_at` is set, and
the status is none of 3 (not accepted), 7 (withdrawn), 8 (stopped). The rate is null, not 0, when the
denominator is 0. Facts of the procedure are those of the catalogue on the day that counts.
"""
_COUNTED = {
    "receipt": "dossiers received, on the day of receipt",
    "resolution": "dossiers resolved, on the day of resolution",
    "state": "procedures of the catalogue on the period's last day, or today",
}


def markdown() -> str:
    """The whole page."""
    return "\n".join([_HEAD, *_overview(), *_metrics()])


def _overview() -> Iterator[str]:
    yield "| metric | definition | counts | status |"
    yield "|---|---|---|---|"
    for definition in DEFINITIONS:
        default = " (default)" if definition is of_metric(definition.metric)[0] else ""
        counted = _COUNTED[definition.day].partition(",")[0]
        yield f"| `{definition.metric}` | `{definition.name}`{default} | {counted} | {definition.status} |"
    yield ""


def _metrics() -> Iterator[str]:
    for metric in METRICS.values():
        yield f"## `{metric.name}`: {metric.en}"
        yield ""
        yield f"*{metric.vi}*"
        yield ""
        for definition in of_metric(metric.name):
            yield from _section(definition)


def _section(definition: Definition) -> Iterator[str]:
    yield f"### `{definition.metric}` / `{definition.name}`"
    yield ""
    yield f"{definition.en}"
    yield ""
    yield f"{definition.vi}"
    yield ""
    yield f"* counts: {_COUNTED[definition.day]}"
    yield f"* denominator: {_condition(definition.denominator)}"
    yield f"* numerator: {_condition(definition.numerator)}, within the denominator"
    yield f"* status: `{definition.status}`; source: {definition.source}"
    yield ""


def _condition(condition: str) -> str:
    return "all of them" if condition == "true" else f"`{condition}`"


if __name__ == "__main__":
    print(markdown(), end="")
