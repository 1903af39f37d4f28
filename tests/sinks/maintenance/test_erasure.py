"""One dossier erased: from the tables and their files, and from what a backup brings back."""

from pathlib import Path

import pytest

from emc.errors import InputError
from emc.instants import parse_instant
from sinks.clickhouse.database import Database
from sinks.maintenance.backup import backup
from sinks.maintenance.backup_search import holding
from sinks.maintenance.erasure import erase, traces
from sinks.maintenance.restore import restore
from tests.sinks.history import Said, write_history

MORNING = parse_instant("2024-04-05T09:00:00+07:00")
DOSSIER, OTHER = "000.00.16.H25-240401-0001", "000.00.16.H25-240401-0002"


@pytest.fixture
def filled(either: Database) -> Database:
    said = [Said("dossier", code, MORNING, "a", {"received_at": MORNING}) for code in (DOSSIER, OTHER)]
    write_history(either, "H25", said)
    return either


def dossiers(database: Database) -> list[str]:
    return [code for (code,) in database.query("SELECT dossier FROM dossiers FINAL ORDER BY dossier")]


def test_only_the_dossier_goes_and_no_old_part_stays(filled: Database) -> None:
    assert erase(filled, DOSSIER) == {
        "events": 1,
        "dossiers": 1,
        "conflicts": 0,
        "notices": 0,
        "objections": 0,
        "objection_messages": 0,
        "rejections": 0,
    }
    assert dossiers(filled) == [OTHER]
    assert traces(filled) == {"erased": 1, "traces": 0}
    old = "SELECT table FROM system.parts WHERE NOT active AND database = currentDatabase()"
    assert not {"events", "dossiers"} & {table for (table,) in filled.query(old)}
    assert sum(erase(filled, DOSSIER).values()) == 0
    assert traces(filled)["erased"] == 1


def test_the_version_of_its_agency_moves_so_that_no_local_store_fits(filled: Database) -> None:
    ((before,),) = filled.query("SELECT version FROM commits FINAL WHERE agency = 'H25'")
    erase(filled, DOSSIER)
    assert filled.query("SELECT version FROM commits FINAL WHERE agency = 'H25'")[0][0] > before


def test_a_restored_backup_loses_what_was_erased_since_and_before(filled: Database, tmp_path: Path) -> None:
    backup(filled, tmp_path / "with both")
    assert holding([tmp_path / "with both"], DOSSIER) == [tmp_path / "with both"]
    erase(filled, DOSSIER)
    backup(filled, tmp_path / "without")
    assert holding([tmp_path / "without"], DOSSIER) == []
    restore(filled, tmp_path / "with both", replace=True)
    assert dossiers(filled) == [OTHER]
    assert traces(filled) == {"erased": 1, "traces": 0}
    erase(filled, OTHER)
    restore(filled, tmp_path / "without", replace=True)
    assert dossiers(filled) == []
    assert traces(filled) == {"erased": 2, "traces": 0}


def test_the_audit_sees_what_came_back(filled: Database) -> None:
    erase(filled, DOSSIER)
    write_history(filled, "H25", [Said("dossier", DOSSIER, MORNING, "a", {"received_at": MORNING})])
    assert traces(filled)["traces"] == 2


def test_what_is_no_dossier_code_is_refused(filled: Database) -> None:
    with pytest.raises(InputError, match="no dossier code"):
        erase(filled, "everything")
