"""The page of definitions says what the data file says."""

from pathlib import Path

from emc.definition_page import markdown
from emc.definitions import DEFINITIONS

PAGE = Path(__file__).parents[2] / "docs" / "definitions.md"


def test_the_page_is_the_one_written_from_the_data_file() -> None:
    assert PAGE.read_text(encoding="utf-8") == markdown(), (
        "run: python -m emc.definition_page > docs/definitions.md"
    )


def test_every_definition_is_on_the_page_in_both_languages() -> None:
    text = markdown()
    for definition in DEFINITIONS:
        assert f"### `{definition.metric}` / `{definition.name}`" in text
        assert definition.vi in text
        assert definition.en in text
