"""Commands on the data directory of a service: answers and errors as without one, and nothing runs on."""

import asyncio
import signal
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from subprocess import DEVNULL
from typing import Any

import pytest

from cli.runtime.control_channel import ControlChannel
from cli.runtime.control_client import ask
from cli.runtime.control_socket import NAME
from cli.runtime.data_directory import Holder
from emc.errors import ComponentError, EmcError, InputError
from sinks.clickhouse.failures import QueryRefused
from tests.cli.conftest import Service
from tests.cli.processes import COMMAND, clean_environment, done, lines, wait_until

HOLDER = Holder(1, "up", "http://127.0.0.1:1", "127.0.0.1:1")


class Long:
    """A command that lasts until it is cancelled."""

    def __init__(self) -> None:
        self.begun, self.cancelled = asyncio.Event(), asyncio.Event()

    async def __call__(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        self.begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.cancelled.set()
        return {}


async def echo(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Gives back what was asked, or raises the error that it names."""
    await asyncio.sleep(0)
    raised = {"input": InputError("not empty"), "engine": QueryRefused("refused"), "bug": KeyError("secret")}
    if asked.get("raise"):
        raise raised[asked["raise"]]
    return dict(asked)


@asynccontextmanager
async def channel(folder: Path, **more: Callable[..., Awaitable[dict[str, Any]]]) -> AsyncIterator[None]:
    serving = ControlChannel(folder, {"echo": echo, **more})
    serving.start()
    try:
        yield
    finally:
        await serving.stop()


def asked(directory: Path, name: str = "echo", **with_: Any) -> Any:
    """What `ask` returned or raised."""

    async def run() -> Any:
        async with channel(directory):
            return await asyncio.to_thread(ask, directory, HOLDER, name, **with_)

    try:
        return asyncio.run(run())
    except EmcError as error:
        return error


def test_an_answer_comes_back(tmp_path: Path) -> None:
    assert asked(tmp_path, folder="/là một", number=3) == {"folder": "/là một", "number": 3}


@pytest.mark.parametrize(
    ("raised", "kind", "said"),
    [
        ("input", InputError, "not empty"),
        ("engine", EmcError, "refused"),
        ("bug", ComponentError, "the service failed (KeyError); its log says why"),
    ],
)
def test_an_error_is_what_it_was(tmp_path: Path, raised: str, kind: type[EmcError], said: str) -> None:
    error = asked(tmp_path, **{"raise": raised})
    assert (type(error), str(error)) == (kind, said)


def test_the_log_tells_what_was_asked_and_how_it_ended(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "emc.service")
    asked(tmp_path, folder="/backups/1", tables=3)
    asked(tmp_path, folder="/backups/2", **{"raise": "input"})
    asked(tmp_path, wish={"do": "create", "name": "not told"})
    lines = [vars(one) for one in caplog.records if one.name == "emc.service"]
    told = [
        (one["msg"], one.get("folder"), one.get("reason"), one.get("tables"), one.get("do")) for one in lines
    ]
    assert told == [
        ("command begins", "/backups/1", None, None, None),
        ("command done", "/backups/1", None, 3, None),
        ("command begins", "/backups/2", None, None, None),
        ("command failed", "/backups/2", "not empty", None, None),
        ("command begins", None, None, None, "create"),
        ("command done", None, None, None, "create"),
    ]
    assert "not told" not in str(lines)


def test_a_command_that_the_service_does_not_know_is_told(tmp_path: Path) -> None:
    assert "knows no command later" in str(asked(tmp_path, "later"))


def test_where_nobody_listens_it_is_told(tmp_path: Path) -> None:
    with pytest.raises(ComponentError, match=r"\(process 1\) takes no commands"):
        ask(tmp_path, HOLDER, "echo")


def test_a_directory_may_have_a_long_name_and_the_socket_is_its_owners(tmp_path: Path) -> None:
    folder = tmp_path / ("long-" * 30)
    folder.mkdir()

    async def run() -> None:
        async with channel(folder):
            assert stat.S_IMODE((folder / NAME).stat().st_mode) == 0o600
            assert await asyncio.to_thread(ask, folder, HOLDER, "echo", a=1) == {"a": 1}
        assert not (folder / NAME).exists()

    asyncio.run(run())


def test_the_socket_of_a_killed_service_is_replaced(tmp_path: Path) -> None:
    (tmp_path / NAME).touch()
    assert asked(tmp_path, a=1) == {"a": 1}


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGINT])
def test_a_command_whose_asker_is_gone_is_cancelled(tmp_path: Path, sent: signal.Signals) -> None:
    program = (
        # a test run that was begun in the background ignores Ctrl-C, and so would its children
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
        "from pathlib import Path; from cli.runtime.control_client import ask;"
        "from cli.runtime.data_directory import Holder;"
        f"ask(Path({str(tmp_path)!r}), Holder(1, 'up'), 'long')"
    )

    async def run() -> None:
        long = Long()
        async with channel(tmp_path, long=long), asyncio.timeout(60):
            asker = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stderr=DEVNULL)
            await long.begun.wait()
            # others need not wait for it
            assert await asyncio.to_thread(ask, tmp_path, HOLDER, "echo", a=1) == {"a": 1}
            asker.send_signal(sent)
            await asker.wait()
            await long.cancelled.wait()

    asyncio.run(run())


def test_a_service_that_ends_gives_up_and_says_so(tmp_path: Path) -> None:
    async def run() -> None:
        long = Long()
        async with channel(tmp_path, long=long):
            asking = asyncio.create_task(asyncio.to_thread(ask, tmp_path, HOLDER, "long"))
            await long.begun.wait()
        assert long.cancelled.is_set()
        with pytest.raises(ComponentError, match="ended before it was done"):
            await asking

    asyncio.run(run())


@pytest.mark.timeout(300)
@pytest.mark.parametrize("source", ["--from-topic", "--from-events"])
def test_a_killed_rebuild_exchanges_nothing_and_can_be_begun_anew(service: Service, source: str) -> None:
    def identity() -> str:
        return service.clickhouse("SELECT uuid FROM system.tables WHERE database = 'emc' AND name = 'rates'")

    def rates() -> str:
        return done("rates", "--start", "2024-03-01", "--json", "--data-dir", service.data_dir)

    before, shown, scratch = identity(), rates(), service.data_dir / "rebuild"
    command = [*COMMAND, "rebuild", source, "--data-dir", str(service.data_dir)]
    asker = subprocess.Popen(command, env=clean_environment(), stderr=DEVNULL)
    wait_until(scratch.exists)
    asker.kill()
    asker.wait()
    wait_until(lambda: not scratch.exists())
    assert identity() == before
    (found,) = lines(done("rebuild", source, "--json", "--data-dir", service.data_dir))
    assert found["different"] == 0
    assert found["checked"] > 1000
    assert identity() != before
    service.settle()
    assert rates() == shown
    assert service.clickhouse("SELECT count() FROM system.databases WHERE name = 'emc_rebuilt'") == "0"
