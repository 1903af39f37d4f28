"""Playing the simulated month through Kafka, with a progress bar, at most once into a data directory."""

import time
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from cli import printing
from cli.runtime.stopping import Stop
from emc.errors import DataDirectoryError, SettingError
from emc.instants import date_of_day, day_of
from emc.translation import noun
from producers.client import Client
from producers.simulator import Message, Plan, play
from producers.simulator import send as send_one

_LINE_EVERY = 60.0
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


class Lines(Progress):
    """Progress in a file: of what takes longer a line a minute; `is_staged`: also when something begins, and
    when it has ended.
    """

    def __init__(self, console: Console, is_staged: bool) -> None:
        super().__init__(disable=True)
        self._console, self._is_staged = console, is_staged
        self._told_at = time.monotonic()

    def add_task(self, description: str, *more: Any, **fields: Any) -> TaskID:
        """Something begins."""
        if self._is_staged:
            self._tell(f"{description.strip()} …")
        return super().add_task(description, *more, **fields)

    def update(self, task_id: TaskID, **changes: Any) -> None:
        """It goes on."""
        super().update(task_id, **changes)
        task = self.tasks[task_id]
        if (task.finished and self._is_staged and "ended" not in task.fields) or self._is_due():
            self._tell(f"{task.description.strip()}: {task.fields['said']}")
            task.fields |= {"ended": True} if task.finished else {}

    def _is_due(self) -> bool:
        return time.monotonic() - self._told_at >= _LINE_EVERY

    def _tell(self, text: str) -> None:
        self._told_at = time.monotonic()
        self._console.print(text, soft_wrap=True)


def bar(is_staged: bool = False) -> Progress:
    """A progress bar on stderr; lines when that is no terminal."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[said]}"),
        TimeElapsedColumn(),
    )
    console = printing.errors()
    if not console.is_terminal:
        return Lines(console, is_staged)
    return Progress(*columns, console=console, refresh_per_second=4)


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
