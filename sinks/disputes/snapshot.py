"""A snapshot: rates of one period as they were at a moment, with what they were made of."""

from typing import Any

import msgspec

from emc.instants import HANOI, date_of_day, format_instant

LONGEST_NAME = 200


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be frozen. `metric` None: every one. The period and structure are those of rates."""

    name: str
    start: str
    period: str = "month"
    structure: str = "reported"
    metric: str | None = None


class Snapshot(msgspec.Struct, frozen=True):
    """`start` in days, `frozen_at` in microseconds since 1970.

    `definitions` and `positions` are JSON: the definitions as they were, and up to where the log was in.
    """

    id: str
    name: str
    period: str
    start: int
    structure: str
    metric: str
    frozen_at: int
    frozen_by: str
    definitions: str
    positions: str

    def told(self) -> dict[str, Any]:
        """As lists show it."""
        return {
            "id": self.id,
            "name": self.name,
            "period": self.period,
            "start": date_of_day(self.start).isoformat(),
            "structure": self.structure,
            "metric": self.metric or None,
            "frozen_at": format_instant(self.frozen_at, HANOI),
            "frozen_by": self.frozen_by,
        }

    def whole(self) -> dict[str, Any]:
        """With the definitions and positions of then."""
        names = ("topic_id", "partition", "next_offset")
        placed = [dict(zip(names, each, strict=True)) for each in msgspec.json.decode(self.positions)]
        return self.told() | {"definitions": msgspec.json.decode(self.definitions), "positions": placed}
