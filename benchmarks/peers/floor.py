"""The floor: the libraries of this design alone, no logic. What cannot be beaten without leaving them.

`getmany`, every event decoded into its typed struct, the keys of the dossiers that it speaks of read and
written in a local store, and as many rows of every table inserted as the worker inserted, by as many inserts.
Registers and rows are those that the worker has left in its tables, so nothing is computed. As in the worker,
a batch is inserted while the next is read and decoded.

`python -m benchmarks.peers.floor BOOTSTRAP TOPIC EVENTS BATCHES DIRECTORY ROWS` where DIRECTORY is that of
`benchmarks.worker_run` and ROWS its rows by table as JSON.
"""

import asyncio
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from pathlib import Path

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from benchmarks.peers.plain import Clock
from benchmarks.worker_run import counts
from emc.events import DossierEvent, Event
from sinks.clickhouse.database import Database
from sinks.clickhouse.migrate import migrate
from streams.agencies.store import Store, dossier_key
from streams.batch.rows import COLUMNS, Row
from streams.reading import weight

_decode_one = msgspec.json.Decoder(Event).decode
_decode_many = msgspec.json.Decoder(list[Event]).decode


class Recorded:
    """The worker's rows of every table, dealt out evenly over the batches."""

    def __init__(self, db: Database, inserted: Mapping[str, int], batches: int) -> None:
        inserted = {table: rows for table, rows in inserted.items() if rows and table in COLUMNS}
        self._share = {table: rows / batches for table, rows in inserted.items()}
        self._dealt = dict.fromkeys(self._share, 0.0)
        self._rows: dict[str, Iterator[Row]] = {}
        for table, number in inserted.items():
            columns = ", ".join(f"`{name}`" for name in COLUMNS[table])
            found = db.query(f"SELECT {columns} FROM {table} LIMIT {number}")
            self._rows[table] = cycle(found)
        pairs = db.query("SELECT agency, dossier, registers FROM dossiers FINAL")
        self.registers = {dossier_key(agency, dossier): text.encode() for agency, dossier, text in pairs}

    def batch(self) -> dict[str, list[Row]]:
        """The rows of the next batch."""
        found = {}
        for table, share in self._share.items():
            before = int(self._dealt[table])
            self._dealt[table] += share
            found[table] = list(islice(self._rows[table], int(self._dealt[table]) - before))
        return found


class Floor:
    """Reads, decodes, stores and inserts."""

    def __init__(self, db: Database, store: Store, recorded: Recorded, batch: int) -> None:
        self._db, self._store, self._recorded, self._batch = db, store, recorded, batch
        self._pool = ThreadPoolExecutor(4)
        self.clock, self.dossiers = Clock(), set[bytes]()

    async def run(self, consumer: AIOKafkaConsumer, events: int) -> None:
        """Until so many events are durable."""
        loop, writing = asyncio.get_running_loop(), None
        held, read = list[bytes](), 0
        gathered = 0
        while read < events:
            for records in (await consumer.getmany(timeout_ms=500)).values():
                self.clock.begin()
                for record in records:
                    value = record.value
                    found = _decode_many(value) if value[:1] == b"[" else (_decode_one(value),)
                    agency = record.key.decode()
                    held += [dossier_key(agency, e.subject) for e in found if type(e) is DossierEvent]
                    gathered += len(found)
            if gathered >= self._batch or (gathered and read + gathered >= events):
                if writing is not None:
                    await writing
                keys = list(dict.fromkeys(held))
                writing = loop.run_in_executor(self._pool, self._write, keys, gathered)
                read, held, gathered = read + gathered, [], 0
        if writing is not None:
            await writing

    def _write(self, keys: Sequence[bytes], events: int) -> None:
        self._store.get_many(list(keys))
        inserts = [
            self._pool.submit(self._insert, table, rows)
            for table, rows in self._recorded.batch().items()
            if rows
        ]
        for insert in inserts:
            insert.result()
        registers = self._recorded.registers
        self._store.write((key, registers[key]) for key in keys)
        self.dossiers.update(keys)
        self.clock.done(events)

    def _insert(self, table: str, rows: Sequence[Row]) -> None:
        self._db.insert(table, dict(zip(COLUMNS[table], zip(*rows, strict=True), strict=True)))


async def read_topic(bootstrap: str, topic: str, floor: Floor, events: int) -> None:
    """Reads all partitions of the topic without a group."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, auto_offset_reset="earliest", max_partition_fetch_bytes=weight.FETCH
    )
    await consumer.start()
    try:
        partitions = consumer.partitions_for_topic(topic) or set(range(12))
        consumer.assign([TopicPartition(topic, partition) for partition in partitions])
        await floor.run(consumer, events)
    finally:
        await consumer.stop()


def main() -> None:
    """Runs, then counts what it saw and stored."""
    bootstrap, topic, events, batches, directory, rows = sys.argv[1:]
    folder = Path(directory)
    with Database(folder / "clickhouse") as worker, worker.sibling("floor") as db:
        migrate(db)
        recorded = Recorded(worker, msgspec.json.decode(rows), int(batches))
        store = Store(folder / "floor-store")
        floor = Floor(db, store, recorded, int(events) // int(batches))
        asyncio.run(read_topic(bootstrap, topic, floor, int(events)))
        if floor.dossiers != recorded.registers.keys():
            sys.exit(f"{len(floor.dossiers)} dossiers were seen, the worker holds {len(recorded.registers)}")
        keys = list(floor.dossiers)
        stored = dict(zip(keys, store.get_many(keys), strict=True))
        store.close()
        if stored != recorded.registers:
            sys.exit("the local store does not hold what was written")
        floor.clock.found(*counts(worker).values()).tell()


if __name__ == "__main__":
    main()
