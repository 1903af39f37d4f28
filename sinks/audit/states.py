"""States from stored events: registers by the order of writers, and typed columns from registers, in SQL."""

from collections.abc import Callable

from sinks.audit.comparison import Comparison, at_least, latest, two_columns
from sinks.clickhouse.schema import CODE, DOSSIERS, MICROSECONDS

DOSSIER_TEXTS = tuple(name for name in DOSSIERS.of_type(CODE, "String") if name != "registers")
DOSSIER_INSTANTS = DOSSIERS.of_type(f"Nullable({MICROSECONDS})")
DOSSIER_FLAGS = DOSSIERS.of_type("Bool")
_INSTANTS = repr(DOSSIER_INSTANTS)

# Each event gives its fields; the empty field stands for the subject itself, which exists also without
# fields.
_FIELDS_OF = "arrayJoin(arrayConcat([('', '')], JSONExtractKeysAndValuesRaw({json})))"


def _padded(number: str) -> str:
    """SQL: a number's text so that it compares as the number does: instants have 15 or 16 digits."""
    return f"leftPad({number}, greatest(length({number}), 16), '0')"


# On a full tie the greater canonical JSON wins. Instants are stored as integers: their text in UTC has one
# length, so it compares as the integer does; null is greater than any of them, as its text is.
_CANONICAL = f"if(field IN {_INSTANTS} AND raw != 'null', {_padded('raw')}, raw)"

# No text of the contract holds a tab. The empty field has no writer to compare.
_WRITING = f"if(field = '', '', concat({_padded('toString(written)')}, '\\t', id, '\\t', {_CANONICAL}))"

_VALID_FROM = (
    """if(JSONExtractString(data, 'valid_from') = '', '1970-01-01', JSONExtractString(data, 'valid_from'))"""
)


Compare = Callable[[str, str, str], Comparison]


def registers(kind: str, table: str, event_key: str, row_key: str, compare: Compare) -> Comparison:
    """The registers of a table against those that the events of a kind make; keys are SQL texts."""
    expected = f"""
        SELECT agency, (key, field) AS k, {_WRITING} AS v
        FROM (
            SELECT agency, {event_key} AS key, toUnixTimestamp64Micro(time) AS written, id,
                {_FIELDS_OF.format(json="data")} AS pair, pair.1 AS field, pair.2 AS raw
            FROM events
            WHERE agency IN {{agencies:Array(String)}} AND type = '{kind}'
                AND cityHash64(subject) % {{chunks:UInt32}} = {{chunk:UInt32}}
        )
        WHERE field != 'valid_from'
    """
    found = f"""
        SELECT agency, (key, field) AS k, {_WRITING} AS v
        FROM (
            SELECT agency, key,
                JSONExtract(writer, 1, 'Int64') AS written, JSONExtractString(writer, 2) AS id,
                arrayJoin(if(writer = '', [('', '')], JSONExtractKeysAndValuesRaw(writer, 3))) AS pair,
                pair.1 AS field, pair.2 AS raw
            FROM (
                SELECT agency, {row_key} AS key,
                    arrayJoin(arrayConcat([''], JSONExtractArrayRaw(registers))) AS writer
                FROM {table} FINAL
                WHERE agency IN {{agencies:Array(String)}}
                    AND cityHash64({row_key.split(" ||")[0]}) % {{chunks:UInt32}} = {{chunk:UInt32}}
            )
        )
    """
    return compare(table, expected, found)


def _registers(compare: Compare) -> tuple[Comparison, ...]:
    entry = ("procedure", "procedures", f"subject || ' ' || {_VALID_FROM}")
    return (
        registers("dossier", "dossiers", "subject", "dossier", compare),
        registers(*entry, "procedure || ' ' || toString(valid_from)", compare),
        registers("declaration", "declarations", "subject", "toString(day)", compare),
    )


_HELD = """CAST(arrayFlatten(arrayMap(writer -> JSONExtractKeysAndValuesRaw(writer, 3),
    JSONExtractArrayRaw(registers))), 'Map(String, String)') AS held"""
"""SQL: the JSON text of each register's value, by field."""


_WRITERS = """arrayMap(writer -> (JSONExtractInt(writer, 1), JSONExtractString(writer, 2)),
    JSONExtractArrayRaw(registers))"""
