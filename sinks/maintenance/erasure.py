"""Erasing one dossier: out of every table, and so that neither the topic nor a backup brings it back.

What is known of an erased dossier afterwards is a digest of its code, in the table `erased`. Judging passes
over events of such a dossier, a restored backup loses it, and the audit counts what is still there of any.
The topics keep their bytes until their retention takes them: Kafka deletes only what is oldest.
"""

import hashlib
import time
from collections.abc import Iterator, Sequence

from emc.errors import ComponentError, InputError
from emc.identifiers import dossier_agency
from emc.instants import now_us
from sinks.clickhouse.database import Database
from sinks.maintenance.exchange import version_gap

_PLACES = {
    "events": "type = 'dossier' AND {agency} AND {subject}",
    "dossiers": "{agency} AND {dossier}",
    "conflicts": "type = 'dossier' AND {agency} AND {subject}",
    "notices": "{agency} AND {dossier}",
    "objections": "{agency} AND {dossier}",
    "objection_messages": "{agency} AND {dossier}",
    "rejections": "{subject}",  # by whatever agency sent it
}
"""Where a dossier's code is kept: the table, and the columns that must match."""
_OLD_PARTS = """
    SELECT 1 FROM system.parts WHERE NOT active AND database = currentDatabase()
    AND table IN {tables:Array(String)} LIMIT 1
"""
_GONE_WITHIN = 60.0
"""Seconds that the engine may take to remove the files of the parts that it wrote anew."""


def digest_of(dossier: str) -> str:
    """Under which a dossier is known once it is erased."""
    return hashlib.sha256(dossier.encode()).hexdigest()


def erase(database: Database, dossier: str) -> dict[str, int]:
    """Erases a dossier from all tables; returns how many rows each held. No worker may be writing.

    InputError when that is no dossier code. May be repeated: what a broken attempt left is then erased.
    Workers rebuild the agency afterwards, for its version in `commits` is moved: cells and rates follow.
    """
    database.require_one_server("emc erase")
    agency = dossier_agency(dossier)
    if agency is None:
        raise InputError("that is no dossier code, expected one such as H25.16-240305-0007")
    now = now_us() // 1000
    database.insert("erased", {"agency": [agency], "digest": [digest_of(dossier)], "erased_at": [now]})
    database.command(
        f"INSERT INTO commits SELECT * REPLACE (version + {version_gap()} AS version) FROM commits FINAL"
        " WHERE agency = {agency:String}",
        {"agency": agency},
    )
    return _delete(database, [(agency, digest_of(dossier))])


def erase_again(database: Database, known: Database) -> dict[str, int]:
    """Erases from restored tables what was erased before or since the backup; returns rows by table.

    `known`: the tables in use until now, whose list of erased dossiers joins that of the backup.
    """
    database.command(f"INSERT INTO erased SELECT * FROM `{known.name}`.erased")
    return _delete(database, _known(database))


def traces(database: Database) -> dict[str, int]:
    """How many dossiers were erased, and how many rows of any table still tell of one."""
    erased = _known(database)
    counts = [_count(database, table, where) for table, where in _conditions(erased)]
    return {"erased": len(erased), "traces": sum(counts)}


def _known(database: Database) -> list[tuple[str, str]]:
    """Agency and digest of each dossier that was erased."""
    return [(agency, digest) for agency, digest in database.query("SELECT agency, digest FROM erased FINAL")]


def _delete(database: Database, erased: Sequence[tuple[str, str]]) -> dict[str, int]:
    found, written = dict[str, int](), list[str]()
    for table, where in _conditions(erased):
        found[table] = _count(database, f"{table} FINAL", where)
        if _count(database, table, where):
            database.command(f"ALTER TABLE {table} DELETE WHERE {where} SETTINGS mutations_sync = 2")
            written.append(table)
    _remove_files(database, written)
    return found


def _remove_files(database: Database, tables: list[str]) -> None:
    """Sees that the files of the parts from before are gone, which the engine would keep for some minutes.

    They go at once when a partition is dropped, even one that is not there, unless somebody reads them.
    """
    deadline = time.monotonic() + _GONE_WITHIN
    for table in tables:
        database.command(f"ALTER TABLE {table} MODIFY SETTING old_parts_lifetime = 0")
    try:
        while any(database.query(_OLD_PARTS, {"tables": tables})):
            if time.monotonic() > deadline:
                raise ComponentError("ClickHouse keeps files of the erased rows; repeat the command")
            for table in tables:
                database.command(f"ALTER TABLE {table} DROP PARTITION ID 'none'")
            time.sleep(0.2)
    finally:
        for table in tables:
            database.command(f"ALTER TABLE {table} RESET SETTING old_parts_lifetime")


def _conditions(erased: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Each table with what its rows of these dossiers meet; none when there is no dossier.

    By their digests: a statement is kept, in a mutation's file and in a server's log.
    """
    if not erased:
        return
    of_these = {"agency": _one_of("agency", {agency for agency, _ in erased})}
    for column in ("subject", "dossier"):
        of_these[column] = _one_of(f"lower(hex(SHA256({column})))", {digest for _, digest in erased})
    for table, where in _PLACES.items():
        yield table, where.format(**of_these)


def _one_of(expression: str, values: set[str]) -> str:
    """Values are codes of agencies and digests, which need no quoting."""
    return f"{expression} IN ({', '.join(repr(value) for value in sorted(values))})"


def _count(database: Database, rows: str, where: str) -> int:
    ((found,),) = database.query(f"SELECT count() FROM {rows} WHERE {where}")
    return int(found)
