"""The server's configuration on the real engine: what each user may do, and which rows an agency sees."""

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sinks.clickhouse.migrate import files, statements
from tests.deploy.clickhouse_as import AGENCIES, AGENCY, FOLDER, HASHES, granted, policy
from tests.engine import embedded_database

pytestmark = pytest.mark.timeout(300)
DENIED, READONLY, CONSTRAINT = 497, 164, 452


def as_user(directory: Path, user: str, /, **attempts: str) -> dict[str, Any]:
    """What comes of the attempts, made as this user on the engine of `directory`."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.deploy.clickhouse_as", directory, user],
        input=json.dumps(attempts),
        env=os.environ | HASHES,
        cwd=FOLDER.parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An engine whose tables the user `writer` has made and filled: rows of two agencies."""
    folder = tmp_path_factory.mktemp("clickhouse")
    rows = {
        f"insert {table}": f"INSERT INTO {table} (agency) VALUES ('H25'), ('G12')"
        for table in policy("own_rows")[0]
    }
    # its key has no agency in it
    rows["insert rejections"] = "INSERT INTO rejections (agency, offset) VALUES ('H25', 1), ('G12', 2)"
    of_dossiers = "('H25', 'dossier', 'a'), ('G12', 'dossier', 'b')"
    conflict = f"INSERT INTO conflicts (agency, type, subject) VALUES {of_dossiers}"
    state = {
        "settings": "SELECT value FROM system.server_settings WHERE name LIKE 'max_server_memory_usage_to_%'",
        "optimize": "OPTIMIZE TABLE rates FINAL",
        "drop": "ALTER TABLE events DROP PARTITION '200001'",
        "elsewhere": "CREATE DATABASE another",
        "user": "CREATE USER somebody",
    }
    done = as_user(folder, "writer", migrate="MIGRATE", **rows, conflict=conflict, **state)
    assert done["migrate"] == [int(path.name[:4]) for path in files()]
    assert all(done[name] is None for name in (*rows, "conflict", "optimize", "drop")), done
    assert done["settings"] == [["0.8"]]
    assert done["elsewhere"] == done["user"] == {"code": DENIED}
    return folder


def test_readers_see_everything_and_change_nothing(directory: Path) -> None:
    asked_by_metrics_and_doctor = {
        "parts": "SELECT count() > 0 FROM system.parts WHERE active AND database = currentDatabase()",
        "merges": "SELECT count() >= 0 FROM system.merges",
        "disks": "SELECT count() FROM system.disks",
    }
    for user, more in (("reader", asked_by_metrics_and_doctor), ("grafana", {})):
        found = as_user(
            directory,
            user,
            rates="SELECT agency FROM rates FINAL ORDER BY agency",
            warnings="SELECT agency FROM warnings WHERE warning = 'conflict' ORDER BY agency",
            columns="SELECT count() > 100 FROM system.columns WHERE database = currentDatabase()",
            insert="INSERT INTO rates (agency) VALUES ('H25')",
            drop="DROP TABLE rates",
            file="SELECT * FROM file('/etc/hostname', 'LineAsString')",
            url="SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
            users="SELECT * FROM system.users",
            longer="SELECT 1 SETTINGS max_execution_time = 3600",
            larger="SELECT 1 SETTINGS max_memory_usage = 100000000000",
            endless="SELECT 1 SETTINGS max_execution_time = 0",
            late="SELECT 1 SETTINGS timeout_before_checking_execution_speed = 100",
            boundless="SELECT 1 SETTINGS max_memory_usage = 0",
            **more,
        )
        assert all(found[name] == [[1]] for name in more)
        assert found["rates"] == found["warnings"] == [["G12"], ["H25"]]
        assert found["columns"] == [[1]]
        assert {found[name]["code"] for name in ("insert", "drop")} <= {READONLY, DENIED}
        assert {found[name]["code"] for name in ("file", "url", "users")} <= {READONLY, DENIED}
        limited = ("longer", "larger", "endless", "late", "boundless")
        assert {found[name]["code"] for name in limited} == {CONSTRAINT}


def test_the_api_reads_everything_and_writes_only_who_came_in(directory: Path) -> None:
    filters = "SETTINGS additional_table_filters = {'rates': 'agency = \\'H25\\''}"
    written = {"sessions": "seen_at", "token_uses": "used_at", "access_record": "at"}
    found = as_user(
        directory,
        "api",
        rates="SELECT agency FROM rates FINAL ORDER BY agency",
        filtered=f"SELECT agency FROM rates FINAL {filters}",
        insert="INSERT INTO rates (agency) VALUES ('H25')",
        token="INSERT INTO tokens (id) VALUES ('x')",
        drop="DROP TABLE sessions",
        file="SELECT * FROM file('/etc/hostname', 'LineAsString')",
        endless="SELECT 1 SETTINGS max_execution_time = 0",
        boundless="SELECT 1 SETTINGS max_memory_usage = 0",
        **{table: f"INSERT INTO {table} ({column}) VALUES (1)" for table, column in written.items()},
    )
    assert found["rates"] == [["G12"], ["H25"]]
    assert found["filtered"] == [["H25"]]
    assert all(found[table] is None for table in written)
    assert {found[name]["code"] for name in ("insert", "token", "drop", "file")} <= {READONLY, DENIED}
    assert {found[name]["code"] for name in ("endless", "boundless")} == {CONSTRAINT}


