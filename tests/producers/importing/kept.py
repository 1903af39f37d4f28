"""A sender that keeps what it is given, and what is known of dossiers, for tests of imports."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from emc.catalogue import Catalogue
from emc.contract import judge
from emc.instants import now_us, parse_instant
from emc.registers import Registers, decode, encode, fold
from emc.registry import load_registry
from emc.verdicts import Accepted
from producers.importing import ImportRequest, JudgedRows
from producers.importing.plan import Plan

REGISTRY = load_registry()
AS_OF = parse_instant("2026-04-01T00:00:00+07:00")


class Monitor:
    """Folds what it is sent, as the stream does, and tells what it knows."""

    def __init__(self) -> None:
        self.held: dict[str, Registers] = {}
        self.listed = Catalogue()
        self.of_agency: dict[tuple[str, str], Registers] = {}
        self.events: list[bytes] = []

    def send(self, agency: str, event: Mapping[str, Any] | bytes) -> None:
        assert isinstance(event, bytes)
        self.events.append(event)
        verdict = judge(event, agency.encode(), now_us(), REGISTRY)
        assert isinstance(verdict, Accepted), verdict
        if verdict.kind == "dossier":
            registers = self.held.setdefault(verdict.subject, [])
        else:
            registers = self.of_agency.setdefault((verdict.subject, verdict.valid_from), [])
        fold(registers, verdict.time, verdict.id, verdict.fields)

    def flush(self) -> None:
        """Everything is there at once."""

    def states(self, dossiers: Sequence[str]) -> Mapping[str, Registers]:
        return {dossier: self.held[dossier] for dossier in dossiers if dossier in self.held}

    def catalogue(self, agency: str) -> Catalogue:
        return self.listed

    def entries(self, kind: str, agency: str) -> Mapping[tuple[str, str], Registers]:
        """Copies, as a service sends them."""
        wanted = [place for place in self.of_agency if bool(place[1]) is (kind == "procedures")]
        return {place: decode(encode(self.of_agency[place])) for place in wanted}


def request(path: Path, form: str = "csv", **more: Any) -> ImportRequest:
    return ImportRequest([path], "H25", form, REGISTRY, **{"as_of": AS_OF, **more})


def plan(monitor: Monitor, path: Path, form: str = "csv", **more: Any) -> Plan:
    """What an import of the file would do."""
    return Plan(JudgedRows(request(path, form, **more)), monitor)


def take(monitor: Monitor, path: Path, form: str = "csv", **more: Any) -> Plan:
    """Imports the file."""
    with plan(monitor, path, form, **more) as found:
        found.send(monitor)
    return found
