"""What goes wrong between a sender and Kafka."""

from emc.errors import ComponentError


class DeliveryError(ComponentError):
    """Events that Kafka did not acknowledge. Sending them again is safe: repeats change nothing.

    `events` counts them, `agencies` names the keys they were sent under.
    """

    def __init__(self, text: str, events: int, agencies: frozenset[str]) -> None:
        super().__init__(text)
        self.events = events
        self.agencies = agencies


class Unmappable(ValueError):
    """A value of a record that has no counterpart in the contract; `reason` never quotes it."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(f"{column}: {reason}")
        self.column = column
        self.reason = reason
