"""The facts that definitions speak of: of a dossier (bits of its signature) and of its procedure on a day."""

from collections.abc import Mapping

import msgspec

DOSSIER_FACTS = (
    "online",
    "electronic_result",
    "reused",
    "digitised",
    "identified",
    "fee_due",
    "paid_online",
    "has_due",
    "on_time",
    "claimed_full",
)
"""Names of the signature's bits, lowest first."""

PROCEDURE_FACTS = ("level_full", "level_partial", "eligible", "result_required", "published")

BIT: Mapping[str, int] = {name: 1 << n for n, name in enumerate(DOSSIER_FACTS)}

RECEIPT_FACTS = sum(BIT[name] for name in DOSSIER_FACTS if name not in ("has_due", "on_time"))
RESOLUTION_FACTS = BIT["online"] | BIT["electronic_result"] | BIT["has_due"] | BIT["on_time"]
"""What a cell of either attribution keeps of the signature: what its definitions ask for, no more, so that
a dossier seldom moves."""


class ProcedureFacts(msgspec.Struct, frozen=True):
    """What the catalogue says of a procedure on one day. The defaults hold where it says nothing."""

    level_full: bool = False
    level_partial: bool = False
    eligible: bool = False
    result_required: bool = True
    published: bool = False


NO_ENTRY = ProcedureFacts()
"""A dossier without procedure, or whose procedure has no entry on the day."""


def signature_sql(column: str = "signature") -> dict[str, str]:
    """SQL conditions for the dossier facts, over a column that holds a signature."""
    return {name: f"bitTest({column}, {n})" for n, name in enumerate(DOSSIER_FACTS)}
