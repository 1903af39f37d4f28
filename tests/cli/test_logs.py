"""Logs as JSON lines."""

import json
import logging

from cli.runtime.logs import JsonLines


def record(message: str, *arguments: object, **extra: object) -> logging.LogRecord:
    made = logging.makeLogRecord(
        {"name": "emc.worker", "levelno": 30, "levelname": "WARNING", "msg": message}
    )
    made.args = arguments
    vars(made).update(extra)
    return made


def test_a_record_is_one_json_object_with_its_extras() -> None:
    said = json.loads(JsonLines().format(record("batch %d failed", 7, reason="two\nlines")))
    assert said.pop("time").endswith("+00:00")
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
