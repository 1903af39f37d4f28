"""Why an event is not of the contract's form: the slow path, which names the field and the expected form.

It states every rule a second time, in words that a sender can act on. A test holds that it finds a reason
exactly where the fast path in `emc.contract` refuses.

It reads the event so that nothing of it is lost: an object as the pairs of its names and values, since a name
may be there twice; an integer as a Decimal, since it may have any number of digits.
"""

import json
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from emc import identifiers
from emc.disclosure import shown_dossier, shown_id, shown_name, shown_source
from emc.events import TYPE_DECLARATION, TYPE_DOSSIER, TYPE_HEARTBEAT, TYPE_PROCEDURE
from emc.instants import EARLIEST_DATE, LATEST_DATE, parse_date, parse_instant
from emc.verdicts import Fault, Reason, Rejected

_TYPES = (TYPE_DOSSIER, TYPE_PROCEDURE, TYPE_DECLARATION, TYPE_HEARTBEAT)
Form = tuple[Callable[[Any], bool], str]
Pairs = tuple[tuple[str, Any], ...]
_Fault = tuple[Reason, str, str]
_check = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_read = json.JSONDecoder(object_pairs_hook=tuple, parse_int=Decimal).decode


def diagnose(event: bytes | memoryview) -> Rejected:
    """The first reason, in the contract's order, for which this event is not of its form.

    `agency` is the code in its source, as far as that can be read.
    """
    try:
        _check(event)  # stricter than the standard library: NaN, halves of surrogate pairs
        pairs: Pairs = _read(str(event, "utf-8"))
    except msgspec.ValidationError:
        return Rejected(Reason.MALFORMED, "$", "expected a JSON object")
    except (ValueError, RecursionError):
        return Rejected(Reason.MALFORMED, "$", "expected JSON in UTF-8")
    given = _given(pairs)
    fault: _Fault = (Reason.INVALID, "$", "an event as the contract describes it")
    reason, path, expected = next(_faults(given), fault)
    subject, source = (_last(given[name]) for name in ("subject", "source"))
    return Rejected(
        reason,
        path,
        f"expected {expected}",
        _agency(given["source"]),
        _id(given["id"]),
        shown_dossier(subject),
        shown_source(source),
    )


def all_faults(event: bytes | memoryview) -> list[Fault]:
    """Everything that is not of the form, the first being what `diagnose` gives; empty when all of it is."""
    first = diagnose(event)
    try:
        found = list(_faults(_given(_read(str(event, "utf-8")))))
    except (ValueError, TypeError, RecursionError):
        found = []
    told = {path: Fault(reason, path, f"expected {expected}") for reason, path, expected in reversed(found)}
    if not told and first.path == "$" and first.reason is not Reason.INVALID:
        return [Fault(first.reason, first.path, first.detail)]
    return list(reversed(told.values()))


def _last(values: list[Any]) -> Any:
    return values[-1] if values else None


def _given(event: Pairs) -> dict[str, list[Any]]:
    """The values of each attribute of the envelope, in their order; the last one holds."""
    given: dict[str, list[Any]] = {name: [] for name in _ENVELOPE}
    for name, value in event:
        if name in given:
            given[name].append(value)
    return given


def _agency(sources: list[Any]) -> str | None:
    source = sources[-1] if sources else None
    return identifiers.source_agency(source) if isinstance(source, str) else None


def _id(ids: list[Any]) -> str | None:
    return shown_id(ids[-1]) if ids and _is_id(ids[-1]) else None


def _faults(given: dict[str, list[Any]]) -> Iterator[_Fault]:
    if any(isinstance(version, str) and version != "1.0" for version in given["specversion"]):
        yield Reason.UNSUPPORTED, "$.specversion", '"1.0"'
    kinds = given["type"]
    if any(isinstance(kind, str) and kind not in _TYPES for kind in kinds):
        yield Reason.UNSUPPORTED, "$.type", "one of " + ", ".join(_TYPES)
    for name, (holds, expected) in _ENVELOPE.items():
        if not given[name] or not all(map(holds, given[name])):
            yield Reason.INVALID, f"$.{name}", expected
    if len(set(kinds)) > 1:
        yield Reason.INVALID, "$.type", "one type"
    if not kinds or kinds[0] not in _TYPES:
        return
    holds, expected = _SUBJECTS[kinds[0]]
    if not all(map(holds, given["subject"])):
        yield Reason.INVALID, "$.subject", expected
    for data in filter(_is_object, given["data"]):
        yield from _faults_of_fields(data, _FIELDS[kinds[0]], "$.data")


def _faults_of_fields(data: Pairs, forms: dict[str, Form], path: str) -> Iterator[_Fault]:
    for name, value in data:
        if name not in forms:
            expected = "no other fields than " + (", ".join(forms) or "none")
            yield Reason.UNKNOWN_FIELD, f"{path}.{shown_name(name, tuple(forms))}", expected
        elif value is not None:
            if name == "components":
                yield from _faults_of_components(value, f"{path}.{name}")
            elif not forms[name][0](value):
                yield Reason.INVALID, f"{path}.{name}", forms[name][1]


