"""From what a record says to the event that is sent, or to every reason for which it is not."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from emc.contract import judge
from emc.events import TYPE_DOSSIER
from emc.identifiers import dossier_agency
from emc.instants import format_instant, now_us
from emc.registry import Registry
from emc.verdicts import Accepted, Reason, Rejected
from producers.said import Fault, Notice, Said

_encode = msgspec.json.Encoder(order="deterministic").encode
_UNSENDABLE = "expected values that JSON can hold, and fewer levels in lists"
_MOST_FAULTS = 50


@dataclass(frozen=True, slots=True)
class Reporter:
    """Who reports, and by which registry it is judged: the events' source is
    `/agencies/{agency}/{system}`.
    """

    agency: str
    system: str
    registry: Registry

    @property
    def source(self) -> str:
        """The CloudEvents source."""
        return f"/agencies/{self.agency}/{self.system}"


@dataclass(slots=True)
class Judged:
    """What becomes of one record.

    Without `faults`, `event` (JSON) is to be sent under the Kafka key `agency`. With any, it is not: then
    `event` is what may be kept of the record, its faulty fields as `""`, so that no value of them stays, and
    the stream would refuse it for the same fields. `accepted` is the event in normal form.
    """

    subject: str
    agency: str
    event: bytes
    accepted: Accepted | None = None
    faults: list[Fault] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def judge_said(said: Said, reporter: Reporter, time: int, number: int, type_: str = TYPE_DOSSIER) -> Judged:
    """The event of a record, or all its faults; `number` is its place among those sent together.

    `time` is that of the event, in µs. The event's id is the number and a digest of what is sent: so the same
    record sent again is the same event, and of two of one time the later counts.
    """
    agency = (dossier_agency(said.subject) if type_ == TYPE_DOSSIER else None) or reporter.agency
    found = Judged(said.subject, agency, b"", None, list(said.faults), said.notices, said.unknown)
    try:
        event = _event(said, reporter, time, number, type_)
        verdict = judge(_encode(event), agency.encode(), now_us(), reporter.registry)
        if isinstance(verdict, Rejected):
            found.faults += _more_faults(event, verdict, reporter, agency, found.faults)
    except (RecursionError, OverflowError, UnicodeEncodeError, TypeError):
        found.faults.append(Fault(None, _UNSENDABLE))
        event, verdict = {"subject": ""}, None
    if found.faults:
        found.event = _encode(_emptied(event, found.faults))
    elif isinstance(verdict, Accepted):
        found.event, found.accepted = _encode(event), verdict
    return found


def _event(said: Said, reporter: Reporter, time: int, number: int, type_: str) -> dict[str, object]:
    """The event. The digest is of what is sent: nothing of a record that is dropped is in it."""
    digest = hashlib.blake2b(_encode([said.subject, said.data]), digest_size=8).hexdigest()
    return {
        "specversion": "1.0",
        "id": f"{number:012d}-{digest}",
        "source": reporter.source,
        "type": type_,
        "subject": said.subject,
        "time": format_instant(time),
        "data": said.data,
    }


def _more_faults(
    event: Mapping[str, object], verdict: Rejected, reporter: Reporter, agency: str, known: list[Fault]
) -> list[Fault]:
    """Every fault that the contract finds: what is at fault is taken out, and the rest judged again."""
    data = dict(event["data"]) if isinstance(event["data"], dict) else {}
    trial = {**event, "data": data}
    places = {fault.path for fault in known}
    found: list[Fault] = []
    judged: Accepted | Rejected = verdict
    while isinstance(judged, Rejected) and len(found) < _MOST_FAULTS:
        if judged.path not in places:
            found.append(Fault(None, judged.detail, judged.path, judged.reason))
        name = field_of(judged.path)
        if name is not None and name in data:
            del data[name]
        elif judged.path == "$.subject" and judged.reason == Reason.INVALID:
            trial["subject"] = f"{agency}-240101-0001"
            if event["type"] != TYPE_DOSSIER:
                break
        else:
            break
        judged = judge(_encode(trial), agency.encode(), now_us(), reporter.registry)
    return found


def field_of(path: str) -> str | None:
    """The field of `data` that a path is about: `channel` of `$.data.channel`; None for any other path."""
    if not path.startswith("$.data."):
        return None
    return path.removeprefix("$.data.").split(".")[0].split("[")[0]


def _emptied(event: Mapping[str, object], faults: list[Fault]) -> dict[str, object]:
    """The event without the values that are at fault."""
    data = dict(event["data"]) if isinstance(event.get("data"), dict) else {}  # type: ignore[call-overload]
    kept = {**event, "data": data}
    for fault in faults:
        name = field_of(fault.path)
        if name is not None:
            data[name] = ""
        elif fault.path == "$.subject" and fault.reason == Reason.INVALID:
            kept["subject"] = ""
    return kept
