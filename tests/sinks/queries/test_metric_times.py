"""Up to when each metric is known, where an agency's sources report different facts."""

from emc.definitions import DEFINITIONS, METRICS
from emc.facts import DOSSIER_FACTS
from emc.instants import parse_instant
from emc.registry import load_registry
from sinks.queries.metric_times import _FIELDS, _facts
from sinks.queries.reader import Reader
from tests.engine import embedded_database

PUSH, FILE = "/agencies/H25/one-stop", "/agencies/H25/nightly"
EVENTS = [
    (PUSH, "dossier", "2026-11-28T10:00:00Z", '{"status":9,"channel":"online"}'),
    (FILE, "dossier", "2026-11-27T20:00:00Z", '{"components":[],"channel":"direct"}'),
    (FILE, "dossier", "2026-11-26T20:00:00Z", '{"electronic_result":true}'),
    (FILE, "dossier", "2026-11-28T20:00:00Z", '{"unit":"H25.1"}'),
    (FILE, "procedure", "2026-11-01T00:00:00Z", '{"service_level":"full"}'),
]


def test_each_metric_is_known_by_the_sources_that_say_what_it_counts() -> None:
    with embedded_database() as database:
        database.insert("events", {
            "agency": ["H25"] * len(EVENTS), "type": [event[1] for event in EVENTS],
            "subject": [str(n) for n in range(len(EVENTS))], "id": ["x"] * len(EVENTS),
            "time": [parse_instant(event[2]) for event in EVENTS], "source": [event[0] for event in EVENTS],
            "data": [event[3] for event in EVENTS], "arrived_at": [1] * len(EVENTS),
            "topic_id": ["t"] * len(EVENTS), "partition": [0] * len(EVENTS),
            "offset": list(range(len(EVENTS))), "index": [0] * len(EVENTS), "version": [1] * len(EVENTS),
        })  # fmt: skip
        found = {one["metric"]: one for one in Reader(database, load_registry()).metric_times("H25")}
    assert list(found) == list(METRICS)
    known = {metric: (one["as_of"] or "")[:16] for metric, one in found.items()}
    assert known["online_submission"] == "2026-11-28T17:00"
    assert [one["source"] for one in found["online_submission"]["sources"]] == [FILE, PUSH]
    assert known["data_reuse"] == known["digitised"] == "2026-11-28T03:00"
    assert known["electronic_result"] == "2026-11-27T03:00"
    assert known["full_online_supply"] == known["online_supply"] == "2026-11-01T07:00"
    assert known["identified"] == known["on_time"] == ""
    assert found["identified"]["sources"] == []


def test_every_fact_has_its_registers() -> None:
    assert set(_FIELDS) == set(DOSSIER_FACTS)
    for definition in DEFINITIONS:
        assert _facts(definition) or definition.day == "state"
