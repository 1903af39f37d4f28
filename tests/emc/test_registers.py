"""The fold is a join: order, repetition and batching of events do not matter."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from emc.registers import Registers, canonical, decode, encode, fold, values
from emc.verdicts import Accepted
from tests.emc.strategies import dossier_fields, events, writers

Write = tuple[tuple[int, str], dict[str, object]]
writes = st.lists(st.tuples(writers, dossier_fields), max_size=8)


def folded(events_: list[Write]) -> Registers:
    registers: Registers = []
    for (time, id_), fields in events_:
        fold(registers, time, id_, fields)
    return registers


@given(writes, st.data())
def test_any_order_and_repetition_gives_the_same_registers(events_: list[Write], data: st.DataObject) -> None:
    repeated = events_ + data.draw(st.lists(st.sampled_from(events_), max_size=5) if events_ else st.just([]))
    shuffled = data.draw(st.permutations(repeated))
    assert folded(shuffled) == folded(events_)


@given(writes)
def test_the_last_writer_of_each_field_wins(events_: list[Write]) -> None:
    found = {
        name: ((time, id_), canonical(name, value))
        for time, id_, fields in folded(events_)
        for name, value in fields.items()
    }
    assert found.keys() == {name for _, fields in events_ for name in fields}
    for name, winner in found.items():
        candidates = [(writer, canonical(name, fields[name])) for writer, fields in events_ if name in fields]
        assert max(candidates) == winner


@given(writes)
def test_every_register_is_in_one_write_and_writes_are_in_order(events_: list[Write]) -> None:
    registers = folded(events_)
    names = [name for _, _, fields in registers for name in fields]
    assert len(names) == len(set(names))
    assert all(fields for _, _, fields in registers)
    order = [(time, id_) for time, id_, _ in registers]
    assert order == sorted(set(order))


def test_an_event_stays_as_it_is_when_it_is_folded() -> None:
    registers: Registers = []
    fields = {"status": 1, "unit": "H25"}
    fold(registers, 1, "a", fields)
    fold(registers, 2, "b", {"status": 2})
    assert fields == {"status": 1, "unit": "H25"}


@given(writes)
def test_registers_survive_being_encoded(events_: list[Write]) -> None:
    assert decode(encode(folded(events_))) == folded(events_)


def test_a_tie_with_another_value_is_a_conflict_and_the_greater_json_wins() -> None:
    registers: Registers = []
    assert fold(registers, 1, "a", {"status": 9, "electronic_result": None}) == []
    assert fold(registers, 1, "a", {"status": 10, "electronic_result": True}) == [
        "status",
        "electronic_result",
    ]
    # as texts: "9" > "10", "true" > "null"
    assert values(registers) == {"status": 9, "electronic_result": True}


def test_a_tie_of_instants_compares_their_text() -> None:
    registers: Registers = []
    early, late = 978_307_200_000_000, 1_009_843_200_000_000  # 2001 and 2002: 15 and 16 digits
    fold(registers, 1, "a", {"due_at": late})
    fold(registers, 1, "a", {"due_at": early})
    assert values(registers) == {"due_at": late}


def test_ids_compare_as_utf8() -> None:
    registers: Registers = []
    fold(registers, 1, "\U0001f600", {"status": 1})
    fold(registers, 1, "\uffff", {"status": 2})
    assert values(registers) == {"status": 1}


def test_null_clears_and_absence_says_nothing() -> None:
    registers: Registers = []
    fold(registers, 1, "a", {"status": 1, "unit": "H25"})
    fold(registers, 2, "b", {"status": None})
    assert registers == [(1, "a", {"unit": "H25"}), (2, "b", {"status": None})]


@given(events())
def test_canonical_json_is_what_the_contract_calls_it(event: Accepted) -> None:
    for name, value in event.fields.items():
        text = canonical(name, value).decode()
        assert msgspec.json.encode(msgspec.json.decode(text)).decode() == text
        assert not (name.endswith("_at") and value is not None) or text.endswith('Z"')
