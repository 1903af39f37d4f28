"""Errors that a user can cause or must act on: one sentence each, what, where and what is expected."""

from emc.waiting import Component


class EmcError(Exception):
    """Base of all errors whose text is meant for the user: shown without a traceback.

    `component`: what failed, where that is a component.
    """

    component = Component.OTHER


class SettingError(EmcError):
    """A setting has an unusable value; the text names the key, the value and what is expected."""


class InputError(EmcError):
    """A request, a file or a mapping is not of the expected form."""


class DataDirectoryError(EmcError):
    """The data directory cannot be used: held by another process, not writable, of another version."""


class ComponentError(EmcError):
    """A component (broker, engine, API) does not answer now; asking again later may succeed."""


class BrokerUnavailable(ComponentError):
    """Kafka does not answer, or cannot do it now."""

    component = Component.KAFKA
