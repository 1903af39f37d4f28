"""What an import is compared with, out of what the monitor answers."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from emc.catalogue import Catalogue
from emc.facts import ProcedureFacts
from emc.instants import date_of_day
from emc.registers import Registers, decode
from producers.importing.kinds import PROCEDURES


class Answers(Protocol):
    """What is asked of the monitor: registers as JSON, entries and days as its API answers them."""

    def states(self, dossiers: Sequence[str]) -> Mapping[str, str]:
        """The registers of those of the dossiers that are known."""

    def catalogue(self, agency: str) -> list[dict[str, Any]]:
        """An agency's catalogue."""

    def declarations(self, agency: str) -> list[dict[str, Any]]:
        """What an agency declared, day by day."""


class KnownDossiers:
    """Dossiers and catalogues as the monitor holds them."""

    def __init__(self, reader: Answers) -> None:
        self._reader = reader

    def states(self, dossiers: Sequence[str]) -> Mapping[str, Registers]:
        """The registers of those that are known."""
        found = self._reader.states(dossiers)
        return {dossier: decode(registers) for dossier, registers in found.items()}

    def catalogue(self, agency: str) -> Catalogue:
        """An agency's catalogue."""
        catalogue = Catalogue()
        for entry in self._reader.catalogue(agency):
            catalogue.set(entry["procedure"], entry["valid_from"], _facts(entry))
        return catalogue

    def entries(self, kind: str, agency: str) -> Mapping[tuple[str, str], Registers]:
        """An agency's catalogue or declarations, by subject and first day."""
        if kind == PROCEDURES.name:
            return {
                (one["procedure"], date_of_day(one["valid_from"]).isoformat()): decode(one["registers"])
                for one in self._reader.catalogue(agency)
            }
        return {(one["day"], ""): decode(one["registers"]) for one in self._reader.declarations(agency)}


def _facts(entry: Mapping[str, Any]) -> ProcedureFacts:
    return ProcedureFacts(
        level_full=entry["service_level"] == "full",
        level_partial=entry["service_level"] == "partial",
        eligible=bool(entry["eligible_full_online"]),
        result_required=bool(entry["result_required"]),
        published=bool(entry["published"]),
    )
