"""Logs as JSON lines."""

import io
import json
import logging
import subprocess
import sys

import pytest

from cli.runtime.logs import JsonLines, Lines


def record(message: str, *arguments: object, **extra: object) -> logging.LogRecord:
    made = logging.makeLogRecord(
        {"name": "emc.worker", "levelno": 30, "levelname": "WARNING", "msg": message}
    )
    made.args = arguments
    vars(made).update(extra)
    return made


def test_a_record_is_one_json_object_with_its_extras() -> None:
    said = json.loads(JsonLines().format(record("batch %d failed", 7, reason="two\nlines")))
    assert said.pop("time").endswith("+07:00")
    assert said == {
        "level": "warning",
        "logger": "emc.worker",
        "message": "batch 7 failed",
        "reason": "two\nlines",
    }
    assert "\n" not in JsonLines().format(record("x", reason="two\nlines"))


def test_what_json_cannot_hold_is_told_as_text() -> None:
    said = json.loads(JsonLines().format(record("x", place=ValueError("y"))))
    assert said["place"] == "y"


class Written:
    """What a log says when lines come at given seconds."""

    def __init__(self) -> None:
        self._stream = io.StringIO()
        self.log = Lines(self._stream)

    def at(self, second: float, level: int = logging.WARNING, **extra: object) -> None:
        made = record("waiting", created=second, levelno=level, **extra)
        self.log.handle(made)

    def said(self) -> list[object]:
        """Of each line how often it is repeated, and what it was given."""
        lines = [json.loads(line) for line in self._stream.getvalue().splitlines()]
        return [(line.get("repeated"), line.get("n")) for line in lines]


def test_equal_warnings_of_a_minute_are_one_line_and_their_count() -> None:
    written = Written()
    for second in range(50):
        written.at(second, n=1)
        written.at(second, n=2)
    assert written.said() == [(None, 1), (None, 2)]
    written.at(61, n=3)
    written.at(62, n=3)
    assert written.said()[2:] == [(49, 1), (49, 2), (None, 3)]
    written.log.close()
    assert written.said()[5:] == [(1, 3)]


@pytest.mark.parametrize("seconds", [(0, 61), (0, 61, 122)])
def test_what_comes_again_later_is_told_again(seconds: tuple[int, ...]) -> None:
    written = Written()
    for second in seconds:
        written.at(second)
    written.log.close()
    assert written.said() == [(None, None)] * len(seconds)


def test_ordinary_lines_are_all_told() -> None:
    written = Written()
    for second in range(3):
        written.at(second, logging.INFO)
    assert len(written.said()) == 3


def test_a_clickhouse_that_is_away_is_told_by_us_and_not_for_every_request() -> None:
    asked = "logging.getLogger('urllib3.connectionpool').isEnabledFor(logging.WARNING)"
    code = f"import logging; from cli.runtime import logs; logs.set_up('DEBUG'); print({asked})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
