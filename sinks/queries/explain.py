"""One dossier explained: who said what when, what follows from it, and in which rates it counts."""

import json
from collections.abc import Mapping
from operator import itemgetter
from typing import Any

from emc.definitions import DEFINITIONS, Definition
from emc.errors import InputError
from emc.facts import BIT, NO_ENTRY, PROCEDURE_FACTS, ProcedureFacts
from emc.identifiers import dossier_agency, dossier_month
from emc.instants import HANOI, date_of_day, day_of, format_instant
from emc.registers import INSTANT_FIELDS, Registers, decode, values
from emc.settling import settler_of
from emc.statuses import STATUSES
from sinks.clickhouse.database import Database
from sinks.imports.feeds import Feed, read_feeds
from sinks.imports.warnings import sender_warnings
from sinks.queries.facts import NOT_RESOLVED, without_entry
from sinks.queries.reasons import NOTHING_ACCEPTED, ONLY_PUSHED, judge
from sinks.queries.rejections import read_refused
from sinks.queries.waiting import lateness, waiting


def explain_dossier(database: Database, code: str) -> dict[str, Any]:
    """Everything known of a dossier, refused events too; InputError when that is nothing."""
    agency = dossier_agency(code)
    if agency is None:
        raise InputError(f"dossier is {code!r}, expected a code like 000.00.16.H25-240305-0007")
    found = database.rows(
        "SELECT * FROM dossiers FINAL"
        " WHERE agency = {agency:String} AND dossier = {dossier:String} AND month = {month:UInt32}",
        {"agency": agency, "dossier": code, "month": dossier_month(code)},
    )
    refused = read_refused(database, code)
    if not found and not refused:
        raise InputError(f"dossier {code} is not known: no event of it was accepted")
    if not found:
        return _only_refused(code, agency, refused)
    events = _events(database, agency, code)
    registers = decode(found[0]["registers"])
    unknown = _unknown(database, events)
    counted = {day: _counted(database, agency, found[0], day) for day in ("receipt", "resolution")}
    return {
        "dossier": code,
        "agency": agency,
        "settler": settler_of(values(registers), agency) or agency,
        "events": events,
        "state": _state(registers, events),
        "counted": counted,
        "definitions": [_definition(definition, counted, unknown) for definition in DEFINITIONS],
        "waiting": waiting(events, found[0]["resolved_at"]),
        "lateness": lateness(found[0], events),
        "warnings": _warnings(database, agency, code),
        "refused": refused,
    }


def _only_refused(code: str, agency: str, refused: list[dict[str, Any]]) -> dict[str, Any]:
    """Of a dossier that counts nowhere, for every event of it was refused."""
    nothing = {day: {"day": None, "reason": NOTHING_ACCEPTED} for day in ("receipt", "resolution")}
    return {
        "dossier": code,
        "agency": agency,
        "settler": agency,
        "events": [],
        "state": {},
        "counted": nothing,
        "definitions": [],
        "waiting": [],
        "lateness": dict.fromkeys(("late", "reported_late", "resolution_arrived_at")),
        "warnings": [],
        "refused": refused,
    }


def _events(database: Database, agency: str, code: str) -> list[dict[str, Any]]:
    rows = database.rows(
        """
        SELECT time, id, source, arrived_at, partition, offset, `index`, data FROM events FINAL
        WHERE agency = {agency:String} AND subject = {dossier:String} AND type = 'dossier'
        ORDER BY time, id, arrived_at, partition, offset, `index`
        """,
        {"agency": agency, "dossier": code},
    )
    for row in rows:
        row["time"] = format_instant(row["time"], HANOI)
        row["arrived_at"] = format_instant(row["arrived_at"] * 1000, HANOI)
        row["data"] = {name: _readable(name, value) for name, value in json.loads(row["data"]).items()}
    return rows


def _state(registers: Registers, events: list[dict[str, Any]]) -> dict[str, Any]:
    """Each field's value with its last writer; the source is None when the event is no longer stored."""
    sources = {(event["time"], event["id"]): event["source"] for event in events}
    state = {}
    written_by = [(name, value, *writer) for *writer, fields in registers for name, value in fields.items()]
    for name, value, time, writer in sorted(written_by, key=itemgetter(0)):
        written = format_instant(time, HANOI)
        state[name] = {
            "value": _readable(name, value),
            "time": written,
            "id": writer,
            "source": sources.get((written, writer)),
        }
    return state


