"""One event, by the letter of the contract: accepted with its normalised fields, or refused and why."""

from dataclasses import dataclass
from typing import Any

from tests.oracle.fields import CHECKS, DECLARED_DAY, Bad, Fault, checked, procedure
from tests.oracle.forms import (
    AGENCY,
    CONTROL,
    SECOND,
    SOURCE,
    SYSTEM,
    Json,
    agency_of_dossier,
    id_to_show,
    level_one,
    micros,
)
from tests.oracle.registry import Registry

TYPES = {f"vn.emc.{name}.v1": name for name in CHECKS}
HOUR = 3600 * SECOND
KEY_PATHS = ("$", "$.source", "$.subject")


@dataclass(frozen=True, slots=True)
class Accepted:
    """One event that counts; `fields` are the present ones, normalised, instants as UTC texts."""

    agency: str
    type: str
    subject: str
    valid_from: str
    time: int
    id: str
    source: str
    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Refused:
    """One event that does not; `faults` are all (reason, path) pairs the contract allows to be given."""

    faults: frozenset[Fault]
    agency: str | None
    id: str | None


def judge(event: Json, key: bytes | None, arrived_us: int, registry: Registry) -> Accepted | Refused:
    """Judge one parsed JSON value found in a message with this key, arrived at this instant (µs)."""
    found = code_of_key(key)
    if type(event) is not dict:
        return Refused(frozenset({("malformed", "$")}), agency_code(found), None)
    fields: dict[str, Any] = {}
    faults = unsupported(event) or wrong(event, fields)
    if not faults:
        faults = unknown(event, fields, found, registry) or mismatched(event, found, registry)
        faults = faults or late(event, arrived_us)
    if faults:
        return Refused(frozenset(faults), speaker(event, found, registry), shown_id(event))
    return accepted(event, fields, str(found))


def code_of_key(key: bytes | None) -> str | None:
    return None if key is None else key.decode("utf-8", "backslashreplace")


def known(code: str | None, registry: Registry) -> str | None:
    return code if code is not None and code in registry else None


def speaker(event: dict[str, Any], key: str | None, registry: Registry) -> str | None:
    """The agency a rejection is shown to: the source's if registered, else the key's, else none."""
    return known(source_code(event), registry) or agency_code(key)


def agency_code(key: str | None) -> str | None:
    """The key if it is an agency's code, registered or not."""
    return key if key is not None and AGENCY.fullmatch(key) else None


def source_code(event: dict[str, Any]) -> str | None:
    source = event.get("source")
    found = SOURCE.fullmatch(source) if type(source) is str else None
    return found[1] if found else None


def valid_id(event: dict[str, Any]) -> str | None:
    value = event.get("id")
    fits = type(value) is str and 1 <= len(value) <= 128 and not CONTROL.search(value)
    return value if fits else None


def shown_id(event: dict[str, Any]) -> str | None:
    value = valid_id(event)
    return None if value is None else id_to_show(value)


def unsupported(event: dict[str, Any]) -> list[Fault]:
    version, kind = event.get("specversion"), event.get("type")
    faults = []
    if type(version) is str and version != "1.0":
        faults.append(("unsupported", "$.specversion"))
    if type(kind) is str and kind not in TYPES:
        faults.append(("unsupported", "$.type"))
    return faults


def wrong(event: dict[str, Any], fields: dict[str, Any]) -> list[Fault]:
    """All that is missing, ill-formed or unknown; fills `fields` with the normalised data."""
    kind = TYPES.get(event["type"]) if type(event.get("type")) is str else None
    time, data = event.get("time"), event.get("data")
    right = {
        "specversion": event.get("specversion") == "1.0",
        "id": valid_id(event) is not None,
        "source": source_code(event) is not None,
        "type": kind is not None,
        "subject": right_subject(kind, event.get("subject")),
        "time": type(time) is str and micros(time) is not None,
        "data": type(data) is dict,
    }
    faults: list[Fault] = [("invalid", f"$.{name}") for name, good in right.items() if not good]
    if any(type(value) is bytes for name, value in event.items() if name not in right):
        faults.append(("invalid", "$.*"))
    if kind is not None and type(data) is dict:
        present, bad = checked(data, CHECKS[kind])
        fields.update(present)
        faults += [(reason, f"$.data{path}") for reason, path in bad]
    return faults


def right_subject(kind: str | None, subject: Json) -> bool:
    if type(subject) is not str:
        return False
    if kind == "dossier":
        return agency_of_dossier(subject) is not None
    if kind == "heartbeat":
        return SYSTEM.fullmatch(subject) is not None
    try:
        return kind is None or bool(procedure(subject) if kind == "procedure" else DECLARED_DAY(subject))
    except Bad:
        return False


def unknown(
    event: dict[str, Any], fields: dict[str, Any], key: str | None, registry: Registry
) -> list[Fault]:
    """Codes that the registry does not hold.

    The contract does not say whether "the code" includes the key, nor its path: both reasons are right there.
    """
    faults = []
    if source_code(event) not in registry.kind:
        faults.append(("unknown_agency", "$.source"))
    if event["type"].endswith(".dossier.v1") and agency_of_dossier(event["subject"]) not in registry.kind:
        faults.append(("unknown_agency", "$.subject"))
    settler = fields.get("settled_by")
    if settler is not None and level_one(settler) not in registry.kind:
        faults.append(("unknown_agency", "$.data.settled_by"))
    if key is not None and key not in registry:
        reasons = ["unknown_agency"] if faults else ["unknown_agency", "agency_mismatch"]
        faults += [(reason, path) for reason in reasons for path in KEY_PATHS]
    return faults


def mismatched(event: dict[str, Any], key: str | None, registry: Registry) -> list[Fault]:
    if key is None:
        return [("agency_mismatch", path) for path in KEY_PATHS]
    faults = []
    if event["type"].endswith(".dossier.v1") and agency_of_dossier(event["subject"]) != key:
        faults.append(("agency_mismatch", "$.subject"))
    if source_code(event) not in registry.chain(key) and not delegated(event["source"], key, registry):
        faults.append(("agency_mismatch", "$.source"))
    return faults


def delegated(source: str, key: str, registry: Registry) -> bool:
    """Whether a row delegates the key's agency to this source, alone or with all its systems."""
    named = source.removeprefix("/agencies/")
    return any((speaker, key) in registry.delegated for speaker in (named, named.partition("/")[0]))


def late(event: dict[str, Any], arrived_us: int) -> list[Fault]:
    time = micros(event["time"])
    assert time is not None
    return [("future", "$.time")] if time > arrived_us + HOUR else []


def accepted(event: dict[str, Any], fields: dict[str, Any], agency: str) -> Accepted:
    kind, subject, time = TYPES[event["type"]], event["subject"], micros(event["time"])
    assert time is not None
    valid_from = ""
    if kind == "procedure":
        subject, valid_from = procedure(subject), fields.pop("valid_from", None) or "1970-01-01"
    return Accepted(agency, kind, subject, valid_from, time, event["id"], event["source"], fields)
