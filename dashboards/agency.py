"""One agency: its rates, what holds them back, down to the dossiers missing from a numerator."""

from dashboards.agency_rate import (
    missing_dossiers,
    rate_by_day,
    rate_by_month,
    rate_by_procedure,
    rate_by_unit,
)
from dashboards.agency_why import contributions, late_and_reported_late
from dashboards.alerts.form import Thresholds
from dashboards.board import (
    TITLES,
    Board,
    agency,
    choice,
    counted_for,
    field,
    month,
    place_link,
    query_variable,
    structure,
)
from dashboards.incidents import incidents
from dashboards.panels.panel import BLUE, GREEN, RED, TIME, Panel
from dashboards.panels.stat import Value, stat
from dashboards.panels.table import Column, count, rate, table
from dashboards.places import COVERED, RATES
from dashboards.sql import agency as queries
from dashboards.sql import variables
from dashboards.sql.facts import MEMBERS
from dashboards.sql.incidents import in_month
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
        counted_for(words),
        choice("definition", words("Tỷ lệ", "Rate"), words.definitions()),
        procedures,
    )
    board.row(4, *((6, _card(words, metric)) for metric in RATES))
    board.row(3, (24, _strip(words)))
    board.row(28, (24, _rates(words)))
    board.section(words("Tỷ lệ đang xem: ${definition:text}", "The rate looked at: ${definition:text}"))
    board.row(9, (14, rate_by_day(words)), (10, rate_by_month(words)))
    board.row(12, (14, rate_by_procedure(words)), (10, rate_by_unit(words)))
    board.row(12, (24, missing_dossiers(words)))
    board.section(words("Vì sao thay đổi", "Why it moved"))
    board.row(12, (24, contributions(words)))
    board.row(4, (24, late_and_reported_late(words)))
    board.row(6, (24, incidents(words, in_month(f"agency IN {MEMBERS}"))))
    board.section(words("Chất lượng dữ liệu", "Quality of the data"))
    board.row(9, (12, _rejections(words)), (12, _warnings(words)))
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
    drill = place_link(
        words, "agency", "agency", "month", "structure", "counted_for", f"definition={field('key')}"
    )
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


def _rejections(words: Words) -> Panel:
    states = {reason: (text, "text") for reason, text in words.reasons().items()}
    columns = [
        Column("reason", words("Lý do", "Reason"), 140, states=states),
        Column("path", words("Trường", "Field"), 150),
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
        Column("source", words("Nguồn", "Source"), 185),
        Column("warning", words("Cảnh báo", "Warning"), states=states),
        count("dossiers", words("Hồ sơ", "Dossiers"), width=80),
        Column("example", words("Ví dụ", "Example"), 215),
    ]
    says = words(
        "Dữ liệu lạ nhưng vẫn được tính như đã báo cáo, theo nguồn gửi, mọi tháng.",
        "Odd data that counts all the same, as it was reported; by the source that reported it, of all"
        " months.",
    )
    title = words("Cảnh báo dữ liệu", "Warnings")
    return table(title, says, queries.warnings(), columns, words("Không có", "None"))
