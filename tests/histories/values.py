"""Random values: instants crowded around midnights in Hanoi, codes in both schemes, components."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from random import Random
from typing import Any

HANOI = timezone(timedelta(hours=7))
ANCHORS = (
    date(2023, 12, 31),
    date(2024, 1, 1),
    date(2024, 2, 29),
    date(2024, 3, 5),
    date(2024, 3, 6),
    date(2024, 3, 31),
    date(2024, 4, 1),
    date(2024, 12, 31),
    date(2025, 6, 30),
    date(2025, 7, 1),
)
RARE = (date(2000, 1, 1), date(2000, 2, 29), date(2052, 2, 29), date(2099, 12, 31))
MARGIN = timedelta(microseconds=1)


@dataclass(frozen=True)
class Agency:
    """Who reports: its code, the codes that may speak for it, and the days its dossiers crowd on."""

    code: str
    sources: tuple[str, ...]
    days: tuple[date, ...]


def some_day(random: Random, agency: Agency) -> date:
    return random.choice(RARE) if random.random() < 0.01 else random.choice(agency.days)


def some_instant(random: Random, agency: Agency) -> datetime:
    """A moment of one of the agency's days, often the first or the last microsecond."""
    midnight = datetime.combine(some_day(random, agency), datetime.min.time(), HANOI)
    kind = random.random()
    if kind < 0.15:
        return max(midnight, datetime(2000, 1, 1, tzinfo=UTC))
    if kind < 0.3:
        return midnight + timedelta(days=1) - MARGIN
    return max(midnight, datetime(2000, 1, 1, tzinfo=UTC)) + timedelta(
        seconds=random.randrange(7 * 3600, 61_200)
    )


def written(random: Random, moment: datetime) -> str:
    """RFC 3339 in one of the forms that senders use; digits beyond the sixth are cut by the reader."""
    zone = random.choice((UTC, HANOI, HANOI, timezone(timedelta(hours=-11, minutes=-30))))
    text = moment.astimezone(zone).isoformat(timespec="microseconds")
    head, offset = text[:26], text[26:]
    digits = (
        "" if head.endswith("000000") and random.random() < 0.5 else head[19:] + random.choice(("", "", "9"))
    )
    if offset == "+00:00":
        offset = random.choice(("Z", "z", "+00:00", "-00:00"))
    separator = "t" if random.random() < 0.05 else "T"
    return head[:10] + separator + head[11:19] + digits + offset


def some_unit(random: Random, code: str) -> str:
    """An identifier of the agency: bare, new scheme, old scheme, or as long as it may be."""
    return random.choice((code, f"{code}.16", f"{code}.16.0A", f"000.00.16.{code}", code + "." + "9" * 31))


def some_dossier(random: Random, agency: Agency, number: int) -> str:
    digits = random.choice((4, 4, 4, 6, 12))
    day = some_day(random, agency)
    written_day = f"{day:%Y%m%d}" if random.random() < 0.3 else f"{day:%y%m%d}"
    return f"{some_unit(random, agency.code)}-{written_day}-{number:0{digits}d}"


def some_procedure(random: Random) -> str:
    """One of eight codes, two of which no catalogue here holds, sometimes with its suffix."""
    suffix = random.choice(("", "", "", ".000.00.00.H56"))
    return f"{random.choice((1, 2))}.00000{random.randrange(4)}{suffix}"


def some_components(random: Random) -> list[dict[str, Any]]:
    return [some_component(random, n) for n in range(random.choice((0, 1, 1, 2, 5)))]


def some_component(random: Random, number: int) -> dict[str, Any]:
    made: dict[str, Any] = {"code": f"thành phần {number}"}
    if random.random() < 0.8:
        made["digitised"] = random.choice((True, True, True, False, None))
    if random.random() < 0.5:
        made["reused"] = random.choice((True, False, None))
    if random.random() < 0.3:
        made["reuse_source"] = random.choice(("national-store", "land", "x1-" + "y" * 61, None))
    names = list(made)
    random.shuffle(names)
    return {name: made[name] for name in names}
