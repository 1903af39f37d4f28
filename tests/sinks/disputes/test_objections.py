"""Objections: made by agencies, decided by operators, seen by whom they concern, erased with a dossier."""

from collections.abc import Iterator

import pytest

from emc.access import EVERY_SCOPE, Caller, Scope
from emc.errors import InputError
from sinks.clickhouse.database import Database
from sinks.disputes.objection import Objecting, Writing
from sinks.disputes.snapshot import Wanted
from sinks.maintenance.erasure import erase, traces
from sinks.queries.reader import Reader
from sinks.queries.visible import NotVisible, Visible
from tests.engine import embedded_database
from tests.portal.access.test_guard import registry
from tests.portal.test_reading import add_rate

DOSSIER = "H25-240305-0001"
OFFICER = Caller("H25", frozenset({Scope.RATES_READ, Scope.DOSSIERS_READ}), "one-stop desk")
OPERATOR = Caller(None, EVERY_SCOPE, "the ministry")
OF_DOSSIER = Objecting("it was received on 4 March", dossier=DOSSIER)


@pytest.fixture
def database() -> Iterator[Database]:
    """One rate of each of two agencies."""
    with embedded_database() as made:
        add_rate(made, "H25", 1, 1)
        add_rate(made, "H26", 2, 1)
        yield made


@pytest.fixture
def operator(database: Database) -> Reader:
    """Sees everything."""
    return Reader(database, registry())


@pytest.fixture
def officer(operator: Reader) -> Reader:
    """Sees what is H25's."""
    return operator.seeing(Visible(frozenset({"H25"}), frozenset({"H25"})))


def frozen(operator: Reader) -> str:
    return str(operator.freeze(Wanted("x", "2024-03-01"), "")["id"])


def to_rate(snapshot: str, numerator: int | None = 4, denominator: int | None = 12) -> Objecting:
    return Objecting(
        "two were lost\nand two came late",
        snapshot=snapshot,
        metric="data_reuse",
        numerator=numerator,
        denominator=denominator,
    )


def test_both_sides_see_the_thread_and_what_the_rate_would_be(operator: Reader, officer: Reader) -> None:
    made = officer.object_to(to_rate(frozen(operator)), OFFICER)
    assert (made["status"], made["definition"], made["rate"]) == ("open", "received", 4 / 12)
    shown = {each.get("agency") or each["group"]: each for each in made["effect"]["rates"]}
    assert list(shown) == ["H25", "national", "localities"]
    assert shown["H25"]["frozen"] == {"numerator": 1, "denominator": 10, "rate": 0.1}
    assert shown["H25"]["would_be"] == {"numerator": 4, "denominator": 12, "rate": 4 / 12}
    assert shown["national"]["frozen"] == {"numerator": 3, "denominator": 20, "rate": 3 / 20}
    assert shown["national"]["would_be"] == {"numerator": 6, "denominator": 22, "rate": 6 / 22}
    asked = operator.write_about(made["id"], Writing("which two?", "needs_data"), OPERATOR)
    assert asked["status"] == "needs_data"
    assert officer.write_about(made["id"], Writing("see the events"), OFFICER)["status"] == "open"
    done = operator.write_about(made["id"], Writing("counted now", "accepted", ["e1"]), OPERATOR)
    assert done == officer.objection(made["id"])
    assert [(each["side"], each["name"], each["decision"]) for each in done["messages"]] == [
        ("agency", "one-stop desk", None),
        ("operator", "the ministry", "needs_data"),
        ("agency", "one-stop desk", None),
        ("operator", "the ministry", "accepted"),
    ]
    assert [(each["id"], each["subject"]) for each in done["correcting"]] == [("e1", None)]
    assert [each["id"] for each in officer.objections("H25", made["snapshot"], "accepted")] == [made["id"]]
    assert officer.objections(status="open") == []


def test_without_numbers_nothing_is_said_of_what_would_be(operator: Reader, officer: Reader) -> None:
    made = officer.object_to(to_rate(frozen(operator), None, None), OFFICER)
    assert {str(each["would_be"]) for each in made["effect"]["rates"]} == {"None"}


