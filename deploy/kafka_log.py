"""What a broker says while it starts, and what we make of it for the user."""

from pathlib import Path

LOGGING = Path(__file__).with_name("log4j2.properties")

PORT_TAKEN = "Address already in use"
# What the log says -> what we say; the first that occurs.
REASONS = {
    "No space left on device": "there is no space left on its disk",
    PORT_TAKEN: "one of its ports is in use",
    "Failed to acquire lock on file": "another broker uses its data",
    "OutOfMemoryError": "Java had not enough memory",
    "Could not reserve enough space": "Java had not enough memory",
}
LONGEST = 1 << 20  # bytes read of each file


class Log:
    """`server.log` and `console.log` in `folder`, as far as they are about the present start."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = folder / "server.log"
        self.console = folder / "console.log"
        self._start = 0

    def begin(self) -> None:
        """A start begins now: what server.log holds so far is about earlier ones."""
        self._start = self.server.stat().st_size if self.server.exists() else 0

    def text(self) -> str:
        """What the broker and Java have said since."""
        return _tail(self.server, self._start) + _tail(self.console, 0)

    def reason(self) -> str:
        """Why the broker ended, in a few words; where to look if none of the known reasons is there."""
        text = self.text()
        return next((ours for theirs, ours in REASONS.items() if theirs in text), f"see {self.server}")

    def java_options(self) -> list[str]:
        """Java options that make it write here."""
        return [
            f"-Dlog4j2.configurationFile={LOGGING.as_uri()}",
            f"-Demc.log={self.folder}",
            f"-XX:ErrorFile={self.folder / 'crash-%p.log'}",
        ]


def _tail(path: Path, start: int) -> str:
    if not path.exists():
        return ""
    with path.open("rb") as stream:
        stream.seek(start if start <= path.stat().st_size else 0)  # a new file since: rolled over
        return stream.read(LONGEST).decode("utf-8", "replace")
