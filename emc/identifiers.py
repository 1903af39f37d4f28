"""Identifiers of agencies, dossiers and procedures, and the partition of a key. All patterns are ASCII."""

import re
from calendar import monthrange
from functools import lru_cache

OLD_IDENTIFIER = r"[0-9]{3}\.[0-9]{2}\.[0-9]{2}\.[A-Y][0-9]{2}"
NEW_IDENTIFIER = r"[A-Y][0-9]{2}(?:\.[0-9A-Z]+)*"
LONGEST_IDENTIFIER = 35
_LONGEST_DOSSIER = LONGEST_IDENTIFIER + len("-20260305-000000000000")
_LONGEST_PROCEDURE = len("1.000001.000.00.00.H25")
_LONGEST_SOURCE = len("/agencies/H25/") + 64

_agency = re.compile(r"[A-Y][0-9]{2}").fullmatch
_old = re.compile(OLD_IDENTIFIER).fullmatch
_new = re.compile(NEW_IDENTIFIER).fullmatch
_procedure = re.compile(rf"([0-9]\.[0-9]{{6}})(?:\.{OLD_IDENTIFIER})?").fullmatch
_unit_and_date = re.compile(rf"({OLD_IDENTIFIER}|{NEW_IDENTIFIER})-([0-9]{{6}}|[0-9]{{8}})").fullmatch
_source = re.compile(r"/agencies/([A-Y][0-9]{2})(?:/[A-Za-z0-9._-]{1,64})?").fullmatch
_system = re.compile(r"[A-Za-z0-9._-]{1,64}").fullmatch
_slug = re.compile(r"[a-z][a-z0-9-]{0,63}").fullmatch
_control = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def _dates_in_codes() -> frozenset[str]:
    """Every date of the years 2000 to 2099 as dossier codes write it, in two ways: 260305 and 20260305.

    Put together from parts: every command imports this, and `strftime` would take a fifth of a second.
    """
    numbers = [f"{number:02}" for number in range(100)]
    days = [
        f"{numbers[year]}{numbers[month]}{day}"
        for year in range(100)
        for month in range(1, 13)
        for day in numbers[1 : monthrange(2000 + year, month)[1] + 1]
    ]
    return frozenset(days).union([f"20{day}" for day in days])


_code_dates = _dates_in_codes()


def is_agency(code: str) -> bool:
    """Whether the text has the form of a level-1 code, e.g. `H25`."""
    return _agency(code) is not None


def is_system(name: str) -> bool:
    """Whether the text can name a source system: 1–64 of `[A-Za-z0-9._-]`."""
    return _system(name) is not None


def is_slug(text: str) -> bool:
    """Whether the text can name where data was reused from: a-z, then at most 63 of a-z 0-9 -."""
    return _slug(text) is not None


def has_control(text: str) -> bool:
    """Whether the text holds a control character (C0, DEL, C1), which no string of the contract may."""
    return not text.isprintable() and _control.search(text) is not None


def control_free(text: str) -> str:
    """The text with a question mark for each control character."""
    return _control.sub("?", text)


def level1(identifier: str) -> str | None:
    """The level-1 code of an agency identifier of either scheme; None when it is none."""
    return _level1(identifier) if len(identifier) <= LONGEST_IDENTIFIER else None


@lru_cache(maxsize=16384)
def _level1(identifier: str) -> str | None:
    if _old(identifier):
        return identifier[-3:]
    return identifier[:3] if _new(identifier) else None


def source_agency(source: str) -> str | None:
    """The level-1 code in `/agencies/{code}` or `/agencies/{code}/{system}`; None for another form."""
    # what is remembered is short: a text of a megabyte must not stay in memory
    return _source_agency(source) if len(source) <= _LONGEST_SOURCE else None


@lru_cache(maxsize=4096)
def _source_agency(source: str) -> str | None:
    match = _source(source)
    return match[1] if match else None


def dossier_agency(code: str) -> str | None:
    """The level-1 code of the agency in a dossier code; None when the text is no dossier code."""
    if len(code) > _LONGEST_DOSSIER:
        return None
    # a nation's dossiers are too many to remember; what stands before their numbers is not
    begin, _, number = code.rpartition("-")
    if not (4 <= len(number) <= 12 and number.isascii() and number.isdigit()):
        return None
    return _agency_before_number(begin)


@lru_cache(maxsize=65536)
def _agency_before_number(begin: str) -> str | None:
    match = _unit_and_date(begin)
    if match is None or match[2] not in _code_dates:
        return None
    return level1(match[1])


def dossier_month(code: str) -> int:
    """The month in a dossier code as the number YYYYMM, e.g. 202403; the code must be valid."""
    return 200_000 + int(code.split("-", 2)[1][-6:-2])


def procedure_code(text: str) -> str | None:
    """The procedure code `d.dddddd`, an old agency identifier behind it dropped; None for another form."""
    return _procedure_code(text) if len(text) <= _LONGEST_PROCEDURE else None


@lru_cache(maxsize=16384)
def _procedure_code(text: str) -> str | None:
    match = _procedure(text)
    return match[1] if match else None


def partition_of(key: bytes, partitions: int) -> int:
    """The partition that Kafka's Java client chooses for a key: murmur2 of it, modulo the partitions."""
    return (murmur2(key) & 0x7FFFFFFF) % partitions


def murmur2(data: bytes) -> int:
    """MurmurHash2 (32 bits, seed 0x9747b28c) as Apache Kafka's `Utils.murmur2` computes it."""
    m, mask, length = 0x5BD1E995, 0xFFFFFFFF, len(data)
    h = 0x9747B28C ^ length
    whole = length & ~3
    for i in range(0, whole, 4):
        k = int.from_bytes(data[i : i + 4], "little") * m & mask
        k = (k ^ k >> 24) * m & mask
        h = h * m & mask ^ k
    if length > whole:
        h = (h ^ int.from_bytes(data[whole:], "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    return h ^ h >> 15
