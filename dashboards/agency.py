"""One agency: its rates, what holds them back, down to the dossiers missing from a numerator."""

from dashboards.alerts.thresholds import Thresholds
from dashboards.board import (
    TITLES,
    Board,
    agency,
    choice,
    field,
    month,
    place_link,
    query_variable,
    structure,
)
from dashboards.panel import (
    BLUE,
    DAY,
    GREEN,
    GREY,
    RED,
    TIME,
    Column,
    Line,
    Panel,
    Value,
    count,
    rate,
    stat,
    table,
    trend,
)
from dashboards.places import COVERED, RATES
from dashboards.sql import agency as queries
from dashboards.sql import variables
from dashboards.wording import Words, default_of


def build(words: Words, thresholds: Thresholds, prometheus: bool) -> Board:
    """The dashboard."""
    says = words(
        "Các tỷ lệ của một cơ quan, so với nhóm của nó, và những gì đang kéo tỷ lệ xuống.",
        "The rates of one agency, compared with its group, and what holds them back.",
    )
    board = Board("agency", words(*TITLES["agency"]), says, words)
    procedures = query_variable(
        "procedure", words("Thủ tục", "Procedure"), variables.procedures(words.everything)
    )
    board.choose(
        agency(words),
        month(words),
        structure(words),
        choice("definition", words("Tỷ lệ", "Rate"), words.definitions()),
        procedures,
    )
    board.row(4, *((6, _card(words, metric)) for metric in RATES))
    board.row(3, (24, _strip(words)))
    board.row(28, (24, _rates(words)))
    board.section(words("Tỷ lệ đang xem: ${definition:text}", "The rate looked at: ${definition:text}"))
    board.row(9, (14, _trend(words)), (10, _months(words)))
    board.row(12, (14, _procedures(words)), (10, _units(words)))
    board.row(12, (24, _missing(words)))
    board.section(words("Chất lượng dữ liệu", "Quality of the data"))
    board.row(9, (14, _rejections(words)), (10, _warnings(words)))
    return board


def _card(words: Words, metric: str) -> Panel:
    values = [
        Value("mine", words("Cơ quan", "Agency"), colour=BLUE),
        Value("peers", words("Nhóm", "Group")),
        Value("national", words("Toàn quốc", "Country")),
    ]
    says = words(
        "Cơ quan, nhóm của nó (bộ, ngành hoặc địa phương) và toàn quốc. ",
        "The agency, its group (ministries or localities), and the country. ",
    )
    sql = queries.compared(*default_of(metric).split("/"))
    return stat(
        words.metric(metric), f"{says}{words.described(metric)} {words.computed}", sql, values, words.no_data
    )


def _strip(words: Words) -> Panel:
    values = [
        Value("dossiers", words("Hồ sơ tiếp nhận", "Dossiers received"), "locale", 0),
        Value("coverage_received", words("Bao phủ tiếp nhận", "Coverage of receipts"), steps=COVERED),
        Value("coverage_resolved", words("Bao phủ giải quyết", "Coverage of resolutions"), steps=COVERED),
        Value("warned", words("Hồ sơ có cảnh báo dữ liệu", "Dossiers with warnings"), "locale", 0),
        Value("rejected", words("Bản tin bị từ chối", "Events refused"), "locale", 0),
    ]
    says = words(
        "Hồ sơ tiếp nhận trong tháng; độ bao phủ: số đếm được trên số cơ quan khai báo. Cảnh báo và bản"
        " tin bị từ chối tính trên mọi tháng; bản tin bị từ chối không được tính vào tỷ lệ nào.",
        "Dossiers received in the month; coverage: counted over declared by the agency. Warnings and"
        " refused events are of all months; a refused event counts in no rate.",
    )
    return stat(
        words("Khối lượng và chất lượng", "Volume and quality"),
        says,
        queries.strip(),
        values,
        words.no_data,
        24,
    )


