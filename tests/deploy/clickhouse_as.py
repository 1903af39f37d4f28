"""The real engine with the server's own configuration files, as one of its users: a process of its own.

The engine in the process knows one user, `default`, so that user gets the rights, profile and row filters of
the one to be tried. What SQL adds on a server (roles, policies) is put into XML, which the engine does read.

    python -m tests.deploy.clickhouse_as DIRECTORY USER ATTEMPTS     prints {"attempt": rows or error code}
"""

import json
import re
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sinks.clickhouse.database import Database
from sinks.clickhouse.failures import QueryRefused
from sinks.clickhouse.migrate import migrate

FOLDER = Path(__file__).parents[2] / "deploy" / "clickhouse"
AGENCIES = (FOLDER / "agencies.sql").read_text("utf-8")
AGENCY = "agency-H25"
HASHES = {f"CLICKHOUSE_{user}_SHA256": "0" * 64 for user in ("ADMIN", "WRITER", "API", "READER", "GRAFANA")}
_BASE = """<clickhouse>
    <mysql_port>9004</mysql_port><postgresql_port>9005</postgresql_port>
    <interserver_http_port>9009</interserver_http_port><users_config>{users}</users_config>
</clickhouse>"""
_USERS = """<clickhouse><profiles><default/></profiles><quotas><default/></quotas>
    <users><default><password/><networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota>
    <access_management>1</access_management></default></users></clickhouse>"""


def policy(name: str) -> tuple[list[str], str]:
    """The tables of a row policy of agencies.sql, and its condition."""
    found = re.search(rf"OR REPLACE {name}\s+ON ([^;]+?)\s+FOR SELECT USING ([^;]+?)\s+TO ", AGENCIES)
    assert found is not None
    return re.findall(r"emc\.(\w+)", found[1]), found[2]


def granted() -> set[str]:
    """The tables that agencies may read."""
    return set(re.findall(r"SELECT ON emc\.(\w+)", AGENCIES))


def write_config(folder: Path, user: str) -> Path:
    """config.xml for the engine: ours over a minimal one, as a server merges them."""
    for name in ("config.d", "users.d"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "users.xml").write_text(_USERS, "utf-8")
    (folder / "config.xml").write_text(_BASE.format(users=folder / "users.xml"), "utf-8")
    ours = (FOLDER / "config.xml").read_text("utf-8").replace("<level>information", "<level>none")
    (folder / "config.d" / "emc.xml").write_text(ours, "utf-8")
    users = (FOLDER / "users.xml").read_text("utf-8")
    (folder / "users.d" / "emc.xml").write_text(users.replace('<default remove="1"/>', ""), "utf-8")
    (folder / "users.d" / "zz-as.xml").write_text(_as_default(users, user), "utf-8")
    return folder / "config.xml"


def _as_default(users: str, user: str) -> str:
    """`default` with what `user` may do."""
    found = ElementTree.fromstring(users).find(f"users/{user}")
    rights = ElementTree.Element("default", {"replace": "replace"})
    ElementTree.SubElement(rights, "password")
    if found is not None:
        rights.extend(
            child for child in found if child.tag in ("profile", "quota", "grants", "access_management")
        )
    elif user == AGENCY:
        _agency_rights(rights)
    if user == "writer":  # the engine in the process takes inserts from files, a server does not
        ElementTree.SubElement(rights.find("grants") or rights, "query").text = "GRANT READ ON FILE"
    text = ElementTree.tostring(rights, "unicode")
    return f"<clickhouse><users>{text}</users></clickhouse>"


def _agency_rights(rights: ElementTree.Element) -> None:
    ElementTree.SubElement(rights, "profile").text = "grafana"
    ElementTree.SubElement(rights, "quota").text = "default"
    grants = ElementTree.SubElement(rights, "grants")
    for table in sorted(granted()):
        ElementTree.SubElement(grants, "query").text = f"GRANT SELECT ON emc.{table}"
    tables, condition = policy("own_rows")
    database = ElementTree.SubElement(ElementTree.SubElement(rights, "databases"), "emc")
    for table in tables:
        filtered = ElementTree.SubElement(ElementTree.SubElement(database, table), "filter")
        filtered.text = condition.replace("currentUser()", f"'{AGENCY}'")


def attempt(database: Database, statement: str) -> Any:
    """Rows of a query, None for another statement that is done, or ClickHouse's error code."""
    try:
        if statement == "MIGRATE":
            return migrate(database)
        if statement.startswith("SELECT"):
            return [list(row) for row in database.query(statement)]
        database.command(statement)
    except QueryRefused as error:
        return {"code": error.code}
    return None


def main() -> None:
    """Tries all statements of standard input's JSON object."""
    directory, user = Path(sys.argv[1]), sys.argv[2]
    asked: Mapping[str, str] = json.load(sys.stdin)
    database = Database(directory / "engine")
    engine: Any = database._engine
    engine._chdb_options["config-file"] = str(write_config(directory / user, user))
    print(json.dumps({name: attempt(database, statement) for name, statement in asked.items()}, default=str))
    database.close()


if __name__ == "__main__":
    main()
