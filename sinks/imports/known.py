"""What an import is compared with: the registers of its dossiers, and the catalogue of its agency."""

from collections.abc import Sequence
from typing import Any

from emc.errors import InputError
from emc.identifiers import dossier_agency, dossier_month
from sinks.clickhouse.database import Database

MOST_STATES = 1000


def read_states(database: Database, dossiers: Sequence[str]) -> dict[str, str]:
    """The registers (JSON, as `emc.registers.encode` gives them) of those of the dossiers that are known.

    InputError for more than a thousand, or what is no dossier code.
    """
    if len(dossiers) > MOST_STATES:
        raise InputError(f"dossiers are {len(dossiers)}, expected at most {MOST_STATES}")
    agencies = {dossier_agency(dossier) for dossier in dossiers}
    if None in agencies:
        raise InputError("dossiers: expected a list of dossier codes")
    if not dossiers:
        return {}
    rows = database.query(
        """
        SELECT dossier, registers FROM dossiers FINAL
        WHERE month IN {months:Array(UInt32)} AND agency IN {agencies:Array(String)}
            AND dossier IN {dossiers:Array(String)}
        """,
        {
            "months": sorted(set(map(dossier_month, dossiers))),
            "agencies": sorted(map(str, agencies)),
            "dossiers": list(dossiers),
        },
    )
    return {str(dossier): str(registers) for dossier, registers in rows}


def read_declarations(database: Database, agency: str) -> list[dict[str, Any]]:
    """What an agency declared of each day; days are YYYY-MM-DD."""
    return database.rows(
        """
        SELECT toString(day) AS day, received, resolved, registers
        FROM declarations FINAL WHERE agency = {agency:String} ORDER BY day
        """,
        {"agency": agency},
    )


def read_catalogue(database: Database, agency: str) -> list[dict[str, Any]]:
    """The entries of an agency's catalogue, their first days in days since 1970-01-01."""
    return database.rows(
        """
        SELECT procedure, valid_from, service_level, eligible_full_online, result_required, published,
            registers
        FROM procedures FINAL WHERE agency = {agency:String} ORDER BY procedure, valid_from
        """,
        {"agency": agency},
    )
