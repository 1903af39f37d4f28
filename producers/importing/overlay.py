"""What an import itself has made of dossiers so far, on disk: a file may hold millions, and one of them
twice.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from emc.registers import Registers, decode, encode


class Overlay:
    """Registers by dossier, in a database without a name that is gone when it is closed."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", check_same_thread=False)
        self._database.execute("CREATE TABLE states (dossier TEXT PRIMARY KEY, registers BLOB) WITHOUT ROWID")

    def get(self, dossiers: Sequence[str]) -> dict[str, Registers]:
        """Those of the dossiers that were put before."""
        marks = ",".join("?" * len(dossiers))
        rows = self._database.execute(
            f"SELECT dossier, registers FROM states WHERE dossier IN ({marks})", dossiers
        )
        return {dossier: decode(registers) for dossier, registers in rows}

    def put(self, states: Mapping[str, Registers]) -> None:
        """Keeps states; a later one of a dossier replaces the earlier."""
        rows: Iterable[tuple[str, bytes]] = ((name, encode(state)) for name, state in states.items())
        self._database.executemany("INSERT OR REPLACE INTO states VALUES (?, ?)", rows)

    def close(self) -> None:
        """Drops it."""
        self._database.close()
