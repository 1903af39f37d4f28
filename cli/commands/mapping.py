"""`emc mapping suggest` and `check`: a mapping drafted from a file, and one that is to be used examined."""

from pathlib import Path
from typing import get_args

import click

from cli import printing
from cli.help import Family
from emc.errors import InputError
from producers.importing.kinds import DOSSIERS, KINDS
from producers.importing.mapping import WrongMapping, load_mapping
from producers.importing.opening import open_input
from producers.importing.readers import RECORDS, Format, ReadingOptions, open_table
from producers.importing.suggesting import suggest
from producers.importing.table_reader import TableReader
from producers.source_words import load_source_words

_TABLES = tuple(one for one in get_args(Format) if one not in RECORDS)
_SUFFIXES = {".csv": "csv", ".txt": "csv", ".json": "jsonl", ".jsonl": "jsonl"}
form = click.option("--format", "form", type=click.Choice(_TABLES), help="Default: by the file's name.")
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
    chosen = _form(file, form)
    table = open_table(open_input(file), chosen, lambda columns: columns, options)
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
    """Check a MAPPING, and that FILE has its columns; every fault is told. Exit code 1 when there is any."""
    try:
        found = load_mapping(toml, KINDS[kind])
        if file is not None:
            reader = TableReader(found, "", KINDS[kind])
            options = ReadingOptions(encoding, delimiter)
            chosen = _form(file, form)
            open_table(open_input(file), chosen, reader.wanted, options)
    except WrongMapping as error:
        for fault in error.faults:
            printing.put(f"{toml}: {printing.spoken(fault)}")
        return 1
    except InputError as error:
        printing.say(str(error))
        return 1
    printing.say(f"{toml} can be used{f' with {file}' if file else ''}.")
    return 0


def _told(line: str) -> str:
    """A line of a draft, its comment in the reader's language; the word `decide` is the same in both."""
    said, mark, comment = line.partition("# ")
    if not mark or said.count('"') % 2:
        return line
    return said + mark + printing.spoken(comment)


def _form(file: Path, asked: str | None) -> str:
    suffixes = [one.lower() for one in file.suffixes if one.lower() not in (".gz", ".zst")]
    suffix = suffixes[-1] if suffixes else ""
    found = asked or _SUFFIXES.get(suffix, suffix.removeprefix("."))
    if found not in _TABLES:
        raise InputError(f"{file}: say --format, one of {', '.join(_TABLES)}")
    return found
