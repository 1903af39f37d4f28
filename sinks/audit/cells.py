"""Cells from states: every received dossier once by receipt, every resolved one once by resolution."""

from sinks.audit.comparison import two_sources
from sinks.queries.facts import DAY, RECEIVED, RESOLVED

# Receipt cells keep the bits 0 to 6 and 9 of the signature, resolution cells the bits 0, 1, 7 and 8.
_RECEIPT_BITS, _RESOLUTION_BITS = 0b1001111111, 0b0110000011

CELLS = two_sources(
    "tallies",
    f"""
    SELECT agency, (procedure, cell.1, cell.2, cell.3) AS k, toUInt64(count()) AS v
    FROM (
        SELECT agency, procedure, arrayJoin(arrayConcat(
            [(toUInt8(1), {DAY["receipt"]}, bitAnd(signature, toUInt16({_RECEIPT_BITS})))],
            if({RESOLVED},
                [(toUInt8(2), {DAY["resolution"]}, bitAnd(signature, toUInt16({_RESOLUTION_BITS})))], [])
        )) AS cell
        FROM dossiers FINAL
        WHERE agency IN {{agencies:Array(String)}} AND {RECEIVED}
    )
    GROUP BY agency, k
    """,
    """
    SELECT agency, (procedure, toUInt8(attribution), day, signature) AS k, toUInt64(dossiers) AS v
    FROM tallies FINAL
    WHERE agency IN {agencies:Array(String)}
    """,
)
