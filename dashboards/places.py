"""What several boards say of places: groups, agencies, how they are connected, what is covered."""

from dashboards.board import field, place_link
from dashboards.panels.panel import AMBER, GREEN, GREY, RED
from dashboards.panels.table import Column
from dashboards.wording import Words

RATES = ("online_submission", "full_online_supply", "electronic_result", "data_reuse")
"""The metrics of the four rates that the monitor is for."""
COVERED = ((None, RED), (0.8, AMBER), (0.95, GREEN))
"""The colours of a coverage."""


def groups(words: Words) -> dict[str, str]:
    """The titles of the three groups."""
    return {
        "national": words("Toàn quốc", "Country"),
        "ministries": words("Bộ, ngành", "Ministries"),
        "localities": words("Địa phương", "Localities"),
    }


def states(words: Words) -> dict[str, tuple[str, str]]:
    """The states of a connection, each with its colour."""
    return {
        "live": (words("Đang gửi", "Live"), GREEN),
        "late": (words("Chậm", "Late"), AMBER),
        "silent": (words("Im lặng", "Silent"), RED),
        "never": (words("Chưa gửi", "Unseen"), RED),
        "closed": (words("Sáp nhập", "Merged"), GREY),
    }


def to_agency(words: Words, *variables: str) -> str:
    """The address of the dashboard of the agency whose code stands in the row's field `agency`."""
    return place_link(words, "agency", "month", "structure", f"agency={field('agency')}", *variables)


def agency_column(words: Words, width: int | None, *variables: str) -> Column:
    """The agency's name, which leads to its dashboard."""
    link = (words("Xem cơ quan này", "See this agency"), to_agency(words, *variables))
    return Column("name", words("Cơ quan", "Agency"), width, link=link)


def code_column(words: Words, width: int | None = None) -> Column:
    """The agency's code, which the links need."""
    return Column("agency", words("Mã", "Code"), width)
