"""Rates as `emc rates` shows them."""

import pytest

from cli.commands.rates import show
from cli.listing import Listing

RATE = {
    "metric": "full_online_use", "definition": "all", "agency": "H27", "period": "month",
    "start": "2026-01-01", "numerator": 0, "denominator": 1, "rate": 0.0, "coverage": None,
    "as_of": "2026-01-31T23:59:00+07:00",
}  # fmt: skip


@pytest.mark.parametrize(
    ("more", "shown"),
    [({"no_catalogue": True}, "0.00 % (no catalogue)"), ({}, "0.00 %"), ({"rate": None}, "–")],
)
def test_no_catalogue_and_no_data_are_no_zero(
    more: dict[str, object], shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    show([RATE | more], Listing(columns=("numerator", "denominator", "rate"), header=False))
    assert capsys.readouterr().out == f"0\t1\t{shown}\n"
