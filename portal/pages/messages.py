"""Renews `locale/vi.po`: `python -m portal.pages.messages` finds every text, keeps what is translated."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from emc.agencies import GROUPS
from emc.definitions import DEFINITIONS
from emc.figures import load_reported_figures
from emc.statuses import STATUSES
from emc.translation import CATALOGUE
from emc.verdicts import Reason
from portal.pages.forms import PROBLEMS
from portal.pages.mapping_form import CHANNELS, LEVELS, WORDS
from portal.pages.measures import SHORT
from portal.pages.objections import OBJECTION_STATUSES, SIDES
from portal.pages.reconciling import SETS
from portal.pages.upload_texts import UPLOADING
from portal.pages.writing import AUTHORS, REASONS
from producers.importing.kinds import KINDS
from sinks.access.record import What

WARNINGS = (
    *("resolved_before_received", "received_before_submitted", "code_date_differs", "status_without_date"),
    *("date_in_future", "not_in_catalogue", "conflict", "looks_personal"),
)
SENDER_WARNINGS = (
    *("result_is_input", "placeholder_identity", "finished_without_date", "unreadable_list"),
    *("unknown_status", "unknown_unit", "unknown_procedure"),
)
ROOT = Path(__file__).parents[2]
_METHODS = [("**.py", "python"), ("**.html", "jinja2.ext.babel_extract")]
_FOLDERS = ("portal/pages", "portal/access")
_KEYWORDS: Any = {"_": None, "text": None, "counted": (2, 3)}


def texts() -> Iterator[str]:
    """Every text that a person reads: marked with `_` or `text` in templates and code, or listed in words."""
    for folder in _FOLDERS:
        options = {"**.html": {"silent": "false"}}
        for found in extract_from_dir(ROOT / folder, _METHODS, options, keywords=_KEYWORDS):
            yield from (found[2],) if isinstance(found[2], str) else found[2]
    yield from _listed()


def _listed() -> Iterator[str]:
    yield from SHORT.values()
    yield from STATUSES.values()
    yield from REASONS
    yield from (reason.value for reason in Reason)
    yield from GROUPS
    yield from WARNINGS
    yield from PROBLEMS
    yield from (*WORDS.values(), *CHANNELS, *LEVELS, *KINDS)
    yield from (*("Line", "Record", "Column", "What is wrong"), *SENDER_WARNINGS)
    yield from UPLOADING
    yield from SETS
    yield from (*SIDES, *(word.replace("_", " ") for word in OBJECTION_STATUSES))
    yield from (definition.source for definition in DEFINITIONS)
    yield from (figure.source for figure in load_reported_figures())
    yield from (*AUTHORS.values(), *(word.replace("_", " ") for word in get_args(What)))
    yield from ("official", "practice", "own", "receipt", "resolution", "all", "digitised", "reused")


def renew(path: Path = CATALOGUE) -> None:
    """Writes the catalogue anew, sorted; texts that are gone go, new ones wait for a translation."""
    with path.open("rb") as stream:
        known = {found.id: found.string for found in read_po(stream, locale="vi")}
    catalogue = Catalog(locale="vi", charset="utf-8", header_comment="# What people read, in Vietnamese.")
    for text in sorted(set(texts())):
        catalogue.add(text, known.get(text, ""))
    with path.open("wb") as stream:
        write_po(stream, catalogue, omit_header=True, width=0)


if __name__ == "__main__":
    renew()
