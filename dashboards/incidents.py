"""Incidents on the dashboards: a mark on each chart, and what happened in words."""

from grafana_foundation_sdk.builders.dashboard import AnnotationQuery

from dashboards.panels.chart import Line
from dashboards.panels.panel import AMBER, TIME, Panel
from dashboards.panels.table import Column, table
from dashboards.query import CLICKHOUSE, ClickHouseQuery, Target
from dashboards.sql import incidents as queries
from dashboards.wording import Words


def _title(words: Words) -> str:
    return words("Sự cố", "Incident")


def mark(words: Words) -> Line:
    """The days of incidents, shaded behind the lines of a chart."""
    return Line(queries.MARK, _title(words), AMBER, is_mark=True)


def incidents(words: Words, sql: str) -> Panel:
    """What happened, the newest first."""
    columns = [
        Column("begins_at", words("Từ", "From"), 150, TIME),
        Column("ends_at", words("Đến", "To"), 150, TIME),
        Column("name", words("Cơ quan (trống: mọi cơ quan)", "Agency (empty: all)"), 300),
        Column("text", words("Điều đã xảy ra", "What happened"), wrap=True),
    ]
    says = words(
        "Việc ngoài số liệu mà giải thích số liệu, chẳng hạn một hệ thống ngừng chạy; được đánh dấu trên"
        " các biểu đồ. Người vận hành nhập bằng `emc incidents add`; chưa có lúc kết thúc nghĩa là còn"
        " tiếp diễn.",
        "What happened outside of the numbers and explains them, such as an outage of a system; marked on the"
        " charts. Operators enter it with `emc incidents add`; without an end it goes on.",
    )
    return table(words("Sự cố", "Incidents"), says, sql, columns, words("Không có", "None"))


def annotation(words: Words) -> AnnotationQuery:
    """Marks on charts over time, where Grafana draws them itself."""
    target = Target(ClickHouseQuery(queries.annotations(), "incidents", as_series=False))
    query = AnnotationQuery().name(_title(words)).datasource(CLICKHOUSE).enable(True).icon_color(AMBER)
    return query.target(target)
