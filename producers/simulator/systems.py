"""The dossier system of one agency: how it writes codes, instants and events."""

from collections.abc import Mapping
from random import Random

import msgspec

from emc.instants import DAY, HOUR, SECOND, date_of_day

_OFFSET = 7 * HOUR
_ENVELOPE = (
    '{"specversion":"1.0","id":"%s","source":"%s","type":"vn.emc.%s.v1","subject":"%s","time":"%s",'
    '"datacontenttype":"application/json","data":'
)
_NAMES = ("mot-cua", "igate.v2", "motcua_dien_tu", "hscv-01")
_encode = msgspec.json.Encoder().encode
_dates: dict[int, str] = {}

Fields = Mapping[str, object]


class SourceSystem:
    """Writes the events of one agency.

    Systems differ as real ones do: old or new agency identifiers, procedure codes with or without the
    agency behind them, instants in +07:00 or UTC with up to seven decimals, a system's name in the source
    or none.
    """

    def __init__(self, code: str, rng: Random) -> None:
        self.code = code
        self.key = code.encode()
        self.name = rng.choice(_NAMES)
        self.source = rng.choice((f"/agencies/{code}", f"/agencies/{code}/{self.name}"))
        self._old_scheme = code.startswith("H") and rng.random() < 0.7
        self._suffix = f".000.00.00.{code}" if rng.random() < 0.4 else ""
        self._stamp = rng.choice((_local, _local, _local_millis, _utc, _local_long))
        self.units = tuple(self._identifier(number) for number in range(10, 10 + 2 * rng.randint(2, 6), 2))

    def _identifier(self, number: int) -> str:
        return f"000.00.{number}.{self.code}" if self._old_scheme else f"{self.code}.{number}"

    def instant(self, instant: int) -> str:
        """An instant as this system writes it: always with its offset."""
        return self._stamp(instant)

    def procedure(self, code: str) -> str:
        """A procedure code as this system writes it in a dossier."""
        return code + self._suffix

    def dossier_code(self, unit: str, day: int, number: int) -> str:
        """The code of the dossier that a unit of this agency issued as the `number`th of a day."""
        return f"{unit}-{date_of_day(day):%y%m%d}-{number:04d}"

    def dossier(self, code: str, step: int, time: int, fields: Fields) -> bytes:
        """A dossier event. Its id is the dossier's code and the step of its life, so it is never reused."""
        return self.event("dossier", code, f"{code}/{step}", time, fields)

    def event(self, kind: str, subject: str, ident: str, time: int, fields: Fields) -> bytes:
        """An event of any type, as JSON bytes; `kind` as in its type `vn.emc.{kind}.v1`."""
        head = _ENVELOPE % (ident, self.source, kind, subject, self._stamp(time))
        return head.encode() + _encode(fields) + b"}"

    def heartbeat(self, time: int) -> bytes:
        """A heartbeat event of the system, whose name is both subject and part of the source."""
        ident = f"{self.name}/{time // SECOND}"
        source = f"/agencies/{self.code}/{self.name}"
        return (_ENVELOPE % (ident, source, "heartbeat", self.name, self._stamp(time))).encode() + b"{}}"


def _clock(instant: int) -> tuple[str, int]:
    """`YYYY-MM-DDTHH:MM:SS` of an instant taken as UTC, and its microseconds."""
    day, rest = divmod(instant, DAY)
    text = _dates.get(day)
    if text is None:
        text = _dates[day] = date_of_day(day).isoformat()
    seconds, micros = divmod(rest, SECOND)
    minutes, second = divmod(seconds, 60)
    return f"{text}T{minutes // 60:02d}:{minutes % 60:02d}:{second:02d}", micros


def _local(instant: int) -> str:
    return _clock(instant + _OFFSET)[0] + "+07:00"


def _local_millis(instant: int) -> str:
    text, micros = _clock(instant + _OFFSET)
    return f"{text}.{micros // 1000:03d}+07:00"


def _local_long(instant: int) -> str:
    text, micros = _clock(instant + _OFFSET)
    return f"{text}.{micros:06d}9+07:00"


def _utc(instant: int) -> str:
    text, micros = _clock(instant)
    return f"{text}.{micros:06d}Z"
