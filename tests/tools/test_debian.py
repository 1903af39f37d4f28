"""Packages without root: from a repository made here, with what the system lacks and nothing that it has."""

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from emc.errors import ComponentError
from tests.tools import __main__ as bringing
from tests.tools.debian import Apt
from tests.tools.wanted import TOOLS, Tool, path_of

pytestmark = pytest.mark.skipif(
    not shutil.which("apt-get") or not shutil.which("dpkg-deb"), reason="needs apt-get and dpkg-deb"
)
LOOKING = """#!/bin/sh
[ "$1" = --version ] || cat /usr/share/emc/made-up/text
"""
PROGRAM = '#!/bin/sh\n[ "$1" = --version ] && exit 0\necho "$LD_LIBRARY_PATH"\n'


class Repository:
    """A repository of Debian packages in a folder, unsigned and trusted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.index: list[str] = []
        self.sources = folder / "sources.list"
        folder.mkdir()
        self.sources.write_text(f"deb [trusted=yes] copy:{folder} ./\n")
        self._publish()

    def add(self, package: str, files: dict[str, str], needs: str = "") -> None:
        """Builds a package with these files and publishes it."""
        tree = self.folder / "building" / package
        for name, text in files.items():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            (tree / name).write_text(text)
            (tree / name).chmod(0o755)
        control = f"Package: {package}\nVersion: 1.0\nArchitecture: all\nMaintainer: nobody\nDescription: a\n"
        control += f"Depends: {needs}\n" if needs else ""
        (tree / "DEBIAN").mkdir(parents=True)
        (tree / "DEBIAN" / "control").write_text(control)
        archive = self.folder / f"{package}_1.0_all.deb"
        subprocess.run(["dpkg-deb", "--build", tree, archive], check=True, capture_output=True)
        digest = hashlib.sha256(archive.read_bytes()).hexdigest()
        size = archive.stat().st_size
        self.index.append(f"{control}Filename: ./{archive.name}\nSize: {size}\nSHA256: {digest}\n")
        self._publish()

    def _publish(self) -> None:
        (self.folder / "Packages").write_text("\n".join(self.index))


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """An empty one; the cache of tools is empty too, and there is one tool, `made-up`."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setitem(TOOLS, "made-up", Tool("made-up", "emc-made-up", "usr/bin/made-up"))
    return Repository(tmp_path / "repository")


def bring(repository: Repository, tmp_path: Path) -> None:
    apt = Apt(tmp_path / "apt", repository.sources)
    apt.update()
    bringing.bring("emc-made-up", apt)


def test_a_program_comes_with_its_libraries_and_is_found(repository: Repository, tmp_path: Path) -> None:
    library = "usr/lib/x86_64-linux-gnu/libmade-up.so.1"
    repository.add("emc-made-up-library", {library: "", "usr/share/unused": ""})
    repository.add("emc-made-up", {"usr/bin/made-up": PROGRAM}, needs="emc-made-up-library, dpkg")
    assert path_of("made-up") is None
    bring(repository, tmp_path)
    found = path_of("made-up")
    assert found is not None
    said = subprocess.run([found], check=True, capture_output=True, text=True).stdout
    folder = tmp_path / "cache/emc-monitor/test-tools/emc-made-up"
    assert said == f"{folder}/root/usr/lib/x86_64-linux-gnu\n"
    assert {path.name.split("_")[0] for path in (tmp_path / "apt/cache/archives").glob("*.deb")} == {
        "emc-made-up",
        "emc-made-up-library",
    }, "dpkg itself is there already"


def test_a_program_finds_a_folder_whose_name_is_compiled_in(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = Tool("made-up", "emc-made-up", "usr/bin/made-up", compiled_in="/usr/share/emc/made-up")
    monkeypatch.setitem(TOOLS, "made-up", tool)
    repository.add("emc-made-up", {"usr/bin/made-up": LOOKING, "usr/share/emc/made-up/text": "found"})
    bring(repository, tmp_path)
    assert subprocess.run([str(path_of("made-up"))], check=True, capture_output=True).stdout == b"found"


def test_a_program_is_asked_as_it_wants_to_be(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(TOOLS, "made-up", Tool("made-up", "emc-made-up", "usr/bin/made-up", asked="version"))
    repository.add("emc-made-up", {"usr/bin/made-up": '#!/bin/sh\n[ "$1" = version ]\n'})
    bring(repository, tmp_path)
    assert path_of("made-up") is not None


@pytest.mark.parametrize(
    ("program", "needs", "said"),
    [
        ("#!/bin/sh\necho no >&2; exit 1\n", "", "made-up does not run here: no"),
        (PROGRAM, "emc-not-to-be-had", "apt-get install: E: "),
    ],
)
def test_what_does_not_run_is_not_there(
    program: str, needs: str, said: str, repository: Repository, tmp_path: Path
) -> None:
    repository.add("emc-made-up", {"usr/bin/made-up": program}, needs)
    with pytest.raises(ComponentError, match=said):
        bring(repository, tmp_path)
    assert path_of("made-up") is None


def test_a_repository_that_is_away_is_told(tmp_path: Path) -> None:
    sources = tmp_path / "sources.list"
    sources.write_text(f"deb [trusted=yes] copy:{tmp_path}/nowhere ./\n")
    with pytest.raises(ComponentError, match="apt-get update: E: "):
        Apt(tmp_path / "apt", sources).update()
