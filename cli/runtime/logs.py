"""Logs of the services: one JSON object a line on stderr. Values of events never get into them."""

import logging
import sys
import threading
from datetime import UTC, datetime

import msgspec

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
}


class JsonLines(logging.Formatter):
    """A record as one JSON object: time, level, logger, message, and what was given as `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        said = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        said |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
        if record.exc_info:
            said["trace"] = self.formatException(record.exc_info)
        return msgspec.json.encode(said, enc_hook=str).decode()


def set_up(level: str = "INFO") -> None:
    """Sends this process's log to stderr in that form, quietly for libraries."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
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