def test_an_agency_sees_its_own_rows_only(directory: Path) -> None:
    tables = policy("own_rows")[0]
    found = as_user(
        directory,
        AGENCY,
        **{table: f"SELECT DISTINCT agency FROM {table} FINAL" for table in tables},
        warnings="SELECT DISTINCT agency FROM warnings",
        registry="SELECT count() > 80 FROM agencies FINAL",
        around="SELECT agency FROM rates WHERE agency = 'G12' OR 1",
        positions="SELECT * FROM positions",
        insert="INSERT INTO rates (agency) VALUES ('H25')",
        merge="SELECT * FROM merge('emc', 'rates')",
        rows="SELECT 1 SETTINGS max_result_rows = 0",
        filters="SELECT agency FROM rates SETTINGS additional_table_filters = {'emc.rates': '1'}",
    )
    assert all(found[table] == [["H25"]] for table in (*tables, "warnings"))
    assert found["registry"] == [[1]]
    assert all(row == ["H25"] for row in found["around"])
    assert found["positions"] == {"code": DENIED}
    assert found["rows"] == {"code": CONSTRAINT}
    assert found["insert"]["code"] in (READONLY, DENIED)
    assert "G12" not in json.dumps([found["merge"], found["filters"]])


def test_every_table_with_an_agency_has_both_policies() -> None:
    with embedded_database() as database:
        with_agency = {
            name
            for (name,) in database.query(
                """
                SELECT c.table FROM system.columns AS c
                INNER JOIN system.tables AS t ON t.database = c.database AND t.name = c.table
                WHERE c.database = currentDatabase() AND c.name = 'agency' AND t.engine != 'View'
                """
            )
        }
    with_agency -= {
        "tokens",
        "sessions",
        "access_record",
        "erased",
    }  # agencies' users are granted none of these
    assert with_agency == set(policy("own_rows")[0]) == set(policy("all_rows")[0])
    assert granted() == with_agency | {
        *("warnings", "sender_warnings", "agencies", "reported_figures", "snapshots")
    }


def parses(*texts: str) -> None:
    """The engine takes each statement as SQL, without executing it."""
    with embedded_database(migrated=False) as database:
        database.create()
        for text in texts:
            assert database.query(f"EXPLAIN AST {text}"), text


def test_the_engine_understands_every_statement() -> None:
    found = statements(AGENCIES)
    assert len(found) == 9
    parses(*found)


def run_agency(tmp_path: Path, code: str, password: str) -> subprocess.CompletedProcess[str]:
    """The script, with a client that prints what it is given."""
    (tmp_path / "clickhouse_admin_password").write_text("of-the-admin\n", "utf-8")
    client = tmp_path / "client"
    client.write_text('#!/bin/bash\necho "-- $CLICKHOUSE_USER $CLICKHOUSE_PASSWORD $*"\ncat\n', "utf-8")
    client.chmod(0o755)
    environment = {
        "PATH": "/usr/bin:/bin",
        "CLICKHOUSE_SECRETS": str(tmp_path),
        "CLICKHOUSE_CLIENT": str(client),
    }
    return subprocess.run(
        [FOLDER / "agency", code],
        env=environment,
        input=password,
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_agency_gets_a_user_of_its_own(tmp_path: Path) -> None:
    done = run_agency(tmp_path, "H25", "of-the-agency-XXX\n")
    assert done.returncode == 0, done.stderr
    first, _, sql = done.stdout.partition("\n")
    assert first.startswith("-- admin of-the-admin --host 127.0.0.1")
    assert hashlib.sha256(b"of-the-agency-XXX").hexdigest() in sql
    assert "of-the-agency-XXX" not in sql
    added = statements(sql.removeprefix(AGENCIES))
    assert [re.match(r"CREATE USER|ALTER USER|GRANT agency", text) is not None for text in added[-4:]] == [
        True
    ] * 4
    parses(*added)


@pytest.mark.parametrize(
    ("code", "password", "said"),
    [
        ("H25'; DROP", "of-the-agency-XXX", "expected a level-1 code"),
        ("H25", "short", "fewer than 12"),
        ("H25", "", "no password"),
    ],
)
def test_a_wrong_request_for_a_user_is_refused(tmp_path: Path, code: str, password: str, said: str) -> None:
    done = run_agency(tmp_path, code, password)
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr


def test_the_server_gets_hashes_and_no_passwords(tmp_path: Path) -> None:
    for user in ("admin", "writer", "api", "reader", "grafana"):
        (tmp_path / f"clickhouse_{user}_password").write_text(f"of-the-{user}\n", "utf-8")
    environment = {
        "PATH": "/usr/bin:/bin",
        "CLICKHOUSE_SECRETS": str(tmp_path),
        "CLICKHOUSE_ENTRYPOINT": "/usr/bin/env",
    }
    done = subprocess.run([FOLDER / "start"], env=environment, capture_output=True, text=True, check=True)
    told = dict(line.split("=", 1) for line in done.stdout.splitlines())
    for user in ("admin", "writer", "api", "reader", "grafana"):
        assert (
            told[f"CLICKHOUSE_{user.upper()}_SHA256"] == hashlib.sha256(f"of-the-{user}".encode()).hexdigest()
        )
    assert "of-the-" not in done.stdout
    (tmp_path / "clickhouse_grafana_password").unlink()
    failed = subprocess.run([FOLDER / "start"], env=environment, capture_output=True, text=True, check=False)
    assert failed.returncode == 1
    assert "clickhouse_grafana_password cannot be read" in failed.stderr
