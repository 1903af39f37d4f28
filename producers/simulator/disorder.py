"""Disorder as it reaches a monitor: corrections, delays, repeated deliveries. No final state changes."""

from collections.abc import Iterable, Iterator
from random import Random

import msgspec

from emc.instants import DAY, HOUR, SECOND
from producers.simulator.components import ComponentLists
from producers.simulator.dossier import Dossier
from producers.simulator.lifecycle import Change
from producers.simulator.message import Message
from producers.simulator.systems import SourceSystem

CORRECTED = 0.04
REPEATED = 0.05
_MINUTE = 60 * SECOND
_CORRECTABLE = (
    "channel", "received_at", "resolved_at", "electronic_result", "components", "identified", "removed",
)  # fmt: skip


def correct(
    changes: list[Change], dossier: Dossier, system: SourceSystem, components: ComponentLists, rng: Random
) -> None:
    """Puts a wrong value into one change and appends the change that sets it right, if there is time for it.

    The right value comes last, whichever register it is, so the final state is as planned.
    """
    field = rng.choice(_CORRECTABLE)
    left = min(dossier.until - changes[-1].time, 2 * DAY)
    if left < HOUR // 2:
        return
    time = changes[-1].time + int(left * rng.uniform(0.1, 1.0)) // SECOND * SECOND
    if field == "removed" and "removed" not in changes[-1].fields:
        changes.append(Change(time - _MINUTE, {"removed": True}))
        changes.append(Change(time, {"removed": rng.choice((False, None))}))
        return
    last = next((change for change in reversed(changes) if field in change.fields), None)
    if last is None or last.fields[field] is None:
        return
    right = last.fields[field]
    last.fields[field] = _wrong(field, dossier, system, components, rng)
    changes.append(Change(time, {field: None if right is False and rng.random() < 0.3 else right}))


def _wrong(
    field: str, dossier: Dossier, system: SourceSystem, components: ComponentLists, rng: Random
) -> object:
    """A plausible wrong value of a register: another channel, another day, the opposite."""
    if field == "channel":
        return "direct" if dossier.online else "online"
    if field == "received_at":
        return system.instant(dossier.received - rng.randint(1, 20) * DAY)
    if field == "resolved_at":
        return system.instant((dossier.resolved or dossier.received) + rng.randint(-2, 10) * DAY)
    if field == "components":
        return components.draw(rng, not dossier.reused, dossier.digitised)
    return not (dossier.electronic if field == "electronic_result" else dossier.identified)


def delay(rng: Random) -> int:
    """How long after its time an event is sent: mostly seconds, for a few up to three days."""
    draw = rng.random()
    if draw < 0.92:
        return int(rng.random() * 60 * SECOND)
    if draw < 0.97:
        return int(rng.random() * HOUR)
    if draw < 0.995:
        return int(rng.random() * DAY)
    return int(rng.random() * 3 * DAY)


def with_repeats(messages: Iterable[Message], rng: Random) -> Iterator[Message]:
    """The messages, a few of them once more later; each is asked for when the last is dealt with."""
    for message in messages:
        yield message
        if rng.random() < REPEATED:
            yield msgspec.structs.replace(message, sent_at=message.sent_at + _repeat_delay(rng))


def _repeat_delay(rng: Random) -> int:
    """How long after the first delivery an event is delivered again."""
    return int(rng.random() ** 4 * 12 * HOUR) + SECOND
