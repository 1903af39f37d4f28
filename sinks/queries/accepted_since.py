"""Which refused events were accepted after all: mended and replayed, or sent again."""

from bisect import bisect_right
from typing import Any

from emc.identifiers import dossier_agency
from emc.instants import HANOI, format_instant
from sinks.clickhouse.database import Database

_HIDDEN = "sha256:"


def mark_accepted(database: Database, rows: list[dict[str, Any]]) -> None:
    """Puts `accepted_at` into rows of refused events of dossiers: when the same event, by its source, dossier
    and id, first arrived again and was accepted; None where it was not, or its id is not kept as it came.
    """
    places = [_event(row) for row in rows]
    known = [place for place in places if place is not None]
    arrivals = _arrivals(database, known) if known else {}
    for row, place in zip(rows, places, strict=True):
        times = arrivals.get(place, []) if place is not None else []
        after = times[bisect_right(times, row["rejected_at"]) :]
        row["accepted_at"] = format_instant(after[0] * 1000, HANOI) if after else None


def _event(row: dict[str, Any]) -> tuple[str, str, str] | None:
    """By what an event is known again: dossier, source and id."""
    if not (row["subject"] and row["source"] and row["id"]) or row["id"].startswith(_HIDDEN):
        return None
    return row["subject"], row["source"], row["id"]


def _arrivals(
    database: Database, events: list[tuple[str, str, str]]
) -> dict[tuple[str, str, str], list[int]]:
    """When they were accepted (ms), in order."""
    subjects = {subject for subject, _, _ in events}
    found = database.rows(
        """
        SELECT subject, source, id, arraySort(groupUniqArray(toUnixTimestamp64Milli(arrived_at))) AS times
        FROM events
        WHERE agency IN {agencies:Array(String)} AND subject IN {subjects:Array(String)} AND type = 'dossier'
            AND id IN {ids:Array(String)}
        GROUP BY subject, source, id
        """,
        {
            "agencies": sorted({dossier_agency(subject) or "" for subject in subjects}),
            "subjects": sorted(subjects),
            "ids": sorted({id_ for _, _, id_ in events}),
        },
    )
    return {(row["subject"], row["source"], row["id"]): list(row["times"]) for row in found}