def _rates(words: Words) -> Panel:
    drill = place_link(words, "agency", "agency", "month", "structure", f"definition={field('key')}")
    columns = [
        Column(
            "title",
            words("Tỷ lệ", "Rate"),
            330,
            link=(words("Xem tỷ lệ này", "Look at this rate"), drill),
        ),
        Column("wording", words("Định nghĩa", "Definition"), wrap=True),
        count("numerator", words("Tử số", "Numerator"), width=95),
        count("denominator", words("Mẫu số", "Denominator"), width=110),
        rate("rate", words("Cơ quan", "Agency"), width=80),
        rate("peers", words("Nhóm", "Group"), width=75),
        Column(
            "difference",
            words("So với nhóm", "To group"),
            112,
            words.points,
            1,
            steps=[(None, RED), (0.0, GREEN)],
        ),
        Column("place", words("Hạng", "Rank"), 65),
        rate("coverage", words("Bao phủ", "Coverage"), width=85),
        Column("key", words("Tên trong API", "Name in the API"), 225),
    ]
    says = words(
        "Mọi tỷ lệ theo mọi định nghĩa, so với nhóm của cơ quan: chênh lệch theo điểm phần trăm, hạng"
        " trong số cơ quan có dữ liệu. Bấm vào một tỷ lệ để xem phần dưới theo tỷ lệ đó. ",
        "Every rate by every definition, compared with the agency's group: difference in percentage"
        " points, rank among the agencies with data. Click a rate to look at it below. ",
    )
    sql = queries.rates(words.definitions(), words.wordings())
    title = words("Các tỷ lệ theo từng định nghĩa", "The rates by definition")
    return table(title, says + words.computed, sql, columns, words.no_data)


def _chosen(words: Words) -> str:
    return words(
        "Theo định nghĩa đang chọn ở ô Tỷ lệ (câu chữ ở bảng trên).",
        "By the definition chosen under Rate (its wording is in the table above).",
    )


def _trend(words: Words) -> Panel:
    lines = [
        Line("mine", words("Cơ quan", "Agency"), BLUE),
        Line("peers", words("Nhóm", "Group"), "#e0752d"),
        Line("national", words("Toàn quốc", "Country"), GREY),
    ]
    says = words(
        "Mỗi điểm là tỷ lệ của bảy ngày tính đến ngày đó. ",
        "Each point is the rate of the seven days up to that day. ",
    )
    title = words("Diễn biến trong tháng (7 ngày trượt)", "In the course of the month (sliding 7 days)")
    x = ("day_of_month", words("Ngày", "Day"))
    return trend(title, says + _chosen(words), queries.trend(), x, lines, words.no_data)


def _months(words: Words) -> Panel:
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


def _procedures(words: Words) -> Panel:
    drill = place_link(
        words, "agency", "agency", "month", "structure", "definition", f"procedure={field('procedure')}"
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


def _units(words: Words) -> Panel:
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


def _missing(words: Words) -> Panel:
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


def _rejections(words: Words) -> Panel:
    states = {reason: (text, "text") for reason, text in words.reasons().items()}
    columns = [
        Column("reason", words("Lý do", "Reason"), 140, states=states),
        Column("path", words("Trường", "Field"), 230),
        Column("expected", words("Dạng mong đợi", "Expected form"), wrap=True),
        count("events", words("Bản tin", "Events"), width=80),
        Column("newest", words("Gần nhất", "Newest"), 140, TIME),
    ]
    says = words(
        "Bản tin của cơ quan bị từ chối, mọi thời gian, theo lý do và trường. Không có bản tin nào mất:"
        " sửa rồi gửi lại hoặc phát lại là được tính.",
        "Refused events of the agency of all time, by reason and field. None is lost: once corrected they"
        " can be sent again or replayed.",
    )
    title = words("Bản tin bị từ chối", "Events refused")
    return table(title, says, queries.rejections(), columns, words("Không có", "None"))


def _warnings(words: Words) -> Panel:
    states = {warning: (text, "text") for warning, text in words.warnings().items()}
    columns = [
        Column("warning", words("Cảnh báo", "Warning"), states=states),
        count("dossiers", words("Hồ sơ", "Dossiers"), width=80),
        Column("example", words("Ví dụ", "Example"), 240),
    ]
    says = words(
        "Dữ liệu lạ nhưng vẫn được tính, theo trạng thái hiện tại của hồ sơ, mọi tháng.",
        "Odd data that counts all the same, by the present state of the dossiers, of all months.",
    )
    title = words("Cảnh báo dữ liệu", "Warnings")
    return table(title, says, queries.warnings(), columns, words("Không có", "None"))
