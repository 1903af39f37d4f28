"""What docs/connecting.md says holds."""

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
from producers.importing.dossiers import TableReader
from producers.importing.mapping import _KEYS, read_mapping

TEXT = (Path(__file__).parents[2] / "docs" / "connecting.md").read_text("utf-8")


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)
    assert found
    return found[1]


def test_the_event_is_accepted() -> None:
    assert isinstance(judge(block("json").encode(), b"H25", now_us(), load_registry()), Accepted)


def test_the_mapping_can_be_read_and_names_every_key() -> None:
    given = tomllib.loads(block("toml"))
    assert given.keys() == _KEYS.keys()
    row = {"open_dt": "05/03/2024 08:30:00", "source": "Self Service", "case_id": "0007"}
    assert TableReader(read_mapping(given), "H25").read(row).code == "H25-240305-0007"


def test_the_columns_without_a_mapping_are_the_contracts() -> None:
    header = block("csv").splitlines()[0].split(",")
    assert set(header) - {"dossier"} <= {field.name for field in msgspec.structs.fields(DossierData)}


def test_keys_and_partitions_are_right() -> None:
    rows = re.findall(r"\| `([A-Y]\d\d)` \| (\d+) \|", TEXT)
    assert len(rows) == 5
    for key, partition in rows:
        assert partition_of(key.encode(), 12) == int(partition)


def test_every_reason_and_every_official_field_is_there() -> None:
    for name in (*Reason, *COLUMNS.values()):
        assert f"`{name}`" in TEXT, name
