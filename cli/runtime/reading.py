"""Where a reading command reads: a service's API, a ClickHouse server, or the data directory itself."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import click
from click.core import ParameterSource

from cli.runtime.api_reader import ApiReader
from cli.runtime.data_directory import DataDirectory, Holder, service_or_hold
from cli.runtime.engine_files import engine_files
from cli.runtime.local_token import local_token
from emc import settings
from emc.errors import SettingError
from emc.registry import load_registry
from sinks.disputes.reconcile_query import Reconciling
from sinks.imports.record import ImportRecord
from sinks.incidents.touching import Days, Told
from sinks.queries.change_query import ChangeQuery
from sinks.queries.rate_query import RateQuery


class Readings(Protocol):
    """What sinks.queries.reader.Reader and ApiReader have in common."""

    def rates(self, query: RateQuery | None = None) -> list[dict[str, Any]]:
        """Rates in the contract's form."""

    def marked(self, rates: list[dict[str, Any]], query: RateQuery | None = None) -> list[dict[str, Any]]:
        """The same, those marked most of whose dossiers have no entry in the catalogue."""

    def rejections(
        self,
        agency: str | None = None,
        limit: int = 100,
        before: str | None = None,
        cursor: str | None = None,
    ) -> dict[str, Any]:
        """Refused events, newest first, and the cursor of those that follow."""

    def explain(self, dossier: str) -> dict[str, Any]:
        """A dossier's events, state and rates."""

    def dossiers(
        self,
        metric: str,
        agency: str,
        period: str,
        start: str,
        missing: bool = False,
        definition: str | None = None,
        counted_for: str | None = None,
    ) -> Iterator[dict[str, Any]]:
        """The dossiers of a rate."""

    def why(self, asked: ChangeQuery) -> dict[str, Any]:
        """The change of a rate, by procedure."""

    def incidents(self, agency: str | None = None, days: Days | None = None) -> list[Told]:
        """What is marked on rates."""

    def snapshots(self) -> list[dict[str, Any]]:
        """All snapshots."""

    def snapshot(self, id_: str) -> dict[str, Any]:
        """One snapshot."""

    def frozen(self, id_: str, agency: str | None = None, metric: str | None = None) -> list[dict[str, Any]]:
        """The rates of a snapshot."""

    def objections(
        self, agency: str | None = None, snapshot: str | None = None, status: str | None = None
    ) -> list[dict[str, Any]]:
        """Objections, the newest first."""

    def objection(self, id_: str) -> dict[str, Any]:
        """One objection with its thread."""

    def reconciled(self, asked: Reconciling, content: bytes) -> dict[str, Any]:
        """A list held against what is counted."""

    def audit(self) -> dict[str, Any]:
        """Differences between what is stored and what follows from the events."""

    def sources(self) -> list[dict[str, Any]]:
        """When each source was last seen."""

    def metric_times(self, agency: str) -> list[dict[str, Any]]:
        """Up to when each metric is known, by source."""

    def states(self, dossiers: Sequence[str]) -> dict[str, str]:
        """The registers of dossiers."""

    def catalogue(self, agency: str) -> list[dict[str, Any]]:
        """An agency's catalogue."""

    def declarations(self, agency: str) -> list[dict[str, Any]]:
        """What an agency declared, day by day."""

    def imports(self, agency: str | None = None, limit: int = 100) -> list[dict[str, Any]]:
        """The newest imports."""

    def import_(self, id_: str) -> dict[str, Any]:
        """One import."""

    def keep_import(self, record: ImportRecord) -> str:
        """Keeps what an import did."""

    def source_warnings(self, agency: str) -> list[dict[str, Any]]:
        """What is odd in what an agency's sources report."""


@contextmanager
def open_reader(data_dir: Path, api: str | None, clickhouse: str | None) -> Iterator[Readings]:
    """A reader for the length of the block; EmcError when there is nothing to read from.

    While a service holds the data directory its API is asked; otherwise the directory is held and opened.
    """
    api, clickhouse = _chosen(api, clickhouse)
    if clickhouse is not None:
        with _tables(settings.current().clickhouse.url(clickhouse)) as reader:
            yield reader
        return
    found: Holder | DataDirectory | None = None
    if api is None:
        command = click.get_current_context().command.name or ""
        found = service_or_hold(data_dir, command, only_reads=True)
    if isinstance(found, DataDirectory):
        with found, engine_files(found) as folder, _tables(folder) as reader:
            yield reader
        return
    if found is not None:
        through = ApiReader(found.api or "", local_token(data_dir))
    else:
        through = ApiReader(api or "", settings.current().api.token())
    try:
        yield through
    finally:
        through.close()


def _chosen(api: str | None, clickhouse: str | None) -> tuple[str | None, str | None]:
    """At most one of them: what the command line says stands above the environment."""
    context = click.get_current_context()
    said = [
        name
        for name in ("data_dir", "api", "clickhouse")
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    ]
    if len(said) > 1:
        names = " and ".join("--" + name.replace("_", "-") for name in said)
        raise SettingError(f"{names} were both given, expected one place to read from")
    if said:
        return (api if "api" in said else None), (clickhouse if "clickhouse" in said else None)
    if api is not None and clickhouse is not None:
        raise SettingError("EMC_API and EMC_CLICKHOUSE are both set, expected one place to read from")
    return api, clickhouse


@contextmanager
def _tables(target: str | Path) -> Iterator[Readings]:
    # The engine takes a while to load; who reads through the API need not wait for it.
    from sinks.clickhouse.database import Database
    from sinks.queries.reader import Reader

    with Database(target) as database:
        yield Reader(database, load_registry())
