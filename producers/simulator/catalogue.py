"""Procedure catalogues: the entries of each agency, their changes within the month, and their events."""

from bisect import bisect
from collections.abc import Iterator, Sequence
from itertools import accumulate
from random import Random
from typing import Literal

import msgspec

from emc.instants import DAY, HOUR, date_of_day
from producers.simulator.hours import Month, midnight, office_time
from producers.simulator.message import Message
from producers.simulator.systems import SourceSystem

Level = Literal["full", "partial", "none"]
_FIELDS_OF_LIFE = (
    "đất đai", "hộ tịch", "xây dựng", "giao thông", "lao động", "y tế", "giáo dục", "đầu tư", "môi trường",
    "thương mại", "tư pháp", "văn hóa", "nông nghiệp", "khoa học", "thông tin",
)  # fmt: skip
# How often a dossier falls on an eligible procedure at level full, another eligible one, any other one:
# chosen so that full-online use comes near the published 63 and 18 percent.
_MIX = {
    ("ministries", True): (0.88, 0.06, 0.06),
    ("ministries", False): (0.04, 0.29, 0.67),
    ("localities", True): (0.26, 0.54, 0.20),
    ("localities", False): (0.10, 0.55, 0.35),
}


class Procedure(msgspec.Struct, frozen=True):
    """A catalogue entry as it stands on the last day of the month."""

    code: str
    name: str
    level: Level
    eligible: bool
    result_required: bool
    fee_bearing: bool
    published: bool
    limit: int  # working days within which a dossier is due


class Catalogue:
    """The procedures of one agency, and which of them its dossiers fall on."""

    def __init__(self, group: str, procedures: Sequence[Procedure], rng: Random) -> None:
        self.procedures = procedures
        popularity = [1 / (rank + 2) for rank in range(len(procedures))]
        rng.shuffle(popularity)
        self._pools = {
            (required, online): _pool(procedures, popularity, required, _MIX[group, online])
            for required in (False, True)
            for online in (False, True)
        }

    def draw(self, rng: Random, result_required: bool, online: bool) -> Procedure:
        """A procedure for a dossier; whether it requires a result is the caller's choice."""
        pool, sums = self._pools[result_required, online]
        return pool[bisect(sums, rng.random() * sums[-1])]


def _pool(
    procedures: Sequence[Procedure], popularity: Sequence[float], required: bool, mix: tuple[float, ...]
) -> tuple[list[Procedure], list[float]]:
    """The procedures to draw from with their cumulative weights: `mix` over the classes that exist."""
    chosen = [(p, w) for p, w in zip(procedures, popularity, strict=True) if p.result_required == required]
    masses = [0.0, 0.0, 0.0]
    for procedure, weight in chosen:
        masses[_class(procedure)] += weight
    weights = [weight * mix[_class(p)] / masses[_class(p)] for p, weight in chosen]
    return [p for p, _ in chosen], list(accumulate(weights))


def _class(procedure: Procedure) -> int:
    if not procedure.eligible:
        return 2
    return 0 if procedure.level == "full" else 1


def make_catalogue(group: str, size: int, eligible: int, full: int, rng: Random) -> Catalogue:
    """A catalogue of `size` procedures of which `eligible` are eligible and `full` of these published at
    level full. At least one procedure of each catalogue requires no result.
    """
    domain = 1 if group == "ministries" else 2
    numbers = rng.sample(range(1, 400), size)
    plain = set(rng.sample(range(size), max(1, round(size * 0.08))))
    procedures = [
        _procedure(domain, number, n < eligible, n < full, n not in plain, rng)
        for n, number in enumerate(numbers)
    ]
    return Catalogue(group, procedures, rng)


def _procedure(
    domain: int, number: int, eligible: bool, full: bool, result_required: bool, rng: Random
) -> Procedure:
    level, published = _level(eligible, full, rng)
    subject = _FIELDS_OF_LIFE[number % len(_FIELDS_OF_LIFE)]
    return Procedure(
        code=f"{domain}.{number:06d}",
        name=f"Thủ tục mẫu {number:03d} – lĩnh vực {subject}",
        level=level,
        eligible=eligible,
        result_required=result_required,
        fee_bearing=rng.random() < 0.4,
        published=published,
        limit=rng.choice((1, 2, 3, 5, 5, 7, 10, 15)),
    )


def _level(eligible: bool, full: bool, rng: Random) -> tuple[Level, bool]:
    """Level and publication: an eligible one that is not to count lacks the level or is not published."""
    if full:
        return "full", True
    draw = rng.random()
    if eligible and draw < 0.06:
        return "full", False
    if draw < 0.1:
        return ("partial" if eligible else "full"), True
    return ("partial" if draw < 0.65 else "none"), draw < 0.97


def catalogue_messages(
    catalogue: Catalogue, system: SourceSystem, month: Month, rng: Random
) -> Iterator[Message]:
    """The events that publish a catalogue before the play opens, and its changes within the month."""
    start = midnight(month.opening) - DAY + 9 * HOUR
    for place, procedure in enumerate(catalogue.procedures):
        draw = rng.random()
        at = start + place * 7_000_000
        if draw < 0.05:
            yield from _level_change(procedure, system, month, at, rng)
        else:
            if draw < 0.08:
                yield _message(procedure, system, at - HOUR, at, None, "typo", service_level="none")
            yield _message(procedure, system, at, at, None, "0")
        if 0.08 < draw < 0.1:
            later = date_of_day(month.closing + 10).isoformat()
            yield _message(procedure, system, at + HOUR, at + HOUR, later, "later", service_level="full")


def _level_change(
    procedure: Procedure, system: SourceSystem, month: Month, at: int, rng: Random
) -> Iterator[Message]:
    """An entry at a lower or higher level that a second one, valid from a day of the month, replaces."""
    former = "partial" if procedure.level == "full" else "full"
    yield _message(procedure, system, at, at, None, "0", service_level=former)
    day = rng.randint(month.first + 4, month.last - 5)
    announced = office_time(rng, day - 1)
    yield _message(procedure, system, announced, announced, date_of_day(day).isoformat(), "1")


def _message(
    procedure: Procedure,
    system: SourceSystem,
    time: int,
    sent_at: int,
    valid_from: str | None,
    step: str,
    **changed: object,
) -> Message:
    fields: dict[str, object] = {
        "service_level": procedure.level,
        "eligible_full_online": procedure.eligible,
        "fee_bearing": procedure.fee_bearing,
        "name": procedure.name,
    }
    if valid_from is not None:
        fields["valid_from"] = valid_from
    if not procedure.result_required:  # absent counts as true
        fields["result_required"] = False
    if not procedure.published:
        fields["published"] = False
    ident = f"catalogue/{procedure.code}/{step}"
    value = system.event("procedure", procedure.code, ident, time, fields | changed)
    return Message(sent_at, system.key, value)
