"""Imports planned before they are sent: what would change, which rates move, and what must not be undone."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emc.definitions import DEFINITIONS
from emc.dossier import ATTRIBUTIONS, cells, signature
from emc.facts import ProcedureFacts
from emc.instants import DAY, HOUR, date_of_day
from emc.registers import values
from producers.importing.plan import OlderExport
from tests.producers.importing.kept import AS_OF, Monitor, plan, take

HEAD = "dossier,channel,status,received_at,resolved_at,procedure\n"
OPEN = "H25-260305-0001,online,4,2026-03-05T08:00:00+07:00,,1.000001\n"
DONE = "H25-260305-0001,online,10,2026-03-05T08:00:00+07:00,2026-03-06T08:00:00+07:00,1.000001\n"
OTHER = "H25-260305-0002,direct,4,2026-03-05T09:00:00+07:00,,1.000001\n"
NEWER = "H25-260309-0003,direct,4,2026-03-09T09:00:00+07:00,,1.000001\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "export.csv"


def rows(path: Path, *lines: str) -> Path:
    path.write_text(HEAD + "".join(lines), encoding="utf-8")
    return path


def counts(found: Any) -> tuple[int, int, int]:
    return found.changes.new, found.changes.changed, found.changes.unchanged


def test_new_changed_and_unchanged_rows_add_up(path: Path) -> None:
    monitor = Monitor()
    assert counts(take(monitor, rows(path, OPEN, OTHER))) == (2, 0, 0)
    assert counts(take(monitor, path)) == (0, 0, 2)
    assert counts(take(monitor, rows(path, DONE, OTHER, NEWER), as_of=AS_OF + HOUR)) == (1, 1, 1)


def test_two_rows_of_one_dossier_are_compared_with_each_other(path: Path) -> None:
    assert counts(plan(Monitor(), rows(path, OPEN, OPEN, DONE))) == (1, 1, 1)


def test_planning_sends_nothing(path: Path) -> None:
    monitor = Monitor()
    plan(monitor, rows(path, OPEN)).close()
    assert monitor.events == []


def test_what_is_sent_is_what_was_planned(path: Path) -> None:
    monitor = Monitor()
    planned = plan(monitor, rows(path, OPEN, OTHER, "broken,,,,,\n"))
    planned.send(monitor)
    assert (planned.report.sent, planned.report.refused, len(monitor.events)) == (2, 1, 2)


def test_an_older_file_is_said_to_be_older(path: Path) -> None:
    monitor = Monitor()
    take(monitor, rows(path, DONE))
    found = plan(monitor, rows(path, OPEN), as_of=AS_OF - DAY)
    assert counts(found) == (0, 0, 1)
    assert found.changes
    assert found.changes.older == 1
    found.refuse_older()  # it changes nothing


def test_an_older_export_that_would_undo_a_newer_one_is_refused(path: Path) -> None:
    monitor = Monitor()
    take(monitor, rows(path, DONE))
    with pytest.raises(OlderExport, match=r"1 dossier .*H25-260305-0001.*--as-of.*--force"):
        plan(monitor, rows(path, OPEN, OTHER), as_of=AS_OF + HOUR).refuse_older()


def test_a_newer_export_may_open_a_dossier_again(path: Path) -> None:
    monitor = Monitor()
    take(monitor, rows(path, DONE))
    found = plan(monitor, rows(path, OPEN, NEWER), as_of=AS_OF + HOUR)
    found.refuse_older()
    assert counts(found) == (1, 1, 0)


def imported(as_of: str, digests: list[str], newest: str | None = None) -> dict[str, Any]:
    """An import as it is listed."""
    place = {"source": "/agencies/H25/import", "kind": "dossiers"}
    return {**place, "digests": digests, "as_of": as_of, "newest": newest}


@pytest.mark.parametrize(
    "older",
    [
        OTHER.replace("direct,4", "direct,2"),  # open as before, but less far
        OTHER.replace("2026-03-05T09", "2026-03-04T09"),  # its moment was corrected since
    ],
)
def test_an_older_export_of_open_dossiers_alone_is_refused(path: Path, older: str) -> None:
    monitor = Monitor()
    take(monitor, rows(path, OTHER, NEWER))
    found = plan(monitor, rows(path, older), as_of=AS_OF + HOUR)
    later = [imported("2026-04-01T00:00:00+07:00", ["x"], "2026-03-09T09:00:00.000000+07:00")]
    with pytest.raises(OlderExport, match=r"1 dossier would go back.*0002.*2026-03-09 09:00.*--force"):
        found.refuse_older(later)
    found.refuse_older([one | {"newest": "2026-03-04T09:00:00.000000+07:00"} for one in later])
    found.refuse_older([one | {"source": "/agencies/H25/other"} for one in later])
    found.refuse_older([one | {"kind": "declarations"} for one in later])


def test_an_export_that_knows_of_less_but_takes_nothing_back_is_no_older_one(path: Path) -> None:
    monitor = Monitor()
    take(monitor, rows(path, OTHER, NEWER))
    found = plan(monitor, rows(path, OTHER.replace("direct,4", "direct,5")), as_of=AS_OF + HOUR)
    found.refuse_older([imported("2026-04-01T00:00:00+07:00", ["x"], "2026-03-09T09:00:00.000000+07:00")])
    assert counts(found) == (0, 1, 0)


def test_the_very_same_file_after_a_later_export_is_refused(path: Path) -> None:
    monitor = Monitor()
    first = take(monitor, rows(path, OTHER))
    take(monitor, rows(path, OTHER.replace("direct", "postal")), as_of=AS_OF + HOUR)
    listed = [
        imported("2026-04-01T00:00:00+07:00", first.digests),
        imported("2026-04-01T01:00:00+07:00", ["x"]),
    ]
    copied = plan(monitor, rows(path, OTHER), as_of=AS_OF + DAY)
    with pytest.raises(OlderExport, match="imported before, and a later export since"):
        copied.refuse_older(listed)
    copied.refuse_older(listed[:1])
    other = [one | {"source": "/agencies/H25/other"} for one in listed]
    copied.refuse_older(other)


def test_rates_move_by_exactly_what_changes(path: Path) -> None:
    monitor = Monitor()
    monitor.listed.set("1.000001", 0, ProcedureFacts(level_full=True, eligible=True, published=True))
    take(monitor, rows(path, OPEN))
    found = plan(monitor, rows(path, DONE, OTHER), as_of=AS_OF + HOUR)
    moved = {(place.metric, place.definition): (above, below) for place, above, below in found.moves}
    assert moved["online_submission", "channel"] == (0, 1)
    assert moved["electronic_result", "resolved"] == (0, 1)
    assert ("on_time", "resolved") not in moved
    assert {place.start for place, _, _ in found.moves} == {"2026-03-01"}


CATALOGUE = "procedure,valid_from,service_level,name\n1.000001,2026-01-01,full,A\n1.000002,,partial,B\n"
DAYS = "day,received,resolved\n2026-03-05,10,8\n2026-03-06,12,\n"


@pytest.mark.parametrize(
    ("kind", "text", "change"),
    [
        ("procedures", CATALOGUE, ("full,A", "none,A")),
        ("procedures", CATALOGUE, ("partial,B", "partial,C")),
        ("procedures", CATALOGUE, ("2026-01-01", "2026-02-01")),
        ("declarations", DAYS, ("12,", "12,9")),
    ],
)
def test_catalogues_and_declarations_are_compared_too(
    path: Path, kind: str, text: str, change: tuple[str, str]
) -> None:
    monitor = Monitor()
    path.write_text(text, encoding="utf-8")
    assert counts(take(monitor, path, kind=kind)) == (2, 0, 0)
    assert counts(take(monitor, path, kind=kind, as_of=AS_OF + HOUR)) == (0, 0, 2)
    path.write_text(text.replace(*change), encoding="utf-8")
    found = plan(monitor, path, kind=kind, as_of=AS_OF + DAY)
    assert counts(found) == ((1, 0, 1) if change[0] == "2026-01-01" else (0, 1, 1))
    found.refuse_older()
    older = plan(monitor, path, kind=kind, as_of=AS_OF - DAY)
    assert older.changes is not None
    assert (older.changes.changed, older.changes.older) == (0, 0 if change[0] == "2026-01-01" else 1)


STATES = st.fixed_dictionaries(
    {
        "dossier": st.sampled_from([f"H25-26030{n}-000{n}" for n in range(1, 5)]),
        "channel": st.sampled_from(["online", "direct", ""]),
        "status": st.sampled_from(["", "2", "4", "8", "9", "10"]),
        "received_at": st.sampled_from(["", "2026-03-05T08:00:00+07:00", "2026-02-28T23:59:00+07:00"]),
        "resolved_at": st.sampled_from(["", "2026-03-06T08:00:00+07:00"]),
        "procedure": st.sampled_from(["", "1.000001", "1.000002"]),
    }
)
FILES = st.lists(STATES, min_size=1, max_size=8)


def written(path: Path, found: list[dict[str, str]]) -> Path:
    return rows(path, *(",".join(row.values()) + "\n" for row in found))


def totals(monitor: Monitor) -> Counter[tuple[str, str, str, bool]]:
    """Numerators (True) and denominators of every rate by month, from the states alone."""
    found: Counter[tuple[str, str, str, bool]] = Counter()
    for registers in monitor.held.values():
        held = values(registers)
        for cell in cells(held, signature(held)):
            facts = monitor.listed.on(cell.procedure, cell.day)
            start = date_of_day(cell.day).replace(day=1).isoformat()
            for definition in DEFINITIONS:
                if definition.day == ATTRIBUTIONS[cell.attribution] and definition.counts_below(
                    cell.signature, facts
                ):
                    place = start, definition.metric, definition.name
                    found[*place, False] += 1
                    found[*place, True] += definition.counts_above(cell.signature, facts)
    return found


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(FILES, FILES)
def test_whatever_two_files_hold_the_moves_are_the_difference(
    path: Path, before: list[dict[str, str]], after: list[dict[str, str]]
) -> None:
    monitor = Monitor()
    monitor.listed.set("1.000001", 0, ProcedureFacts(level_full=True, eligible=True, published=True))
    take(monitor, written(path, before))
    earlier = totals(monitor)
    found = take(monitor, written(path, after), as_of=AS_OF + HOUR)
    later = totals(monitor)
    moved: Counter[tuple[str, str, str, bool]] = Counter()
    for place, above, below in found.moves:
        moved[place.start, place.metric, place.definition, True] += above
        moved[place.start, place.metric, place.definition, False] += below
    assert {key: later[key] - earlier[key] for key in later | earlier if later[key] != earlier[key]} == {
        key: by for key, by in moved.items() if by
    }
    assert sum(counts(found)) == found.report.sent
