"""Importing files: every row an event, sent or refused with its place and reasons."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from emc.registry import Registry
from producers.importing.judged_rows import JudgedRows
from producers.importing.mapping import FileMapping
from producers.importing.report import ImportReport, Progress, Refusal
from producers.importing.request import ImportRequest


class Sender(Protocol):
    """What an import needs of producers.client.Client."""

    def send(self, agency: str, event: Mapping[str, Any] | bytes) -> None:
        """Takes one event."""

    def flush(self) -> None:
        """Waits until all is delivered."""


def import_files(
    paths: Sequence[Path],
    agency: str,
    form: str,
    *,
    client: Sender,
    registry: Registry,
    mapping: Path | FileMapping | None = None,
    as_of: int | None = None,
    system: str = "import",
    on_progress: Callable[[Progress], None] | None = None,
    on_refusal: Callable[[Refusal], None] | None = None,
    **more: Any,
) -> ImportReport:
    """Sends the rows of files as events that `agency` reports, and says what was refused.

    The events' time is `as_of` (µs since 1970 UTC), by default each file's modification time; their id the
    row's number over all files, and a digest of what is sent of it. So importing twice changes nothing, of
    two rows of one dossier the later counts, and a later export wins. Rows are judged by the contract before
    they are sent. All files are opened before the first row is sent. `more` are other fields of
    ImportRequest.

    InputError for a file, mapping, agency or time that cannot be used; DeliveryError from the client.
    """
    request = ImportRequest(paths, agency, form, registry, mapping, as_of, system, **more)
    rows = JudgedRows(request, on_progress)
    for row in rows:
        if row.judged is not None and not row.refusals:
            client.send(row.judged.agency, row.judged.event)
        elif on_refusal is not None:
            for refusal in row.refusals:
                on_refusal(refusal)
    client.flush()
    return rows.report
