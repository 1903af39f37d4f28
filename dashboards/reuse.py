"""Data reuse: from which source, for which procedures, digitised against reused, and the threshold."""

from dashboards.alerts.form import Thresholds
from dashboards.board import TITLES, Board, agency, counted_for, month, structure
from dashboards.incidents import incidents, mark
from dashboards.limits import of_groups, reuse_limits
from dashboards.panels.chart import Line, bars, trend
from dashboards.panels.panel import BLUE, GREEN, GREY, RED, Panel
from dashboards.panels.stat import Value, stat
from dashboards.panels.table import Column, count, rate, table
from dashboards.places import agency_column, code_column, groups
from dashboards.sql import reuse as queries
from dashboards.sql.incidents import in_month
from dashboards.sql.moved import windows
from dashboards.wording import Words


def build(words: Words, thresholds: Thresholds, prometheus: bool) -> Board:
    """The dashboard."""
    says = words(
        "Khai thác, sử dụng lại thông tin, dữ liệu số hóa: người dân không phải nộp lại thứ nhà nước đã có.",
        "Data that the state already has is used again: nobody hands in twice what is known.",
    )
    board = Board("data-reuse", words(*TITLES["data-reuse"]), says, words)
    board.choose(agency(words, everyone=True), month(words), structure(words), counted_for(words))
    board.row(5, (10, _rate(words)), (14, _components(words)))
    board.row(12, (13, _trend(words, thresholds)), (11, _sources(words)))
    board.row(22, (24, _agencies(words, thresholds)))
    board.row(14, (24, _windows(words, thresholds)))
    board.row(16, (24, _procedures(words)))
    board.row(6, (24, incidents(words, in_month(queries.OF_CHOICE))))
    return board


def _rate(words: Words) -> Panel:
    values = [
        Value("mine", words("Đang chọn", "Chosen"), colour=BLUE),
        *(Value(name, title) for name, title in groups(words).items()),
    ]
    says = f"{words.described('data_reuse')} {words.computed}"
    return stat(words.metric("data_reuse"), says, queries.rate(), values, words.no_data)


def _counted(words: Words) -> str:
    return words(
        "Đếm trên hồ sơ tiếp nhận trong tháng, có mã hồ sơ của tháng đó hoặc tháng liền kề.",
        "Counted over the dossiers received in the month whose code bears that month or one beside it.",
    )


def _components(words: Words) -> Panel:
    values = [
        Value("dossiers", words("Hồ sơ có sử dụng lại", "Dossiers with reuse"), "locale", 0, BLUE),
        Value("components", words("Thành phần", "Components"), "locale", 0),
        Value("digitised_share", words("Đã số hóa", "Digitised")),
        Value("reused_share", words("Được sử dụng lại", "Reused")),
        Value("unused", words("Số hóa, chưa dùng lại", "Digitised, not reused"), "locale", 0),
    ]
    says = words(
        "Thành phần hồ sơ của lựa chọn: bao nhiêu đã số hóa, bao nhiêu được lấy từ dữ liệu có sẵn. ",
        "The components of the dossiers chosen: how many are digitised, how many were served from data at"
        " hand. ",
    )
    title = words("Thành phần hồ sơ", "Components")
    return stat(title, says + _counted(words), queries.components(), values, words.no_data, 24)


def _trend(words: Words, thresholds: Thresholds) -> Panel:
    ministries, localities = of_groups(thresholds)
    names = groups(words)
    bound = words("Ngưỡng", "Threshold")
    lines = [
        Line("ministries", names["ministries"], "#8f3bb8"),
        Line("localities", names["localities"], GREEN),
        Line("threshold_ministries", f"{bound}: {names['ministries']}", "#8f3bb8", dashed=True),
        Line("threshold_localities", f"{bound}: {names['localities']}", GREEN, dashed=True),
        mark(words),
    ]
    says = words(
        "Mỗi điểm là tỷ lệ của bảy ngày tính đến ngày đó, trên các cơ quan đang chọn; đường đứt là ngưỡng"
        " cảnh báo do người vận hành đặt. ",
        "Each point is the rate of the seven days up to that day, over the agencies chosen; dashed: the"
        " thresholds of the alerts, which operators set. ",
    ) + words.described("data_reuse")
    title = words("Diễn biến so với ngưỡng (7 ngày trượt)", "Against the threshold (sliding 7 days)")
    sql = queries.trend(ministries, localities)
    return trend(title, says, sql, ("day_of_month", words("Ngày", "Day")), lines, words.no_data)


