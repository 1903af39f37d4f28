"""The pipeline: lag, throughput, times of batches and inserts, refusals, audit, restarts."""

from collections.abc import Sequence

from dashboards.alerts.form import Thresholds
from dashboards.board import TITLES, Board
from dashboards.incidents import incidents
from dashboards.panels.chart import Line, series
from dashboards.panels.panel import AMBER, BLUE, GREEN, GREY, RED, TIME, Panel
from dashboards.panels.stat import Value, stat
from dashboards.panels.table import Column, count, table
from dashboards.query import ClickHouseQuery, PrometheusQuery
from dashboards.sql import pipeline as queries
from dashboards.sql.incidents import newest
from dashboards.wording import Words
from sinks.prometheus import metrics


def build(words: Words, thresholds: Thresholds, prometheus: bool) -> Board:
    """The dashboard; `prometheus`: with what only the workers know."""
    says = words(
        "Đường đi của bản tin từ Kafka đến ClickHouse: bao nhiêu, nhanh chậm, cái gì bị từ chối.",
        "The way of events from Kafka to ClickHouse: how many, how fast, what is refused.",
    )
    board = Board("pipeline", words(*TITLES["pipeline"]), says, words, by_time=True)
    board.row(4, (24, _strip(words)))
    if prometheus:
        board.section(words("Bộ xử lý (Prometheus)", "Workers (Prometheus)"))
        board.row(9, (8, _lag(words)), (8, _handled(words)), (8, _steps(words)))
        board.row(8, (8, _audit(words)), (8, _restarts(words)), (8, _waiting(words)))
    board.section(words("Dữ liệu đã ghi (ClickHouse)", "What is stored (ClickHouse)"))
    board.row(9, (12, _throughput(words)), (12, _refused(words)))
    board.row(9, (12, _delay(words)), (12, _reasons(words)))
    board.row(12, (12, _partitions(words)), (12, _tables(words)))
    board.row(7, (24, incidents(words, newest())))
    return board


def _strip(words: Words) -> Panel:
    values = [
        Value("accepted", words("Bản tin đã nhận", "Events accepted"), "locale", 0, BLUE),
        Value("rejected", words("Bị từ chối", "Refused"), "locale", 0),
        Value(
            "refused",
            words("Tỷ lệ từ chối", "Share refused"),
            decimals=2,
            steps=[(None, GREEN), (0.02, AMBER), (0.05, RED)],
        ),
        Value("arrived", words("Bản tin cuối đến lúc", "Last event arrived"), TIME, 0),
        Value("written", words("Lần ghi cuối", "Last write"), TIME, 0),
        Value("conflicts", words("Mâu thuẫn", "Conflicts"), "locale", 0),
    ]
    says = words(
        "Trong khoảng thời gian đang xem: bản tin được nhận và bị từ chối, theo lúc Kafka nhận. Bản tin"
        " cuối, lần ghi cuối và mâu thuẫn (hai bản tin cùng thời điểm, cùng mã, khác giá trị) tính trên"
        " mọi thời gian.",
        "In the time range: events accepted and refused, by their arrival at Kafka. Last event, last"
        " write and conflicts (two events of the same time and id that differ) are of all time.",
    )
    return stat(words("Tổng hợp", "Summary"), says, queries.strip(), values, words.no_data, 22)


def _throughput(words: Words) -> Panel:
    lines = [
        Line("dossier", words("Hồ sơ", "Dossiers"), BLUE),
        Line("procedure", words("Thủ tục", "Procedures"), "#8f3bb8"),
        Line("declaration", words("Khai báo", "Declarations"), GREEN),
    ]
    says = words(
        "Bản tin được nhận mỗi phút, theo loại; nhịp tim không được lưu.",
        "Events accepted a minute, by type; heartbeats are not stored.",
    )
    query = ClickHouseQuery(queries.throughput(), "A", as_series=True)
    title = words("Bản tin mỗi phút", "Events a minute")
    return series(title, says, [query], lines, words.no_data, "short", bars=True)


def _refused(words: Words) -> Panel:
    says = words(
        "Bản tin bị từ chối theo lý do của hợp đồng dữ liệu. Không bản tin nào mất: chúng nằm ở"
        " emc.events.rejected.",
        "Refused events by the contract's reasons. None is lost: they lie in emc.events.rejected.",
    )
    lines = [Line(f"events {reason}", text) for reason, text in words.reasons().items()]
    query = ClickHouseQuery(queries.refused(), "A", as_series=True)
    title = words("Bản tin bị từ chối", "Events refused")
    return series(title, says, [query], lines, words.no_data, "short", bars=True)


def _delay(words: Words) -> Panel:
    lines = [
        Line("median", words("Trung vị", "Median"), BLUE),
        Line("p95", words("95 % bản tin dưới mức này", "95 % are below"), GREY),
    ]
    says = words(
        "Từ lúc hệ thống nguồn ghi thay đổi đến lúc Kafka nhận. Dữ liệu cũ gửi bù (hoặc tháng mô phỏng)"
        " cho giá trị rất lớn: đó là tuổi thật của bản tin.",
        "From the change in the source system to its arrival at Kafka. History sent later (or a simulated"
        " month) gives great values: it is the true age of the events.",
    )
    query = ClickHouseQuery(queries.delay(), "A", as_series=True)
    title = words("Tuổi của bản tin khi đến", "Age of events at arrival")
    return series(title, says, [query], lines, words.no_data, "s")


