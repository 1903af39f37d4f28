"""The files of the registry: a directory of CSV files that a site edits, EMC_REGISTRY, or the one shipped.

    agencies.csv          code,name,kind,successor,valid_to,code_verified,emc_connection_2024_04,
                          former_name,renamed_on,note
    delegations.csv       source,agency,note
    tracking_sites.csv    site_id,agency,system,addresses (blanks between several)
    reported_figures.csv  published figures to show beside the computed rates

A file that the directory lacks is the one shipped. What is changed is taken in at the next start.
"""

import csv
from collections.abc import Callable, Iterator
from datetime import date
from ipaddress import ip_network
from pathlib import Path
from typing import TypeVar, get_args

from emc import settings
from emc.agencies import GROUPS, Agency, Delegation, Kind, TrackingSite
from emc.errors import SettingError
from emc.identifiers import is_agency, is_system
from emc.settings.site import Site

T = TypeVar("T")
Row = dict[str, str]
SHIPPED = Path(__file__).parent / "data"
FILES = ("agencies.csv", "delegations.csv", "tracking_sites.csv", "reported_figures.csv")


def registry_folder(site: Site) -> Path:
    """The directory of the registry; SettingError when the one that is set is none."""
    if not site.registry:
        return SHIPPED
    if not Path(site.registry).is_dir():
        listed = ", ".join(FILES[:3])
        raise SettingError(f"EMC_REGISTRY is {site.registry!r}, expected a directory with {listed}")
    return Path(site.registry)


def file_of(name: str, folder: Path | None = None) -> Path:
    """Where a file of the registry lies: in the directory, or else among those shipped."""
    path = (folder or registry_folder(settings.current().site)) / name
    return path if path.exists() else SHIPPED / name


def agencies(folder: Path | None = None) -> list[Agency]:
    """The agencies, by default of EMC_REGISTRY's directory; SettingError names file, line and fault."""
    found = each_row("agencies.csv", folder, _agency)
    _refuse_twice("agencies.csv", "code", [agency.code for agency in found])
    return found


def delegations(folder: Path | None, known: frozenset[str]) -> list[Delegation]:
    """The delegations among agencies of these codes."""
    return each_row("delegations.csv", folder, lambda row: _delegation(row, known))


def tracking_sites(folder: Path | None, known: frozenset[str]) -> list[TrackingSite]:
    """The sites of the tracking format, of agencies of these codes."""
    found = each_row("tracking_sites.csv", folder, lambda row: _site(row, known))
    _refuse_twice("tracking_sites.csv", "site_id", [site.site_id for site in found])
    return found


def _refuse_twice(name: str, column: str, values: list[str]) -> None:
    if len(set(values)) < len(values):
        raise SettingError(f"{name}: expected every {column} once")


def each_row(name: str, folder: Path | None, made: Callable[[Row], T]) -> list[T]:
    """What `made` makes of each row of a file; its ValueError and KeyError become a SettingError."""
    found = []
    for place, row in _rows(name, folder):
        try:
            found.append(made(row))
        except KeyError as error:
            raise SettingError(f"{place}: expected a column {error.args[0]}") from None
        except ValueError as error:
            raise SettingError(f"{place}: {error}") from None
    return found


def _rows(name: str, folder: Path | None) -> Iterator[tuple[str, Row]]:
    """The rows of a file of the registry, each with its place for an error: `name, line n`."""
    path = file_of(name, folder)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restval="")
            for row in reader:
                yield f"{name}, line {reader.line_num}", row
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SettingError(f"{path}: expected a readable UTF-8 CSV file ({type(error).__name__})") from None


def _agency(row: Row) -> Agency:
    code, kind = row["code"], row["kind"]
    if not is_agency(code):
        raise ValueError("code: expected a letter and two digits")
    if kind not in get_args(Kind):
        raise ValueError("kind: expected ministry or locality")
    return Agency(
        code=code,
        name=row["name"],
        kind="ministry" if kind == "ministry" else "locality",
        successor=row["successor"] or None,
        valid_to=_day(row, "valid_to"),
        code_verified=row["code_verified"] == "yes",
        emc_connection_2024_04=row["emc_connection_2024_04"],
        former_name=row.get("former_name", ""),
        renamed_on=_day(row, "renamed_on"),
        note=row.get("note", ""),
    )


def _day(row: Row, name: str) -> date | None:
    text = row.get(name)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise ValueError(f"{name}: expected a date YYYY-MM-DD, or nothing") from None


def _delegation(row: Row, known: frozenset[str]) -> Delegation:
    source, agency = row["source"].strip(), row["agency"].strip()
    code, slash, system = source.partition("/")
    if code not in known or (slash and not is_system(system)):
        raise ValueError("source: expected a code of agencies.csv, or code/system")
    if agency not in known and agency not in GROUPS:
        raise ValueError(f"agency: expected a code of agencies.csv, or one of {', '.join(GROUPS)}")
    return Delegation(source, agency, row.get("note", ""))


def _site(row: Row, known: frozenset[str]) -> TrackingSite:
    site, agency, system = (row[name].strip() for name in ("site_id", "agency", "system"))
    if not site:
        raise ValueError("site_id: expected a number")
    if agency not in known:
        raise ValueError("agency: expected a code of agencies.csv")
    if not is_system(system):
        raise ValueError("system: expected 1 to 64 of A-Z a-z 0-9 . _ -")
    addresses = tuple(row.get("addresses", "").split())
    for address in addresses:
        try:
            ip_network(address)
        except ValueError:
            raise ValueError("addresses: expected addresses or networks, blanks between them") from None
    return TrackingSite(site, agency, system, addresses)
