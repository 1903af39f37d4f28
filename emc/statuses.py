"""The statuses of a dossier in words, as the contract has them: wherever a person reads or gives a number."""

STATUSES = {
    1: "newly registered",
    2: "received",
    3: "not accepted",
    4: "in process",
    5: "supplement requested",
    6: "financial obligation requested",
    7: "withdrawn by the citizen",
    8: "stopped",
    9: "finished",
    10: "result returned",
}
ALL_IN_WORDS = ", ".join(f"{number} {meaning}" for number, meaning in STATUSES.items())


def in_words(value: object) -> str | None:
    """`4, in process`; None for what is no status."""
    is_status = isinstance(value, int) and not isinstance(value, bool) and value in STATUSES
    return f"{value}, {STATUSES[value]}" if is_status else None  # type: ignore[index]
