"""Writing objections and answers: checked, then added; nothing is changed but a text that is blotted out."""

import secrets
from collections.abc import Mapping
from typing import Any

from emc.access import Caller
from emc.disclosure import looks_personal
from emc.errors import InputError
from emc.identifiers import dossier_agency
from emc.instants import now_us
from sinks.clickhouse.database import Database
from sinks.disputes.frozen import read_frozen, read_snapshot
from sinks.disputes.objection import (
    DECISIONS,
    LARGEST,
    LONGEST_TEXT,
    Message,
    Objecting,
    Objection,
    Writing,
)
from sinks.disputes.texts import checked_text
from sinks.queries.rate_query import definitions_of, one_of

_MOST_EVENTS, _LONGEST_ID = 100, 128


def meant(database: Database, asked: Objecting, agency: str) -> Objection:
    """The objection that was asked for; InputError for one that may not be kept."""
    is_rate = asked.snapshot is not None and asked.metric is not None
    if is_rate == (asked.dossier is not None):
        raise InputError("expected either snapshot and metric, or dossier")
    own = asked.numerator, asked.denominator
    if asked.dossier is not None:
        if dossier_agency(asked.dossier) != agency:
            raise InputError(f"dossier is {asked.dossier!r}, expected a code of the agency {agency}")
        if own != (None, None):
            raise InputError("numerator and denominator belong to a rate, expected none with a dossier")
        return Objection(agency, secrets.token_hex(6), "", "", "", asked.dossier, None, None, now_us())
    _check_numbers(*own)
    definition = definitions_of(asked.metric, asked.definition)[0]
    snapshot = read_snapshot(database, asked.snapshot or "")
    found = read_frozen(database, snapshot, agency, definition.metric)
    if definition.name not in {each["definition"] for each in found}:
        raise InputError("the snapshot has no such rate of the agency, expected one that it has")
    rate = (snapshot.id, definition.metric, definition.name)
    return Objection(agency, secrets.token_hex(6), *rate, "", *own, now_us())


def _check_numbers(numerator: int | None, denominator: int | None) -> None:
    if numerator is None and denominator is None:
        return
    if numerator is None or denominator is None or not 0 <= numerator <= denominator <= LARGEST:
        raise InputError("numerator and denominator are not usable, expected 0 ≤ numerator ≤ denominator")


def message_of(writing: Writing, caller: Caller) -> Message:
    """What a caller writes; InputError for what may not be kept."""
    text = checked_text("text", writing.text, LONGEST_TEXT, lines=True)
    decision = "" if writing.decision is None else one_of("decision", writing.decision, DECISIONS)
    events = [event.strip() for event in writing.events if event.strip()]
    if len(events) > _MOST_EVENTS or any(len(each) > _LONGEST_ID or looks_personal(each) for each in events):
        raise InputError(f"events is not usable, expected at most {_MOST_EVENTS} identifiers of events")
    side = "operator" if caller.agency is None else "agency"
    return Message(secrets.token_hex(6), now_us(), side, caller.name, decision, text, events)


def keep(database: Database, objection: Objection, message: Message) -> None:
    """Adds an objection with its reason, the reason first: what is listed has one."""
    write(database, objection, message)
    _insert(
        database,
        "objections",
        {
            "agency": objection.agency,
            "id": objection.id,
            "snapshot": objection.snapshot,
            "metric": objection.metric,
            "definition": objection.definition,
            "dossier": objection.dossier,
            "numerator": objection.numerator,
            "denominator": objection.denominator,
            "made_at": objection.made_at,
        },
    )


def write(database: Database, objection: Objection, message: Message) -> None:
    """Adds a message; the same once more replaces its text."""
    _insert(
        database,
        "objection_messages",
        {
            "agency": objection.agency,
            "objection": objection.id,
            "at": message.at,
            "id": message.id,
            "side": message.side,
            "name": message.name,
            "decision": message.decision,
            "text": message.text,
            "events": message.events,
            "dossier": objection.dossier,
        },
    )


def _insert(database: Database, table: str, row: Mapping[str, Any]) -> None:
    database.insert(table, {name: [value] for name, value in row.items()} | {"version": [now_us()]})
