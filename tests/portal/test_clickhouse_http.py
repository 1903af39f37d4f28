"""ClickHouse's HTTP interface over the embedded engine: what real clients read, and what nobody may do."""

import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import clickhouse_connect
import pytest

from emc.errors import ComponentError
from emc.registry import load_registry
from portal.clickhouse_http import ClickHouseFront, greeting
from sinks.clickhouse.database import Database
from sinks.clickhouse.failures import QueryRefused
from sinks.queries.rate_query import RateQuery
from sinks.queries.reader import Reader
from sinks.readonly.engine import LIMITS, LockedEngine
from tests.cli.processes import wait_until
from tests.engine import embedded_database, engine_directory


@pytest.fixture(scope="module")
def front() -> Iterator[str]:
    """The address of the interface over a database with all tables, without a trailing slash."""
    with embedded_database() as database:
        database.insert(
            "declarations",
            {
                "agency": ["H25"],
                "day": [19783],
                "received": [7],
                "resolved": [None],
                "registers": ["[]"],
                "version": [1],
            },
        )
        served = ClickHouseFront()
        served.start(LockedEngine(engine_directory(), database.name))
        yield served.url
        served.stop()


def ask(front: str, statement: str, host: str | None = None, **parameters: str) -> tuple[int, str]:
    """Status and text of the answer."""
    headers = {} if host is None else {"Host": host}
    request = Request(f"{front}/?{urlencode(parameters)}", data=statement.encode(), headers=headers)
    try:
        with urlopen(request, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


def test_answers_queries_in_the_format_asked_for(front: str) -> None:
    assert ask(front, "SELECT agency, received FROM declarations FINAL") == (200, "H25\t7\n")
    sql = "SELECT received FROM declarations WHERE agency = {a:String} FORMAT JSONEachRow"
    assert ask(front, sql, param_a="H25") == (200, '{"received":7}\n')
    assert ask(front, "SELECT format, kind FROM imports") == (200, "")  # a column, and no clause
    assert ask(front, "SELECT ';--' AS \"tên\" -- done\n;", default_format="CSV") == (200, '";--"\n')


def test_answers_ping(front: str) -> None:
    with urlopen(f"{front}/ping", timeout=20) as answer:
        assert answer.read() == b"Ok.\n"


def test_the_first_question_of_grafanas_driver_is_answered_as_its_newer_server_would(front: str) -> None:
    request = Request(front, data=b"SELECT displayName(), version(), revision(), timezone()")
    with urlopen(request, timeout=20) as answer:
        assert answer.read() == greeting()


def test_clickhouse_connect_reads_with_its_defaults(front: str) -> None:
    port = int(front.rpartition(":")[2])
    with clickhouse_connect.get_client(host="127.0.0.1", port=port) as client:
        assert client.query("SELECT day, resolved FROM declarations FINAL").result_rows[0][1] is None
        with pytest.raises(clickhouse_connect.driver.exceptions.DatabaseError, match="164"):
            client.command("DROP TABLE declarations")


def test_readers_of_the_monitor_work_over_it(front: str) -> None:
    with Database(f"{front}/emc") as database:
        reader = Reader(database, load_registry())
        assert reader.rates(RateQuery(start="2024-03-01")) == []
        with pytest.raises(QueryRefused):
            database.command("TRUNCATE TABLE declarations")


def test_errors_are_the_engines_own(front: str) -> None:
    status, text = ask(front, "SELECT nothing FROM declarations")
    assert status == 400
    assert text.startswith("Code: 47. DB::Exception:")
    assert ask(front, "SELECT 1 FROM absent")[0] == 404


def test_limits_cannot_be_lifted(front: str) -> None:
    assert ask(front, "SELECT number FROM numbers(2000000)", max_result_rows="0")[0] == 400
    assert ask(front, "SELECT 1 SETTINGS max_result_rows = 0")[0] == 400
    assert ask(front, "SELECT 1 SETTINGS readonly = 0")[0] == 400


def test_a_port_in_use_is_told(front: str) -> None:
    with pytest.raises(ComponentError, match="ClickHouse's interface cannot listen"):
        ClickHouseFront(int(front.rpartition(":")[2]))


def test_another_host_name_is_refused(front: str) -> None:
    assert ask(front, "SELECT 1", host="monitor.example")[0] == 403


FORBIDDEN = [
    "INSERT INTO declarations (agency) VALUES ('H01')",
    "DROP TABLE declarations",
    "SET readonly = 0",
    "USE system",
    "SYSTEM STOP MERGES",
    "KILL QUERY WHERE 1",
    "SELECT 1; SELECT 2",
    "SELECT file('{secret}')",
    "SELECT `file`('{secret}')",
    "SELECT \"FILE\"('{secret}')",
    "SELECT * APPLY(file) FROM (SELECT '{secret}')",
    "SELECT * FROM file('{secret}')",
    "SELECT * FROM default.`{secret}`",
    "SELECT * FROM `{secret}`",
    "DESCRIBE file('{secret}')",
    "DESCRIBE TABLE url('http://127.0.0.1:1/x')",
    "SELECT * FROM s3('http://127.0.0.1:1/b/x')",
    "SELECT * FROM eval('SELECT 1')",
    "SELECT * FROM remote('127.0.0.1:1', system.one)",
    "SELECT * FROM executable('ls', 'TSV', 'a String')",
    "SELECT * FROM python(x)",
    "WITH a AS (SELECT * FROM file('{secret}')) SELECT * FROM a",
    "SELECT 1 INTO OUTFILE '{written}'",
    "SELECT 1 /* ' */ INTO OUTFILE '{written}' -- '",
    "SELECT $$'$$, file('{secret}'), $$'$$",
    "SELECT ‘'’, file('{secret}'), ‘'’",
    "SELECT '\\'', file('{secret}') -- '",
    "SELECT * FROM {{name:Identifier}}('{secret}')",
    "SELECT sleep(3)",
    "SELECT aiGenerate('x')",
    "SELECT arrayFold((a, x) -> a + x, range(10), 0)",
    "SELECT editDistanceUTF8('a', 'b')",
    "SELECT 'unfinished",
    "",
]


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_nothing_leaves_the_database(front: str, statement: str, tmp_path: Path) -> None:
    secret, written = tmp_path / "secret.csv", tmp_path / "written"
    secret.write_text("marker-of-the-secret\n")
    status, text = ask(front, statement.format(secret=secret, written=written), param_name="file")
    assert status in (400, 403, 404)
    assert "marker-of-the-secret" not in text
    assert not written.exists()
    assert ask(front, "SELECT count() FROM declarations") == (200, "1\n")


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("EXISTS TABLE default.`/etc/passwd`", "only queries are allowed"),
        ("SELECT * FROM default.x", "default is not allowed"),
        ("SELECT query FROM system.processes", "system is not allowed"),
        ("SELECT * FROM `system`.stack_trace", "system is not allowed"),
        ("SELECT * FROM information_schema.tables", "information_schema is not allowed"),
        ("SELECT * FROM merge('system', '^processes$')", "merge is not allowed"),
        ("SHOW TABLES FROM system", "system is not allowed"),
        ("SHOW PROCESSLIST", "SHOW PROCESSLIST is not allowed"),
        ("SHOW GRANTS", "SHOW GRANTS is not allowed"),
        ("SELECT 1 FORMAT Pretty", "the format is not one of"),
        ("SELECT 1 FORMAT Parquet", "the format is not one of"),
        ("SELECT 1 AS format, 2 AS x FORMAT/**/Pretty", "the format is not one of"),
        ("SELECT 1 AS x, 2 AS format FORMAT `Pretty`", "the format is not one of"),
    ],
)
def test_nothing_but_the_monitors_tables_in_a_known_format(front: str, statement: str, said: str) -> None:
    status, text = ask(front, statement)
    assert (status, said in text) == (403, True), text


