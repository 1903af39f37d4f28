"""What an agency sends beside its dossiers: daily declarations and heartbeats."""

from collections.abc import Iterator, Mapping
from random import Random

from emc.instants import HOUR, SECOND, date_of_day
from producers.simulator.hours import midnight, weekday
from producers.simulator.message import Message
from producers.simulator.systems import SourceSystem

_MINUTE = 60 * SECOND
_BEATS = (8, 20)  # hours of the day


def heartbeats(system: SourceSystem, day: int, until: int, rng: Random) -> Iterator[Message]:
    """The heartbeats of a day, none after `until`."""
    for hour in _BEATS:
        time = midnight(day) + hour * HOUR + rng.randint(0, 600) * SECOND
        if time < until:
            yield Message(time + 2 * SECOND, system.key, system.heartbeat(time))


def declarations(
    system: SourceSystem, day: int, counted: Mapping[str, int], factor: float, rng: Random
) -> Iterator[Message]:
    """What the agency says the next morning that it handled on a day.

    `counted` are the dossiers that the monitor is to count, by register (`received`, `resolved`), `factor`
    what is declared for each. Some days are declared too low first and set right two days later; on Sundays
    without dossiers nothing is said.
    """
    declared = {name: _declared(count, factor, rng) for name, count in counted.items()}
    if not any(declared.values()) and weekday(day) == 6:
        return
    time = midnight(day + 1) + 8 * HOUR + rng.randint(0, 90) * _MINUTE
    if rng.random() < 0.04:
        yield _declaration(system, day, time, "draft", {name: n * 9 // 10 for name, n in declared.items()})
        time += 48 * HOUR
    if rng.random() < 0.2:
        for name, number in declared.items():
            yield _declaration(system, day, time, name, {name: number})
    else:
        yield _declaration(system, day, time, "all", declared)


def _declared(count: int, factor: float, rng: Random) -> int:
    """Rounded up or down at random, so that small agencies keep the factor on average."""
    return int(count * factor + rng.random()) if count else int(rng.random() < 0.02)


def _declaration(system: SourceSystem, day: int, time: int, step: str, fields: dict[str, int]) -> Message:
    subject = date_of_day(day).isoformat()
    value = system.event("declaration", subject, f"declaration/{subject}/{step}", time, fields)
    return Message(time + SECOND, system.key, value)
