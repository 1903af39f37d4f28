"""What a command asks of the service that holds the data directory, where no API should offer it.

    data_dir/errands/<id>.json   what is asked, written by the command
    data_dir/errands/<id>.done   how it ended, written by the service

Who may write into the directory may do more than this anyway; nothing is opened to the network. An errand of
a service that was killed is not carried out by the next one.
"""

import asyncio
import contextlib
import logging
import os
import shutil
import time
import traceback
import uuid
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from cli.runtime.data_directory import Holder
from emc.errors import ComponentError, EmcError

_log = logging.getLogger("emc.service")
_LOOK = 0.3
FOLDER = "errands"
Errand = Callable[[Mapping[str, Any]], Awaitable[dict[str, Any]]]


class Asked(msgspec.Struct):
    """The name of an errand and what goes with it."""

    name: str
    with_: dict[str, Any] = {}


class Ended(msgspec.Struct):
    """What came out, or the sentence that says why it failed."""

    found: dict[str, Any] | None = None
    error: str | None = None


class Errands:
    """The service's side: carries out one errand after the other until cancelled."""

    def __init__(self, data_dir: Path, known: Mapping[str, Errand]) -> None:
        self._folder, self._known = data_dir / FOLDER, known
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)

    async def run(self) -> None:
        """Looks for errands, for ever."""
        while True:
            for path in sorted(self._folder.glob("*.json")):
                ended = await self._carry_out(path)
                path.unlink(missing_ok=True)
                _put(path.with_suffix(".done"), msgspec.json.encode(ended))
            await asyncio.sleep(_LOOK)

    async def _carry_out(self, path: Path) -> Ended:
        try:
            asked = msgspec.json.decode(await asyncio.to_thread(path.read_bytes), type=Asked)
            _log.info("errand", extra={"errand": asked.name})
            return Ended(found=await self._known[asked.name](asked.with_))
        except EmcError as error:
            return Ended(error=str(error))
        except Exception as error:  # the service goes on
            # the text of an unforeseen error could quote a value: only its kind and place are logged
            stack = traceback.format_tb(error.__traceback__)
            _log.error("errand failed", extra={"reason": type(error).__name__, "stack": stack})
            return Ended(error=f"the service failed ({type(error).__name__}); its log says why")


def ask(data_dir: Path, holder: Holder, name: str, **with_: Any) -> dict[str, Any]:
    """Has the holder of the directory carry out an errand and returns what came out.

    ComponentError with its sentence when it fails, or when the service ends meanwhile.
    """
    path = data_dir.resolve() / FOLDER / f"{uuid.uuid4().hex}.json"
    done = path.with_suffix(".done")
    if not path.parent.is_dir():
        raise ComponentError(f"the service on {data_dir} (process {holder.pid}) takes no errands")
    _put(path, msgspec.json.encode(Asked(name, with_)))
    try:
        while not done.exists():
            if not _lives(holder.pid):
                raise ComponentError(f"the service on {data_dir} ended before it was done")
            time.sleep(_LOOK)
        ended = msgspec.json.decode(done.read_bytes(), type=Ended)
    finally:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
            done.unlink(missing_ok=True)
    if ended.error is not None:
        raise ComponentError(ended.error)
    return ended.found or {}


def _put(path: Path, content: bytes) -> None:
    """Whole or not at all."""
    new = path.with_suffix(".new")
    new.write_bytes(content)
    new.replace(path)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