def _reasons(words: Words) -> Panel:
    columns = [
        Column("agency", words("Mã", "Code"), 60),
        Column("name", words("Cơ quan", "Agency")),
        Column(
            "reason",
            words("Lý do", "Reason"),
            165,
            states={k: (v, "text") for k, v in words.reasons().items()},
        ),
        count("events", words("Bản tin", "Events"), width=80),
        Column("newest", words("Gần nhất", "Newest"), 145, TIME),
    ]
    says = words(
        "Trong khoảng thời gian đang xem, theo cơ quan và lý do; – là không đọc được cơ quan nào.",
        "In the time range, by agency and reason; – where no agency could be read.",
    )
    title = words("Ai bị từ chối vì sao", "Who is refused for what")
    return table(title, says, queries.reasons(), columns, words.no_data)


def _partitions(words: Words) -> Panel:
    columns = [
        count("partition", words("Phân vùng", "Partition"), width=110, left=True),
        count("next_offset", words("Vị trí đã ghi", "Written up to offset")),
        Column("written", words("Ghi lúc", "Written at"), 180, TIME),
    ]
    says = words(
        "Mọi bản tin trước vị trí này đã nằm trong ClickHouse.",
        "Every message before this offset is in ClickHouse.",
    )
    return table(
        words("Phân vùng Kafka", "Kafka partitions"), says, queries.partitions(), columns, words.no_data
    )


def _tables(words: Words) -> Panel:
    columns = [
        Column("table", words("Bảng", "Table")),
        count("stored", words("Dòng", "Rows"), width=110),
        Column("bytes", words("Dung lượng", "Size"), 110, "bytes", 1),
        count("parts", words("Phần", "Parts"), width=90),
    ]
    says = words(
        "Dòng và dung lượng trên đĩa, kể cả bản cũ chưa được gộp; ClickHouse làm chậm việc ghi khi một"
        " phân vùng có 1 000 phần.",
        "Rows and size on disk, replaced rows included until they are merged away; ClickHouse slows"
        " inserts down at 1 000 parts in a partition.",
    )
    return table(words("Các bảng", "Tables"), says, queries.tables(), columns, words.no_data)


def _prometheus(
    title: str,
    named: tuple[metrics.Named, ...],
    expr: dict[str, str],
    words: Words,
    unit: str,
    lines: Sequence[Line] = (),
) -> Panel:
    """Lines of expressions by their legends; `lines`: titles for what a legend takes from a label."""
    asked = [
        PrometheusQuery(text, chr(ord("A") + n), legend, instant=False, as_table=False)
        for n, (legend, text) in enumerate(expr.items())
    ]
    says = " ".join(f"`{each.name}`: {each.tells} {each.do}" for each in named)
    return series(title, says, asked, lines, words.no_data, unit)


def _lag(words: Words) -> Panel:
    expr = {words("Bản tin chờ", "Messages waiting"): f"max({metrics.LAG.name})"}
    return _prometheus(words("Độ trễ (bản tin)", "Lag (messages)"), (metrics.LAG,), expr, words, "short")


def _handled(words: Words) -> Panel:
    expr = {"{{outcome}}": f"sum by (outcome) (rate({metrics.EVENTS.name}[$__rate_interval]))"}
    lines = [
        Line("accepted", words("Được nhận", "Accepted"), BLUE),
        Line("rejected", words("Bị từ chối", "Refused"), RED),
        Line("forwarded", words("Chuyển phân vùng", "Sent on"), GREY),
    ]
    title = words("Bản tin mỗi giây", "Events a second")
    return _prometheus(title, (metrics.EVENTS,), expr, words, "short", lines)


def _steps(words: Words) -> Panel:
    expr = {
        "{{step}}": f"sum by (step) (rate({metrics.STEP_SECONDS.name}[$__rate_interval]))"
        f" / on () group_left () sum(rate({metrics.BATCHES.name}[$__rate_interval]))"
    }
    title = words("Thời gian mỗi lô, theo bước", "Seconds a batch, by step")
    steps = {
        "judge": words("Kiểm tra", "Judge"),
        "send": words("Chuyển tiếp", "Send"),
        "fold": words("Gộp", "Fold"),
        "insert": words("Ghi ClickHouse", "Insert"),
        "store": words("Lưu cục bộ", "Store"),
    }
    lines = [Line(step, text) for step, text in steps.items()]
    return _prometheus(title, (metrics.STEP_SECONDS, metrics.BATCHES), expr, words, "s", lines)


def _audit(words: Words) -> Panel:
    expr = {
        words("Dòng khác nhau", "Rows that differ"): f"max({metrics.AUDIT_DIFFERENCES.name})",
        words("Cơ quan chưa so được", "Agencies unsettled"): f"max({metrics.AUDIT_UNSETTLED.name})",
    }
    named = (metrics.AUDIT_DIFFERENCES, metrics.AUDIT_UNSETTLED)
    title = words("Kiểm toán: số dòng, số cơ quan", "Audit: rows, agencies")
    return _prometheus(title, named, expr, words, "short")


def _restarts(words: Words) -> Panel:
    expr = {"{{instance}}": "max by (instance) (changes(process_start_time_seconds[1h]))"}
    panel = _prometheus(words("Khởi động lại trong 1 giờ", "Restarts in 1 hour"), (), expr, words, "short")
    return panel.description(
        words(
            "`process_start_time_seconds`: số lần mỗi tiến trình khởi động lại trong một giờ qua; bình"
            " thường là 0.",
            "`process_start_time_seconds`: how often each process was started again within an hour; 0 is"
            " normal.",
        )
    )


def _waiting(words: Words) -> Panel:
    expr = {"{{component}}": f"max by (component) ({metrics.WAITING.name})"}
    title = words("Đang chờ thành phần", "Waiting for a component")
    lines = [
        Line("kafka", "Kafka"),
        Line("clickhouse", "ClickHouse"),
        Line("other", words("Khác", "Other")),
    ]
    return _prometheus(title, (metrics.WAITING,), expr, words, "short", lines)


__all__ = ["build"]
