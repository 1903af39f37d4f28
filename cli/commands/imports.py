"""`emc import`: files into events, with everything told that is refused, and everything that changes."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any, get_args

import click
from click.core import ParameterSource

from cli import options, printing
from cli.commands import import_report
from cli.runtime import simulated_month as playing
from cli.runtime.caught_up import wait_until_read
from cli.runtime.data_directory import service_of
from cli.runtime.reading import Readings, open_reader
from emc import settings
from emc.errors import EmcError, InputError
from emc.instants import parse_instant
from emc.registry import load_registry
from emc.translation import noun
from portal.uploads.outcome import moves_of, record_of
from producers.client import Client
from producers.importing import ImportRequest, JudgedRow, JudgedRows, Progress
from producers.importing.guessing import AUTO
from producers.importing.kinds import DOSSIERS, KINDS, PROCEDURES
from producers.importing.known import KnownDossiers
from producers.importing.plan import Plan
from producers.importing.readers import Format, ReadingOptions
from producers.importing.rejects import Rejects
from producers.source_words import load_source_words

_NOTICES_KEPT = 100_000
_CATALOGUE_MOVES = (
    "Rates that hang on the catalogue may move, in every month; by how much is not told beforehand."
)


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--agency", required=True, help="Code of the agency that reports, e.g. H25.")
@click.option("--format", "form", default=AUTO, type=click.Choice((AUTO, *get_args(Format))),
              help="Form of the files; auto: as they tell, which is said.", show_default=True)  # fmt: skip
@click.option("--kind", default=DOSSIERS.name, show_default=True, type=click.Choice(list(KINDS)),
              help="What the rows of a table are.")  # fmt: skip
@click.option("--mapping", type=click.Path(path_type=Path), help="TOML file: which column is which field.")
@click.option(
    "--as-of", metavar="INSTANT", help="When it was exported, RFC 3339; default: the file's own time."
)
@click.option("--system", default="import", show_default=True, help="Name of the source system.")
@click.option("--dry-run", is_flag=True, help="Send nothing: show what would be refused and changed.")
@click.option("--force", is_flag=True, help="Also when it would undo what a later export said.")
@click.option("--rejects", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Write refused rows with their reasons, to be mended and imported again.")  # fmt: skip
@click.option("--encoding", help="Encoding of texts, as windows-1258, or auto; default: UTF-8.")
@click.option("--delimiter", help="Delimiter of CSV, or auto; default: seen from the first line.")
@click.option("--sheet", help="Sheet of a workbook; default: the first that holds anything.")
@options.as_json
@options.kafka
@options.reading
def import_(files: tuple[Path, ...], as_json: bool, dry_run: bool, **asked: Any) -> int:
    """Import FILES (- is standard input); good rows count, refused ones are told with every reason.

    Importing the same files again changes nothing, a later export wins, an older one that would undo it is
    refused. Exit code 1 when rows were refused.
    """
    with ExitStack() as stack:
        run = _Run(stack, files, asked, dry_run)
        plan = stack.enter_context(run.plan())
        run.write_rejects()
        if asked["as_of"] is None and not asked["force"]:
            plan.refuse_older(run.earlier())
        moves = moves_of(plan, run.reader)
        id_ = None
        if not dry_run:
            run.send(plan)
            id_ = run.keep(plan)
        if as_json:
            printing.line(import_report.as_dict(plan, moves, {"dry_run": dry_run, "import": id_}))
        else:
            import_report.show(plan, moves, dry_run, asked["as_of"] is None)
            run.tell(id_)
        return 1 if plan.report.refused else 0


class _Run:
    """One run of the command. What it opens ends with `stack`."""

    def __init__(
        self, stack: ExitStack, files: tuple[Path, ...], asked: dict[str, Any], is_dry: bool
    ) -> None:
        self._stack, self._asked = stack, asked
        # asked for first: once the reader holds a directory itself, no service can be found there
        self._kafka: str = asked["kafka"] or ""
        if not self._kafka and not is_dry:
            self._kafka = service_of(asked["data_dir"], "import").kafka or ""
        self.reader = self._open_reader()
        self.request = ImportRequest(
            files, asked["agency"], asked["form"], load_registry(), asked["mapping"],
            _instant(asked["as_of"]), asked["system"], asked["kind"], load_source_words(),
            ReadingOptions(asked["encoding"], asked["delimiter"], asked["sheet"]),
        )  # fmt: skip
        self.remarks: list[str] = []
        self.notices: list[tuple[str, str]] = []
        self._rejects: Rejects | None = None

    def _open_reader(self) -> Readings | None:
        """Where to compare and to keep a record: nowhere, when only Kafka is named."""
        asked = self._asked
        place = click.get_current_context().get_parameter_source("data_dir")
        elsewhere = asked["api"] is None and asked["clickhouse"] is None
        if asked["kafka"] and elsewhere and place is not ParameterSource.COMMANDLINE:
            return None
        return self._stack.enter_context(open_reader(asked["data_dir"], asked["api"], asked["clickhouse"]))

    def plan(self) -> Plan:
        """Reads the files whole."""
        if self.reader is not None and (remark := wait_until_read(self.reader)):
            self.remarks.append(remark)
        with playing.bar() as bar:
            task = bar.add_task(printing.spoken("Reading "), total=None, said="")

            def progress(found: Progress) -> None:
                said = (
                    f"{printing.count(found.rows)} {noun(found.rows, 'row', 'rows')}, "
                    f"{printing.count(found.refused)} refused"
                )
                bar.update(task, total=found.total, completed=found.done, said=printing.spoken(said))

            rows = JudgedRows(self.request, progress)
            self.request = rows.request
            self._rejects = self._stack.enter_context(
                Rejects(rows.columns, printing.spoken, self._asked["delimiter"])
            )
            known = None if self.reader is None else KnownDossiers(self.reader)
            if self.request.kind == PROCEDURES.name:
                self.remarks.append(_CATALOGUE_MOVES)
            return Plan(rows, known, self._on_row)

    def _on_row(self, row: JudgedRow) -> None:
        if self._rejects is not None and self._asked["rejects"] is not None:
            self._rejects.add(row)
        if row.judged is not None and not row.refusals and len(self.notices) < _NOTICES_KEPT:
            self.notices += [(row.judged.subject, notice) for notice in row.judged.notices]

    def write_rejects(self) -> None:
        """Writes the file of refused rows, if there are any."""
        path = self._asked["rejects"]
        if path is not None and self._rejects is not None and self._rejects.rows:
            self._rejects.write(path)
            self.remarks.append(f"Refused rows are in {path}: mend them there and import it likewise.")

    def earlier(self) -> list[dict[str, Any]]:
        """The imports of the agency so far."""
        return [] if self.reader is None else self.reader.imports(self.request.agency, 1000)

    def send(self, plan: Plan) -> None:
        """Sends what counts."""
        security = playing.QUICK | settings.current().kafka.security()
        with Client(self._kafka, kafka=security) as client, playing.bar() as bar:
            task = bar.add_task(printing.spoken("Sending "), total=plan.report.sent, said="")
            plan.send(client, lambda number: bar.update(task, completed=number))

    def keep(self, plan: Plan) -> str | None:
        """Records what the import did; its identifier, None where it cannot be recorded."""
        if self.reader is None:
            self.remarks.append(
                "Not compared and not recorded: with --api or --clickhouse beside --kafka it would be."
            )
            return None
        try:
            return self.reader.keep_import(record_of(self.request, plan, self.notices))
        except EmcError as error:
            self.remarks.append(f"Sent, but not recorded: {error}")
            return None

    def tell(self, id_: str | None) -> None:
        """What else is to be known."""
        for remark in self.remarks:
            printing.say(remark)
        if id_ is not None:
            printing.say(f"Import {id_}: `emc imports show {id_}` shows it again")


def _instant(as_of: str | None) -> int | None:
    try:
        return None if as_of is None else parse_instant(as_of)
    except ValueError:
        raise InputError(
            f"--as-of is {as_of!r}, expected RFC 3339 with offset, as 2024-03-31T17:00:00+07:00"
        ) from None
