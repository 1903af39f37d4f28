"""What the engine says when it fails, told apart by one question: is it worth asking again?"""

from collections.abc import Iterator
from contextlib import contextmanager

from clickhouse_connect.driver.exceptions import (
    ClickHouseError,
    DataError,
    NotSupportedError,
    ProgrammingError,
)
from urllib3.exceptions import HTTPError

from emc.errors import ComponentError, EmcError
from emc.waiting import Component

# Codes of ClickHouse that pass by themselves or once an operator has acted: an event must wait for them,
# never be dropped. https://github.com/ClickHouse/ClickHouse/blob/master/src/Common/ErrorCodes.cpp
TRANSIENT = frozenset(
    {
        74,  # CANNOT_READ_FROM_FILE_DESCRIPTOR
        75,  # CANNOT_WRITE_TO_FILE_DESCRIPTOR: the disk is full
        76,  # CANNOT_OPEN_FILE
        159,  # TIMEOUT_EXCEEDED
        198,  # DNS_ERROR
        202,  # TOO_MANY_SIMULTANEOUS_QUERIES
        209,  # SOCKET_TIMEOUT
        210,  # NETWORK_ERROR
        225,  # NO_ZOOKEEPER
        236,  # ABORTED
        241,  # MEMORY_LIMIT_EXCEEDED
        242,  # TABLE_IS_READ_ONLY
        243,  # NOT_ENOUGH_SPACE
        252,  # TOO_MANY_PARTS
        254,  # NO_ACTIVE_REPLICAS
        279,  # ALL_CONNECTION_TRIES_FAILED
        285,  # TOO_FEW_LIVE_REPLICAS
        286,  # UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE: another insert into the shard's table is under way
        289,  # REPLICA_IS_NOT_IN_QUORUM: it has not yet all that was acknowledged
        319,  # UNKNOWN_STATUS_OF_INSERT
        369,  # ALL_REPLICAS_ARE_STALE
        394,  # QUERY_WAS_CANCELLED
        425,  # SYSTEM_ERROR
        439,  # CANNOT_SCHEDULE_TASK
        499,  # S3_ERROR
        516,  # AUTHENTICATION_FAILED: a password is being changed
        735,  # QUERY_WAS_CANCELLED_BY_CLIENT
        999,  # KEEPER_EXCEPTION
        1000,  # POCO_EXCEPTION
        1001,  # STD_EXCEPTION: among them errors of the file system
    }
)


NOT_MIGRATED = (60, 81)  # UNKNOWN_TABLE, UNKNOWN_DATABASE
_NO_SUCH_COLUMN = (
    47  # UNKNOWN_IDENTIFIER: one that a later migration adds, the tables are of an older program
)
_OUR_FAULT = (ProgrammingError, DataError, NotSupportedError)


class EngineUnavailable(ComponentError):
    """ClickHouse cannot do it now; asking again later may succeed. `code` and `name` are ClickHouse's, if
    any.
    """

    component = Component.CLICKHOUSE

    def __init__(self, text: str, code: int | None = None, name: str | None = None) -> None:
        super().__init__(text)
        self.code, self.name = code, name


class QueryRefused(EmcError):
    """ClickHouse refuses the statement and will refuse it again.

    `code` and `name` are ClickHouse's, if any.
    """

    component = Component.CLICKHOUSE

    def __init__(self, text: str, code: int | None = None, name: str | None = None) -> None:
        super().__init__(text)
        self.code, self.name = code, name


def failure_of(error: Exception, place: str) -> EngineUnavailable | QueryRefused:
    """The error to raise instead of a driver's error.

    Its text names place, code and name: never the statement.
    """
    code, name = getattr(error, "code", None), getattr(error, "name", None)
    said = f"code {code}, {name or 'unnamed'}" if code is not None else type(error).__name__
    if code in TRANSIENT:
        return EngineUnavailable(f"ClickHouse at {place} cannot do it now ({said})", code, name)
    if code is None and not isinstance(error, _OUR_FAULT):
        return EngineUnavailable(f"ClickHouse at {place} does not answer ({said})")
    hint = "; run emc migrate" if code in (*NOT_MIGRATED, _NO_SUCH_COLUMN) else ""
    return QueryRefused(f"ClickHouse at {place} refuses a statement ({said}){hint}", code, name)


@contextmanager
def translated(place: str) -> Iterator[None]:
    """Turns the driver's errors into those above; the original stays as the cause."""
    try:
        yield
    except (ClickHouseError, HTTPError, OSError) as error:
        raise failure_of(error, place) from error
