"""Backups hold every row, are whole or none, and restore into any database of this program."""

import hashlib
import json
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import zstandard

from emc.errors import InputError, SettingError
from emc.instants import parse_instant
from sinks.clickhouse.database import Database
from sinks.maintenance import backup as backups
from sinks.maintenance.backup import MANIFEST, backup
from sinks.maintenance.restore import BrokenBackup, restore
from sinks.maintenance.seal import KEY, MARK, Seal, made_seal, read_seal
from sinks.maintenance.upkeep import done_until, mark_done
from tests.engine import embedded_database
from tests.sinks.history import Said, write_history

MORNING = parse_instant("2024-04-05T09:00:00+07:00")


def filled(database: Database) -> None:
    for agency in ("H25", "H26"):
        dossiers = [
            Said(
                "dossier",
                f"000.00.16.{agency}-2404{day:02}-{number:04}",
                MORNING,
                "a",
                {"received_at": MORNING},
            )
            for day in range(1, 9)
            for number in range(10)
        ]
        entry = Said("procedure", "1.000001", MORNING, "b", {"name": "Cấp lại 'giấy'\n"}, "2024-01-01")
        declaration = Said("declaration", "2024-04-05", MORNING, "c", {"received": 100})
        write_history(database, agency, [*dossiers, entry, declaration])
    database.insert(
        "positions", {"topic_id": ["t"], "partition": [3], "next_offset": [77], "written_at": [0]}
    )


def contents(database: Database) -> dict[str, object]:
    """A digest of every table that a backup holds."""
    names = [name for name in backups._in_order(database) if name not in ("upkeep", "commits")]
    found: dict[str, object] = {
        name: database.query(f"SELECT count(), sum(cityHash64(*)) FROM {name} FINAL") for name in names
    }
    columns = "agency, topic_id, partition, next_offset, as_of, today"
    return found | {"commits": sorted(database.query(f"SELECT {columns} FROM commits FINAL"))}


def emptied(database: Database) -> None:
    for name in backups._in_order(database):
        database.command(f"TRUNCATE TABLE {name}")


def test_every_row_comes_back(either: Database, tmp_path: Path) -> None:
    filled(either)
    mark_done(either, "thin-daily", 5000)
    before = contents(either)
    manifest = backup(either, tmp_path / "backup")
    assert manifest.tables[0].name == "positions"
    assert manifest.tables[1].name == "commits"
    assert manifest.tables[-1].name == "upkeep"
    emptied(either)
    assert contents(either) != before
    restore(either, tmp_path / "backup")
    assert contents(either) == before
    assert done_until(either, "thin-daily") == 5000
    assert either.query("SHOW DATABASES LIKE '%restored'") == []


def test_a_large_table_is_cut_into_files(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(database)
    before = contents(database)
    monkeypatch.setattr(backups, "ROWS", 30)
    manifest = backup(database, tmp_path / "backup")
    assert max(len(table.files) for table in manifest.tables) > 2
    with embedded_database(migrated=False) as other:
        restore(other, tmp_path / "backup")
        assert contents(other) == before


def test_dossiers_of_more_months_than_one_insert_may_have_come_back(
    database: Database, tmp_path: Path
) -> None:
    months = [f"{year}{month:02}" for year in range(10, 20) for month in range(1, 11)]
    codes = [f"000.00.16.H25-{month}01-0001" for month in [*months, "2001", "2002"]]
    write_history(database, "H25", [Said("dossier", code, MORNING, "a", {}) for code in codes])
    before = contents(database)
    backup(database, tmp_path / "backup")
    restore(database, tmp_path / "backup", replace=True)
    assert contents(database) == before


def test_the_versions_of_commits_move_so_that_no_local_store_fits(database: Database, tmp_path: Path) -> None:
    filled(database)
    committed: dict[str, int] = dict(database.query("SELECT agency, version FROM commits FINAL"))
    backup(database, tmp_path / "backup")
    restore(database, tmp_path / "backup", replace=True)
    moved: dict[str, int] = dict(database.query("SELECT agency, version FROM commits FINAL"))
    assert moved.keys() == committed.keys()
    assert all(moved[agency] > version for agency, version in committed.items())


def test_tables_in_use_are_replaced_only_when_told(database: Database, tmp_path: Path) -> None:
    filled(database)
    backup(database, tmp_path / "backup")
    write_history(database, "H42", [Said("declaration", "2024-04-05", MORNING, "c", {"received": 100})])
    with pytest.raises(InputError, match="--replace"):
        restore(database, tmp_path / "backup")
    restore(database, tmp_path / "backup", replace=True)
    assert database.query("SELECT DISTINCT agency FROM commits ORDER BY agency") == [("H25",), ("H26",)]


def test_a_backup_is_not_written_over_anything(database: Database, tmp_path: Path) -> None:
    (tmp_path / "precious").touch()
    with pytest.raises(InputError, match="not empty"):
        backup(database, tmp_path)


def without_manifest(folder: Path) -> None:
    (folder / MANIFEST).unlink()


def with_a_changed_byte(folder: Path) -> None:
    path = next((folder / "dossiers").iterdir())
    path.write_bytes(path.read_bytes()[:-1] + b"x")


def with_a_lost_file(folder: Path) -> None:
    next((folder / "events").iterdir()).unlink()


def of_a_newer_program(folder: Path) -> None:
    manifest = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps(manifest | {"migration": 9999}))


