"""`emc import`: files of dossiers into events, with every refused row told."""

from pathlib import Path
from typing import get_args

import click

from cli import options, printing
from cli.runtime import simulated_month as playing
from cli.runtime.data_directory import service_of
from emc import settings
from emc.errors import InputError
from emc.instants import parse_instant
from emc.registry import load_registry
from producers.client import Client
from producers.importing import ImportReport, Progress, Refusal, import_files
from producers.importing.readers import Format

_REFUSED_SHOWN = 1000


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--agency", required=True, help="Code of the agency that reports, e.g. H25.")
@click.option(
    "--format", "form", required=True, type=click.Choice(get_args(Format)), help="Form of the files."
)
@click.option("--mapping", type=click.Path(path_type=Path), help="TOML file: which column is which field.")
@click.option(
    "--as-of", metavar="INSTANT", help="When it was exported, RFC 3339; default: the file's own time."
)
@click.option("--system", default="import", show_default=True, help="Name of the source system.")
@options.as_json
@options.kafka
@options.data_dir
def import_(
    files: tuple[Path, ...],
    agency: str,
    form: str,
    mapping: Path | None,
    as_of: str | None,
    system: str,
    as_json: bool,
    kafka: str | None,
    data_dir: Path,
) -> int:
    """Import FILES of dossiers; good rows count, refused ones are told by line, column and reason.

    Importing the same files again changes nothing, a later export wins. Exit code 1 when rows were refused.
    """
    time = _instant(as_of)
    bootstrap = kafka or service_of(data_dir, "import").kafka or ""
    security = settings.current().kafka.security()
    with Client(bootstrap, kafka=playing.QUICK | security) as client, playing.bar() as bar:
        task = bar.add_task("Importing ", total=None, said="")

        def progress(found: Progress) -> None:
            said = f"{printing.count(found.rows)} rows, {printing.count(found.refused)} refused"
            bar.update(task, total=found.total, completed=found.done, said=said)

        report = import_files(
            files, agency, form, client=client, registry=load_registry(), mapping=mapping, as_of=time,
            system=system, on_progress=progress,
        )  # fmt: skip
    _show(report, as_json)
    return 1 if report.refused else 0


def _instant(as_of: str | None) -> int | None:
    try:
        return None if as_of is None else parse_instant(as_of)
    except ValueError:
        raise InputError(
            f"--as-of is {as_of!r}, expected RFC 3339 with offset, as 2024-03-31T17:00:00+07:00"
        ) from None


def _show(report: ImportReport, as_json: bool) -> None:
    """The result, and row by row what was refused: on stdout, so that it can be kept."""
    if as_json:
        printing.line(
            {
                "rows": report.rows,
                "sent": report.sent,
                "refused": report.refused,
                "sent_by_agency": dict(report.sent_by_agency),
                "unknown_fields": dict(report.unknown_fields),
                "unused_columns": report.unused_columns,
                "refusals": report.refusals,
            }
        )
        return
    for refusal in report.refusals[:_REFUSED_SHOWN]:
        click.echo(_told(refusal))
    if report.refused > _REFUSED_SHOWN:
        click.echo(f"… and {printing.count(report.refused - _REFUSED_SHOWN)} more")
    if report.unused_columns:
        click.echo(f"Columns that nothing was made of: {', '.join(report.unused_columns)}")
    if report.unknown_fields:
        click.echo(f"Fields that nothing was made of: {', '.join(report.unknown_fields)}")
    click.echo(
        f"{printing.count(report.rows)} rows, {printing.count(report.sent)} sent, "
        f"{printing.count(report.refused)} refused"
    )


def _told(refusal: Refusal) -> str:
    column = f", column {refusal.column}" if refusal.column else ""
    return f"{refusal.file}, line {refusal.line}{column}: {refusal.reason}"
