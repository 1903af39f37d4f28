"""The words of the dashboards in Vietnamese and English: titles of metrics, definitions, states, reasons."""

from collections.abc import Mapping
from typing import Literal

from emc.definitions import DEFINITIONS, METRICS, Definition, of_metric
from sinks.imports.warnings import FLAGS

Language = Literal["vi", "en"]
LANGUAGES: tuple[Language, ...] = ("vi", "en")

_SHORT: Mapping[str, tuple[str, str]] = {
    "online_submission": ("Nộp trực tuyến", "Online submission"),
    "full_online_use": ("Hồ sơ toàn trình", "Full-online use"),
    "full_online_supply": ("Cung cấp toàn trình", "Full-online supply"),
    "online_supply": ("Cung cấp trực tuyến", "Online supply"),
    "electronic_result": ("Kết quả điện tử", "Electronic result"),
    "data_reuse": ("Sử dụng lại dữ liệu", "Data reuse"),
    "on_time": ("Đúng hạn", "On time"),
    "digitised": ("Số hóa đủ thành phần", "Digitised"),
    "identified": ("Gắn định danh", "Identified"),
    "online_payment": ("Thanh toán trực tuyến", "Online payment"),
}
_NAMES: Mapping[str, tuple[str, str]] = {
    "channel": ("theo kênh nộp", "by channel"),
    "with-result": ("kèm kết quả điện tử", "with electronic result"),
    "all": ("trên mọi hồ sơ tiếp nhận", "of all received"),
    "eligible": ("trên thủ tục đủ điều kiện", "of eligible procedures"),
    "claimed": ("theo hệ thống gửi khai", "as the sender claims"),
    "resolved": ("trên hồ sơ đã giải quyết", "of resolved"),
    "received": ("trên hồ sơ tiếp nhận", "of received"),
}
_STATUS = {
    "official": ("văn bản chính thức", "official text"),
    "practice": ("thông lệ, chưa có văn bản chính thức", "practice, no official text"),
    "own": ("định nghĩa riêng của hệ thống", "this monitor's own"),
}
_LACKING: Mapping[str, tuple[str, str]] = {
    "online": ("không nộp trực tuyến", "not submitted online"),
    "electronic_result": ("chưa có kết quả điện tử", "no electronic result"),
    "reused": ("không thành phần nào được sử dụng lại", "no component reused"),
    "digitised": ("chưa số hóa đủ thành phần", "not all components digitised"),
    "identified": ("chưa gắn định danh", "no personal identifier attached"),
    "paid_online": ("không thanh toán trực tuyến", "not paid online"),
    "on_time": ("giải quyết quá hạn", "resolved after the due date"),
    "level_full": ("thủ tục chưa cung cấp toàn trình", "procedure not at level full"),
    "claimed_full": ("hệ thống gửi không khai toàn trình", "not claimed fully online by its sender"),
}
_WARNINGS = {
    "resolved_before_received": ("Giải quyết trước khi tiếp nhận", "Resolved before received"),
    "received_before_submitted": ("Tiếp nhận trước khi nộp", "Received before submitted"),
    "code_date_differs": ("Ngày trong mã khác ngày tiếp nhận", "Date in the code differs from receipt"),
    "status_without_date": ("Có trạng thái nhưng thiếu ngày tiếp nhận", "Status without date of receipt"),
    "date_in_future": ("Ngày ở tương lai", "Date in the future"),
    "not_in_catalogue": ("Thủ tục không có trong danh mục", "Procedure not in the catalogue"),
    "looks_personal": ("Có dãy số như số định danh", "A number like a person's"),
    "conflict": ("Hai bản tin mâu thuẫn", "Two events contradict each other"),
}
_AS_REPORTED = {
    "result_is_input": ("Kết quả là tệp đầu vào", "The result is a file that was handed in"),
    "placeholder_identity": ("Số định danh chỉ để lấp ô", "Identity number only fills its field"),
    "finished_without_date": ("Xong (9) nhưng không có ngày", "Finished without a date"),
    "receipt_moves": ("Ngày tiếp nhận đổi theo lần gửi", "Date of receipt moves"),
    "duplicate_suspect": ("Có thể trùng với mã khác", "Maybe twice, under two codes"),
    "unreadable_list": ("Danh sách không đọc được", "List not readable"),
    "unknown_status": ("Trạng thái lạ", "Unknown status"),
    "unknown_unit": ("Tên đơn vị lạ", "Unknown unit"),
    "unknown_procedure": ("Mã thủ tục địa phương lạ", "Unknown local procedure"),
}
_REASONS = {
    "malformed": ("Hỏng cấu trúc", "Malformed"),
    "unsupported": ("Loại không hỗ trợ", "Unsupported type"),
    "invalid": ("Giá trị sai dạng", "Invalid value"),
    "unknown_field": ("Trường lạ", "Unknown field"),
    "unknown_agency": ("Cơ quan lạ", "Unknown agency"),
    "agency_mismatch": ("Sai cơ quan", "Agency mismatch"),
    "future": ("Thời điểm ở tương lai", "Time in the future"),
}
_STATUSES = (
    ("Mới đăng ký", "Newly registered"),
    ("Được tiếp nhận", "Received"),
    ("Không được tiếp nhận", "Not accepted"),
    ("Đang xử lý", "In process"),
    ("Yêu cầu bổ sung", "Supplement requested"),
    ("Yêu cầu nghĩa vụ tài chính", "Payment requested"),
    ("Công dân rút", "Withdrawn"),
    ("Dừng xử lý", "Stopped"),
    ("Đã xử lý xong", "Finished"),
    ("Đã trả kết quả", "Result returned"),
)
"""Of the statuses 1 to 10."""
_SOURCES = {
    "national-store": ("Kho dữ liệu quốc gia", "National store"),
    "agency-store": ("Kho của cơ quan", "Agency's own store"),
    "population": ("CSDL dân cư", "Population"),
    "civil-status": ("Hộ tịch", "Civil status"),
    "land": ("Đất đai", "Land"),
    "business": ("Đăng ký kinh doanh", "Business register"),
    "social": ("Bảo hiểm xã hội", "Social insurance"),
    "": ("Không nêu nguồn", "Source not given"),
}


