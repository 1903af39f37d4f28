"""The topic of rejected events against the oracle: every refused event's bytes, with where and why."""

import json
from typing import Any

from tests.histories.comparing import place_of
from tests.oracle import Oracle, Record

HEADERS = {"reason", "path", "detail", "topic", "partition", "offset", "index", "arrived_at"}


def of_rejected_topic(refused: list[Record], records: list[Record], oracle: Oracle) -> list[Any]:
    """Places whose rejected is missing or unexpected, or not the bytes and the key that were refused."""
    sent = {(record.partition, record.offset): record for record in records}
    expected = {place_of(each.partition, each.offset, each.place, each.reason) for each in oracle.rejections}
    found, wrong = set(), []
    for rejected in refused:
        headers = {name: (text or b"").decode("utf-8", "replace") for name, text in rejected.headers}
        place = int(headers["partition"]), int(headers["offset"])
        found.add(place_of(*place, int(headers["index"]), headers["reason"]))
        ours = {name for name in headers if not name.startswith("ce_")}
        if ours != HEADERS or not same_bytes(rejected, sent[place], int(headers["index"])):
            wrong.append((place, headers))
    return sorted(expected ^ found) + wrong


def same_bytes(rejected: Record, record: Record, index: int) -> bool:
    """Whether a rejected holds the record's key and value, or of a batch the one event."""
    if rejected.key != record.key:
        return False
    if rejected.value == record.value:
        return True
    assert rejected.value is not None
    assert record.value is not None
    return bool(json.loads(rejected.value) == json.loads(record.value)[index])
