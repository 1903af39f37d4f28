"""The connections: which source speaks, which is silent, how much of the work arrives."""

from dashboards.alerts.form import Thresholds
from dashboards.board import TITLES, Board, month, structure
from dashboards.incidents import incidents
from dashboards.panels.panel import AMBER, BLUE, TIME, Panel
from dashboards.panels.stat import Value, stat
from dashboards.panels.table import Column, count, rate, table
from dashboards.places import COVERED, agency_column, code_column, groups, states
from dashboards.sql import connections as queries
from dashboards.sql.incidents import EVERYBODY, in_month
from dashboards.wording import Words


def build(words: Words, thresholds: Thresholds, prometheus: bool) -> Board:
    """The dashboard."""
    says = words(
        "Nguồn nào đang gửi dữ liệu, nguồn nào im lặng, và dữ liệu nhận được chiếm bao nhiêu phần công việc.",
        "Which source sends data, which is silent, and how much of the work the data received stands for.",
    )
    board = Board("connections", words(*TITLES["connections"]), says, words)
    board.choose(month(words), structure(words))
    board.row(5, (13, _summary(words)), (11, _coverage(words)))
    board.row(4, (24, _april(words)))
    board.row(22, (24, _agencies(words)))
    board.row(16, (24, _sources(words)))
    board.row(6, (24, incidents(words, in_month(EVERYBODY))))
    return board


def _meaning(words: Words) -> str:
    live, late = queries.LIVE_HOURS, queries.LATE_HOURS
    return words(
        f"Đang gửi: có bản tin trong {live} giờ qua; chậm: trong {late} giờ; im lặng: lâu hơn; chưa từng"
        " gửi: không có bản tin nào được nhận; đã sáp nhập: mã cơ quan đã đóng. Tính theo giờ đồng hồ, kể"
        " cả ngoài giờ làm việc (cảnh báo thì chỉ tính giờ làm việc); bản tin nhịp tim cũng được tính.",
        f"Live: an event within {live} hour; late: within {late} hours; silent: longer ago; unseen:"
        " none was accepted; merged: the agency's code is closed. By the clock, nights included (alerts"
        " count working time only); heartbeats count too.",
    )


def _summary(words: Words) -> Panel:
    values = [
        Value(name, text, "locale", 0, steps=[(None, "text"), (1, colour)])
        for name, (text, colour) in states(words).items()
    ]
    title = words("Cơ quan theo tình trạng kết nối", "Agencies by state")
    return stat(title, _meaning(words), queries.summary(), values, words.no_data)


def _coverage(words: Words) -> Panel:
    values = [
        Value(name, title, colour=BLUE if name == "national" else "text")
        for name, title in groups(words).items()
    ]
    title = words("Độ bao phủ tiếp nhận trong tháng", "Coverage of receipts in the month")
    return stat(title, _covered(words), queries.coverage(), values, words.no_data)


def _covered(words: Words) -> str:
    return words(
        "Độ bao phủ: số hồ sơ đếm được ở đây trên số mà cơ quan khai báo, cho những ngày có khai báo."
        " Không khai báo thì không có độ bao phủ; có thể vượt 100 %.",
        "Coverage: dossiers counted here over those that the agency declares, on the days with a"
        " declaration. Without declarations there is none; it may exceed 100 %.",
    )


def _april(words: Words) -> Panel:
    columns = [
        Column("april", words("Báo cáo ngày 24/4/2024", "Report of 24/4/2024"), 330, states=_named(words)),
        count("agencies", words("Cơ quan", "Agencies")),
        count("ministries", words("Bộ, ngành", "Ministries")),
        count("localities", words("Địa phương", "Localities")),
        *(count(name, text) for name, (text, _) in states(words).items()),
    ]
    says = words(
        "Báo cáo ngày 24/4/2024 nêu 11 bộ, ngành và 26 địa phương chưa kết nối đầy đủ, trong đó 24 địa"
        " phương được nêu tên. Bảng này cho biết hôm nay họ ra sao. ",
        "The report of 24/4/2024 says that 11 ministries and 26 localities were not fully connected; 24"
        " of the localities are named. This is how they are today. ",
    ) + _meaning(words)
    title = words("Danh sách tháng 4/2024 và tình trạng hôm nay", "The list of April 2024 and today's state")
    return table(title, says, queries.april(), columns, words.no_data)


def _named(words: Words) -> dict[str, tuple[str, str]]:
    return {
        "not-full": (words("Chưa kết nối đầy đủ", "Not fully connected"), AMBER),
        "not-named": (words("Không bị nêu tên", "Not named"), "text"),
    }


def _agencies(words: Words) -> Panel:
    columns = [
        agency_column(words, 330),
        Column("april", words("Tháng 4/2024", "April 2024"), 190, states=_named(words)),
        Column("status", words("Hôm nay", "Today"), 140, states=states(words)),
        Column("arrived", words("Bản tin cuối", "Last event"), 170, TIME),
        count("sources", words("Nguồn", "Sources"), width=70),
        count("dossiers", words("Hồ sơ", "Dossiers"), width=75),
        rate("coverage_received", words("Bao phủ tiếp nhận", "Receipts covered"), width=170, steps=COVERED),
        rate(
            "coverage_resolved", words("Bao phủ giải quyết", "Resolutions covered"), width=180, steps=COVERED
        ),
        code_column(words),
    ]
    says = f"{_meaning(words)} {_covered(words)}"
    return table(words("Từng cơ quan", "Each agency"), says, queries.agencies(), columns, words.no_data)


def _sources(words: Words) -> Panel:
    columns = [
        Column("name", words("Cơ quan", "Agency"), 330),
        Column("source", words("Hệ thống nguồn", "Source system"), 330),
        Column("feeds", words("Cách gửi", "Reports by"), 110),
        Column("status", words("Tình trạng", "State"), 140, states=states(words)),
        Column("arrived", words("Bản tin cuối", "Last event"), 170, TIME),
        Column("last_time", words("Thay đổi cuối", "Last change"), 170, TIME),
        Column("hours", words("Giờ im lặng", "Hours silent"), 140, "none", 1),
        code_column(words),
    ]
    says = _meaning(words) + words(
        " Bản tin cuối: khi Kafka nhận; thay đổi cuối: thời điểm mà nguồn ghi. Cách gửi: `push` (bản tin theo"
        " dõi), `sync` (bản ghi qua HTTP), `file` (nhập tệp), còn lại là `events` (sự kiện của chính nguồn).",
        " Last event: when Kafka took it; last change: the moment that the source gave. Reports by: `push`"
        " (tracking messages), `sync` (records over HTTP), `file` (imports), else `events` of its own.",
    )
    title = words("Từng hệ thống nguồn, im lặng lâu nhất ở trên", "Each source system, longest silent on top")
    return table(title, says, queries.sources(), columns, words.no_data)
