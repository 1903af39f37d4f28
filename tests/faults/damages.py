"""What can happen to a local store while nobody holds it."""

import shutil
from pathlib import Path


def delete(store: Path) -> None:
    shutil.rmtree(store)


def truncate(store: Path) -> None:
    for file in store.glob("*.log"):
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def truncate_manifest(store: Path) -> None:
    for file in store.glob("MANIFEST*"):
        file.write_bytes(file.read_bytes()[:10])


def corrupt(store: Path) -> None:
    """Every block of every table file is damaged, their ends left as they are."""
    for file in [*store.glob("*.sst"), *store.glob("*.log")]:
        bytes_ = bytearray(file.read_bytes())
        for place in range(64, max(64, len(bytes_) - 2048), 97):
            bytes_[place] ^= 0x55
        file.write_bytes(bytes_)
