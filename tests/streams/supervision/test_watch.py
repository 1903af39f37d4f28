"""What the log says when the stream did not start."""

import pytest

from emc.errors import BrokerUnavailable
from streams.supervision.watch import reason_of


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (TimeoutError(), "within 28 s"),  # it has no words of its own
        (BrokerUnavailable("Kafka at x does not answer"), "Kafka at x does not answer"),
        (KeyError("of a record"), "(KeyError)"),
    ],
)
def test_why_joining_failed_is_always_said(error: Exception, said: str) -> None:
    assert reason_of(error) == said
