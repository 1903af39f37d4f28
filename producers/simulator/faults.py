"""Broken messages: every rejection reason of the contract, in several forms; none changes a state."""

from collections.abc import Callable
from random import Random
from typing import NamedTuple

from emc.verdicts import Reason
from producers.simulator.message import Message
from producers.simulator.systems import Fields, SourceSystem

SHARE = 0.004  # broken messages, of the dossier events
_NOT_REGISTERED = "Y99"


class _Sample(NamedTuple):
    """A good dossier event, taken apart, that a broken message is modelled on."""

    system: SourceSystem
    code: str
    ident: str
    time: int
    sent_at: int
    fields: Fields


_Break = Callable[[_Sample, SourceSystem], Message]


class Faults:
    """Makes broken messages, the forms in turn, so that a short play shows them all."""

    def __init__(self, rng: Random) -> None:
        self._forms = list(_FORMS)
        rng.shuffle(self._forms)
        self._made = 0

    def make(
        self, system: SourceSystem, code: str, time: int, sent_at: int, fields: Fields, other: SourceSystem
    ) -> Message:
        """A message modelled on an event of a dossier of `system`; `other` is another agency's system."""
        form = self._forms[self._made % len(self._forms)]
        self._made += 1
        ident = f"broken/{code}/{self._made}"
        return form(_Sample(system, code, ident, time, sent_at, fields), other)


def _message(sample: _Sample, reason: Reason, value: bytes | None, key: bytes | None, packs: bool) -> Message:
    return Message(sample.sent_at, key, value, packs=packs, refused=reason)


def _dossier(sample: _Sample, **changed: object) -> bytes:
    fields = {**sample.fields, **changed}
    return sample.system.event("dossier", sample.code, sample.ident, sample.time, fields)


def _with(reason: Reason, **changed: object) -> _Break:
    """Sets registers to values that the contract refuses."""
    return lambda sample, _: _message(sample, reason, _dossier(sample, **changed), sample.system.key, True)


def _replaced(reason: Reason, old: bytes, new: bytes) -> _Break:
    """Replaces a piece of the envelope."""
    return lambda sample, _: _message(
        sample, reason, _dossier(sample).replace(old, new, 1), sample.system.key, True
    )


def _bytes(value: bytes | None) -> _Break:
    """No event at all: it must travel alone, or it would spoil a batch."""
    return lambda sample, _: _message(sample, Reason.MALFORMED, value, sample.system.key, False)


def _cut_off(sample: _Sample, _: SourceSystem) -> Message:
    return _message(sample, Reason.MALFORMED, _dossier(sample)[:-20], sample.system.key, False)


def _without_time(sample: _Sample, _: SourceSystem) -> Message:
    stamp = f'"time":"{sample.system.instant(sample.time)}",'.encode()
    return _message(sample, Reason.INVALID, _dossier(sample).replace(stamp, b"", 1), sample.system.key, True)


def _without_offset(sample: _Sample, _: SourceSystem) -> Message:
    stamp = sample.system.instant(sample.time)
    value = _dossier(sample).replace(stamp.encode(), stamp[:19].encode(), 1)
    return _message(sample, Reason.INVALID, value, sample.system.key, True)


def _from_the_future(sample: _Sample, _: SourceSystem) -> Message:
    stamp = sample.system.instant(sample.time).encode()
    value = _dossier(sample).replace(stamp, b"2099-12-31T23:59:59+07:00", 1)
    return _message(sample, Reason.FUTURE, value, sample.system.key, True)


def _unregistered(sample: _Sample, _: SourceSystem) -> Message:
    key = sample.system.code.encode()
    value = _dossier(sample).replace(key, _NOT_REGISTERED.encode())
    return _message(sample, Reason.UNKNOWN_AGENCY, value, _NOT_REGISTERED.encode(), True)


def _foreign_key(sample: _Sample, other: SourceSystem) -> Message:
    return _message(sample, Reason.AGENCY_MISMATCH, _dossier(sample), other.key, True)


def _no_key(sample: _Sample, _: SourceSystem) -> Message:
    return _message(sample, Reason.AGENCY_MISMATCH, _dossier(sample), None, False)


def _foreign_source(sample: _Sample, other: SourceSystem) -> Message:
    value = other.event("dossier", sample.code, sample.ident, sample.time, sample.fields)
    return _message(sample, Reason.AGENCY_MISMATCH, value, sample.system.key, True)


def _unknown_in_component(sample: _Sample, _: SourceSystem) -> Message:
    components = [{"code": "TP01", "XXX_extra": "XXX"}]
    return _message(
        sample, Reason.UNKNOWN_FIELD, _dossier(sample, components=components), sample.system.key, True
    )


_FORMS: tuple[_Break, ...] = (
    _bytes(None),
    _bytes(b"\xff\xfe\x00"),
    _bytes(b'"XXX"'),
    _cut_off,
    _replaced(Reason.UNSUPPORTED, b'"specversion":"1.0"', b'"specversion":"0.3"'),
    _replaced(Reason.UNSUPPORTED, b"vn.emc.dossier.v1", b"vn.emc.dossier.v9"),
    _with(Reason.INVALID, channel="fax"),
    _with(Reason.INVALID, status=11),
    _with(Reason.INVALID, identified="1"),
    _with(Reason.INVALID, received_at="05/03/2024 09:00:00"),
    _with(Reason.INVALID, procedure="TT-XXX"),
    _replaced(Reason.INVALID, b'"subject":"', b'"subject":"XXX '),
    _without_time,
    _without_offset,
    _with(Reason.UNKNOWN_FIELD, XXX_column="XXX"),
    _unknown_in_component,
    _unregistered,
    _foreign_key,
    _no_key,
    _foreign_source,
    _from_the_future,
)
