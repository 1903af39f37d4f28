"""Several workers of one machine, started and ended together: each a process and a member of the group."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from cli import printing
from cli.runtime import stopping
from deploy.kafka_process import tied_to_parent
from emc.settings.commands import Places

_COMMAND = (sys.executable, "-P", "-m", "cli.main", "worker")
_IMPORTED_FROM = str(Path(__file__).parents[2])


def run_workers(number: int, places: Places) -> int:
    """Runs so many workers until they are told to end; the exit code is that of the first that failed.

    They listen on the port of `places` and those after it; 0: on free ones. One that ends by itself ends the
    others, so that whoever watches this process starts them all anew.
    """
    ports = [places.port + place if places.port else 0 for place in range(number)]
    environments = [_environment(msgspec.structs.replace(places, port=port)) for port in ports]

    async def work(stop: stopping.Stop) -> int:
        running = _Workers()
        try:
            # the first brings the tables up to date, and tells alone what keeps all from starting
            ready = await stop.unless(running.start(environments[:1]))
            if ready and await stop.unless(running.start(environments[1:])):
                await stop.unless(running.first_end())
        except stopping.Interrupted:
            pass
        finally:
            codes = await running.end()
        return 0 if stop.asked.is_set() and not any(codes) else next(filter(None, codes), 1)

    return stopping.run(work)


def _environment(places: Places) -> dict[str, str]:
    """What tells a worker where everything is. Not its command line, which others can read."""
    told = {name: str(value) for name, value in msgspec.to_builtins(places).items() if value is not None}
    found = os.pathsep.join(filter(None, (_IMPORTED_FROM, os.environ.get("PYTHONPATH"))))
    return {**os.environ, **told, "PYTHONPATH": found}


class _Workers:
    """The processes, in the order of their start."""

    def __init__(self) -> None:
        self._processes: list[asyncio.subprocess.Process] = []

    async def start(self, environments: Sequence[Mapping[str, str]]) -> bool:
        """Starts one in each environment, hands on the line that each prints; False when one ended first."""
        # Linux ends them with the thread that started them: that of the loop, which lives as long as we do.
        command, begun = tied_to_parent(_COMMAND), []
        for environment in environments:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                env=environment,
                start_new_session=True,  # Ctrl-C reaches this process, which tells them
            )
            self._processes.append(process)
            begun.append(process)
        return all(await asyncio.gather(*(_told(process) for process in begun)))

    async def first_end(self) -> None:
        """Returns when one of them has ended."""
        ends = [asyncio.ensure_future(process.wait()) for process in self._processes]
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        for end in ends:
            end.cancel()

    async def end(self) -> list[int]:
        """Asks all that are left to end; their exit codes, 128 and its number where a signal ended one."""
        for process in self._processes:
            if process.returncode is None:
                # Not process.terminate(): that would fetch the code of one that has just ended before asyncio
                # does, which then makes up 255.
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGTERM)
        codes = [await process.wait() for process in self._processes]
        return [128 - code if code < 0 else code for code in codes]


async def _told(process: asyncio.subprocess.Process) -> bool:
    assert process.stdout is not None
    line = await process.stdout.readline()
    if line:
        printing.put(line.decode().rstrip("\n"))
    return bool(line)
