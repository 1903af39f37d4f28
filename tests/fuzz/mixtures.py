"""What a mixture is made of: records of every kind, each with what must become of it."""

import json
from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple

from emc.identifiers import partition_of
from tests.records import CODECS, Header, RawRecord

PARTITIONS = 12
BYSTANDERS = ("H44", "G12", "H26", "G01", "H42", "H25")
"""Agencies whose plain events lie among all else."""
SUBJECT = "H25"
ALONE = "H61"
"""The agency of transactions that are left open: they hold up what lies behind them."""
SINGLE: Header = (b"content-type", b"application/cloudevents+json")
BATCH: Header = (b"content-type", b"application/cloudevents-batch+json")
MIB = 1 << 20


class Put(NamedTuple):
    """A record for a partition. `counts`: dossiers of the agency that count by it; `refused`: rejections."""

    kind: str
    partition: int
    record: RawRecord
    counts: int = 0
    refused: int = 0
    agency: str = SUBJECT


class Maker:
    """Makes records about dossiers that no other is about."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self._number = 0

    def event(self, agency: str = SUBJECT, **changes: object) -> dict[str, object]:
        self._number += 1
        whole: dict[str, object] = {
            "specversion": "1.0", "id": f"fuzz-{self._number}", "source": f"/agencies/{agency}/fuzz",
            "type": "vn.emc.dossier.v1", "subject": f"{agency}-240305-{self._number:07}",
            "time": "2024-03-05T08:31:07+07:00",
            "data": {"channel": "online", "received_at": "2024-03-05T08:30:00+07:00"},
        }  # fmt: skip
        return whole | changes

    def valid(self, headers: Sequence[Header] = (), agency: str = SUBJECT) -> RawRecord:
        value = json.dumps(self.event(agency)).encode()
        return RawRecord(agency.encode(), value, (SINGLE, *headers))

    def noise(self, most: int) -> bytes:
        return self.random.randbytes(self.random.randrange(most))

    def mixture(self) -> list[Put]:
        """Some records of some kinds, and a bystander's event of each agency among them."""
        puts = [put for _ in range(self.random.randrange(4, 12)) for put in self._one()]
        puts += [
            Put("bystander", home(agency), self.valid(agency=agency), counts=1, agency=agency)
            for agency in BYSTANDERS
        ]
        self.random.shuffle(puts)
        return puts

    def _one(self) -> list[Put]:
        kind = self.random.choice(list(KINDS))
        partition = home(SUBJECT) if self.random.random() < 0.5 else self.random.randrange(PARTITIONS)
        record, counts, refused = KINDS[kind](self)
        return [Put(kind, partition, record, counts, refused)]


def home(agency: str) -> int:
    """The partition of an agency."""
    return partition_of(agency.encode(), PARTITIONS)


Made = tuple[RawRecord, int, int]


def good(record: RawRecord) -> Made:
    return record, 1, 0


def bad(record: RawRecord) -> Made:
    return record, 0, 1


def strange_headers(maker: Maker) -> Made:
    """Names and values null, empty, invalid, repeated."""
    names = (b"", b"x", b"x-m\xe3-vi\xd6c", b"\xff\xfe", "tiếng".encode(), b"content-typ", b"ce-id")
    values = (None, b"", b"\x00\xff", b"1")
    number = maker.random.choice((1, 3, 300))
    headers = [(maker.random.choice(names), maker.random.choice(values)) for _ in range(number)]
    return good(maker.valid(headers))


def large_headers(maker: Maker) -> Made:
    return good(maker.valid([(b"x", maker.noise(2 * MIB)), (b"y", bytes(maker.random.randrange(MIB)))]))


def strange_key(maker: Maker) -> Made:
    key = maker.random.choice(
        (b"", b"\xff", b"H99", b"h25", b"H25\x00", "Hà Nội".encode(), maker.noise(2 * MIB) + b"\xff")
    )
    return bad(maker.valid()._replace(key=key))


def no_value(maker: Maker) -> Made:
    return bad(RawRecord(maker.random.choice((None, b"H25", maker.noise(50) + b"\xff")), None))


def no_json(maker: Maker) -> Made:
    return bad(
        RawRecord(b"H25", maker.random.choice((b"", b"{", b"\xff", b"nul", maker.noise(100_000) + b"\xff")))
    )


def grows(maker: Maker) -> Made:
    """A hundred times its size and more, once it is decompressed."""
    return bad(RawRecord(b"H25", bytes(maker.random.randrange(1, 4 * MIB))))


def too_large(maker: Maker) -> Made:
    value = json.dumps(maker.event(padding="x" * MIB)).encode()
    return bad(RawRecord(b"H25", value, (SINGLE,)))


def odd_json(maker: Maker) -> Made:
    """Valid JSON with an ignored attribute that is hard to read; then a field out of its range."""
    text = json.dumps(maker.event())
    extra = maker.random.choice(("9" * 5_000, "1e999", "[" * 300 + "]" * 300, '"\\ud83d\\ude00"'))
    if maker.random.random() < 0.5:
        return good(RawRecord(b"H25", f'{text[:-1]}, "ext": {extra}}}'.encode(), (SINGLE,)))
    spoiled = json.dumps(maker.event(data={})).replace("{}", '{"status": %s}' % ("9" * 5_000))
    return bad(RawRecord(b"H25", spoiled.encode(), (SINGLE,)))


def batch(maker: Maker) -> Made:
    """Events of which some are wrong, by every form of wrongness that needs no I/O to make."""
    number = maker.random.choice((0, 1, 20, 200))
    events: list[object] = [maker.event() for _ in range(number)]
    wrong: list[object] = [
        5,
        None,
        [],
        maker.event(id=""),
        maker.event(data={"hoTen": "x"}),
        maker.event(specversion="0.3"),
    ]
    spoiled = maker.random.sample(wrong, maker.random.randrange(len(wrong)))
    together = [*events, *spoiled]
    maker.random.shuffle(together)
    return RawRecord(b"H25", json.dumps(together).encode(), (BATCH,)), number, len(spoiled)


KINDS: dict[str, Callable[[Maker], Made]] = {
    "plain": lambda maker: good(maker.valid()),
    "strange headers": strange_headers,
    "large headers": large_headers,
    "strange key": strange_key,
    "no value": no_value,
    "no JSON": no_json,
    "grows": grows,
    "too large": too_large,
    "odd JSON": odd_json,
    "batch": batch,
}
CODEC_NAMES = tuple(CODECS)
TIMESTAMPS = (0, -1, 1_717_200_000_000, 2**41)
