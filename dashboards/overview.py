"""The national overview: the rates at a glance, against what was published; who is behind, what moves."""

from dashboards.alerts.form import Thresholds
from dashboards.board import TITLES, Board, counted_for, month, structure
from dashboards.incidents import incidents, mark
from dashboards.overview_agencies import TREND, alerts, attention, matrix, movers
from dashboards.panels.chart import Line, trend
from dashboards.panels.panel import AMBER, BLUE, DAY, GREEN, RED, TIME, Panel
from dashboards.panels.stat import Value, prometheus_stat, stat
from dashboards.panels.table import Column, count, rate, table
from dashboards.places import COVERED, RATES, groups, states
from dashboards.sql import connections, overview
from dashboards.sql.incidents import EVERYBODY, in_month
from dashboards.wording import Words, default_of

_COLOURS = (BLUE, "#8f3bb8", GREEN, "#e0752d")
_ALIVE = 'ALERTS{alertstate="firing", alertname="Watchdog"}'


def build(words: Words, thresholds: Thresholds, prometheus: bool) -> Board:
    """The dashboard; `prometheus`: with the alerts that fire."""
    says = words(
        "Bốn tỷ lệ của dịch vụ công trực tuyến, tính từ hồ sơ mà các bộ, ngành, địa phương gửi về.",
        "The four rates of online public services, computed from the dossiers that agencies send.",
    )
    board = Board("overview", words(*TITLES["overview"]), says, words)
    board.choose(month(words), structure(words), counted_for(words))
    board.row(4, *((6, _card(words, metric)) for metric in RATES))
    strip = [_volume(words), _freshness(words), _connected(words)]
    if prometheus:
        board.row(4, *zip((7, 6, 7, 4), [*strip, _firing(words)], strict=True))
    else:
        board.row(4, *zip((8, 7, 9), strip, strict=True))
    board.beside((14, _published(words)), 10, [(10, _trend(words)), (6, _months(words))])
    board.section(words("Theo cơ quan", "By agency"))
    board.row(24, (24, matrix(words, "ministry")))
    board.row(35, (24, matrix(words, "locality")))  # all of today fit in
    board.section(words("Cần chú ý", "What needs a look"))
    board.row(13, (11, attention(words, thresholds)), (13, movers(words)))
    board.row(7, (24, incidents(words, in_month(EVERYBODY))))
    if prometheus:
        board.row(9, (24, alerts(words)))
    return board


def _card(words: Words, metric: str) -> Panel:
    values = [
        Value(name, title, colour=BLUE if name == "national" else "text")
        for name, title in groups(words).items()
    ]
    sql = overview.groups(*default_of(metric).split("/"))
    says = f"{words.described(metric)} {_sums(words)} {words.computed}"
    return stat(words.metric(metric), says, sql, values, words.no_data, 38)


def _sums(words: Words) -> str:
    return words(
        "Tỷ lệ của nhóm là tổng tử số chia tổng mẫu số, không phải trung bình các tỷ lệ.",
        "The rate of a group is the sum of numerators over the sum of denominators, never a mean of rates.",
    )


def _volume(words: Words) -> Panel:
    values = [
        Value("dossiers", words("Hồ sơ", "Dossiers"), "locale", 0),
        Value("coverage", words("Độ bao phủ", "Coverage"), steps=COVERED),
        Value("agencies", words("Cơ quan gửi", "Agencies"), "locale", 0),
        Value("all_agencies", words("Tổng cơ quan", "All agencies"), "locale", 0),
    ]
    says = words(
        "Số hồ sơ tiếp nhận trong tháng. Độ bao phủ: số hồ sơ nhận được trên số mà cơ quan khai báo cho"
        " những ngày có khai báo; dưới 100 % nghĩa là còn hồ sơ chưa gửi về, và các tỷ lệ chỉ đại diện"
        " cho phần đã có.",
        "Dossiers received in the month. Coverage: those that arrived over those that agencies declare,"
        " on the days with a declaration; below 100 % dossiers are missing, and the rates stand for the"
        " rest only.",
    )
    return stat(words("Khối lượng", "Volume"), says, overview.coverage(), values, words.no_data, 26)


def _freshness(words: Words) -> Panel:
    values = [
        Value("as_of", words("Dữ liệu đến", "Data up to"), TIME, 0),
        Value("arrived", words("Bản tin cuối đến lúc", "Last event arrived"), TIME, 0),
    ]
    says = words(
        "Dữ liệu đến: thời điểm thay đổi mới nhất mà một hệ thống nguồn ghi. Bản tin cuối: khi Kafka nhận"
        " bản tin gần nhất. Cả hai tính trên mọi tháng.",
        "Data up to: the newest moment of change that a source system gave. Last event: when Kafka took"
        " the newest one. Both over all months.",
    )
    return stat(words("Độ mới", "Freshness"), says, overview.freshness(), values, words.no_data, 16)


