"""docs/contract.md, against the code: its tables name what there is, its examples are accepted."""

import re
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from dashboards.wording import _WARNINGS
from emc.contract import judge
from emc.definitions import DEFINITIONS
from emc.events import DeclarationData, DossierData, HeartbeatData, ProcedureData
from emc.identifiers import dossier_agency
from emc.instants import parse_instant
from emc.periods import PERIODS
from emc.registry import load_registry
from emc.verdicts import Accepted, Reason

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "contract.md").read_text("utf-8")
NEW = "*(1.1)*"
TYPES: dict[str, type[msgspec.Struct]] = {
    "vn.emc.dossier.v1": DossierData,
    "vn.emc.procedure.v1": ProcedureData,
    "vn.emc.declaration.v1": DeclarationData,
    "vn.emc.heartbeat.v1": HeartbeatData,
}


def section(heading: str) -> str:
    """The text under a heading, up to the next one of any level."""
    found = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#+ |\Z)", PAGE, re.DOTALL | re.MULTILINE)
    assert found, heading
    return found[1]


def rows(text: str) -> list[list[str]]:
    """The cells of all table rows but the headings."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    pairs = zip(cells, [*cells[1:], ["the end"]], strict=False)
    return [row for row, after in pairs if not _rule(row) and not _rule(after)]


def _rule(row: list[str]) -> bool:
    return set("".join(row)) == {"-", "|"}


def names(text: str) -> dict[str, bool]:
    """The name that each row begins with, and whether it is new in 1.1."""
    found = {}
    for row in rows(text):
        if named := re.match(r"`([^`]+)`", row[0]):
            found[named[1]] = NEW in row[0]
    return found


def built() -> dict[str, bool]:
    """What 1.1 adds, and whether the page says that it is here."""
    return {row[0]: row[1] == "yes" for row in rows(section("What version 1.1 adds"))}


@pytest.mark.parametrize("kind", TYPES)
def test_the_fields_are_those_that_are_decoded(kind: str) -> None:
    told = names(section(f"`{kind}`"))
    fields = {field.encode_name for field in msgspec.structs.fields(TYPES[kind])}
    awaited = {name for name, new in told.items() if new and not _is_here(name)}
    assert told.keys() - awaited == fields


def _is_here(name: str) -> bool:
    return any(here for addition, here in built().items() if f"`{name}`" in addition)


@pytest.mark.parametrize("kind", TYPES)
def test_the_example_is_accepted(kind: str) -> None:
    found = re.search(r"```json\n(.*?)```", section(f"`{kind}`"), re.DOTALL)
    assert found
    arrived = parse_instant("2024-03-12T10:05:00+07:00")
    verdict = judge(found[1].encode(), b"H25", arrived, load_registry())
    assert isinstance(verdict, Accepted), verdict
    assert verdict.kind == kind.split(".")[2]
    assert verdict.fields or verdict.kind == "heartbeat"


def test_every_status_is_told() -> None:
    assert [int(row[0]) for row in rows(section("Statuses"))] == list(range(1, 11))


def test_reasons_are_in_their_order() -> None:
    reasons, _, warnings = section("Refused and odd").partition("**warning**")
    assert list(names(reasons)) == list(Reason)
    told = names(warnings)
    assert {name for name, new in told.items() if not new or _is_here(name)} == _WARNINGS.keys()


def test_metrics_and_definitions_are_those_of_the_data_file_in_their_order() -> None:
    metric, told = "", []
    for row in rows(section("Metrics and definitions")):
        metric = row[0].strip("`| ") or metric
        name = row[1].split("`")[1]
        if NEW not in row[1] or _is_here(name):
            told.append((metric, name))
    assert told == [(definition.metric, definition.name) for definition in DEFINITIONS]


def test_periods_are_told() -> None:
    (told,) = (row[1] for row in rows(section("Rates")) if row[0].startswith("`period`"))
    assert {name for name in re.findall(r"`(\w+)`", told) if name != "start"} >= set(PERIODS)


def _in_sources(text: str, *folders: str) -> bool:
    return any(text in path.read_text("utf-8") for name in folders for path in (ROOT / name).rglob("*.py"))


ADDITIONS: dict[str, Callable[[], bool]] = {
    "headers of any bytes": lambda: _in_sources("_DefaultRecordBatchBuilderPy", "streams"),
    "names and ids of refused": lambda: _in_sources("shown_id", "emc"),
    "a cursor for": lambda: _in_sources("cursor", "sinks/queries"),
    "access by tokens": lambda: _in_sources("Scope", "portal"),
    "binary mode": lambda: _in_sources("ce_specversion", "streams", "emc"),
    "dossier codes with dates of eight": lambda: dossier_agency("H25.16-20260305-0000007") is not None,
    "`settled_by`": lambda: "settled_by" in DossierData.__struct_fields__,
    "`counted_for": lambda: _in_sources("counted_for", "sinks"),
    "`claimed_level`": lambda: "claimed_level" in DossierData.__struct_fields__,
    "delegations": lambda: (ROOT / "emc" / "data" / "delegations.csv").exists(),
    "`last7`": lambda: "last7" in PERIODS or _in_sources('"last7"', "emc", "sinks"),
    "warning `looks_personal`": lambda: "looks_personal" in _WARNINGS,
    "`POST /v1/events`": lambda: _in_sources('"/events"', "portal") or _in_sources('"/v1/events"', "portal"),
    "`POST /v1/dossier-sync`": lambda: _in_sources("/dossier-sync", "portal"),
    "`POST /TrackingMCDT`": lambda: _in_sources("/TrackingMCDT", "portal"),
    "rates as CSV and Parquet": lambda: _in_sources("parquet", "portal") and _in_sources("/stream", "portal"),
}
"""How each addition shows in the code, by the beginning of its row."""


@pytest.mark.parametrize("beginning", ADDITIONS)
def test_the_page_says_what_is_here_already(beginning: str) -> None:
    (here,) = (here for addition, here in built().items() if addition.startswith(beginning))
    assert here == ADDITIONS[beginning](), f"docs/contract.md, last table: {beginning!r} is otherwise now"


def test_every_addition_is_looked_for() -> None:
    assert len(built()) == len(ADDITIONS)