_IN_ORDER = f"({_WRITERS} = arraySort(arrayDistinct({_WRITERS})))"
"""SQL: whether the writers are in order, each once, as the fold relies on."""


def _text(name: str) -> str:
    return f"JSONExtractString(held['{name}'])"


def _flag(name: str) -> str:
    return f"(held['{name}'] = 'true')"


def _flag_or(name: str, default: int) -> str:
    return f"if(held['{name}'] IN ('true', 'false'), {_flag(name)}, {default})"


def _number(name: str) -> str:
    return f"toInt64OrDefault(held['{name}'], toInt64(-1))"


def _instant(name: str) -> str:
    return f"ifNull(toUnixTimestamp64Micro({name}), -1)"


_COMPONENTS = "JSONExtractArrayRaw(held['components'])"
_FACTS = (
    f"{_text('channel')} = 'online'",
    _flag("electronic_result"),
    f"arrayExists(c -> JSONExtractBool(c, 'reused'), {_COMPONENTS})",
    f"notEmpty({_COMPONENTS}) AND arrayAll(c -> JSONExtractBool(c, 'digitised'), {_COMPONENTS})",
    _flag("identified"),
    _flag("fee_due"),
    _flag("paid_online"),
    f"{_number('due_at')} >= 0",
    f"{_number('due_at')} >= 0 AND {_number('resolved_at')} BETWEEN 0 AND {_number('due_at')}",
    f"{_text('claimed_level')} = 'full'",
)
_SIGNATURE = " + ".join(f"{1 << bit} * toUInt16({fact})" for bit, fact in enumerate(_FACTS))

_IN_CHUNK = "agency IN {agencies:Array(String)} AND cityHash64(dossier) % {chunks:UInt32} = {chunk:UInt32}"


def _tuple(*parts: str) -> str:
    return f"({', '.join(parts)})"


DOSSIER_COLUMNS = two_columns(
    "dossiers",
    "dossier",
    _tuple(
        *map(_text, DOSSIER_TEXTS),
        *map(_number, DOSSIER_INSTANTS),
        *map(_flag, DOSSIER_FLAGS),
        f"greatest({_number('status')}, 0)",
        f"toUInt16({_SIGNATURE})",
        "200000 + toUInt32OrZero(substring(right(splitByChar('-', dossier)[2], 6), 1, 4))",
        "1",
    ),
    _tuple(
        *(f"toString({name})" for name in DOSSIER_TEXTS),
        *map(_instant, DOSSIER_INSTANTS),
        *DOSSIER_FLAGS,
        "toInt64(status)",
        "signature",
        "month",
        _IN_ORDER,
    ),
    f"SELECT *, {_HELD} FROM dossiers FINAL WHERE {_IN_CHUNK}",
)

PROCEDURE_COLUMNS = two_columns(
    "procedures",
    "procedure || ' ' || toString(valid_from)",
    _tuple(
        f"if({_text('service_level')} = '', 'none', {_text('service_level')})",
        _flag_or("eligible_full_online", 0),
        _flag_or("result_required", 1),
        _flag_or("fee_bearing", 0),
        _flag_or("published", 1),
        _text("name"),
        "1",
    ),
    _tuple(
        *("toString(service_level)", "eligible_full_online", "result_required", "fee_bearing", "published"),
        *("name", _IN_ORDER),
    ),
    f"SELECT *, {_HELD} FROM procedures FINAL WHERE agency IN {{agencies:Array(String)}}",
)

DECLARATION_COLUMNS = two_columns(
    "declarations",
    "day",
    _tuple(_number("received"), _number("resolved"), "1"),
    _tuple("toInt64(ifNull(received, -1))", "toInt64(ifNull(resolved, -1))", _IN_ORDER),
    f"SELECT *, {_HELD} FROM declarations FINAL WHERE agency IN {{agencies:Array(String)}}",
)

CHUNKED = (*_registers(latest), DOSSIER_COLUMNS)
"""Comparisons that a large agency makes in parts."""

CHUNKED_AFTER_DROPS = (*_registers(at_least), DOSSIER_COLUMNS)
"""The same where retention has dropped events: a register may then have no event, or an older one, left."""

WHOLE = (PROCEDURE_COLUMNS, DECLARATION_COLUMNS)
