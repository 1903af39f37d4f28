"""The overview's lower part: each agency in a row, who needs a look, what moves, what alerts."""

from dashboards.alerts.form import Thresholds
from dashboards.alerts.titles import alert_titles
from dashboards.limits import reuse_limits
from dashboards.panels.panel import AMBER, GREEN, RED, Panel
from dashboards.panels.table import Column, count, prometheus_table, rate, table
from dashboards.places import COVERED, agency_column, code_column, to_agency
from dashboards.sql import overview
from dashboards.wording import Words, default_of

_IN_TABLE = (
    "online_submission",
    "full_online_supply",
    "full_online_use",
    "electronic_result",
    "data_reuse",
    "on_time",
)
_SCALES = {"data_reuse": 0.25, "full_online_use": 0.6}
_MOVER_MINIMUM = 50
_FIRING = """
count by (alertname, severity, agency, name, source) (
  ALERTS{alertstate="firing", agency!=""}
    * on (agency) group_left (name) max by (agency, name) (emc_agency_info)
  or on (alertname, agency)
  ALERTS{alertstate="firing", alertname!="Watchdog"}
)
""".strip()
"""Alerts with the names of their agencies, as long as the exporter tells them."""
TREND = ("online_submission", "full_online_use", "electronic_result", "data_reuse")


def matrix(words: Words, kind: str) -> Panel:
    """Every agency of a kind in a row, with its rates."""
    columns = [
        agency_column(words, 290, "counted_for"),
        count("dossiers", words("Hồ sơ", "Dossiers"), width=90),
        *(
            rate(
                metric,
                words.metric(metric),
                width=158,
                scale=(0.0, _SCALES.get(metric, 1.0)),
                link=(
                    words.metric(metric),
                    to_agency(words, "counted_for", f"definition={default_of(metric)}"),
                ),
            )
            for metric in _IN_TABLE
        ),
        rate(
            "coverage",
            words("Bao phủ", "Coverage"),
            width=80,
            steps=COVERED,
        ),
        code_column(words),
    ]
    sql = overview.matrix(kind, {metric: default_of(metric) for metric in _IN_TABLE})
    says = words(
        "Mỗi cơ quan một dòng, cơ quan nộp trực tuyến thấp nhất ở trên. Màu từ đỏ (thấp) đến xanh (cao),"
        " thang 0 đến 100 %, riêng sử dụng lại dữ liệu đến 25 % và hồ sơ toàn trình đến 60 %. Ô trống là"
        " không có dữ liệu. Bấm vào tên hoặc một tỷ lệ để xem cơ quan. ",
        "An agency a row, the lowest online submission on top. Colours run from red (low) to green"
        " (high), on a scale to 100 %, for data reuse to 25 %, for full-online use to 60 %. An empty cell"
        " means no data. Click a name or a rate to see the agency. ",
    ) + " ".join(words.described(metric) for metric in _IN_TABLE)
    title = words("Bộ, ngành", "Ministries") if kind == "ministry" else words("Địa phương", "Localities")
    return table(title, says, sql, columns, words.no_data)


def attention(words: Words, thresholds: Thresholds) -> Panel:
    """Agencies below a threshold, or without dossiers."""
    limits, minimum = reuse_limits(thresholds)
    coverage = thresholds.coverage.threshold
    why = {
        "reuse": words("Sử dụng lại dưới ngưỡng", "Reuse below its threshold"),
        "coverage": words("Độ bao phủ thấp", "Coverage low"),
        "nothing": words("Không có hồ sơ nào", "No dossiers at all"),
    }
    columns = [
        agency_column(words, None, "counted_for"),
        Column("why", words("Lý do", "Why"), 185),
        rate("value", words("Hiện tại", "Now"), width=75),
        rate("bound", words("Ngưỡng", "Threshold"), width=85),
        code_column(words, 55),
    ]
    says = words(
        f"Cơ quan có tỷ lệ sử dụng lại dữ liệu dưới ngưỡng, độ bao phủ dưới {coverage:.0%}, hoặc không có"
        f" hồ sơ nào trong tháng. Chỉ xét từ {minimum} hồ sơ trở lên. Ngưỡng do người vận hành đặt, giống"
        " như của cảnh báo. ",
        f"Agencies whose data reuse is below its threshold, whose coverage is below {coverage:.0%}, or"
        f" without any dossier in the month; judged from {minimum} dossiers on. Operators set the"
        " thresholds, the same as those of the alerts. ",
    ) + words.described("data_reuse")
    sql = overview.attention(limits, minimum, coverage, why)
    return table(words("Cơ quan cần chú ý", "Agencies that need a look"), says, sql, columns, words.no_data)


def movers(words: Words) -> Panel:
    """The greatest changes of the last week."""
    steps = [(None, RED), (0.0, GREEN)]
    columns = [
        agency_column(words, None, "counted_for"),
        Column("metric", words("Chỉ tiêu", "Metric"), 135),
        rate("before", words("Tuần trước", "Week before"), width=102),
        rate("after", words("Tuần cuối", "Last week"), width=84),
        Column("change", words("Thay đổi", "Change"), 101, words.points, 1, steps=steps),
        count("dossiers", words("Hồ sơ", "Dossiers"), width=84),
        code_column(words, 55),
    ]
    says = words(
        "Thay đổi lớn nhất giữa bảy ngày cuối của tháng (tháng chưa hết: đến hôm qua) và bảy ngày trước"
        f" đó, theo điểm phần trăm; mỗi tuần ít nhất {_MOVER_MINIMUM} hồ sơ. ",
        "The greatest changes from the seven days before to the last seven days of the month (of a month"
        f" under way: to yesterday), in percentage points; at least {_MOVER_MINIMUM} dossiers in each"
        " week. ",
    ) + " ".join(words.described(metric) for metric in TREND)
    sql = overview.movers(words.defaults(*TREND), _MOVER_MINIMUM)
    return table(words("Biến động trong tuần", "Movers of the week"), says, sql, columns, words.no_data)


def alerts(words: Words) -> Panel:
    """The alerts that fire."""
    severities = {
        "page": (words("Khẩn cấp", "Urgent"), RED),
        "ticket": (words("Hệ thống", "Monitor"), AMBER),
        "notice": (words("Cơ quan", "Agency"), AMBER),
    }
    drill = (words("Xem cơ quan này", "See this agency"), to_agency(words, "counted_for"))
    columns = [
        Column("alertname", words("Cảnh báo", "Alert"), 430, states=alert_titles(words, words.metric)),
        Column("name", words("Cơ quan", "Agency"), 330, link=drill),
        Column("source", words("Nguồn", "Source"), 330),
        Column("severity", words("Loại", "Kind"), 150, states=severities),
        code_column(words),
    ]
    says = words(
        "Cảnh báo của Prometheus đang bật, theo tháng hiện tại. Bảng trống: không có cảnh báo nào.",
        "Alerts of Prometheus that fire now; they judge the current month. An empty table: none.",
    )
    title, none = words("Cảnh báo đang bật", "Alerts firing"), words("Không có cảnh báo", "No alerts")
    return prometheus_table(title, says, _FIRING, columns, none)
