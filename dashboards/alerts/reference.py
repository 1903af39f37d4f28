"""docs/metrics.md, written from the one file that names the metrics."""

from collections.abc import Iterable, Iterator

from sinks.prometheus.metrics import ALL, Named

_INTRO = """\
# Metrics

Generated from `sinks/prometheus/metrics.py` by `python -m dashboards.alerts`. Change it there.

`GET /metrics` of the API exposes what is read from ClickHouse; that of a worker exposes what the worker has
done. `emc up` exposes both. A series of an agency has `group=""`, one of a group has `agency=""`, so that
sums over either count nothing twice. What has no value has no series: no data is never 0.

The rates are computed under the definition in the label `definition`, explained in
[definitions.md](definitions.md); none of them is "the official rate".

With all agencies, groups, definitions and periods the exporter shows at most about 30 000 series, whatever
the agencies send: sources beyond twenty of one agency are counted, not shown.

What each alert means and what to do is in [operations.md](operations.md).
"""


def metrics_page() -> str:
    """The page in Markdown."""
    sections = [
        _INTRO,
        "## Read from ClickHouse\n",
        *_table(named for named in ALL if named.exposed_by == "exporter"),
        "\n## Told by each worker\n",
        *_table(named for named in ALL if named.exposed_by == "worker"),
    ]
    return "\n".join(sections) + "\n"


def _table(metrics: Iterable[Named]) -> Iterator[str]:
    yield "| metric | kind | labels | it tells | what to do |"
    yield "|---|---|---|---|---|"
    for named in metrics:
        labels = ", ".join(f"`{label}`" for label in named.labels) or "–"
        yield f"| `{named.name}` | {named.kind} | {labels} | {named.tells} | {named.do} |"
