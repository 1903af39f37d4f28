"""The room for uploads of a process, from the settings."""

from pathlib import Path

from emc import settings
from emc.registry import Registry
from portal.uploads.room import Uploads
from portal.uploads.spool import Spool
from producers.client import Client
from producers.source_words import load_source_words
from streams.reading.app import KafkaSettings

_FOLDER = "uploads"


def uploads_of(stream: KafkaSettings, registry: Registry, data_dir: Path | None) -> Uploads | None:
    """The room in the directory of the settings, else in the data directory; None where there is neither."""
    wanted = settings.current().uploads
    root = Path(wanted.directory) if wanted.directory else data_dir and data_dir / _FOLDER
    if root is None:
        return None

    def connect() -> Client:
        return Client(stream.bootstrap, stream.topic, kafka=stream.security)

    spool = Spool(root, wanted.megabytes * 1024**2)
    return Uploads(spool, registry, load_source_words(), connect)
