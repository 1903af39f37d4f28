"""Renew deploy/kafka-jars.sha256: resolve the broker's jars in Maven Central and pin what was found.

For a new version of Kafka: change COORDINATES, run `.venv/bin/python scripts/pin_jars.py`, read the diff.
"""

import hashlib
import tempfile
from pathlib import Path

import jgo
from jgo.maven import MavenContext

# The broker, and the binding without which its log goes nowhere.
COORDINATES = ("org.apache.kafka:kafka_2.13:4.3.1", "org.apache.logging.log4j:log4j-slf4j-impl:2.25.4")
LISTING = Path(__file__).parent.parent / "deploy" / "kafka-jars.sha256"


def pin(repository: Path) -> list[str]:
    """Lines `sha256  path`, sorted by path, of every jar needed to run COORDINATES."""
    context = MavenContext(repo_cache=repository, local_repos=[])
    digests: dict[str, str] = {}
    for artifact in (found for coordinate in COORDINATES for found in jgo.resolve(coordinate)):
        component = context.project(artifact.groupId, artifact.artifactId).at_version(artifact.version)
        jar = Path(component.artifact().resolve())
        digests[jar.relative_to(repository).as_posix()] = hashlib.sha256(jar.read_bytes()).hexdigest()
    return [f"{digests[path]}  {path}\n" for path in sorted(digests)]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        LISTING.write_text("".join(pin(Path(folder))), "utf-8")
