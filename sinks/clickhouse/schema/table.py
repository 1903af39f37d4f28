"""What is said of a table: what two places must know of it is a field here, and the rest follows."""

from collections.abc import Mapping
from enum import Enum, IntEnum
from typing import NamedTuple

import msgspec

CODE = "LowCardinality(String)"
"""Text of few different values."""
MICROSECONDS, MILLISECONDS = "DateTime64(6, 'UTC')", "DateTime64(3, 'UTC')"
VERSION = "UInt128"
REPLACING = "ReplacingMergeTree(version)"
REMOVING = "ReplacingMergeTree(version, is_deleted)"
"""As REPLACING; a row that holds and is deleted is not read."""


class Computed(str):
    """The type of a column that the engine computes when it is read: nobody writes it, nothing stores it."""


class Role(Enum):
    """What a table is to the monitor, and so what its loss would mean."""

    LOG = "log"
    """What arrived and what was seen of it."""
    STATE = "state"
    """The join of the events: what the registers hold."""
    DERIVED = "derived"
    """Follows from the states, and is mended from them."""
    HISTORY = "history"
    """What was shown when, right or wrong: it can never be made anew."""
    PROGRESS = "progress"
    """How far agencies, partitions, sources and scheduled work have come."""
    PROGRAM = "program"
    """Loaded by the program from its own files; no backup holds it."""
    ACCESS = "access"
    """Who may come in. No backup holds it: put back, it would let in again who was shut out since."""
    RECORD = "record"
    """Who came in, who was refused, what was erased; for operators, in part through the API for agencies."""


class Turn(IntEnum):
    """When a batch's rows of a table become durable; a table of no turn is not written by batches.

    Tables of one turn are inserted side by side; the next turn begins when all their rows are there. A backup
    reads in the opposite order, so it holds no commit without the rows that it tells of.
    """

    ROWS = 0
    COMMITS = 1
    POSITIONS = 2


class Remade(Enum):
    """From what a table can be made anew, beside the one in use."""

    EVENTS = "events"
    """From the table `events`, and so from the topic too."""
    TOPIC = "topic"
    """From the Kafka topic alone."""


class Pruned(Enum):
    """How old rows go."""

    MONTHS = "months"
    """By whole months, as old as the operator's setting says; kept for ever without one."""
    THINNED = "thinned"
    """The last row of an hour, later of a day, stays for each key but its `shown_at`."""


class Partition(NamedTuple):
    """The column that the partition follows from: its value, or (`by_month`) the month of its instant."""

    column: str
    by_month: bool = True

    @property
    def sql(self) -> str:
        """As the engine tells it."""
        return f"toYYYYMM({self.column})" if self.by_month else self.column


class Table(msgspec.Struct, frozen=True):
    """A table. `columns`: types by name, in the engine's order; `key`: what two versions of a row agree in.

    `audited`: whether the audit reads it, so no row may be newer than its agency's commit meanwhile.
    """

    name: str
    role: Role
    columns: Mapping[str, str]
    key: tuple[str, ...]
    engine: str = REPLACING
    partition: Partition | None = None
    turn: Turn | None = None
    remade: Remade | None = None
    audited: bool = False
    pruned: Pruned | None = None

    @property
    def stored(self) -> tuple[str, ...]:
        """The columns that a row is written with."""
        return tuple(name for name, kind in self.columns.items() if not isinstance(kind, Computed))

    @property
    def sharded_by(self) -> tuple[str, ...]:
        """On a cluster, the columns that say which shard a row is on; none: every node has all rows.

        They are of the key: two versions of a row are on one shard, where the newer one is told.
        """
        places = (("agency",), ("topic", "partition"))
        return next((columns for columns in places if set(columns) <= {*self.key}), ())

    def of_type(self, *types: str) -> tuple[str, ...]:
        """The stored columns of these types that are no part of the key."""
        return tuple(name for name in self.stored if name not in self.key and self.columns[name] in types)
