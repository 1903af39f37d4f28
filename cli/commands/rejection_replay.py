"""`emc rejections show` and `replay`: the bytes of refused events, out of their topic and into the stream."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click
import msgspec

from cli import options, printing
from cli.runtime.data_directory import service_of
from cli.runtime.reading import open_reader
from emc import settings
from emc.errors import InputError
from emc.instants import HANOI, format_instant, now_us, parse_instant
from emc.registry import load_registry
from emc.translation import noun
from emc.verdicts import Malformed
from streams.batch.outbox import Outbox
from streams.batch.producer_records import ProducerRecord
from streams.reading.topic import TopicReader
from streams.recovery.replay import Place, Refused, Replayed, corrected, read_refused, replay, still_refused

TOPIC = "emc.events"


class PlaceType(click.ParamType):
    """partition:offset:index, as `emc rejections list` shows them; the index may be left out: 0."""

    name = "PARTITION:OFFSET[:INDEX]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Place:
        """The place; a usage error for anything else."""
        try:
            numbers = [int(part) for part in str(value).split(":")]
            return Place(*numbers)
        except (ValueError, TypeError):
            self.fail(f"{value!r} is no place, expected PARTITION:OFFSET:INDEX", param, ctx)


since = click.option("--since", metavar="INSTANT", help="Only what was refused from then on, RFC 3339.")


@click.command()
@click.argument("place", type=PlaceType())
@since
@click.option("--raw", is_flag=True, help="Only the bytes, as they came, e.g. into a file to correct them.")
@options.as_json
@options.kafka
@options.data_dir
def show(
    place: Place, since: str | None, raw: bool, as_json: bool, kafka: str | None, data_dir: Path
) -> None:
    """Show one refused event with its bytes, read from the topic of rejected events.

    The bytes may hold personal data: they are printed here, and kept nowhere else.
    """
    refused = _find(_read(_kafka(kafka, data_dir), since), place)
    since_accepted = None if kafka else _accepted_at(refused, data_dir)
    if raw:
        click.get_binary_stream("stdout").write(refused.value or b"")
        return
    told = {
        **msgspec.structs.asdict(refused.place),
        "key": _text(refused.key),
        "reason": refused.reason,
        "path": refused.path,
        "detail": refused.detail if as_json else printing.spoken(refused.detail),
        "arrived_at": format_instant(parse_instant(refused.arrived_at), HANOI),
        "accepted_at": since_accepted,
        "value": _text(refused.value),
    }
    if as_json:
        printing.line(told)
        return
    for name, value in told.items():
        printing.say(f"{name + ':':13}{printing.text(value)}")


@click.command("replay")
@click.argument("places", type=PlaceType(), nargs=-1)
@since
@click.option("--agency", help="Only of this Kafka key; with --with: the key to send under.")
@click.option("--reason", help="Only what was refused for this reason.")
@click.option(
    "--with",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Send the corrected event (or array) in this file instead of the bytes of the one place given.",
)
@click.option("--dry-run", is_flag=True, help="Tell what would be sent, and send nothing.")
@options.as_json
@options.kafka
@options.data_dir
def replay_(
    places: tuple[Place, ...],
    since: str | None,
    agency: str | None,
    reason: str | None,
    file: Path | None,
    dry_run: bool,
    as_json: bool,
    kafka: str | None,
    data_dir: Path,
) -> int:
    """Send refused events again that would be accepted now: all, or those at PLACES.

    After the agency registry was corrected, say. What would be refused again is not sent, and counted. An
    event that is sent twice counts once. Exit code 1 when any is still refused, or nothing is found.
    """
    address = _kafka(kafka, data_dir)
    found = _read(address, since)
    chosen: Iterable[Refused]
    if file is not None:
        if len(places) != 1:
            raise InputError("--with needs exactly one place, that of the event which the file corrects")
        chosen = _corrected(_find(found, places[0]), file, agency)
    else:
        chosen = _chosen(found, frozenset(places), agency, reason)
    outcome = _replayed(address, chosen, dry_run)
    _tell(outcome, dry_run, as_json)
    if not outcome.sent and not outcome.refused:
        printing.say(f"emc: {_nothing(places)}", err=True)
        return 1
    return 1 if outcome.refused.total() else 0


def _accepted_at(refused: Refused, data_dir: Path) -> str | None:
    """When the event was accepted since, as the service tells it: that lists what follows a place."""
    place = refused.place
    arrived = parse_instant(refused.arrived_at) // 1000
    following = f"{arrived}.{place.partition}.{place.offset}.{place.index + 1}"
    with open_reader(data_dir, None, None) as reader:
        page = reader.rejections(None, 1, None, following)
    found = {printing.place(row): row.get("accepted_at") for row in page["rejections"]}
    return found.get(printing.place(msgspec.structs.asdict(place)))


def _nothing(places: tuple[Place, ...]) -> str:
    if not places:
        return "no refused event matches, so nothing is replayed"
    where = ", ".join(":".join(map(str, msgspec.structs.astuple(place))) for place in places)
    return f"no refused event at {where} matches, so nothing is replayed; its retention may have taken it"


def _replayed(address: str, chosen: Iterable[Refused], dry_run: bool) -> Replayed:
    security = settings.current().kafka.security()
    reader, outbox = TopicReader(address, TOPIC, "emc", **security), Outbox(address, **security)

    def send(records: Any) -> None:
        if not dry_run:
            outbox.deliver(list[ProducerRecord](records))

    try:
        return replay(chosen, load_registry(), now_us(), send, reader.facts().partitions, TOPIC)
    finally:
        reader.close()
        outbox.close()


def _tell(outcome: Replayed, dry_run: bool, as_json: bool) -> None:
    if as_json:
        printing.line({"sent": outcome.sent, "refused": dict(outcome.refused), "dry_run": dry_run})
        return
    if not outcome.sent and not outcome.refused:
        return
    sent = (
        f"{outcome.sent} {noun(outcome.sent, 'event', 'events')} {'would be ' if dry_run else ''}sent again"
    )
    printing.say(f"{sent}, {outcome.refused.total()} still refused.")
    for name, count in sorted(outcome.refused.items()):
        printing.say(f"  {name}: {count}")


def _kafka(kafka: str | None, data_dir: Path) -> str:
    return kafka or service_of(data_dir, "rejections").kafka or ""


def _read(address: str, since: str | None) -> Iterator[Refused]:
    try:
        moment = None if since is None else parse_instant(since) // 1000
    except ValueError:
        raise InputError(f"since is {since!r}, expected RFC 3339 with offset") from None
    return read_refused(address, TOPIC, moment, **settings.current().kafka.security())


def _find(found: Iterator[Refused], place: Place) -> Refused:
    for refused in found:
        if refused.place == place:
            return refused
    where = ":".join(map(str, msgspec.structs.astuple(place)))
    raise InputError(
        f"the topic of rejected events holds nothing of {where}; its retention may have taken it"
    )


def _chosen(
    found: Iterator[Refused], places: frozenset[Place], agency: str | None, reason: str | None
) -> Iterator[Refused]:
    for refused in found:
        if (
            (not places or refused.place in places)
            and agency in (None, _text(refused.key))
            and reason in (None, refused.reason)
        ):
            yield refused


def _corrected(refused: Refused, file: Path, agency: str | None) -> list[Refused]:
    """The corrected events, all of which must be acceptable; InputError says what is wrong with the first."""
    try:
        events = corrected(refused, file.read_bytes(), agency.encode() if agency else None)
    except Malformed as error:
        raise InputError(f"{file} holds no events: {error}") from None
    for event in events:
        rejected = still_refused(event, load_registry(), now_us())
        if rejected is not None:
            raise InputError(
                f"{file} would be refused as {rejected.reason}: {rejected.path}: {rejected.detail}"
            )
    return events


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("utf-8", "replace")
