"""`@pytest.mark.needs(tool, …)`: the test is skipped where a tool can't be had, and that is told at the end.

Under `CI=true` nothing may be skipped, for whatever reason: a skip is a failure there.
"""

import os
from collections.abc import Generator, Iterable
from typing import Any, TypeVar

import pytest
from _pytest.terminal import TerminalReporter

from tests.tools.wanted import TOOLS, packages_of, path_of

ABSENT = "absent tool"
"""Name of the property by which a report tells a tool that a skipped test would have needed."""
R = TypeVar("R", pytest.TestReport, pytest.CollectReport)


def pytest_configure(config: pytest.Config) -> None:
    """Makes the mark known."""
    config.addinivalue_line("markers", "needs(*tools): programs of tests/tools without which it can't run")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skips the test when a tool that it needs is absent."""
    names = [name for mark in item.iter_markers("needs") for name in mark.args]
    if absent := [name for name in names if path_of(name) is None]:
        item.user_properties += [(ABSENT, name) for name in absent]
        pytest.skip(f"needs {', '.join(absent)}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a skipped test has failed."""
    return _judged((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """In CI a skipped file has failed."""
    return _judged((yield))


def _judged(report: R) -> R:
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("CI") == "true":
        said: Any = report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid} was skipped, which CI does not allow: {said[2]}"
    return report


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """One paragraph on what was skipped for want of tools."""
    if text := paragraph(terminalreporter.stats.get("skipped", [])):
        terminalreporter.section("absent tools")
        terminalreporter.write_line(text)


def paragraph(skipped: Iterable[pytest.TestReport]) -> str:
    """What was not tested, and the commands that would bring what it needs; empty when nothing is absent."""
    absent = {
        report.nodeid: tools
        for report in skipped
        if (tools := [str(value) for name, value in getattr(report, "user_properties", ()) if name == ABSENT])
    }
    if not absent:
        return ""
    names = sorted({name for tools in absent.values() for name in tools})
    packages = " ".join(packages_of(TOOLS[name] for name in names))
    by_root = f"; as root: apt-get install {packages}" if packages else ""
    return (
        f"{len(absent)} tests were skipped, since {', '.join(names)} can't be found: {', '.join(absent)}. "
        "`.venv/bin/python -m tests.tools` brings that where Debian's and Python's packages can be reached"
        f"{by_root}"
    )
