"""What is waited for: the component as a word to branch on, beside the sentence for people."""

from enum import StrEnum
from typing import NamedTuple


class Component(StrEnum):
    """What can be away and come back."""

    KAFKA = "kafka"
    CLICKHOUSE = "clickhouse"
    LOCAL_STORE = "local_store"
    OTHER = "other"


class Waiting(NamedTuple):
    """A component that something waits for, and a sentence that says so without quoting a value."""

    component: Component
    sentence: str

    @classmethod
    def because_of(cls, error: Exception) -> "Waiting":
        """Until what our own error speaks of is over."""
        return cls(component_of(error), str(error))


def component_of(error: BaseException) -> Component:
    """The component that an error says has failed."""
    found = getattr(error, "component", Component.OTHER)
    return found if isinstance(found, Component) else Component.OTHER