def _faults_of_components(components: Any, path: str) -> Iterator[_Fault]:
    if not isinstance(components, list) or len(components) > 200:
        yield Reason.INVALID, path, _FIELDS[TYPE_DOSSIER]["components"][1]
        return
    for n, component in enumerate(components):
        if not _is_object(component):
            yield Reason.INVALID, f"{path}[{n}]", "an object with a code"
            continue
        codes = [value for name, value in component if name == "code"]
        if not codes or None in codes:
            yield Reason.INVALID, f"{path}[{n}].code", _COMPONENT["code"][1]
        yield from _faults_of_fields(component, _COMPONENT, f"{path}[{n}]")


def _is_object(value: Any) -> bool:
    return isinstance(value, tuple)


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= 128 and not identifiers.has_control(value)


def _parses(value: Any, parse: Callable[[str], Any]) -> bool:
    if not isinstance(value, str):
        return False
    try:
        parse(value)
    except ValueError:
        return False
    return True


def _is_instant(value: Any) -> bool:
    return _parses(value, parse_instant)


def _is_date(value: Any, earliest: date) -> bool:
    return _parses(value, parse_date) and earliest <= parse_date(value) <= LATEST_DATE


def _is_integer(value: Any, lowest: int, highest: int) -> bool:
    return isinstance(value, Decimal) and lowest <= value <= highest


def _text_of(longest: int) -> Form:
    def holds(value: Any) -> bool:
        return isinstance(value, str) and len(value) <= longest and not identifiers.has_control(value)

    return holds, f"a string of at most {longest} characters without control characters"


def _matching(find: Callable[[str], object]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and bool(find(value))


def _one_of(*values: str) -> Form:
    return lambda value: isinstance(value, str) and value in values, "one of " + ", ".join(values)


_INSTANT: Form = (_is_instant, "RFC 3339 with offset, from 2000-01-01 to 2100-01-01")
_BOOLEAN: Form = (lambda value: isinstance(value, bool), "true or false")
_IDENTIFIER: Form = (_matching(identifiers.level1), "an agency identifier of the old or the new scheme")
_LEVEL: Form = _one_of("full", "partial", "none")
_COUNT: Form = (lambda value: _is_integer(value, 0, 1_000_000_000), "an integer from 0 to 1000000000")
_PROCEDURE: Form = (
    _matching(identifiers.procedure_code),
    "a procedure code: d.dddddd, or that with an old agency identifier behind",
)
_ENVELOPE: dict[str, Form] = {
    "specversion": (lambda value: isinstance(value, str), '"1.0"'),
    "id": (_is_id, "a string of 1 to 128 characters without control characters"),
    "source": (_matching(identifiers.source_agency), "/agencies/{code} or /agencies/{code}/{system}"),
    "type": (lambda value: isinstance(value, str), "one of " + ", ".join(_TYPES)),
    "subject": (lambda value: isinstance(value, str), "a string"),
    "time": _INSTANT,
    "data": (_is_object, "an object"),
}
_SUBJECTS: dict[str, Form] = {
    TYPE_DOSSIER: (
        _matching(identifiers.dossier_agency),
        "a dossier code: {agency identifier}-{YYMMDD or YYYYMMDD}-{4 to 12 digits}",
    ),
    TYPE_PROCEDURE: _PROCEDURE,
    TYPE_DECLARATION: (
        lambda value: _is_date(value, EARLIEST_DATE),
        "a date YYYY-MM-DD, from 2000-01-01 to 2100-01-01",
    ),
    TYPE_HEARTBEAT: (_matching(identifiers.is_system), "a system's name: 1 to 64 of A-Z a-z 0-9 . _ -"),
}
_COMPONENT: dict[str, Form] = {
    "code": _text_of(200),
    "digitised": _BOOLEAN,
    "reused": _BOOLEAN,
    "reuse_source": (_matching(identifiers.is_slug), "a slug: a-z, then at most 63 of a-z 0-9 -"),
}
_FIELDS: dict[str, dict[str, Form]] = {
    TYPE_DOSSIER: {
        "procedure": _PROCEDURE,
        **dict.fromkeys(("unit", "settled_by"), _IDENTIFIER),
        "channel": _one_of("direct", "online", "postal"),
        "status": (lambda value: _is_integer(value, 1, 10), "an integer from 1 to 10"),
        **dict.fromkeys(("submitted_at", "received_at", "due_at", "resolved_at", "returned_at"), _INSTANT),
        "electronic_result": _BOOLEAN,
        "result_signed": _BOOLEAN,
        "components": (lambda value: True, "a list of at most 200 components"),
        **dict.fromkeys(("identified", "fee_due", "paid_online", "removed"), _BOOLEAN),
        "claimed_level": _LEVEL,
    },
    TYPE_PROCEDURE: {
        "valid_from": (
            lambda value: _is_date(value, date(1970, 1, 1)),
            "a date YYYY-MM-DD, from 1970-01-01 to 2100-01-01",
        ),
        "service_level": _LEVEL,
        **dict.fromkeys(("eligible_full_online", "result_required", "fee_bearing", "published"), _BOOLEAN),
        "name": _text_of(500),
    },
    TYPE_DECLARATION: {"received": _COUNT, "resolved": _COUNT},
    TYPE_HEARTBEAT: {},
}
