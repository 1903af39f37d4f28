"""What was begun, undone in the reverse order."""

import asyncio
import inspect
import logging
from collections.abc import Callable

_log = logging.getLogger("emc.service")


class Ending:
    """Collects while something is started step by step what each step needs to be undone."""

    def __init__(self) -> None:
        self._undo: list[tuple[str, Callable[[], object]]] = []

    def later(self, name: str, undo: Callable[[], object]) -> None:
        """Has something undone at the end: a coroutine function on the loop, any other in a thread."""
        self._undo.append((name, undo))

    async def end(self) -> None:
        """Undoes all, the last first. May be repeated. What fails is logged: the others must end too."""
        while self._undo:
            name, undo = self._undo.pop()
            try:
                if inspect.iscoroutinefunction(undo):
                    await undo()
                else:
                    await asyncio.to_thread(undo)
            except Exception as error:
                _log.warning("not stopped in order", extra={"part": name, "reason": type(error).__name__})
