"""Definitions: complete, compiled alike to Python and to SQL, and refused when they say what they may not."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emc.definitions import DEFINITIONS, METRICS, compile_predicate, find, of_metric, to_sql
from emc.facts import DOSSIER_FACTS, PROCEDURE_FACTS, ProcedureFacts, signature_sql
from sinks.clickhouse.database import Database
from tests.engine import embedded_database

ALL = 1 << len(PROCEDURE_FACTS)
EVERY = (1 << len(DOSSIER_FACTS)) - 1

expressions = st.recursive(
    st.sampled_from((*DOSSIER_FACTS, *PROCEDURE_FACTS, "true")),
    lambda inner: st.one_of(
        inner.map(lambda x: f"not ({x})"),
        st.lists(inner, min_size=2, max_size=3).map(lambda xs: "(" + " and ".join(xs) + ")"),
        st.lists(inner, min_size=2, max_size=3).map(lambda xs: "(" + " or ".join(xs) + ")"),
    ),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    with embedded_database(migrated=False) as opened:
        opened.create()
        yield opened


def counted_by_sql(database: Database, conditions: list[str], signatures: list[int]) -> list[tuple[int, ...]]:
    """For every signature and every combination of procedure facts, which conditions hold."""
    columns = ", ".join(f"toUInt8({condition})" for condition in conditions)
    return database.query(
        f"SELECT {columns} FROM (SELECT toUInt16(arrayJoin({signatures})) AS signature) AS s,"
        f" (SELECT number AS procedure_bits FROM numbers({ALL})) AS p ORDER BY signature, procedure_bits"
    )


def sql_facts() -> dict[str, str]:
    procedure = {name: f"bitTest(procedure_bits, {n})" for n, name in enumerate(PROCEDURE_FACTS)}
    return signature_sql() | procedure


def procedure_facts(bits: int) -> ProcedureFacts:
    return ProcedureFacts(*(bool(bits >> n & 1) for n in range(len(PROCEDURE_FACTS))))


@settings(max_examples=5, deadline=None)
@given(st.sets(st.integers(0, EVERY), min_size=1, max_size=40).map(sorted))
def test_every_definition_counts_alike_in_python_and_in_sql(
    database: Database, signatures: list[int]
) -> None:
    facts = sql_facts()
    conditions = [sql for d in DEFINITIONS for sql in (d.sql_numerator(facts), d.sql_denominator(facts))]
    expected = [
        tuple(
            int(count(signature, procedure_facts(bits)))
            for d in DEFINITIONS
            for count in (d.counts_above, d.counts_below)
        )
        for signature in signatures
        for bits in range(ALL)
    ]
    assert counted_by_sql(database, conditions, signatures) == expected


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(expressions, min_size=1, max_size=6), st.integers(0, EVERY))
def test_any_condition_means_the_same_in_python_and_in_sql(
    database: Database, conditions: list[str], signature: int
) -> None:
    facts = sql_facts()
    found = counted_by_sql(database, [to_sql(condition, facts) for condition in conditions], [signature])
    compiled = [compile_predicate(condition) for condition in conditions]
    for bits, row in enumerate(found):
        assert row == tuple(int(holds(signature, procedure_facts(bits))) for holds in compiled)


def test_a_numerator_is_part_of_its_denominator() -> None:
    for definition in DEFINITIONS:
        for signature in range(EVERY + 1):
            for bits in range(ALL):
                above = definition.counts_above(signature, procedure_facts(bits))
                assert not above or definition.counts_below(signature, procedure_facts(bits))


def test_the_contract_s_metrics_and_definitions_are_all_there_in_its_order() -> None:
    assert [(d.metric, d.name) for d in DEFINITIONS] == [
        ("online_submission", "channel"),
        ("online_submission", "with-result"),
        ("full_online_use", "all"),
        ("full_online_use", "eligible"),
        ("full_online_use", "claimed"),
        ("full_online_supply", "eligible"),
        ("online_supply", "eligible"),
        ("electronic_result", "resolved"),
        ("electronic_result", "received"),
        ("electronic_result", "all"),
        ("data_reuse", "received"),
        ("on_time", "resolved"),
        ("digitised", "received"),
        ("identified", "received"),
        ("online_payment", "received"),
    ]


def test_every_definition_says_where_it_comes_from_in_two_languages() -> None:
    for definition in DEFINITIONS:
        assert definition.vi.endswith(".")
        assert definition.en.endswith(".")
        assert len(definition.source) > 20
        assert METRICS[definition.metric].vi != METRICS[definition.metric].en


def test_the_first_definition_of_a_metric_is_its_default() -> None:
    assert of_metric("electronic_result")[0].name == "resolved"
    assert find("electronic_result", "nowhere") is None


@pytest.mark.parametrize(
    "condition", ["online + 1", "unknown", "online and (", "f(online)", "1", "online if reused else true"]
)
def test_a_condition_that_says_more_is_refused(condition: str) -> None:
    with pytest.raises((ValueError, SyntaxError)):
        compile_predicate(condition)
