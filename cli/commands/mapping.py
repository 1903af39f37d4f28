"""`emc mapping suggest` and `check`: a mapping drafted from a file, and one that is to be used examined."""

from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import click

from cli import printing
from cli.help import Family
from emc.errors import InputError
from producers.importing.checking import open_marks, unread_dates
from producers.importing.guessing import common_form
from producers.importing.kinds import DOSSIERS, KINDS, Kind
from producers.importing.mapping import WrongMapping, load_mapping
from producers.importing.opening import open_input
from producers.importing.readers import RECORDS, Format, ReadingOptions, open_table
from producers.importing.suggesting import suggest
from producers.importing.table_reader import TableReader
from producers.source_words import load_source_words

_TABLES = tuple(one for one in get_args(Format) if one not in RECORDS)
form = click.option("--format", "form", type=click.Choice(_TABLES), help="Default: as the file tells.")
kind = click.option("--kind", default=DOSSIERS.name, show_default=True, type=click.Choice(list(KINDS)),
                    help="What the rows are.")  # fmt: skip
encoding = click.option("--encoding", help="Encoding of texts, or auto.")
delimiter = click.option("--delimiter", help="Delimiter of CSV, or auto.")
agency = click.option("--agency", default="", help="Agency that reports: its own words are known.")


@click.group(cls=Family)
def mapping() -> None:
    """Mappings: which column of a file is which field."""


@mapping.command("suggest")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@form
@kind
@encoding
@delimiter
@agency
def suggest_(
    file: Path, form: str | None, kind: str, encoding: str | None, delimiter: str | None, agency: str
) -> None:
    """Draft a mapping of FILE, to be read and completed: lines that say `decide` are yours."""
    options = ReadingOptions(encoding, delimiter)
    opened = open_input(file)
    chosen = form or common_form([opened], is_table=True)
    table = open_table(opened, chosen, lambda columns: columns, options)
    words = load_source_words().of(agency, "import")
    for line in suggest(table, words, KINDS[kind]).splitlines():
        printing.put(_told(line))
    for remark in table.remarks:
        printing.say(remark, err=True)


@mapping.command()
@click.argument("toml", metavar="MAPPING", type=click.Path(path_type=Path))
@click.argument("file", required=False, type=click.Path(path_type=Path, allow_dash=True))
@form
@kind
@encoding
@delimiter
def check(
    toml: Path, file: Path | None, form: str | None, kind: str, encoding: str | None, delimiter: str | None
) -> int:
    """Check a MAPPING, and that FILE has its columns and dates; every fault is told. Exit code 1 when there
    is any, or a line still says `decide`.
    """
    try:
        faults = list(_faults(toml, file, form, KINDS[kind], ReadingOptions(encoding, delimiter)))
    except WrongMapping as error:
        faults = error.faults
    except InputError as error:
        printing.say(str(error))
        return 1
    for fault in faults:
        printing.put(f"{toml}: {printing.spoken(fault)}")
    if not faults:
        printing.say(f"{toml} can be used{f' with {file}' if file else ''}.")
    return int(bool(faults))


def _faults(
    toml: Path, file: Path | None, form: str | None, kind: Kind, options: ReadingOptions
) -> Iterator[str]:
    found = load_mapping(toml, kind)
    for number in open_marks(toml):
        yield f"line {number} says decide: complete it, and take the mark away"
    if file is not None:
        reader = TableReader(found, "", kind)
        opened = open_input(file)
        table = open_table(opened, form or common_form([opened], is_table=True), reader.wanted, options)
        yield from unread_dates(table, reader, kind)


def _told(line: str) -> str:
    """A line of a draft, its comment in the reader's language; the word `decide` is the same in both."""
    said, mark, comment = line.partition("# ")
    if not mark or said.count('"') % 2:
        return line
    return said + mark + printing.spoken(comment)