@pytest.mark.parametrize(
    ("statement", "is_answered"),
    [
        ("SELECT * FROM system.tables", True),
        ('SELECT * FROM `system` . /* */ "databases" AS d', True),
        ("SELECT name, engine FROM system.tables WHERE database = 'emc' ORDER BY name, format", False),
        ("SELECT t.name, t.total_rows FROM system.tables AS t WHERE t.database = currentDatabase()", True),
        ("SELECT 1 FROM system.one UNION ALL FROM system.databases", False),
        ("WITH '' AS x FROM system.databases", True),
        ("SELECT data_paths, metadata_path FROM system.tables", False),
        ("SELECT COLUMNS('path') FROM system.databases", False),
        ("DESCRIBE TABLE system.tables", True),
        ("SHOW FULL TABLES", True),
    ],
)
def test_lists_of_tables_do_not_tell_where_they_lie(front: str, statement: str, is_answered: bool) -> None:
    status, text = ask(front, statement)
    assert (status == 200) is is_answered, text
    assert str(engine_directory()) not in text
    assert "metadata_path" not in text or not is_answered
    assert ".sql" not in text


def test_what_a_page_of_another_site_asks_is_refused(front: str) -> None:
    request = Request(f"{front}/?query=SELECT+1", headers={"Origin": "http://elsewhere.example"})
    with pytest.raises(HTTPError, match="403"):
        urlopen(request, timeout=20)


