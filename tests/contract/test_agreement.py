"""Random histories, event by event: the product's judgement and the oracle's are the same."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from emc.binary_mode import MARK, is_structured, judge_binary
from emc.contract import judge, refused_whole, split_message
from emc.registry import load_registry
from emc.verdicts import Accepted, Malformed, Rejected
from tests.histories import Message, Shape, history
from tests.oracle import Accepted as OracleAccepted
from tests.oracle import Oracle, Record, Refused, read_agencies
from tests.oracle import Registry as OracleRegistry
from tests.oracle import judge as oracle_judge
from tests.oracle.fields import INSTANTS
from tests.oracle.forms import micros
from tests.oracle.messages import Malformed as OracleMalformed
from tests.oracle.messages import split

REGISTRY = load_registry()
ROWS = read_agencies(Path(__file__).parents[2] / "emc" / "data" / "agencies.csv")
ORACLE_REGISTRY = OracleRegistry(ROWS)
ARRIVED_MS = 1_767_225_600_000  # 2026-01-01
SHAPE = Shape(dossiers=60, broken=0.3, agencies=("H25", "G12"))


def by_product(message: Message) -> list[Accepted | Rejected]:
    types = [content.decode() for name, content in message.headers if name == "content-type"]
    media = types[0] if types else None
    try:
        if MARK in dict(message.headers) and not is_structured(media):
            headers, value, key = message.headers, message.value, message.key
            return [judge_binary(headers, value, key, ARRIVED_MS * 1000, REGISTRY)]
        events = split_message(message.value, media)
    except Malformed as error:
        whole = refused_whole(error, message.key)
        whole.agency = whole.agency if whole.agency in REGISTRY else None
        return [whole]
    return [judge(event, message.key, ARRIVED_MS * 1000, REGISTRY) for event in events]


def by_oracle(message: Message) -> list[OracleAccepted | Refused]:
    try:
        events = split(message.value, message.headers)
    except OracleMalformed:
        oracle = Oracle(ROWS)
        oracle.feed(Record(message.key, message.value, message.headers, ARRIVED_MS, 0, 0))
        refused = oracle.rejections[0]
        return [Refused(refused.faults, refused.agency, refused.id)]
    return [oracle_judge(event, message.key, ARRIVED_MS * 1000, ORACLE_REGISTRY) for event in events]


def plain(accepted: OracleAccepted) -> dict[str, Any]:
    """The oracle's fields with instants as the product holds them."""
    return {k: micros(v) if k in INSTANTS and v else v for k, v in accepted.fields.items()}


def same(mine: Accepted | Rejected, other: OracleAccepted | Refused) -> bool:
    if isinstance(mine, Rejected) and isinstance(other, Refused):
        found = (str(mine.reason), mine.path) in other.faults
        return found and (mine.agency, mine.id) == (other.agency, other.id)
    if not (isinstance(mine, Accepted) and isinstance(other, OracleAccepted)):
        return False
    head = (mine.kind, mine.agency, mine.subject, mine.valid_from, mine.time, mine.id)
    expected = (other.type, other.agency, other.subject, other.valid_from, other.time, other.id)
    return head == expected and mine.fields == plain(other)


@pytest.mark.parametrize("seed", range(8))
def test_every_event_of_a_history_is_judged_alike(seed: int) -> None:
    for message in history(seed, date(2026, 1, 1), SHAPE):
        mine, other = by_product(message), by_oracle(message)
        assert len(mine) == len(other)
        different = [pair for pair in zip(mine, other, strict=True) if not same(*pair)]
        assert not different
