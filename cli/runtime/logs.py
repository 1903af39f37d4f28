"""Logs of the services: one JSON object a line on stderr. Values of events never get into them."""

import logging
import sys
import threading
import time
from collections import Counter
from copy import copy
from datetime import datetime
from typing import TextIO

from emc.instants import HANOI
from emc.terminal import json_line

REPEATED_WITHIN = 60.0
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}
# These tell of every heartbeat, request and reconnection; what it comes to the worker tells itself.
_CHATTY = {
    "aiokafka": logging.CRITICAL,
    "kafka": logging.CRITICAL,
    "faust": logging.WARNING,
    "mode": logging.WARNING,
    "streams.reading.transport": logging.WARNING,
    "asyncio": logging.ERROR,
    "uvicorn": logging.WARNING,
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "clickhouse_connect": logging.WARNING,
    "urllib3.connectionpool": logging.ERROR,  # a line for every request while ClickHouse is away
}


class JsonLines(logging.Formatter):
    """A record as one JSON object: time, level, logger, message, and what was given as `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        return json_line(self.said(record))

    def said(self, record: logging.LogRecord) -> dict[str, object]:
        """What the line says, by name."""
        said: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, HANOI).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        said |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
        if record.exc_info:
            said["trace"] = self.formatException(record.exc_info)
        return said


class Lines(logging.StreamHandler[TextIO]):
    """Writes them, but of warnings and errors alike in all but their time only the first of a minute.

    Once the minute is over, or at the end, one more line tells how many there were besides: `repeated`.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self._words = JsonLines()
        self.setFormatter(self._words)
        self._told: dict[str, logging.LogRecord] = {}
        self._again: Counter[str] = Counter()

    def emit(self, record: logging.LogRecord) -> None:
        """Writes the line, or counts it."""
        self._tell_repeated(record.created - REPEATED_WITHIN)
        if record.levelno >= logging.WARNING:
            key = repr({**self._words.said(record), "time": None})
            if key in self._told:
                self._again[key] += 1
                return
            self._told[key] = record
        super().emit(record)

    def _tell_repeated(self, until: float) -> None:
        """Forgets what was told before that time: the oldest are the first."""
        while self._told and (first := next(iter(self._told.items())))[1].created <= until:
            del self._told[first[0]]
            if again := self._again.pop(first[0], 0):
                told = copy(first[1])
                told.created, told.repeated = time.time(), again
                super().emit(told)

    def close(self) -> None:
        """Tells what was only counted so far."""
        self._tell_repeated(float("inf"))
        super().close()


def set_up(level: str = "INFO") -> None:
    """Sends this process's log to stderr in that form, quietly for libraries."""
    root = logging.getLogger()
    root.handlers[:] = [Lines(sys.stderr)]
    root.setLevel(level)
    for name, quiet in _CHATTY.items():
        logging.getLogger(name).setLevel(max(quiet, root.level))
    threading.excepthook = _log_ended


def _log_ended(ended: threading.ExceptHookArgs) -> None:
    """Tells in the log's form that a thread ended by an error, as libraries' threads do without a broker."""
    if ended.exc_value is not None:
        trace = (ended.exc_type, ended.exc_value, ended.exc_traceback)
        name = ended.thread.name if ended.thread is not None else None
        logging.getLogger("emc.threads").warning(
            "a thread has ended", extra={"thread_name": name}, exc_info=trace
        )
