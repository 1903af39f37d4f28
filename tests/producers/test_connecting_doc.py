"""What docs/connecting.md and docs/importing.md say holds."""

import re
import tomllib
from pathlib import Path

import msgspec

from emc.contract import judge
from emc.events import DossierData
from emc.identifiers import partition_of
from emc.instants import now_us
from emc.registry import load_registry
from emc.verdicts import Accepted, Reason
from producers.dossier_sync import COLUMNS
from producers.importing.mapping import read_mapping
from producers.importing.mapping_keys import _TYPES
from producers.importing.table_reader import TableReader

DOCS = Path(__file__).parents[2] / "docs"
TEXT = "".join((DOCS / name).read_text("utf-8") for name in ("connecting.md", "importing.md"))


def block(language: str, begins: str = "") -> str:
    """The first one in that language that begins so."""
    found = re.search(rf"```{language}\n({begins}.*?)```", TEXT, re.DOTALL)
    assert found
    return found[1]


def test_the_event_is_accepted() -> None:
    assert isinstance(judge(block("json").encode(), b"H25", now_us(), load_registry()), Accepted)


def test_the_mapping_can_be_read_and_names_every_key() -> None:
    given = tomllib.loads(block("toml"))
    assert given.keys() == _TYPES.keys() - {"procedure", "day"}
    row = {"open_dt": "05/03/2024 08:30:00", "source": "Self Service", "case_id": "0007"}
    assert TableReader(read_mapping(given), "H25").read(row).subject == "H25-240305-0007"


def test_the_columns_without_a_mapping_are_the_contracts() -> None:
    header = block("csv", "dossier,").splitlines()[0].split(",")
    assert set(header) - {"dossier"} <= {field.name for field in msgspec.structs.fields(DossierData)}


def test_keys_and_partitions_are_right() -> None:
    rows = re.findall(r"\| `([A-Y]\d\d)` \| (\d+) \|", TEXT)
    assert len(rows) == 5
    for key, partition in rows:
        assert partition_of(key.encode(), 12) == int(partition)


def test_every_reason_and_every_official_field_is_there() -> None:
    for name in (*Reason, *COLUMNS.values()):
        assert f"`{name}`" in TEXT, name