def _counted(database: Database, agency: str, row: dict[str, Any], day: str) -> dict[str, Any]:
    """The day, the facts and the catalogue entry that a dossier counts under, or why it does not count."""
    reason = not_counted(row, day)
    if reason is not None:
        return {"day": None, "reason": reason}
    number = day_of(row["received_at"] if day == "receipt" else row["resolved_at"])
    entry = _entry(database, agency, row["procedure"], number)
    facts = (
        ProcedureFacts(
            level_full=entry["service_level"] == "full",
            level_partial=entry["service_level"] == "partial",
            eligible=entry["eligible_full_online"],
            result_required=entry["result_required"],
            published=entry["published"],
        )
        if entry
        else NO_ENTRY
    )
    without = {} if entry else without_entry(database, agency)
    return {
        "day": date_of_day(number).isoformat(),
        "procedure": row["procedure"] or None,
        "entry": entry,
        "no_entry": next(iter(without.values()), None),
        "facts": {name: bool(row["signature"] & bit) for name, bit in BIT.items()}
        | {name: bool(getattr(facts, name)) for name in PROCEDURE_FACTS},
    }


def not_counted(row: Mapping[str, Any], day: str) -> str | None:
    """Why a row of `dossiers` counts under no day of `receipt` or `resolution`; None when it does."""
    if row["removed"]:
        return "it is marked as entered by mistake"
    if row["received_at"] is None:
        return "it has no date of receipt"
    if day == "resolution":
        if row["resolved_at"] is None:
            return "it has no date of resolution"
        if row["status"] in NOT_RESOLVED:
            return f"its status is {row['status']}, {STATUSES[row['status']]}"
    return None


def _entry(database: Database, agency: str, procedure: str, day: int) -> dict[str, Any] | None:
    """The catalogue entry that holds on a day; None when there is none."""
    found = database.rows(
        """
        SELECT valid_from, service_level, eligible_full_online, result_required, published, name
        FROM procedures FINAL
        WHERE agency = {agency:String} AND procedure = {procedure:String}
            AND valid_from <= toDate({day:UInt16})
        ORDER BY valid_from DESC LIMIT 1
        """,
        {"agency": agency, "procedure": procedure, "day": day},
    )
    for row in found:
        row["valid_from"] = date_of_day(row["valid_from"]).isoformat()
    return found[0] if found else None


def _unknown(database: Database, events: list[dict[str, Any]]) -> Mapping[str, str]:
    """What nobody told of the dossier, because only tracking messages report it."""
    feeds = read_feeds(database)
    pushed = [feeds.get(event["source"], []) == [Feed.PUSH] for event in events]
    return ONLY_PUSHED if pushed and all(pushed) else {}


def _definition(
    definition: Definition, counted: dict[str, dict[str, Any]], unknown: Mapping[str, str]
) -> dict[str, Any]:
    """Whether the dossier is in a definition's denominator and numerator, and what decides it."""
    below = above = False
    if definition.day == "state":
        why = "it counts procedures of the catalogue, not dossiers"
    elif counted[definition.day]["day"] is None:
        why = counted[definition.day]["reason"]
    else:
        facts, no_entry = counted[definition.day]["facts"], counted[definition.day]["no_entry"]
        without = dict(unknown)
        if no_entry is not None:
            without |= dict.fromkeys(PROCEDURE_FACTS, no_entry)
        below, words = judge(definition.denominator, facts, without)
        if below:
            above, words = judge(definition.numerator, facts, without)
        why = ", ".join(words)
    return {
        "metric": definition.metric,
        "definition": definition.name,
        "in_denominator": below,
        "in_numerator": above,
        "why": why,
    }


def _warnings(database: Database, agency: str, code: str) -> list[str]:
    rows = database.query(
        "SELECT warning FROM warnings"
        " WHERE agency = {agency:String} AND dossier = {dossier:String} AND month = {month:UInt32}",
        {"agency": agency, "dossier": code, "month": dossier_month(code)},
    )
    return sorted({warning for (warning,) in rows} | sender_warnings(database, agency, code))


def _readable(name: str, value: Any) -> Any:
    return format_instant(value, HANOI) if name in INSTANT_FIELDS and value is not None else value
