"""A mapping chosen in a form: which column is which field, what its values mean, and back to its keys."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from emc.statuses import STATUSES
from portal.uploads.upload import Column, Upload
from producers.importing import fields
from producers.importing.kinds import KINDS, Kind

WORDS: Mapping[str, str] = {
    "procedure": "Procedure code",
    "unit": "Handling unit",
    "channel": "Way of submission",
    "status": "Status",
    "submitted_at": "Submitted",
    "received_at": "Received",
    "due_at": "Due",
    "resolved_at": "Resolved",
    "returned_at": "Returned",
    "electronic_result": "Electronic result",
    "result_signed": "Result is signed",
    "components": "Components",
    "identified": "Identified",
    "fee_due": "Fee due",
    "paid_online": "Paid online",
    "removed": "Entered by mistake",
    "settled_by": "Settled by",
    "claimed_level": "Level that is claimed",
    "valid_from": "Holds from",
    "service_level": "Level of service",
    "eligible_full_online": "Could be fully online",
    "result_required": "Ends in a result",
    "fee_bearing": "Costs a fee",
    "published": "Published",
    "name": "Name",
    "received": "Received that day",
    "resolved": "Resolved that day",
    "dossier": "Dossier code",
    "day": "Day",
}
"""Fields and subjects in words."""
LEVELS = ("full", "partial", "none")
CHANNELS = ("direct", "online", "postal")
_YES_NO = ("true", "false")
_NULL = "null"
_COLUMN, _CONSTANT = "column:", "constant:"


class Meaning(NamedTuple):
    """A value of a column, and what was chosen for it; `chosen` empty: as it is."""

    cell: str
    chosen: str


class FieldChoice(NamedTuple):
    """A field: the column or constant that was chosen, `options` for its values, and its column's values."""

    name: str
    words: str
    column: str
    constant: str
    options: Sequence[str]
    meanings: list[Meaning]


def options_of(name: str) -> Sequence[str]:
    """The values that a field may have, where they are few."""
    if name == "status":
        return [str(number) for number in STATUSES]
    if name == "channel":
        return CHANNELS
    if name in ("service_level", "claimed_level"):
        return LEVELS
    return _YES_NO if name in fields.BOOLEANS else ()


def choices(upload: Upload) -> list[FieldChoice]:
    """Every field of what the rows are, as its mapping has it."""
    keys, kind = upload.keys or {}, KINDS[upload.given.kind]
    seen = {column.name: column for column in upload.columns}
    return [_choice(name, keys, seen) for name in kind.fields]


def _choice(name: str, keys: Mapping[str, Any], seen: Mapping[str, Column]) -> FieldChoice:
    column = str(keys.get("columns", {}).get(name, ""))
    constants = keys.get("constants", {})
    constant = _told(constants[name]) if name in constants else ""
    options, known = options_of(name), keys.get("values", {}).get(name, {})
    cells = seen[column].values if options and column in seen else []
    meanings = [Meaning(cell, _told(known[cell]) if cell in known else "") for cell in cells]
    return FieldChoice(name, WORDS[name], column, constant, options, meanings)


def _told(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return _NULL if value in ("", None) else str(value)


def keys_of(form: Mapping[str, str], kind: Kind) -> dict[str, Any]:
    """The keys of the mapping that a form says, unchecked."""
    columns: dict[str, str] = {}
    constants: dict[str, object] = {}
    for name in kind.fields:
        chosen = form.get(f"field.{name}", "")
        if chosen.startswith(_COLUMN):
            columns[name] = chosen.removeprefix(_COLUMN)
        elif chosen.startswith(_CONSTANT):
            constants[name] = _typed(name, chosen.removeprefix(_CONSTANT))
    values = {name: found for name in columns if (found := dict(_values(form, name)))}
    subject = form.get("template", "").strip() or form.get("subject", "").removeprefix(_COLUMN)
    dates = [each.strip() for each in form.get("dates", "").split(",") if each.strip()]
    keys: dict[str, Any] = {"trim": True, "empty": form.get("empty", _NULL), "columns": columns}
    keys |= {"dates": dates, "constants": constants, "values": values}
    return keys | ({kind.subject: subject} if subject else {})


def _values(form: Mapping[str, str], name: str) -> Iterator[tuple[str, object]]:
    number = 0
    while (cell := form.get(f"cell.{name}.{number}")) is not None:
        chosen = form.get(f"meaning.{name}.{number}", "")
        if chosen and form.get(f"of.{name}") == form.get(f"field.{name}", "").removeprefix(_COLUMN):
            yield cell, _typed(name, chosen)
        number += 1


def _typed(name: str, text: str) -> object:
    if text == _NULL:
        return ""
    if name in fields.BOOLEANS:
        return text == "true"
    return int(text) if name == "status" and text.isdecimal() else text
