"""A fold of its own over simulated messages: plain Python over decoded JSON, last writer wins."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import Any

from producers.simulator import Message

ZONE = timezone(timedelta(hours=7))
Registers = dict[str, tuple[tuple[datetime, str], Any]]


@dataclass
class World:
    """Final registers by subject, and how often each event was seen."""

    dossiers: dict[tuple[str, str], Registers] = field(default_factory=lambda: defaultdict(dict))
    procedures: dict[tuple[str, str], dict[str, Registers]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(dict))
    )
    declarations: dict[tuple[str, str], Registers] = field(default_factory=lambda: defaultdict(dict))
    heartbeats: Counter[str] = field(default_factory=Counter)
    ids: Counter[tuple[str, str]] = field(default_factory=Counter)


def fold(messages: Iterable[Message]) -> World:
    """The state after all messages that are not meant to be refused."""
    world = World()
    for message in messages:
        if message.refused is None:
            assert message.key is not None
            assert message.value is not None
            _apply(world, message.key.decode(), json.loads(message.value))
    return world


def _apply(world: World, agency: str, event: dict[str, Any]) -> None:
    kind, subject, data = event["type"].split(".")[2], event["subject"], event["data"]
    world.ids[agency, event["id"]] += 1
    if kind == "heartbeat":
        world.heartbeats[agency] += 1
        return
    if kind == "procedure":
        registers = world.procedures[agency, subject][data.pop("valid_from", "1970-01-01")]
    else:
        registers = (world.dossiers if kind == "dossier" else world.declarations)[agency, subject]
    writer = (instant(event["time"]), event["id"])
    for name, value in data.items():
        if name not in registers or registers[name][0] < writer or _ties(registers[name], writer, value):
            registers[name] = (writer, value)


def _ties(held: tuple[tuple[datetime, str], Any], writer: tuple[datetime, str], value: object) -> bool:
    """Whether the value wins against that of an equal writer: the greater JSON does."""
    return held[0] == writer and json.dumps(held[1]) < json.dumps(value)


def instant(text: str) -> datetime:
    """An RFC 3339 instant. Python cuts digits past microseconds."""
    return datetime.fromisoformat(text)


def facts(registers: Registers) -> dict[str, Any]:
    """The values of the registers."""
    return {name: value for name, (_, value) in registers.items()}


def day(text: str | None) -> date | None:
    """The calendar day of an instant in Asia/Ho_Chi_Minh."""
    return None if text is None else instant(text).astimezone(ZONE).date()


def entry(world: World, agency: str, procedure: str | None, on: date) -> dict[str, Any] | None:
    """The catalogue entry of a procedure, with or without suffix, that holds on a day."""
    if procedure is None:
        return None
    entries = world.procedures.get((agency, procedure[:8]), {})
    starts = [start for start in entries if start <= on.isoformat()]
    return facts(entries[max(starts)]) if starts else None


def rates(world: World, first: date, last: date) -> dict[tuple[str, str], list[int]]:
    """[numerator, denominator] of the calibrated metrics and a few more, by (metric, agency), for a month."""
    counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    required = _results_required(world)
    for (agency, _), registers in world.dossiers.items():
        dossier = facts(registers)
        received, resolved = day(dossier.get("received_at")), day(dossier.get("resolved_at"))
        if received is None or dossier.get("removed"):
            continue
        if first <= received <= last:
            _add(counts["online_submission", agency], dossier.get("channel") == "online")
            reused = any(part.get("reused") for part in dossier.get("components") or [])
            _add(counts["data_reuse", agency], reused)
            _add(counts["identified", agency], bool(dossier.get("identified")))
            if dossier.get("fee_due"):
                _add(counts["online_payment", agency], bool(dossier.get("paid_online")))
        if resolved is None or not first <= resolved <= last or dossier.get("status") in (3, 7, 8):
            continue
        if required.get((agency, (dossier.get("procedure") or "")[:8]), True):
            _add(counts["electronic_result", agency], bool(dossier.get("electronic_result")))
        if dossier.get("due_at") is not None:
            _add(counts["on_time", agency], instant(dossier["resolved_at"]) <= instant(dossier["due_at"]))
    for agency, procedure in world.procedures:
        held = entry(world, agency, procedure, last)
        if held is not None and held.get("eligible_full_online"):
            full = held.get("service_level") == "full" and held.get("published") is not False
            _add(counts["full_online_supply", agency], full)
    return counts


def _results_required(world: World) -> dict[tuple[str, str], bool]:
    """Whether a procedure requires a result, where all its entries agree."""
    required: dict[tuple[str, str], set[bool]] = defaultdict(set)
    for key, entries in world.procedures.items():
        for registers in entries.values():
            required[key].add(facts(registers).get("result_required") is not False)
    assert all(len(values) == 1 for values in required.values())
    return {key: values.pop() for key, values in required.items()}


def _add(count: list[int], met: bool) -> None:
    count[0] += met
    count[1] += 1