def test_what_arrives_later_corrects_a_dossier_and_what_is_named_corrects_a_rate(
    database: Database, operator: Reader, officer: Reader
) -> None:
    made = officer.object_to(OF_DOSSIER, OFFICER)
    rows = {"early": 1_000, "late": 4_000_000_000_000}
    database.insert("events", {
        "agency": ["H25"] * 2, "type": ["dossier"] * 2, "subject": [DOSSIER] * 2, "time": [1, 2],
        "id": list(rows), "source": ["/agencies/H25/desk"] * 2, "data": ["{}"] * 2,
        "arrived_at": list(rows.values()), "topic_id": ["t"] * 2, "partition": [0] * 2, "offset": [1, 2],
        "index": [0] * 2, "version": [1] * 2,
    })  # fmt: skip
    assert [each["id"] for each in officer.objection(made["id"])["correcting"]] == ["late"]
    assert made["effect"] is None
    to_a_rate = officer.object_to(to_rate(frozen(operator)), OFFICER)["id"]
    named = operator.write_about(to_a_rate, Writing("by this", "accepted", ["early"]), OPERATOR)
    assert [(each["id"], each["subject"]) for each in named["correcting"]] == [("early", DOSSIER)]
    of_rates = operator.seeing(Visible(frozenset({"H25"}), frozenset()))
    assert [each["subject"] for each in of_rates.objection(to_a_rate)["correcting"]] == [None]


def test_others_see_nothing_and_decide_nothing(operator: Reader, officer: Reader) -> None:
    snapshot = frozen(operator)
    of_rate = officer.object_to(to_rate(snapshot), OFFICER)["id"]
    of_dossier = officer.object_to(OF_DOSSIER, OFFICER)["id"]
    other = operator.seeing(Visible(frozenset({"H26"}), frozenset({"H26"})))
    assert other.objections() == []
    for id_ in (of_rate, of_dossier):
        with pytest.raises(InputError, match="no objection of that id"):
            other.objection(id_)
    for asked in (OF_DOSSIER, Objecting("x", "H25", snapshot, "data_reuse")):
        with pytest.raises(NotVisible):
            other.object_to(asked, Caller("H26", OFFICER.scopes))
    without_dossiers = operator.seeing(Visible(frozenset({"H25"}), frozenset()))
    assert [each["id"] for each in without_dossiers.objections()] == [of_rate]
    with pytest.raises(NotVisible):
        without_dossiers.object_to(OF_DOSSIER, OFFICER)
    for writing in (Writing("x", "accepted"), Writing("x", None, ["e"])):
        with pytest.raises(NotVisible, match="by operators"):
            officer.write_about(of_rate, writing, OFFICER)


def test_an_erased_dossier_takes_what_was_written_of_it_along(
    database: Database, operator: Reader, officer: Reader
) -> None:
    kept = officer.object_to(to_rate(frozen(operator)), OFFICER)["id"]
    gone = officer.object_to(OF_DOSSIER, OFFICER)["id"]
    erased = erase(database, DOSSIER)
    assert (erased["objections"], erased["objection_messages"]) == (1, 1)
    assert traces(database)["traces"] == 0
    assert [each["id"] for each in operator.objections()] == [kept]
    with pytest.raises(InputError, match="no objection"):
        operator.objection(gone)


def test_a_text_is_blotted_out_for_good(database: Database, operator: Reader, officer: Reader) -> None:
    made = officer.object_to(OF_DOSSIER, OFFICER)
    (message,) = made["messages"]
    with pytest.raises(InputError, match="no message of that id"):
        operator.blot_out(made["id"], "none")
    (after,) = operator.blot_out(made["id"], message["id"])["messages"]
    assert after == message | {"text": ""}
    assert database.query("SELECT text FROM objection_messages") == [("",)]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"text": "of 012345678"}, "a number of 9 or 12 digits"),
        ({"text": "x" * 2001}, "expected 1 to 2000 characters"),
        ({"numerator": 13}, "expected 0 ≤ numerator ≤ denominator"),
        ({"denominator": None}, "expected 0 ≤ numerator ≤ denominator"),
        ({"dossier": DOSSIER}, "either snapshot and metric, or dossier"),
        ({"metric": None}, "either snapshot and metric, or dossier"),
        ({"metric": "on_time"}, "no such rate of the agency"),
        ({"metric": "speed"}, "metric is 'speed'"),
        ({"snapshot": "none"}, "no snapshot of that id"),
        ({"agency": "H99"}, "agency is 'H99'"),
    ],
)
def test_what_may_not_be_kept_is_refused(
    operator: Reader, officer: Reader, changes: dict[str, object], fault: str
) -> None:
    given = {
        "text": "x",
        "snapshot": frozen(operator),
        "metric": "data_reuse",
        "numerator": 4,
        "denominator": 12,
    }
    with pytest.raises(InputError, match=fault):
        officer.object_to(Objecting(**(given | changes)), OFFICER)  # type: ignore[arg-type]
    for dossier in ("H26-240305-0001", "none"):
        with pytest.raises((InputError, NotVisible)):
            officer.object_to(Objecting("x", agency="H25", dossier=dossier), OFFICER)
    assert operator.objections() == []
