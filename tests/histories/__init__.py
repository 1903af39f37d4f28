"""Seeded random histories of a few agencies, as the Kafka messages that their systems would send."""

from tests.histories.generator import Shape, history
from tests.histories.packing import Message

__all__ = ["Message", "Shape", "history"]
