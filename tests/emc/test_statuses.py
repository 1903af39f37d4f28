"""Statuses in words."""

import re
from pathlib import Path

import pytest

from emc.statuses import ALL_IN_WORDS, STATUSES, in_words

CONTRACT = Path(__file__).parents[2] / "docs" / "contract.md"


def test_every_status_of_the_contract_has_words() -> None:
    table = re.search(r"### Statuses\n\n(.*?)\n\n", CONTRACT.read_text("utf-8"), re.DOTALL)
    assert table is not None
    assert [int(number) for number in re.findall(r"^\| (\d+) \|", table[1], re.MULTILINE)] == list(STATUSES)
    assert ALL_IN_WORDS.startswith("1 newly registered, 2 received, ")


@pytest.mark.parametrize(
    ("value", "words"),
    [(4, "4, in process"), (10, "10, result returned"), (0, None), (True, None), ("4", None)],
)
def test_a_number_is_shown_with_its_words(value: object, words: str | None) -> None:
    assert in_words(value) == words