class Words:
    """Everything that is said in one language. Called with both wordings, it returns its own."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language
        self._place = LANGUAGES.index(language)

    def __call__(self, vi: str, en: str) -> str:
        return (vi, en)[self._place]

    def metric(self, metric: str) -> str:
        """The short title of a metric."""
        return self(*_SHORT[metric])

    def definition(self, definition: Definition) -> str:
        """The title of a definition: its metric's, and what tells it from the others."""
        return f"{self.metric(definition.metric)}, {self(*_NAMES[definition.name])}"

    def wording(self, definition: Definition) -> str:
        """The definition itself."""
        return self(definition.vi, definition.en)

    def described(self, metric: str) -> str:
        """A metric's full title, its default definition and that one's status, for a panel's description."""
        definition = of_metric(metric)[0]
        title = self(METRICS[metric].vi, METRICS[metric].en)
        source = self("Trạng thái định nghĩa", "Status of the definition")
        status = self(*_STATUS[definition.status])
        return f"**{title}** (`{key(definition)}`): {self.wording(definition)} {source}: {status}."

    def definitions(self) -> dict[str, str]:
        """Titles of all definitions by metric/definition."""
        return {key(definition): self.definition(definition) for definition in DEFINITIONS}

    def wordings(self) -> dict[str, str]:
        """Wordings of all definitions by metric/definition."""
        return {key(definition): self.wording(definition) for definition in DEFINITIONS}

    def defaults(self, *metrics: str) -> dict[str, str]:
        """Short titles of metrics by the metric/definition of their default."""
        return {default_of(metric): self.metric(metric) for metric in metrics}

    def lacking(self) -> dict[str, str]:
        """Of each fact, the words for its absence."""
        return self._all(_LACKING)

    def warnings(self) -> dict[str, str]:
        """Titles of the warnings; a flag that never varies has one for each flag."""
        constant = self("Cờ không bao giờ đổi", "Flag never varies")
        flags = {f"constant_flag {name}": f"{constant}: {name}" for name in FLAGS}
        return self._all(_WARNINGS) | self._all(_AS_REPORTED) | flags

    def reasons(self) -> dict[str, str]:
        """Titles of the reasons of rejection."""
        return self._all(_REASONS)

    def statuses(self) -> dict[str, tuple[str, str]]:
        """Titles of a dossier's statuses, as mappings of a column."""
        return {str(n): (self(*both), "text") for n, both in enumerate(_STATUSES, start=1)}

    def reuse_sources(self) -> dict[str, str]:
        """Titles of the sources that reused components come from."""
        return self._all(_SOURCES)

    @property
    def no_data(self) -> str:
        """What stands where there is no value: never 0."""
        return self("Không có dữ liệu", "No data")

    @property
    def everything(self) -> str:
        """The text of the choice of all."""
        return self("Tất cả", "All")

    @property
    def points(self) -> str:
        """The unit of differences between rates."""
        return self("suffix: điểm %", "suffix: pp")

    @property
    def computed(self) -> str:
        """What every description of a rate ends with."""
        return self(
            "Đây là số do hệ thống tính theo định nghĩa nêu trên, không phải số công bố chính thức.",
            "Computed under the definition given, not an official figure.",
        )

    def _all(self, words: Mapping[str, tuple[str, str]]) -> dict[str, str]:
        return {name: self(*both) for name, both in words.items()}


def key(definition: Definition) -> str:
    """How dashboards name a definition: metric/definition."""
    return f"{definition.metric}/{definition.name}"


def default_of(metric: str) -> str:
    """The metric/definition of a metric's default."""
    return key(of_metric(metric)[0])
