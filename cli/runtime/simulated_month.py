"""Playing the simulated month through Kafka, with a progress bar, at most once into a data directory."""

from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

import msgspec
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from cli import printing
from cli.runtime.stopping import Stop
from emc.errors import DataDirectoryError, SettingError
from emc.instants import date_of_day, day_of
from emc.translation import noun
from producers.client import Client
from producers.simulator import Message, Plan, play
from producers.simulator import send as send_one

MARKER = "played.json"
QUICK = {"bootstrap_timeout_ms": 8_000}
"""For kafka-python: who waits at a terminal wants to know soon that nobody answers."""


class Played(msgspec.Struct, frozen=True):
    """Which month was played into a directory. `complete`: every message was delivered."""

    seed: int
    scale: float
    month: date
    complete: bool


def played(data_dir: Path, seed: int, scale: float | None, month: date) -> Played:
    """What was played, or is to be: `scale` None is that of the play before, 1 for the first.

    SettingError when the month was played otherwise: the two would add up.
    """
    try:
        found = msgspec.json.decode((data_dir / MARKER).read_bytes(), type=Played)
    except FileNotFoundError:
        return Played(seed, 1.0 if scale is None else scale, month, complete=False)
    except (OSError, msgspec.MsgspecError) as error:
        raise DataDirectoryError(f"{data_dir / MARKER} cannot be read ({type(error).__name__})") from None
    if scale not in (None, found.scale):
        raise SettingError(
            f"scale is {scale:g}, expected {found.scale:g}, at which the month was played into {data_dir};"
            " for another scale choose another --data-dir"
        )
    return found


def mark(data_dir: Path, state: Played) -> None:
    """Notes the play, whole or not at all, also when the process is killed meanwhile."""
    beside = data_dir / (MARKER + ".new")
    try:
        beside.write_bytes(msgspec.json.encode(state))
        beside.replace(data_dir / MARKER)
    except OSError as error:
        raise DataDirectoryError(f"{data_dir / MARKER} cannot be written ({error.strerror})") from None


def bar() -> Progress:
    """A progress bar on stderr; nothing when that is no terminal."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[said]}"),
        TimeElapsedColumn(),
    )
    console = printing.errors()
    return Progress(*columns, console=console, refresh_per_second=4, disable=not console.is_terminal)


def play_month(plan: Plan, client: Client, stop: Stop, progress: Progress) -> int:
    """Sends the month, days as progress, and returns the number of messages; stops early when asked to."""
    opening, closing = plan.month.opening - 3, plan.month.closing + 2
    task = progress.add_task(printing.spoken("Sending   "), total=closing - opening, said="")

    def tell(sent: int, message: Message) -> None:
        day = day_of(message.sent_at)
        said = f"{date_of_day(day):%d/%m/%Y}, {printing.count(sent)} {noun(sent, 'message', 'messages')}"
        progress.update(task, completed=day - opening, said=printing.spoken(said))

    sent = send(play(plan), client, stop, tell)
    client.flush()
    progress.update(task, completed=closing - opening)
    return sent


def send(
    messages: Iterable[Message], client: Client, stop: Stop, tell: Callable[[int, Message], None]
) -> int:
    """Sends messages, those that may be joined packed by agency; returns how many. Blocks: for a thread."""
    sent = 0
    for message in messages:
        if stop.asked.is_set():
            break
        send_one(message, client)
        sent += 1
        if sent % 1000 == 0:
            tell(sent, message)
    return sent