@pytest.mark.parametrize(
    "spoil", [without_manifest, with_a_changed_byte, with_a_lost_file, of_a_newer_program]
)
def test_a_spoiled_backup_is_refused_before_anything_changes(
    database: Database, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    filled(database)
    before = contents(database)
    backup(database, tmp_path / "backup")
    spoil(tmp_path / "backup")
    with pytest.raises(BrokenBackup):
        restore(database, tmp_path / "backup", replace=True)
    assert contents(database) == before


OURS, ANOTHERS = Seal(b"k" * 32), Seal(b"x" * 32)


def without_a_mark(folder: Path) -> None:
    (folder / MARK).unlink()


def marked_by_another(folder: Path) -> None:
    (folder / MARK).write_bytes(ANOTHERS.mark((folder / MANIFEST).read_bytes()))


def with_rows_of_another(folder: Path) -> None:
    """As whoever can write into the folder would: digests and all."""
    path = next((folder / "rates").iterdir())
    changed = path.read_bytes() + b"\0"
    path.write_bytes(changed)
    manifest = json.loads((folder / MANIFEST).read_text())
    for table in manifest["tables"]:
        for file in table["files"]:
            if file["name"] == f"rates/{path.name}":
                file |= {"bytes": len(changed), "sha256": hashlib.sha256(changed).hexdigest()}
    (folder / MANIFEST).write_text(json.dumps(manifest))


@pytest.mark.parametrize("change", [without_a_mark, marked_by_another, with_rows_of_another])
def test_a_backup_that_is_not_known_as_ours_is_refused(
    database: Database, tmp_path: Path, change: Callable[[Path], None]
) -> None:
    filled(database)
    before = contents(database)
    folder = tmp_path / "backup"
    backup(database, folder, seal=OURS)
    change(folder)
    with pytest.raises(BrokenBackup, match="does not bear the mark of this key"):
        restore(database, folder, replace=True, seal=OURS)
    assert contents(database) == before


def test_a_marked_backup_is_restored_with_its_key_and_where_there_is_none(
    database: Database, tmp_path: Path
) -> None:
    filled(database)
    backup(database, tmp_path, seal=OURS)
    for seal in (OURS, None):
        restore(database, tmp_path, replace=True, seal=seal)


def test_a_key_is_made_once_is_its_owners_and_is_long_enough(tmp_path: Path) -> None:
    seal = made_seal(tmp_path)
    assert stat.S_IMODE((tmp_path / KEY).stat().st_mode) == 0o600
    assert made_seal(tmp_path).mark(b"x") == seal.mark(b"x")
    (tmp_path / KEY).chmod(0o644)
    with pytest.raises(SettingError, match="can be read by others"):
        read_seal(tmp_path / KEY)
    (tmp_path / "short").touch(0o600)
    with pytest.raises(SettingError, match="shorter than 32 bytes"):
        read_seal(tmp_path / "short")


@pytest.mark.parametrize(
    ("where", "written"),
    [
        ("columns", ["agency", "x`) SELECT 1 --"]),
        ("name", "sessions; DROP TABLE rates"),
        ("files", [{"name": "../../passwd", "bytes": 1, "sha256": ""}]),
        ("files", [{"name": "rates/../rates/000000.native.zst", "bytes": 1, "sha256": ""}]),
    ],
)
def test_a_manifest_names_nothing_but_what_this_program_has(
    tmp_path: Path, where: str, written: object
) -> None:
    with embedded_database() as database:
        backup(database, tmp_path)
        manifest = json.loads((tmp_path / MANIFEST).read_bytes())
        manifest["tables"][0][where] = written
        (tmp_path / MANIFEST).write_text(json.dumps(manifest))
        with pytest.raises(BrokenBackup, match="names a"):
            restore(database, tmp_path, replace=True)


def test_a_file_that_unpacks_to_more_than_any_backup_holds_is_refused(tmp_path: Path) -> None:
    with embedded_database() as database:
        filled(database)
        backup(database, tmp_path)
        manifest = json.loads((tmp_path / MANIFEST).read_bytes())
        file = next(table for table in manifest["tables"] if table["files"])["files"][0]
        bomb = b"".join(_zeros(3 * 1024**3))
        (tmp_path / file["name"]).write_bytes(bomb)
        file["bytes"], file["sha256"] = len(bomb), hashlib.sha256(bomb).hexdigest()
        (tmp_path / MANIFEST).write_text(json.dumps(manifest))
        with pytest.raises(BrokenBackup, match="more than 2 GiB"):
            restore(database, tmp_path, replace=True)


def _zeros(number: int) -> Iterator[bytes]:
    """So many zero bytes, compressed; the size stands in the head as a small one would."""
    packer = zstandard.ZstdCompressor().compressobj(size=number)
    piece = bytes(1 << 24)
    for _ in range(number // len(piece)):
        yield packer.compress(piece)
    yield packer.flush()
