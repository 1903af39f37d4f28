"""The operator's hour and the officer's file: the commands of the pages, with the installed program."""

import re
from collections.abc import Iterator

import httpx
import pytest

from emc.translation import translations
from tests.cli.processes import wait_until
from tests.installed.conftest import Installed
from tests.installed.hours import Hour
from tests.installed.pages import Printed, blocks, commands

READY, STOPPED = "Start it", "Stop it, and read it"
EXPECTED = {
    "emc version": r"^version +\d+\.\d+\.\d+\n.*\nmigration +\d+\n",
    "emc status --data-dir data": r"^ok    service +ok\n.*^ok    lag",
    "emc doctor --data-dir data": r"^ok    service.*^ok    disk.*^ok    workers",
    "emc rates --data-dir data": r"There are no such rates|^Metric \(definition\)\t",
    "emc sources --data-dir data": r"import",
    "curl http://127.0.0.1:8000/v1/health": r'^\{"status": ?"ok"',
    "emc alerts export monitoring --target 127.0.0.1:8000": r"^monitoring/prometheus/prometheus\.yml\n",
    "emc backup backups/1 --data-dir data": r"^Backup written into backups/1: \d+ tables",
    "emc migrate --check --data-dir data": r"^None pending: the tables have all \d+ migrations",
    "emc mapping suggest export.csv > map.toml": r"^$",
    "emc mapping check map.toml export.csv": r"^map\.toml can be used with export\.csv\.",
    "emc import export.csv --agency H25 --mapping map.toml --dry-run": r"1 would be sent, 0 refused: 1 new",
    "emc import export.csv --agency H25 --mapping map.toml --rejects mend.csv": r"1 sent, 0 refused: 1 new",
    "emc imports list": r"\tH25\texport\.csv\t",
    "emc warnings --agency H25": r"^Nothing is odd in what is reported of H25",
}
"""What each command prints, as a pattern; it exits with 0."""


@pytest.fixture(scope="module")
def hour(installed: Installed) -> Iterator[Hour]:
    (up,) = [each for each in commands("first-hour.md") if each.command.startswith("emc up")]
    started = Hour(installed, up.command)
    try:
        yield started
    finally:
        started.kill()


def of(page: str, *, stopped: bool) -> list[Printed]:
    """The commands of a page for a service that runs, or that has been stopped."""
    found = [each for each in commands(page) if not each.command.startswith("emc up")]
    return [each for each in found if (each.heading == STOPPED) is stopped]


@pytest.mark.timeout(600)
def test_the_hour(hour: Hour, installed: Installed) -> None:
    assert hour.told_of_ports()
    folder = installed.folder
    (example,) = (text for heading, text in blocks("importing.md", "csv") if heading.startswith("CSV"))
    (folder / "export.csv").write_text(example, "utf-8")
    for printed in of("importing.md", stopped=False):
        if not printed.heading:
            hour.check(printed.command, EXPECTED[printed.command])
    api = hour.addresses["api"]
    wait_until(lambda: httpx.get(f"{api}/v1/health").json()["lag"] == 0)
    for printed in of("first-hour.md", stopped=False):
        hour.check(printed.command, EXPECTED[printed.command])
    look_at_pages(api)
    again = installed.run("emc backup backups/1 --data-dir data")
    assert (again.returncode, "is not empty" in again.stderr) == (2, True)
    backups = [(line["message"], line["folder"]) for line in hour.log if line.get("command") == "backup"]
    place = str(folder / "backups" / "1")
    assert backups == [
        ("command begins", place),
        ("command done", place),
        ("command begins", place),
        ("command failed", place),
    ]
    (failed,) = [line for line in hour.log if line["message"] == "command failed"]
    assert failed["reason"] == f"{place} is not empty, expected a new or empty directory"
    assert hour.stop() == 0
    for printed in of("first-hour.md", stopped=True):
        hour.check(printed.command, EXPECTED[printed.command])


def look_at_pages(api: str) -> None:
    """What `/` shows is the board, in both languages, with its styles; the explorer has its own files."""
    for path, said in {
        "/": translations()["National board"],
        "/?lang=en": "National board",
        "/agencies/H25": "H25",
        "/v1/docs": "<script",
        "/metrics": "emc_worker",
    }.items():
        answer = httpx.get(api + path, follow_redirects=True, timeout=60)
        assert (answer.status_code, said in answer.text) == (200, True), path
    for style in re.findall(r'href="(/[^"]+\.css[^"]*)"', httpx.get(f"{api}/", timeout=60).text):
        assert httpx.get(api + style, timeout=60).status_code == 200, style
