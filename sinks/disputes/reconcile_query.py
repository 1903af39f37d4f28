"""What an agency's list is to be held against."""

import msgspec

ATTRIBUTIONS = ("receipt", "resolution")


class Reconciling(msgspec.Struct, frozen=True):
    """What a list is held against: the dossiers that count in a period, by receipt or resolution."""

    agency: str
    start: str
    period: str = "month"
    day: str = "receipt"
