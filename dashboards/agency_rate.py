"""The rate chosen on an agency's page: by day, month, procedure and unit, and what is missing from it."""

from dashboards.board import (
    field,
    place_link,
)
from dashboards.incidents import mark
from dashboards.panels.chart import Line, trend
from dashboards.panels.panel import BLUE, DAY, GREY, Panel
from dashboards.panels.table import Column, count, rate, table
from dashboards.sql import agency as queries
from dashboards.wording import Words


def _chosen(words: Words) -> str:
    return words(
        "Theo định nghĩa đang chọn ở ô Tỷ lệ (câu chữ ở bảng trên).",
        "By the definition chosen under Rate (its wording is in the table above).",
    )


def rate_by_day(words: Words) -> Panel:
    """In the course of the month, beside its group and the country."""
    lines = [
        Line("mine", words("Cơ quan", "Agency"), BLUE),
        Line("peers", words("Nhóm", "Group"), "#e0752d"),
        Line("national", words("Toàn quốc", "Country"), GREY),
        mark(words),
    ]
    says = words(
        "Mỗi điểm là tỷ lệ của bảy ngày tính đến ngày đó. ",
        "Each point is the rate of the seven days up to that day. ",
    )
    title = words("Diễn biến trong tháng (7 ngày trượt)", "In the course of the month (sliding 7 days)")
    x = ("day_of_month", words("Ngày", "Day"))
    return trend(title, says + _chosen(words), queries.trend(), x, lines, words.no_data)


def rate_by_month(words: Words) -> Panel:
    """The month looked at and the twelve before."""
    columns = [
        Column("month", words("Tháng", "Month"), 90),
        count("numerator", words("Tử số", "Numerator"), width=100),
        count("denominator", words("Mẫu số", "Denominator"), width=110),
        rate("rate", words("Tỷ lệ", "Rate"), gauge=1.0),
        rate("coverage", words("Bao phủ", "Coverage"), width=90),
    ]
    says = words("Tháng đang xem và mười hai tháng trước. ", "The month looked at and the twelve before. ")
    title = words("Theo tháng", "By month")
    return table(title, says + _chosen(words), queries.by_month(), columns, words.no_data)


def rate_by_procedure(words: Words) -> Panel:
    """The procedures that hold the rate back most."""
    drill = place_link(
        words,
        "agency",
        "agency",
        "month",
        "structure",
        "counted_for",
        "definition",
        f"procedure={field('procedure')}",
    )
    link = (words("Chỉ xem thủ tục này", "This procedure only"), drill)
    columns = [
        Column("procedure", words("Thủ tục", "Procedure"), 95, link=link),
        Column("name", words("Tên", "Name"), link=link),
        count("numerator", words("Tử số", "Numerator"), width=90),
        count("denominator", words("Mẫu số", "Denominator"), width=105),
        rate("rate", words("Tỷ lệ", "Rate"), width=75),
        count("missing", words("Còn thiếu", "Missing"), width=85),
        Column("gain", words("Tăng được", "Gain"), 150, words.points, 1, gauge=10.0),
    ]
    says = words(
        "Thủ tục kéo tỷ lệ của cơ quan xuống nhiều nhất ở trên. Tăng được: tỷ lệ của cơ quan sẽ tăng bao"
        " nhiêu điểm phần trăm nếu mọi hồ sơ của thủ tục đều đạt. Bấm vào thủ tục để chỉ xem thủ tục đó. ",
        "The procedures that hold the agency's rate back most on top. Gain: by how many percentage points"
        " the agency's rate would rise if all dossiers of the procedure counted. Click one to see it"
        " alone. ",
    )
    title = words("Thủ tục kéo tỷ lệ xuống", "Procedures that hold the rate back")
    return table(title, says + _chosen(words), queries.by_procedure(), columns, words.no_data)


def rate_by_unit(words: Words) -> Panel:
    """The units that handle the dossiers."""
    columns = [
        Column("unit", words("Đơn vị", "Unit"), 130),
        count("numerator", words("Tử số", "Numerator"), width=100),
        count("denominator", words("Mẫu số", "Denominator"), width=118),
        rate("rate", words("Tỷ lệ", "Rate"), gauge=1.0),
        count("missing", words("Còn thiếu", "Missing"), width=85),
    ]
    says = words(
        "Đơn vị xử lý hồ sơ, đơn vị còn thiếu nhiều nhất ở trên. Tỷ lệ cung cấp không chia theo đơn vị. ",
        "The units that handle the dossiers, most missing on top. Supply has no units. ",
    )
    return table(
        words("Theo đơn vị", "By unit"), says + _chosen(words), queries.by_unit(), columns, words.no_data
    )


def missing_dossiers(words: Words) -> Panel:
    """Dossiers of the denominator that the numerator lacks."""
    columns = [
        Column("dossier", words("Hồ sơ", "Dossier"), 260),
        Column("day", words("Ngày tính", "Day counted"), 110, DAY),
        Column("procedure", words("Thủ tục", "Procedure"), 110),
        Column("unit", words("Đơn vị", "Unit"), 160),
        Column("status", words("Trạng thái", "Status"), 190, states=words.statuses(), left=True),
        Column("reason", words("Vì sao không được tính", "Why it does not count")),
    ]
    says = words(
        f"Hồ sơ ở mẫu số nhưng không ở tử số của tỷ lệ đang chọn, {queries.MOST_DOSSIERS} hồ sơ đầu; đủ"
        " cả: `emc dossiers --missing`. ",
        "Dossiers in the denominator but not in the numerator of the rate chosen, the first"
        f" {queries.MOST_DOSSIERS}; all of them: `emc dossiers --missing`. ",
    )
    title = words("Hồ sơ còn thiếu trong tử số", "Dossiers missing from the numerator")
    return table(title, says + _chosen(words), queries.missing(words.lacking()), columns, words.no_data)
