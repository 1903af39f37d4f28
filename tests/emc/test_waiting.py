"""Errors say which component failed, so that nobody reads it out of a sentence."""

import pytest

from emc.errors import BrokerUnavailable, ComponentError, InputError
from emc.waiting import Component, Waiting, component_of


@pytest.mark.parametrize(
    ("error", "component"),
    [
        (BrokerUnavailable("x"), Component.KAFKA),
        (ComponentError("Kafka, as the sentence says"), Component.OTHER),
        (InputError("x"), Component.OTHER),
        (ZeroDivisionError(), Component.OTHER),
    ],
)
def test_a_component_is_an_attribute_of_the_error(error: Exception, component: Component) -> None:
    assert component_of(error) is component


def test_what_is_waited_for_is_what_the_error_says() -> None:
    waiting = Waiting.because_of(BrokerUnavailable("Kafka at x does not answer"))
    assert waiting == (Component.KAFKA, "Kafka at x does not answer")