def _sources(words: Words) -> Panel:
    says = words(
        "Thành phần được sử dụng lại, theo nơi lấy dữ liệu. ",
        "Components reused, by where the data came from. ",
    )
    title = words("Nguồn dữ liệu được dùng lại", "Where reused data came from")
    value = ("components", words("Thành phần", "Components"))
    sql = queries.by_source(words.reuse_sources())
    return bars(title, says + _counted(words), sql, "source", value, words.no_data)


def _agencies(words: Words, thresholds: Thresholds) -> Panel:
    limits, minimum = reuse_limits(thresholds)
    columns = [
        agency_column(words, 300, "counted_for", "definition=data_reuse/received"),
        count("numerator", words("Tử số", "Numerator"), width=110),
        count("denominator", words("Mẫu số", "Denominator"), width=120),
        rate("rate", words("Tỷ lệ", "Rate"), gauge=0.3),
        rate("threshold", words("Ngưỡng", "Threshold"), width=110),
        Column("judged", words("Kết luận", "Judged"), 150, states=_judged(words)),
        code_column(words, 80),
    ]
    says = words(
        f"Cơ quan xa ngưỡng nhất ở trên; dưới {minimum} hồ sơ thì không xét. ",
        f"The agency farthest below its threshold on top; below {minimum} dossiers it is not judged. ",
    ) + words.described("data_reuse")
    title = words("Từng cơ quan so với ngưỡng", "Each agency against its threshold")
    return table(title, says, queries.by_agency(limits, minimum), columns, words.no_data)


def _windows(words: Words, thresholds: Thresholds) -> Panel:
    limits, _ = reuse_limits(thresholds)
    least = thresholds.below["data_reuse"].window_minimum
    days7, days28 = words("7 ngày", "7 days"), words("28 ngày", "28 days")
    numerator, denominator = words("Tử số", "Numerator"), words("Mẫu số", "Denominator")
    columns = [
        agency_column(words, 300, "counted_for", "definition=data_reuse/received"),
        count("above7", f"{numerator}, {days7}", width=130),
        count("below7", f"{denominator}, {days7}", width=145),
        rate("rate7", words("Tỷ lệ, 7 ngày", "Rate, 7 days"), gauge=0.3),
        count("above28", f"{numerator}, {days28}", width=135),
        count("below28", f"{denominator}, {days28}", width=150),
        rate("rate28", words("Tỷ lệ, 28 ngày", "Rate, 28 days"), gauge=0.3),
        rate("threshold", words("Ngưỡng", "Threshold"), width=100),
        Column("judged", words("Kết luận", "Judged"), 130, states=_judged(words)),
        code_column(words, 70),
    ]
    says = words(
        "Hồ sơ tiếp nhận trong 7 và 28 ngày trọn gần nhất của tháng đang xem (tháng này: đến hôm qua):"
        " một năm có thể trông tốt trong khi hồ sơ mới nhất không dùng lại gì. Xét theo 28 ngày, từ"
        f" {least} hồ sơ. ",
        "Dossiers received in the last 7 and 28 complete days of the month (of this month: up to"
        " yesterday): a year may look well while the newest dossiers reuse nothing. Judged over 28 days,"
        f" from {least} dossiers on. ",
    ) + words.described("data_reuse")
    title = words("7 và 28 ngày gần nhất", "The last 7 and 28 days")
    return table(title, says, windows(limits, least), columns, words.no_data)


def _judged(words: Words) -> dict[str, tuple[str, str]]:
    return {
        "below": (words("Dưới ngưỡng", "Below"), RED),
        "met": (words("Đạt", "Met"), GREEN),
        "few": (words("Ít hồ sơ", "Few dossiers"), GREY),
    }


def _procedures(words: Words) -> Panel:
    columns = [
        Column("procedure", words("Thủ tục", "Procedure"), 90),
        Column("name", words("Tên", "Name")),
        count("dossiers", words("Hồ sơ", "Dossiers"), width=75),
        rate("dossiers_reused", words("Hồ sơ dùng lại", "Dossiers reusing"), width=140),
        count("components", words("Thành phần", "Components"), width=105),
        rate("digitised_share", words("Đã số hóa", "Digitised"), width=90, scale=(0.0, 1.0)),
        rate("reused_share", words("Dùng lại", "Reused"), width=85, scale=(0.0, 0.3)),
        count("unused", words("Chưa dùng lại", "Not reused"), width=115),
    ]
    says = words(
        "Thủ tục có nhiều thành phần đã số hóa mà chưa được sử dụng lại nhất ở trên: nơi còn nhiều dư địa"
        " nhất. ",
        "Procedures with most components digitised but not reused on top: where most can be gained. ",
    )
    title = words("Số hóa so với sử dụng lại, theo thủ tục", "Digitised against reused, by procedure")
    return table(title, says + _counted(words), queries.by_procedure(), columns, words.no_data)
