"""What of the engine's storage needs attention."""

from sinks.clickhouse.database import Database
from sinks.maintenance.storage import Storage, read_storage, warnings

GB = 1_000_000_000


def test_the_state_is_read(either: Database) -> None:
    found = read_storage(either)
    assert found.parts >= 1
    assert all(0 < free <= size for free, size in found.disks.values())


def test_a_healthy_engine_gives_no_warning() -> None:
    assert list(warnings(Storage(20, 3, {"default": (50 * GB, 2_000 * GB)}))) == []
    assert list(warnings(Storage(20, 3, {"default": (3 * GB, 20 * GB)}))) == []


def test_a_full_disk_and_many_parts_are_told() -> None:
    disk, parts = warnings(Storage(900, 0, {"default": (1 * GB, 100 * GB)}))
    assert disk == "ClickHouse's disk default has 1000 MB free, 1 %"
    assert "900 parts" in parts
