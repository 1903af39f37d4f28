"""Judging that ends whatever it meets: an error of ours in one event must not stop all that lies behind it.

What fails twice is refused as malformed, with its bytes kept as those of any refused event: once the error is
mended it can be sent again. Judging depends on nothing but the event, so the second try follows at once.
"""

import logging
import traceback
from collections.abc import Callable, Iterable
from typing import TypeVar

from emc import binary_mode, contract
from emc.registry import Registry
from emc.verdicts import Accepted, Malformed, Rejected

T = TypeVar("T")
_log = logging.getLogger("emc.stream")


def split_message(value: bytes | None, content_type: str | None) -> list[bytes | memoryview]:
    """As the contract's; Malformed also for what it fails at."""
    try:
        return contract.split_message(value, content_type)
    except Exception:
        return _once_more(lambda: contract.split_message(value, content_type))


def judge_binary(
    headers: Iterable[tuple[str, bytes | None]],
    value: bytes | None,
    key: bytes | None,
    arrived: int,
    registry: Registry,
) -> Accepted | Rejected:
    """As the contract's in binary mode; Malformed also for what it fails at."""
    try:
        return binary_mode.judge_binary(headers, value, key, arrived, registry)
    except Exception:
        return _once_more(lambda: binary_mode.judge_binary(headers, value, key, arrived, registry))


def judge(
    event: bytes | memoryview, key: bytes | None, arrived: int, registry: Registry
) -> Accepted | Rejected:
    """As the contract's; refused also what it fails at."""
    try:
        return contract.judge(event, key, arrived, registry)
    except Exception:
        try:
            return _once_more(lambda: contract.judge(event, key, arrived, registry))
        except Malformed as error:
            return contract.refused_whole(error, key)


def _once_more(step: Callable[[], T]) -> T:
    """The result of a step that has just failed; Malformed when it raises that, or anything again.

    The first try is each caller's own: it costs no call and no closure while all is well.
    """
    try:
        return step()
    except Malformed:
        raise
    except Exception as error:
        # the text of an unforeseen error could quote a value: only its kind and place are logged
        stack = traceback.format_tb(error.__traceback__)
        _log.error("judging failed", extra={"reason": type(error).__name__, "stack": stack})
    raise Malformed("expected an event that this version can judge: an error of the monitor's, see its log")
