"""An agency whose data is full of a marker, for tests of who sees any of it."""

from typing import Any

from emc.registry import Agency, Registry
from sinks.clickhouse.database import Database

MARKER = "marker7731"
SNAPSHOT, OF_RATE, OF_DOSSIER = "5a5a5a5a5a5a", "0b0b0b0b0b0b", "0d0d0d0d0d0d"
INCIDENT = f"incident-{MARKER}"
OWN, OTHER = "H25", "H26"
DOSSIER = f"{OWN}.{MARKER.upper()}-240305-0001"
DAY = 19783
NOW_MS = 1_714_000_000_000
ASKED = {
    "metric": "data_reuse", "agency": OWN, "period": "month", "start": "2024-03-01", "definition": "received",
}  # fmt: skip


def registry() -> Registry:
    """Two agencies that have nothing to do with each other."""
    return Registry(Agency(code, f"Tỉnh {code}", "locality", None, None, True, "") for code in (OWN, OTHER))


def plant(database: Database) -> None:
    """One row of everything that an agency can have, its texts marked, its numbers unmistakable."""
    one: dict[str, dict[str, list[Any]]] = {
        "dossiers": {
            "dossier": [DOSSIER], "month": [202403], "procedure": ["1.000001"],
            "unit": [f"{OWN}.{MARKER.upper()}"],
            "received_at": [1_709_600_000_000_000], "resolved_at": [1_609_600_000_000_000], "status": [2],
            "registers": [f'[[1709600000000000,"{MARKER}",{{"channel":"online"}}]]'],
        },
        "events": {
            "type": ["dossier"], "subject": [DOSSIER], "time": [1_709_600_000_000_000], "id": [MARKER],
            "source": [f"/agencies/{OWN}/{MARKER}"], "data": ['{"channel":"online"}'], "arrived_at": [NOW_MS],
            "topic_id": ["t"], "partition": [0], "offset": [0], "index": [0],
        },
        "procedures": {
            "procedure": ["1.000001"], "valid_from": [0], "service_level": ["full"], "name": [MARKER],
            "eligible_full_online": [True], "published": [True], "registers": ["[]"],
        },
        "declarations": {
            "day": [DAY], "received": [773_111], "registers": [f'[[1,"{MARKER}",{{"received":773111}}]]'],
        },
        "rates": {
            "metric": ["data_reuse"], "definition": ["received"], "period": ["month"], "start": [DAY],
            "numerator": [773_111], "denominator": [773_119], "counted": [1], "declared": [1],
            "is_deleted": [0],
        },
        "commits": {
            "topic_id": ["t"], "partition": [0], "next_offset": [1], "as_of": [1_709_600_000_000_000],
            "written_at": [NOW_MS],
        },
        "sources": {
            "source": [f"/agencies/{OWN}/{MARKER}"], "last_time": [1], "last_arrival": [NOW_MS],
        },
        "rejections": {
            "reason": ["invalid"], "path": [f"$.{MARKER}"], "detail": [MARKER], "id": [MARKER],
            "topic": ["emc.events"], "partition": [0], "offset": [0], "index": [0], "rejected_at": [NOW_MS],
        },
        "snapshot_rates": {
            "snapshot": [SNAPSHOT], "metric": ["data_reuse"], "definition": ["received"],
            "numerator": [773_111], "denominator": [773_119],
        },
        "objections": {
            "id": [OF_DOSSIER], "dossier": [DOSSIER], "made_at": [NOW_MS * 1000],
        },
        "objection_messages": {
            "objection": [OF_DOSSIER], "id": [MARKER], "at": [NOW_MS * 1000], "side": ["agency"],
            "text": [MARKER], "events": [[MARKER]], "dossier": [DOSSIER],
        },
        "incidents": {"id": ["1"], "begins_at": [1_709_600_000_000_000], "text": [INCIDENT]},
    }  # fmt: skip
    for table, columns in one.items():
        database.insert(table, {"agency": [OWN], "version": [1], **columns})
    database.insert("objections", {
        "agency": [OWN], "id": [OF_RATE], "snapshot": [SNAPSHOT], "metric": ["data_reuse"],
        "definition": ["received"], "numerator": [773_112], "denominator": [773_119],
        "made_at": [NOW_MS * 1000], "version": [1],
    })  # fmt: skip
    database.insert("objection_messages", {
        "agency": [OWN], "objection": [OF_RATE], "id": [MARKER], "at": [NOW_MS * 1000], "side": ["agency"],
        "text": [f"objection-{MARKER}"], "version": [1],
    })  # fmt: skip
    database.insert("snapshots", {
        "id": [SNAPSHOT], "name": ["x"], "period": ["month"], "start": [DAY], "structure": ["reported"],
        "frozen_at": [NOW_MS * 1000], "definitions": ["[]"], "positions": ["[]"], "version": [1],
    })  # fmt: skip
