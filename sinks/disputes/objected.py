"""Objections as they are read: the list, and one with its thread and what the rate would be."""

from collections import defaultdict
from typing import Any

from emc.errors import InputError
from emc.instants import HANOI, format_instant
from emc.registry import GROUPS, Registry
from sinks.clickhouse.database import Database
from sinks.disputes.frozen import read_frozen, read_snapshot
from sinks.disputes.objection import Message, Objection
from sinks.queries.rates import share

_FIELDS = "agency, id, snapshot, metric, definition, dossier, numerator, denominator, made_at"
_MESSAGE = "id, at, side, name, decision, text, events"
_OF_RATES, _OF_DOSSIERS = "dossier = ''", "dossier != ''"
Thread = tuple[Objection, list[Message]]


def read_objections(rates: Database, dossiers: Database, id_: str = "") -> list[Thread]:
    """Objections with what was written, the newest first. `id_`: that one alone.

    `rates`, `dossiers`: where those to rates, and those to dossiers, are looked for.
    """
    found = _read(rates, _OF_RATES, id_) + _read(dossiers, _OF_DOSSIERS, id_)
    return sorted(found, key=lambda thread: (-thread[0].made_at, thread[0].id))


def read_objection(rates: Database, dossiers: Database, id_: str) -> Thread:
    """One of them; InputError when there is none of that id."""
    found = read_objections(rates, dossiers, id_) if id_ else []
    if not found:
        raise InputError("there is no objection of that id; `emc objections list` shows them")
    return found[0]


def _read(database: Database, which: str, id_: str) -> list[Thread]:
    of_one = {"id": id_}
    rows = database.query(
        f"SELECT {_FIELDS} FROM objections FINAL"
        f" WHERE {which} AND ({{id:String}} = '' OR id = {{id:String}})",
        of_one,
    )
    written = database.query(
        f"SELECT objection, {_MESSAGE} FROM objection_messages FINAL"
        f" WHERE {which} AND ({{id:String}} = '' OR objection = {{id:String}}) ORDER BY at, id",
        of_one,
    )
    threads = defaultdict[str, list[Message]](list)
    for objection, *message in written:
        threads[objection].append(Message(*message))
    return [(Objection(*row), threads[row[1]]) for row in rows]


def would_be(database: Database, registry: Registry, objection: Objection) -> dict[str, Any] | None:
    """The frozen rate of an objection, and what it and those of the agency's groups would be with the
    agency's numbers; None for a dossier. `database` shows the agency's rates and those of groups.
    """
    if not objection.snapshot:
        return None
    snapshot = read_snapshot(database, objection.snapshot)
    found = [
        rate
        for rate in read_frozen(database, snapshot, metric=objection.metric)
        if rate["definition"] == objection.definition
    ]
    own = next((rate for rate in found if rate.get("agency") == objection.agency), None)
    if own is None:
        return None
    shown = [own] + [
        rate
        for group in GROUPS
        for rate in found
        if rate.get("group") == group and objection.agency in registry.members(group)
    ]
    return {"rates": [_changed(rate, own, objection) for rate in shown]}


def _changed(rate: dict[str, Any], own: dict[str, Any], objection: Objection) -> dict[str, Any]:
    whose = {name: rate[name] for name in ("agency", "group") if name in rate}
    frozen = {name: rate[name] for name in ("numerator", "denominator", "rate")}
    claimed = None
    if objection.numerator is not None and objection.denominator is not None:
        above = rate["numerator"] - own["numerator"] + objection.numerator
        below = rate["denominator"] - own["denominator"] + objection.denominator
        claimed = {"numerator": above, "denominator": below, "rate": share(above, below)}
    return whose | {"frozen": frozen, "would_be": claimed}


def correcting(database: Database, objection: Objection, messages: list[Message]) -> list[dict[str, Any]]:
    """The events that operators named, and of a dossier those that came after the objection.

    Of an event that is not stored, or may not be seen, only its `id` is told.
    """
    named = list(dict.fromkeys(event for message in messages for event in message.events))
    rows = database.query(
        """
        SELECT id, subject, source, time, arrived_at FROM events FINAL
        WHERE agency = {agency:String} AND (has({named:Array(String)}, id)
            OR subject = {dossier:String} AND {dossier:String} != ''
                AND arrived_at > fromUnixTimestamp64Milli({since:Int64}, 'UTC'))
        ORDER BY arrived_at, id LIMIT 1000
        """,
        {
            "agency": objection.agency,
            "named": named,
            "dossier": objection.dossier,
            "since": objection.made_at // 1000,
        },
    )
    found = {id_ for id_, *_ in rows}
    told = [
        {
            "id": id_,
            "subject": subject,
            "source": source,
            "time": format_instant(time, HANOI),
            "arrived_at": format_instant(arrived * 1000, HANOI),
        }
        for id_, subject, source, time, arrived in rows
    ]
    absent = dict.fromkeys(("subject", "source", "time", "arrived_at"))
    return told + [{"id": id_, **absent} for id_ in named if id_ not in found]
