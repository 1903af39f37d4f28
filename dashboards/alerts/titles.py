"""What the alerts are called on the dashboards, where their names are no words."""

from collections.abc import Callable, Mapping

from dashboards.alerts.agency_rules import alert_of
from emc.definitions import METRICS

_TITLES: Mapping[str, tuple[str, str]] = {
    "RateDropped": ("Tỷ lệ giảm đột ngột", "Rate dropped"),
    "RateRose": ("Tỷ lệ tăng đột ngột", "Rate rose"),
    "SourceSilent": ("Nguồn im lặng", "Source silent"),
    "CoverageLow": ("Độ bao phủ thấp", "Coverage low"),
    "RejectionsHigh": ("Nhiều bản tin bị từ chối", "Many events refused"),
    "SourceBroken": ("Nguồn hỏng: phần lớn bản tin bị từ chối", "Source broken: most events refused"),
    "PipelineLag": ("Xử lý chậm, bản tin đang chờ", "Pipeline behind"),
    "PipelineStuck": ("Xử lý bị kẹt", "Pipeline stuck"),
    "BrokerUnavailable": ("Kafka không trả lời", "Kafka does not answer"),
    "ClickHouseUnavailable": ("ClickHouse không trả lời", "ClickHouse does not answer"),
    "MonitorDown": ("Không có số liệu nào", "No exporter is scraped"),
    "NoRates": ("Không có tỷ lệ hiện tại", "No current rates"),
    "NoEvents": ("Không nguồn nào gửi", "No source is heard"),
    "WorkerDown": ("Không có bộ xử lý nào chạy", "No worker is scraped"),
    "TargetDown": ("Một tiến trình không trả lời", "One process does not answer"),
    "ClickHouseParts": ("ClickHouse có quá nhiều phần", "Too many parts in ClickHouse"),
    "DiskFilling": ("Đĩa sắp đầy", "Disk filling"),
    "DiskFull": ("Đĩa gần như đầy", "Disk nearly full"),
    "WorkerMemory": ("Bộ xử lý sắp hết bộ nhớ", "A worker's memory runs out"),
    "AuditDifferences": ("Kiểm toán thấy số khác nhau", "Audit found differences"),
    "AuditOverdue": ("Kiểm toán quá hạn", "Audit overdue"),
    "RejectionsUnattributed": ("Bản tin của người gửi lạ", "Events of unknown senders"),
    "CalendarEnds": ("Cần xác nhận ngày nghỉ lễ", "Holidays to be confirmed"),
    "Watchdog": ("Giám sát còn sống", "Watchdog"),
}


def alert_titles(
    choose: Callable[[str, str], str], metric_title: Callable[[str], str]
) -> dict[str, tuple[str, str]]:
    """Titles by the alert's name, as mappings of a column; `choose` takes the wording of one language."""
    below = choose("dưới ngưỡng", "below its threshold")
    titles = {alert_of(metric): f"{metric_title(metric)}: {below}" for metric in METRICS}
    titles |= {alert: choose(*both) for alert, both in _TITLES.items()}
    return {alert: (title, "text") for alert, title in titles.items()}
