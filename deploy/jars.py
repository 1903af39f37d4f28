"""The broker's jars: fetched from Maven Central, pinned by SHA-256, cached outside the checkout.

`kafka-jars.sha256` lists every jar by its path in a Maven repository, so `sha256sum -c` reads it too. Only
listed jars reach the class path: a stray file in the cache is never loaded. Made by `scripts/pin_jars.py`.
"""

import hashlib
import os
import shutil
import ssl
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from emc.errors import ComponentError, EmcError

PINNED = Path(__file__).with_name("kafka-jars.sha256")
ATTEMPTS = 3  # of one download: a registry may drop a connection


@dataclass(frozen=True)
class Jar:
    """A pinned jar: `path` in a Maven repository and the SHA-256 of its bytes, in hex."""

    path: PurePosixPath
    sha256: str


def pinned(listing: Path = PINNED) -> list[Jar]:
    """The jars that the broker needs, in the order of the class path."""
    rows = (line.split() for line in listing.read_text("utf-8").splitlines() if line.strip())
    return [Jar(PurePosixPath(path), sha256) for sha256, path in rows]


def cache_directory() -> Path:
    """Where jars are kept between checkouts: `$XDG_CACHE_HOME/emc-monitor/jars`, else under `~/.cache`."""
    root = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    return Path(root).absolute() / "emc-monitor" / "jars"


def class_path(cache: Path | None = None, listing: Path = PINNED) -> list[Path]:
    """Paths of all pinned jars, each checked now; those absent are fetched first.

    Raises ComponentError when a jar cannot be had or is not the pinned one; the offending file is removed.
    """
    cache = cache or cache_directory()
    jars = pinned(listing)
    try:
        cache.mkdir(parents=True, exist_ok=True)
        absent = [jar for jar in jars if not (cache / jar.path).is_file()]
        if absent:
            _fetch_all(absent, cache)
        for jar in jars:
            _check(cache / jar.path, jar)
    except OSError as error:
        raise ComponentError(
            f"The broker's jars cannot be kept in {cache}: {error.strerror or error}."
        ) from error
    return [cache / jar.path for jar in jars]


def _check(file: Path, jar: Jar) -> None:
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    if digest != jar.sha256:
        file.unlink()
        raise ComponentError(
            f"The jar {file} was not the pinned one (SHA-256 {digest}, expected {jar.sha256}), "
            "so it was removed; start again to fetch it anew."
        )


def _fetch_all(jars: list[Jar], cache: Path) -> None:
    """Fetch into a folder of our own and move each jar once checked: nobody ever sees half a jar."""
    staging = Path(tempfile.mkdtemp(prefix="fetching-", dir=cache))
    try:
        for jar in jars:
            file = _fetch(jar, staging)
            _check(file, jar)
            (cache / jar.path).parent.mkdir(parents=True, exist_ok=True)
            file.replace(cache / jar.path)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _fetch(jar: Jar, staging: Path) -> Path:
    """Download one jar with jgo into `staging`, a Maven repository; jgo's own SHA-1 check only warns."""
    from jgo.config import GlobalSettings
    from jgo.maven import MavenContext

    group, (artifact, version) = ".".join(jar.path.parts[:-3]), jar.path.parts[-3:-1]
    mirrors = GlobalSettings.load().repositories or None
    context = MavenContext(repo_cache=staging, local_repos=[], remote_repos=mirrors, timeout=60)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            component = context.project(group, artifact).at_version(version)
            return Path(component.artifact().resolve())
        except Exception as error:  # whatever the network did: requests', urllib3's or jgo's own
            shutil.rmtree(
                staging / jar.path.parent, ignore_errors=True
            )  # jgo would take a part for the whole
            if attempt == ATTEMPTS:
                raise ComponentError(
                    f"The broker's jar {jar.path.name} could not be fetched from Maven Central "
                    f"({type(error).__name__}); check the network, then start again."
                ) from error
            _trust_system_certificates()
            time.sleep(attempt)
    raise AssertionError("unreachable: the last attempt returns or raises")


def _trust_system_certificates() -> None:
    """Behind a proxy with an authority of its own, the system knows it and the wheel certifi does not."""
    paths = ssl.get_default_verify_paths()
    if known := paths.cafile or paths.capath:
        os.environ.setdefault("REQUESTS_CA_BUNDLE", known)


def main() -> int:
    """Fetch and check all jars: part of `make setup`."""
    try:
        jars = class_path()
    except EmcError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{len(jars)} jars checked in {cache_directory()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