def test_an_answer_that_would_be_large_is_refused_by_the_engine(front: str) -> None:
    status, text = ask(front, "SELECT repeat(char(1), 199) FROM numbers(500000) FORMAT JSON")
    assert (status, "396" in text[:12]) == (400, True)  # TOO_MANY_ROWS_OR_BYTES


def test_an_answer_that_is_large_only_when_written_is_refused(front: str) -> None:
    """Sixteen bytes a row to the engine, ten thousand in JSON."""
    for rows, code in ((7_000, "396"), (60_000, "241")):  # written, or more than it has memory to write
        name = "x" * 10_000
        status, text = ask(front, f"SELECT number AS {name} FROM numbers({rows}) FORMAT JSONEachRow")
        assert (status, code in text[:12]) == (400, True), text[:200]


def test_a_long_statement_is_not_read_to_its_end(front: str) -> None:
    assert ask(front, "SELECT '" + "x" * (1 << 20) + "'")[0] == 413


_HEAVY = "sipHash64(" * 8 + "x + number" + ")" * 8
_ONE_BLOCK = f"SELECT sum(ignore(arrayMap(x -> {_HEAVY}, range(450)))) FROM numbers(60000)"
"""By the engine's defaults one block, inside which it looks at no limit."""


def test_the_time_limit_holds_within_what_would_be_one_block() -> None:
    with embedded_database() as database:
        engine = LockedEngine(engine_directory(), database.name, {**LIMITS, "max_execution_time": 1})
        try:
            with pytest.raises(RuntimeError, match="159"):  # TIMEOUT_EXCEEDED
                engine.query(_ONE_BLOCK, "TSV", {})
        finally:
            engine.close()


_ENDLESS = "SELECT count() FROM numbers(400000) AS a, numbers(400000) AS b WHERE a.number * b.number = 7"
_RUNNING = "SELECT count() FROM system.processes WHERE query LIKE '%400000%' AND query NOT LIKE '%system%'"


def test_what_a_client_asked_ends_when_it_is_gone() -> None:
    with embedded_database() as database:
        engine = LockedEngine(engine_directory(), database.name, {**LIMITS, "max_execution_time": 600})
        front = ClickHouseFront()
        front.start(engine)
        head = f"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(_ENDLESS)}\r\n\r\n"
        try:
            client = socket.create_connection(("127.0.0.1", int(front.url.rpartition(":")[2])))
            client.sendall(f"{head}{_ENDLESS}".encode())
            wait_until(lambda: database.query(_RUNNING) == [(1,)])
            client.close()
            wait_until(lambda: database.query(_RUNNING) == [(0,)])
        finally:
            front.stop()
