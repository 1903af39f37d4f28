"""`emc check`: a sender's events judged by the stream's own code, without sending them."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from cli import printing
from cli.listing import Column, Listing, listing
from emc.errors import InputError
from emc.instants import now_us
from emc.registry import Registry, load_registry
from emc.verdicts import Malformed
from producers.examining import Examined, events_of, examine

_COLUMNS = (
    Column("place", "Event", lambda each: printing.spoken(each["place"]), key=True),
    Column("id", "Id", rank=1),
    Column("verdict", "Verdict", key=True, words=True),
    Column("reason", "Reason"),
    Column("path", "Field", key=True),
    Column("detail", "Expected", words=True),
)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--agency", help="The Kafka key, if it is not the agency in the dossier's code or the source.")
@listing
def check(file: Path, agency: str | None, listing: Listing) -> int:
    """Judge the events in FILE (- is standard input), and send nothing. Exit code 1 when any is refused.

    FILE holds one event, an array of events, or one of these a line. Each is told as accepted, or with
    everything for which it is refused; of the reasons the first is the one that the stream gives.
    """
    try:
        value = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        judged = list(_judged(value, agency, load_registry()))
    except OSError as error:
        raise InputError(f"{file} cannot be read ({error.strerror})") from None
    except Malformed as error:
        raise InputError(f"{file} holds no events: {error}") from None
    rows = [row for number, each in judged for row in _rows(number, each)]
    listing.show(rows, _COLUMNS, str(file), "There are no events in it.")
    refused = sum(bool(each.faults) for _, each in judged)
    if not listing.is_for_programs:
        accepted = len(judged) - refused
        printing.aside(f"{printing.count(accepted)} accepted, {printing.count(refused)} refused")
    return int(refused > 0)


def _judged(value: bytes, agency: str | None, registry: Registry) -> Iterator[tuple[str, Examined]]:
    key, now = agency.encode() if agency else None, now_us()
    for place, event in events_of(value):
        yield place, examine(event, key, now, registry)


def _rows(place: str, examined: Examined) -> Iterator[dict[str, Any]]:
    about = {"place": place, "id": examined.id}
    if not examined.faults:
        yield {**about, "verdict": "accepted", "reason": None, "path": None, "detail": None}
    for fault in examined.faults:
        yield {**about, "verdict": "refused", **fault._asdict()}
