"""The local store when its disk is full: it says that it is broken, and can be begun anew later."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from emc.errors import DataDirectoryError
from streams.agencies.store import Store, StoreBroken


@contextmanager
def no_room() -> Iterator[None]:
    """No file of this process can grow meanwhile."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_store_that_cannot_be_begun_anew_can_be_later(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    store.write([(b"H25d1", b"{}")])
    with no_room():
        with pytest.raises(StoreBroken):
            store.discard()
        with pytest.raises(StoreBroken):
            store.get(b"H25d1")
    with pytest.raises(StoreBroken):
        store.write([(b"H25d1", b"{}")])
    store.discard()
    assert store.get(b"H25d1") is None
    store.write([(b"H25d1", b"{}")])
    assert store.get(b"H25d1") == b"{}"
    store.close()


def test_a_store_without_room_at_the_start_is_a_clear_error(tmp_path: Path) -> None:
    with no_room(), pytest.raises(DataDirectoryError, match="the local store cannot be opened"):
        Store(tmp_path / "store")
