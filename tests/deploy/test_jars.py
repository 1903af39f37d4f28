"""The broker's jars: only the pinned bytes are ever used."""

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from deploy import jars
from emc.errors import ComponentError

PATH = "org/example/some-jar/1.0/some-jar-1.0.jar"
GOOD = b"the pinned bytes"


@pytest.fixture
def listing(tmp_path: Path) -> Path:
    """A listing of one small jar."""
    file = tmp_path / "jars.sha256"
    file.write_text(f"{hashlib.sha256(GOOD).hexdigest()}  {PATH}\n")
    return file


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, bytes]]:
    """A Maven repository on loopback, set as the user's mirror: fill the mapping of path to bytes."""
    files: dict[str, bytes] = {}

    class Registry(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = files.get(self.path.lstrip("/"))
            self.send_response(200 if body is not None else 404)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Registry) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        config = tmp_path / "home" / ".config" / "jgo.conf"
        config.parent.mkdir(parents=True)
        config.write_text(f"[repositories]\ncentral = http://127.0.0.1:{server.server_port}\n")
        monkeypatch.setenv("HOME", str(tmp_path / "home"))
        monkeypatch.setattr("time.sleep", lambda _: None)
        yield files
        server.shutdown()


def keep(cache: Path, content: bytes) -> Path:
    file = cache / PATH
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    return file


def test_all_of_the_brokers_jars_are_pinned_and_had() -> None:
    names = [file.name for file in jars.class_path()]
    assert len(names) == len(set(names)) == len(jars.pinned()) == 46
    assert "kafka_2.13-4.3.1.jar" in names


def test_a_jar_in_the_cache_is_used_without_network(tmp_path: Path, listing: Path) -> None:
    file = keep(tmp_path / "cache", GOOD)
    assert jars.class_path(tmp_path / "cache", listing) == [file]


def test_a_tampered_jar_is_refused_and_removed(tmp_path: Path, listing: Path) -> None:
    file = keep(tmp_path / "cache", GOOD + b"!")
    with pytest.raises(ComponentError, match="was not the pinned one"):
        jars.class_path(tmp_path / "cache", listing)
    assert not file.exists()


def test_a_jar_that_nobody_pinned_is_not_used(tmp_path: Path, listing: Path) -> None:
    file = keep(tmp_path / "cache", GOOD)
    file.with_name("stray.jar").write_bytes(b"stray")
    assert jars.class_path(tmp_path / "cache", listing) == [file]


def test_an_absent_jar_is_fetched_and_checked(
    tmp_path: Path, listing: Path, registry: dict[str, bytes]
) -> None:
    registry[PATH] = GOOD
    cache = tmp_path / "cache"
    assert [file.read_bytes() for file in jars.class_path(cache, listing)] == [GOOD]
    assert [path.name for path in cache.iterdir()] == ["org"]


def test_another_jar_from_the_registry_never_enters_the_cache(
    tmp_path: Path, listing: Path, registry: dict[str, bytes]
) -> None:
    registry[PATH] = b"not the pinned bytes"
    cache = tmp_path / "cache"
    with pytest.raises(ComponentError, match="was not the pinned one"):
        jars.class_path(cache, listing)
    assert list(cache.iterdir()) == []


def test_a_registry_without_the_jar_is_one_sentence(
    tmp_path: Path, listing: Path, registry: dict[str, bytes]
) -> None:
    with pytest.raises(ComponentError, match=r"some-jar-1\.0\.jar could not be fetched from Maven Central"):
        jars.class_path(tmp_path / "cache", listing)
    assert registry == {}


def test_a_cache_that_cannot_be_written_is_one_sentence(tmp_path: Path, listing: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ComponentError, match="cannot be kept in"):
        jars.class_path(tmp_path / "file" / "cache", listing)


def test_the_cache_lies_where_the_user_wants_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert jars.cache_directory() == tmp_path / "emc-monitor" / "jars"
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    monkeypatch.setenv("HOME", "/home-of-test")
    assert jars.cache_directory() == Path("/home-of-test/.cache/emc-monitor/jars")
