"""The warning `looks_personal`: found in the tables exactly where the independent calculation finds it."""

from typing import Any

import pytest

from sinks.clickhouse.database import Database
from tests.engine import embedded_database
from tests.oracle.warnings import looks_personal
from tests.sinks.history import Said, write_history

TEXTS = (
    *("giay-1", "123456789", "CCCD 012345678901", "số 123456789", "a123456789", "123456789b", "12345678"),
    *("1234567890", "1234567890123", '"123456789"', "\\123456789", 'x"\\/123456789"', "đ123456789"),
    *("012345678901/2", '":"123456789'),
)
SLUGS = ("land", "land-123456789", "land-1234567890", "x-012345678901-y")
UNITS = ("H25.16", "H25.123456789", "H25.1234567890", "000.00.16.H25")
NUMBERS = ("0001", "123456789", "1234567890", "012345678901")


def states() -> dict[str, dict[str, Any]]:
    """Dossiers with each of these alone."""
    fields: list[dict[str, Any]] = [{"components": [{"code": "giay"}, {"code": text}]} for text in TEXTS]
    fields += [{"components": [{"code": "giay", "reuse_source": slug}]} for slug in SLUGS]
    fields += [{"unit": unit} for unit in UNITS]
    made = {f"H25-240305-{n:05}": held for n, held in enumerate(fields)}
    return made | {f"H25-240305-{number}": {"status": 1} for number in NUMBERS}


@pytest.fixture
def database() -> Any:
    with embedded_database() as opened:
        yield opened


def test_it_is_found_where_it_is_and_nowhere_else(database: Database) -> None:
    dossiers = states()
    events = [
        Said("dossier", code, 1_710_000_000_000_000, code[-4:], held) for code, held in dossiers.items()
    ]
    write_history(database, "H25", events)
    rows = database.query("SELECT dossier FROM warnings WHERE warning = 'looks_personal'")
    expected = {code for code, held in dossiers.items() if looks_personal(code, held)}
    assert 8 < len(expected) < len(dossiers)
    assert {dossier for (dossier,) in rows} == expected
