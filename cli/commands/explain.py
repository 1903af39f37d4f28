"""`emc explain`: one dossier, from what was said of it to the rates it counts in."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import msgspec

from cli import options, printing
from cli.runtime.reading import open_reader
from cli.tables import Table
from emc.statuses import in_words

_DAYS = {"receipt": "day of receipt", "resolution": "day of resolution"}


@click.command()
@click.argument("dossier")
@options.as_json
@options.reading
def explain(dossier: str, as_json: bool, data_dir: Path, api: str | None, clickhouse: str | None) -> None:
    """Explain a DOSSIER: its events, its state, and where it counts and why."""
    with open_reader(data_dir, api, clickhouse) as reader:
        found = reader.explain(dossier)
    if as_json:
        printing.line(found)
    else:
        _show(found)


def _show(found: Mapping[str, Any]) -> None:
    settled = "" if found["settler"] == found["agency"] else f", settled by {found['settler']}"
    printing.say(f"Dossier {found['dossier']} of {found['agency']}{settled}")
    if found["warnings"]:
        printing.say(f"Warnings: {', '.join(map(printing.spoken, found['warnings']))}")
    _show_refused(found["refused"])
    if not found["events"]:
        printing.say("It counts nowhere: every event of it was refused. Mend them and send them again.")
        return
    _show_events(found["events"])
    _show_state(found["state"])
    _show_counted(found["counted"])
    _show_time(found)
    _show_definitions(found["definitions"])


def _show_events(events: list[dict[str, Any]]) -> None:
    table = Table("What was said of it", ("Time", "By", "Says", "Arrived", "Partition/offset/index"))
    for event in events:
        place = f"{event['partition']}/{event['offset']}/{event['index']}"
        said = [f"{name} = {_value(name, value)}" for name, value in event["data"].items()]
        arrived = printing.moment(event["arrived_at"])
        table.add_row(printing.exact_moment(event["time"]), event["source"], said, arrived, place)
    table.show()


def _show_refused(refused: list[dict[str, Any]]) -> None:
    if not refused:
        return
    table = Table(
        "Refused events, and what to mend",
        ("Arrived", "Reason", "Field", "Expected", "Accepted since", "Place"),
    )
    for each in refused:
        arrived = printing.moment(each["rejected_at"])
        since = printing.moment(each.get("accepted_at"))  # a service of before does not tell
        said, place = printing.spoken(each["detail"]), printing.place(each)
        table.add_row(arrived, each["reason"], each["path"], said, since, place)
    table.show()


def _show_state(state: Mapping[str, Mapping[str, Any]]) -> None:
    table = Table("What holds: of each field the latest word", ("Field", "Value", "Said at", "By"))
    for name, register in state.items():
        said_at = printing.exact_moment(register["time"])
        table.add_row(name, _value(name, register["value"]), said_at, printing.text(register["source"]))
    table.show()


def _show_counted(counted: Mapping[str, Mapping[str, Any]]) -> None:
    for name, place in counted.items():
        if place["day"] is None:
            _sentence(f"Its {_DAYS[name]}: it counts under none, because {place['reason']}.")
            continue
        facts = ", ".join(fact for fact, holds in place["facts"].items() if holds)
        _sentence(f"Its {_DAYS[name]} is {place['day']}. Facts that hold: {facts or 'none'}.")


def _sentence(said: str) -> None:
    """In Vietnamese such a sentence begins with what was put into it, which is written small elsewhere."""
    told = printing.spoken(said)
    printing.put(told[:1].upper() + told[1:])


def _show_time(found: Mapping[str, Any]) -> None:
    for each in found["waiting"]:
        if each["seconds"]:
            until_now = ", and still is" if each["open"] else ""
            days = each["seconds"] / 86_400
            said = f"It was in status {each['status']}, {each['meaning']}, for {days:.1f} days{until_now}."
            printing.put(printing.units(printing.spoken(said)))
    if found["lateness"]["late"]:
        printing.say("It is late by its dates.")
    if found["lateness"]["reported_late"]:
        arrived = printing.moment(found["lateness"]["resolution_arrived_at"])
        printing.say(f"It was resolved in time, but that arrived after it was due: {arrived}.")


def _show_definitions(definitions: list[dict[str, Any]]) -> None:
    table = Table("Where it counts", ("Metric", "Definition", "Denominator", "Numerator", "Because"))
    for found in definitions:
        table.add_row(
            found["metric"],
            found["definition"],
            _yes(found["in_denominator"]),
            _yes(found["in_numerator"]),
            printing.because(found["why"]),
        )
    table.show()


def _value(name: str, value: Any) -> str:
    """Null is shown as such: it says "cleared", which is not the same as not said."""
    if name == "status" and (words := in_words(value)):
        return printing.spoken(words)
    if isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()


def _yes(holds: bool) -> str:
    return printing.spoken("yes") if holds else printing.spoken("no")
