"""Why a rate of the agency moved: what procedures contributed, and what was only reported late."""

from dashboards.panels.panel import AMBER, RED, Panel
from dashboards.panels.stat import Value, stat
from dashboards.panels.table import Column, count, rate, table
from dashboards.sql.lateness import lateness
from dashboards.sql.moved import contributions as contributions_sql
from dashboards.wording import Words


def contributions(words: Words) -> Panel:
    """The change of the chosen rate from one week to the next, split by procedure."""
    before, after = words("trước", "before"), words("sau", "after")
    columns = [
        Column("procedure", words("Thủ tục", "Procedure"), 95),
        Column("name", words("Tên", "Name")),
        count("above_before", words(f"Tử số {before}", f"Counted, {before}"), width=120),
        count("below_before", words(f"Mẫu số {before}", f"Dossiers, {before}"), width=140),
        rate("before", words(f"Tỷ lệ {before}", f"Rate, {before}"), width=105),
        count("above_after", words(f"Tử số {after}", f"Counted, {after}"), width=110),
        count("below_after", words(f"Mẫu số {after}", f"Dossiers, {after}"), width=130),
        rate("after", words(f"Tỷ lệ {after}", f"Rate, {after}"), width=95),
        Column("own", words("Do tỷ lệ riêng", "Own rate"), 130, words.points, 2),
        Column("mix", words("Do cơ cấu", "Mix"), 120, words.points, 2),
        Column("change", words("Cộng", "Together"), 120, words.points, 2),
    ]
    says = words(
        "Bảng phía sau cảnh báo tỷ lệ thay đổi đột ngột: bảy ngày trọn gần nhất của tháng so với bảy"
        " ngày trước đó, theo định nghĩa đang chọn. Do tỷ lệ riêng: tỷ lệ của thủ tục thay đổi; do cơ"
        " cấu: phần của thủ tục trong mọi hồ sơ thay đổi. Tất cả cộng lại đúng bằng thay đổi của tỷ lệ;"
        " `emc why` tách cả theo đơn vị, nguồn, danh mục. Tỷ lệ cung cấp không xem theo tuần.",
        "The table behind the alert on a jump: the last seven complete days of the month against the seven"
        " before, by the definition chosen. Own rate: the procedure's rate changed; mix: its share of all"
        " dossiers did. All of them add up to the change of the rate; `emc why` splits by unit, source and"
        " catalogue, too. Supply is not looked at by week.",
    )
    title = words("Thủ tục nào làm tỷ lệ thay đổi trong tuần", "Which procedures moved the rate this week")
    return table(title, says, contributions_sql(), columns, words.no_data)


def late_and_reported_late(words: Words) -> Panel:
    """Late by the dates and late by arrival, apart."""
    values = [
        Value("resolved", words("Đã giải quyết, có hạn", "Resolved, with a due date"), "locale", 0),
        Value("late", words("Trễ theo thời điểm giải quyết", "Late by their dates"), "locale", 0, RED),
        Value("late_share", words("Tỷ lệ trễ", "Share late")),
        Value("reported_late", words("Đúng hạn, báo về trễ", "In time, reported late"), "locale", 0, AMBER),
        Value("reported_late_share", words("Tỷ lệ báo về trễ", "Share reported late")),
        Value("overdue", words("Quá hạn, chưa giải quyết", "Due and not resolved"), "locale", 0),
    ]
    says = words(
        "Hồ sơ giải quyết trong tháng có ngày hẹn trả. Trễ: giải quyết sau ngày hẹn. Đúng hạn, báo về"
        " trễ: giải quyết kịp, nhưng bản tin đầu tiên nói thế đến sau ngày hẹn: cho đến lúc đó trông như"
        " trễ. Ô cuối tính trên mọi tháng.",
        "Dossiers with a due date that were resolved in the month. Late: resolved after it. In time, reported"
        " late: resolved in time, but the first event that says so arrived after the due date: until then it"
        " looked late. The last value is of all months.",
    )
    title = words("Trễ, và chỉ báo về trễ", "Late, and only reported late")
    return stat(title, says, lateness(), values, words.no_data, 20)
