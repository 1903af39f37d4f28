"""Makes the archive of deploy.java_archive: what a broker loads that starts and makes topics, then ends."""

import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from deploy import jars
from deploy.broker import SHORT_LIVED, Broker, Options
from deploy.java_archive import archive_of
from deploy.kafka_process import java
from deploy.topics import ensure_topics
from emc.errors import EmcError

_NUMBER = re.compile(r" id: \d+$")
KEPT = 3  # archives: checkouts may have several versions of Java


def make(class_path: Sequence[Path], cache: Path | None = None) -> Path:
    """Makes the archive unless it is there; raises what stands in the way.

    Two may do so at once: each writes a file of its own, and the last one stays.
    """
    archive = archive_of(class_path, cache)
    if archive.exists():
        return archive
    archive.parent.mkdir(mode=0o755, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="making-", dir=archive.parent) as folder:
        place = Path(folder)
        # %p: a file for each process, of which there are two
        listing = (*SHORT_LIVED, f"-XX:DumpLoadedClassList={place / '%p.loaded'}")
        with Broker(place, options=Options(java=listing)) as broker:
            ensure_topics(broker.bootstrap)
        made = place / archive.name
        _dump(class_path, _merged(place), made)
        made.chmod(0o444)
        made.replace(archive)
    remove_old(archive.parent)
    return archive


def _merged(place: Path) -> Path:
    """One list of all that was loaded, by names: the numbers behind them are of each process alone."""
    lines: dict[str, None] = {}
    for file in sorted(place.glob("*.loaded")):
        lines.update(dict.fromkeys(_NUMBER.sub("", line) for line in file.read_text("utf-8").splitlines()))
    merged = place / "loaded"
    merged.write_text("\n".join(lines), "utf-8")
    return merged


def _dump(class_path: Sequence[Path], listed: Path, made: Path) -> None:
    command = [
        str(java()),
        "-Xshare:dump",
        f"-XX:SharedClassListFile={listed}",
        f"-XX:SharedArchiveFile={made}",
        "-Xlog:disable",
        "-cp",
        ":".join(map(str, class_path)),
    ]
    subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)


def remove_old(folder: Path) -> None:
    """Leaves the newest archives."""
    archives = sorted(folder.glob("*.jsa"), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in archives[KEPT:]:
        old.unlink(missing_ok=True)


def main() -> int:
    """Part of `make setup`. That it can't be made is told and fails nothing."""
    try:
        print(f"classes ready in {make(jars.class_path())}")
    except (EmcError, OSError, subprocess.CalledProcessError) as error:
        print(f"The broker will start slowly: {error}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
