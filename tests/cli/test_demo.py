"""The demo: the simulated month beside the published figures."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from cli import printing
from cli.runtime.comparison import agree, published, rounded_as, table
from cli.runtime.live import addresses_told
from cli.runtime.service import Addresses
from emc.definitions import METRICS
from emc.translation import Language
from tests.cli.processes import complaint, done, emc, lines


@pytest.mark.timeout(400)
def test_the_demo_ends_in_the_published_figures_and_is_not_played_twice(tmp_path: Path) -> None:
    once = ("demo", "--once", "--data-dir", tmp_path)
    rates = lines(done(*once, "--scale", "0.02", "--json"))
    assert agree(rates) == 8
    assert {rate["start"] for rate in rates} == {"2024-03-01"}

    again = emc(*once)
    assert again.returncode == 0, again.stderr
    assert again.stdout.count("equal") == 8
    assert "Sending" not in again.stderr

    offline = lines(done("rates", "--json", "--start", "2024-03-01", "--data-dir", tmp_path))
    assert offline == rates
    said = complaint(*once, "--scale", "0.5", code=2)
    assert "scale is 0.5, expected 0.02" in said


def test_every_address_is_told() -> None:
    addresses = Addresses("127.0.0.1:9092", "http://127.0.0.1:8000", "http://127.0.0.1:8123/emc")
    link = "http://127.0.0.1:8000/sign-in/once/code"
    told = list(addresses_told(addresses, link))
    said = "\n".join(told)
    assert [address for address in addresses if address not in said] == []
    assert "http://127.0.0.1:8000/?start=2024-03-01" in said, "the board with the month on it"
    assert link in told[-1], "a link that signs in as an agency ends it"


@pytest.mark.parametrize("language", Language)
def test_its_table_is_in_one_language_at_every_width(
    language: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing, "language", lambda: language)

    def words(width: int) -> list[str]:
        out = io.StringIO()
        Console(file=out, width=width).print(table([]))
        return sorted(word for word in out.getvalue().split() if "─" not in word)

    assert words(80) == words(119) == words(120) == words(200)
    title = METRICS["online_submission"].vi if language is Language.VI else "online_submission"
    assert set(title.split()) <= set(words(80))


def test_the_eight_figures_of_april_2024_are_shown() -> None:
    assert [(figure.scope, figure.value) for figure in published()] == [
        ("ministries", 50.1),
        ("localities", 47.4),
        ("ministries", 29.3),
        ("localities", 54.5),
        ("ministries", 50.2),
        ("localities", 60.1),
        ("ministries", 1),
        ("localities", 11),
    ]


def test_a_rate_is_rounded_as_its_figure_was_published() -> None:
    online, reuse = published()[0], published()[6]
    assert rounded_as(0.5005, online) == "50.1" or rounded_as(0.50051, online) == "50.1"
    assert rounded_as(0.0149, reuse) == "1"
    assert rounded_as(None, reuse) is None