def _connected(words: Words) -> Panel:
    values = [
        Value(name, title, "locale", 0, steps=[(None, "text"), (1, colour)])
        for name, (title, colour) in states(words).items()
    ]
    says = words(
        f"Cơ quan đang hoạt động theo bản tin gần nhất: đang gửi trong {connections.LIVE_HOURS} giờ, chậm"
        f" trong {connections.LATE_HOURS} giờ, im lặng lâu hơn, hoặc chưa từng gửi; đã sáp nhập: mã đã"
        " đóng.",
        f"Existing agencies by their last event: live within {connections.LIVE_HOURS} hour, late within"
        f" {connections.LATE_HOURS} hours, silent for longer, or unseen; merged: the code is closed.",
    )
    title = words("Cơ quan kết nối", "Agencies connected")
    return stat(title, says, connections.summary(), values, words.no_data, 26)


def _firing(words: Words) -> Panel:
    urgencies = {
        "page": (words("Khẩn cấp", "Urgent"), RED),
        "ticket": (words("Hệ thống", "Monitor"), AMBER),
        "notice": (words("Cơ quan", "Agencies"), AMBER),
    }
    asked = [
        (
            f'count(ALERTS{{alertstate="firing", severity="{urgency}"}})\nor 0 * max({_ALIVE})',
            Value(urgency, text, "locale", 0, steps=[(None, "text"), (1, colour)]),
        )
        for urgency, (text, colour) in urgencies.items()
    ]
    says = words(
        "Cảnh báo của Prometheus đang bật: khẩn cấp (hệ thống, báo ngay mọi lúc), hệ thống (chờ giờ làm"
        " việc), cơ quan. Danh sách ở cuối trang.",
        "Alerts of Prometheus that fire now: urgent ones of the monitor (told at any time), others of the"
        " monitor (wait for working hours), those of agencies. The list is at the end of the page.",
    )
    return prometheus_stat(words("Cảnh báo", "Alerts"), says, asked, words.no_data, 26)


def _published(words: Words) -> Panel:
    columns = [
        Column("metric", words("Chỉ tiêu", "Metric")),
        Column("scope", words("Phạm vi", "Scope"), 88),
        rate("computed", words("Tính được", "Computed"), width=84),
        rate("published", words("Đã công bố", "Published"), width=91),
        Column(
            "difference",
            words("Chênh lệch", "Difference"),
            103,
            words.points,
            1,
            steps=[(None, RED), (-5.0, "text")],
        ),
        Column("spoken_of", words("Kỳ", "Of"), 70),
        Column("published_on", words("Ngày công bố", "Published on"), 116, DAY),
        rate("target", words("Mục tiêu", "Target"), width=80),
        count("numerator", words("Tử số", "Numerator"), width=86),
        count("denominator", words("Mẫu số", "Denominator"), width=100),
    ]
    sql = overview.published(words.defaults(*RATES, "full_online_use", "online_supply"), groups(words))
    says = words(
        "Số tính theo định nghĩa mặc định, bên cạnh số đã được công bố gần tháng đang xem nhất. Cách tính"
        " của số công bố không được nêu, nên chênh lệch (điểm phần trăm) là để đối chiếu, không phải sai"
        " số; chỉ so sánh khi cùng kỳ và cùng định nghĩa.",
        "Rates by their default definition beside the figure published nearest to the month. How"
        " published figures were computed was not published, so a difference (percentage points) is no"
        " error; it is given only where both speak of the same month and definition.",
    )
    return table(
        words("So với số đã công bố", "Against published figures"), says, sql, columns, words.no_data
    )


def _trend(words: Words) -> Panel:
    lines = [
        Line(metric, words.metric(metric), colour) for metric, colour in zip(TREND, _COLOURS, strict=True)
    ] + [mark(words)]
    sql = overview.trend({metric: default_of(metric) for metric in TREND})
    says = words(
        "Toàn quốc, mỗi điểm là tỷ lệ của bảy ngày tính đến ngày đó. Tỷ lệ cung cấp không xem theo ngày. ",
        "The country; each point is the rate of the seven days up to that day. Supply is not shown by day. ",
    ) + " ".join(words.described(metric) for metric in TREND)
    title = words("Diễn biến trong tháng (7 ngày trượt)", "In the course of the month (sliding 7 days)")
    return trend(title, says, sql, ("day_of_month", words("Ngày", "Day")), lines, words.no_data)


def _months(words: Words) -> Panel:
    widths = {"vi": (125, 150, 130, 142), "en": (146, 145, 130, 138)}[words.language]
    columns = [
        Column("month", words("Tháng", "Month"), 68),
        *(
            rate(metric, words.metric(metric), width=width)
            for metric, width in zip(RATES, widths, strict=True)
        ),
    ]
    says = words(
        "Toàn quốc, tháng đang xem và mười hai tháng trước, theo định nghĩa mặc định. ",
        "The country, the month looked at and the twelve before, by the default definitions. ",
    ) + " ".join(words.described(metric) for metric in RATES)
    sql = overview.by_month({metric: default_of(metric) for metric in RATES})
    return table(words("Theo tháng", "By month"), says, sql, columns, words.no_data)
