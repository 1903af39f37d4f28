"""The present, as agencies need it."""

from emc import instants


def today() -> int:
    """The day in Hanoi, as a day number."""
    return instants.day_number(instants.today())


def now_ms() -> int:
    """Milliseconds since 1970."""
    return instants.now_us() // 1000
