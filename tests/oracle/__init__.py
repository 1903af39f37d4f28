"""The independent calculation: the contract once more, in plain Python, sharing no code with the product.

Everything is kept and computed at the end from the final facts: slow, direct and easy to check by eye.
Feed it the Kafka records that the product read, then compare every table and every rate.
"""

from tests.oracle.calculation import Calculation, Rate
from tests.oracle.judging import Accepted, Refused, judge
from tests.oracle.messages import Record, split
from tests.oracle.oracle import Conflict, Oracle, Rejection, partition_of
from tests.oracle.registry import Registry, read_agencies

__all__ = [
    "Accepted",
    "Calculation",
    "Conflict",
    "Oracle",
    "Rate",
    "Record",
    "Refused",
    "Registry",
    "Rejection",
    "judge",
    "partition_of",
    "read_agencies",
    "split",
]
