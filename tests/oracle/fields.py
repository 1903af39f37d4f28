"""The fields of `data`, type by type: each check returns the normalised value or raises `Bad`."""

from collections.abc import Callable
from datetime import date
from typing import Any

from tests.oracle.forms import (
    CONTROL,
    FIRST,
    LAST,
    PROCEDURE,
    SLUG,
    Json,
    day_of_text,
    distance,
    instant_text,
    is_identifier,
    micros,
)

Check = Callable[[Any], Any]
Fault = tuple[str, str]  # reason, path


class Bad(Exception):
    """A value that the contract refuses; each fault is a reason and the rest of the path."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(faults)
        self.faults = faults or (("invalid", ""),)


def need(condition: bool) -> None:
    """Refuse the field unless the condition holds."""
    if not condition:
        raise Bad


def boolean(value: Json) -> bool:
    need(value is True or value is False)
    return bool(value)


def integer(low: int, high: int) -> Check:
    def check(value: Json) -> int:
        need(type(value) is int and low <= value <= high)
        return int(value)

    return check


def text(longest: int) -> Check:
    def check(value: Json) -> str:
        need(type(value) is str and len(value) <= longest and not CONTROL.search(value))
        return str(value)

    return check


def one_of(*words: str) -> Check:
    def check(value: Json) -> str:
        need(type(value) is str and value in words)
        return str(value)

    return check


def procedure(value: Json) -> str:
    """The code without its suffix."""
    found = PROCEDURE.fullmatch(value) if type(value) is str else None
    need(found is not None)
    assert found is not None
    return found[1]


def unit(value: Json) -> str:
    need(type(value) is str and is_identifier(value))
    return str(value)


def slug(value: Json) -> str:
    need(type(value) is str and SLUG.fullmatch(value) is not None)
    return str(value)


def instant(value: Json) -> str:
    us = micros(value) if type(value) is str else None
    need(us is not None)
    assert us is not None
    return instant_text(us)


def day(first: date) -> Check:
    def check(value: Json) -> str:
        found = day_of_text(value) if type(value) is str else None
        need(found is not None and first <= found <= LAST)
        return str(value)

    return check


COMPONENT: dict[str, Check] = {
    "code": text(200),
    "digitised": boolean,
    "reused": boolean,
    "reuse_source": slug,
}


def component(value: Json) -> dict[str, Any]:
    """One component; a null inside it is as absent."""
    need(type(value) is dict)
    present, faults = checked(value, COMPONENT)
    if value.get("code") is None:
        faults.append(("invalid", ".code"))
    if faults:
        raise Bad(*faults)
    return {name: each for name, each in present.items() if each is not None}


def components(value: Json) -> list[dict[str, Any]]:
    need(type(value) is list and len(value) <= 200)
    found, faults = [], []
    for index, each in enumerate(value):
        try:
            found.append(component(each))
        except Bad as bad:
            faults += [(reason, f"[{index}]{path}") for reason, path in bad.faults]
    if faults:
        raise Bad(*faults)
    return found


def checked(data: dict[str, Any], checks: dict[str, Check]) -> tuple[dict[str, Any], list[Fault]]:
    """Every known field normalised, and the faults of the others; null is allowed everywhere."""
    present: dict[str, Any] = {}
    faults: list[Fault] = []
    for name, value in data.items():
        if name not in checks:
            shown = name if any(distance(name, each) <= 2 for each in checks) else "*"
            faults.append(("unknown_field", f".{shown}"))
            continue
        try:
            present[name] = None if value is None else checks[name](value)
        except Bad as bad:
            faults += [(reason, f".{name}{path}") for reason, path in bad.faults]
    return present, faults


INSTANTS = ("submitted_at", "received_at", "due_at", "resolved_at", "returned_at")
FLAGS = ("electronic_result", "result_signed", "identified", "fee_due", "paid_online", "removed")
CHECKS: dict[str, dict[str, Check]] = {
    "dossier": {
        "procedure": procedure,
        "unit": unit,
        "channel": one_of("direct", "online", "postal"),
        "status": integer(1, 10),
        **dict.fromkeys(INSTANTS, instant),
        **dict.fromkeys(FLAGS, boolean),
        "settled_by": unit,
        "claimed_level": one_of("full", "partial", "none"),
        "components": components,
    },
    "procedure": {
        "valid_from": day(date(1970, 1, 1)),
        "service_level": one_of("full", "partial", "none"),
        "eligible_full_online": boolean,
        "result_required": boolean,
        "fee_bearing": boolean,
        "published": boolean,
        "name": text(500),
    },
    "declaration": {"received": integer(0, 10**9), "resolved": integer(0, 10**9)},
    "heartbeat": {},
}
DECLARED_DAY = day(FIRST)
