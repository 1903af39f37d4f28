"""What those distributions require that the lock has for some of the supported Pythons only.

Part of `make lock`; `tests/setup/test_lock.py` reads it, so that any Python can judge the lock for all.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from zipfile import ZipFile

from packaging.metadata import parse_email

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.setup.lock import PYTHONS, locked, read_pins  # noqa: E402 – the folder is no installed package

LOCK, RECORD = ROOT / "requirements.lock", ROOT / "scripts" / "requires-on-some-pythons.json"


def on_some(text: str) -> dict[tuple[str, str], str]:
    """Name and version of what not every Python has in this lock, and a Python that has it."""
    by_python = {python: set(locked(read_pins(text), python).items()) for python in PYTHONS}
    everywhere = set.intersection(*by_python.values())
    return {found: python for python, pins in by_python.items() for found in pins - everywhere}


def requires(name: str, version: str, python: str) -> list[str]:
    """`Requires-Dist` of its wheel for that Python, downloaded with pip."""
    with tempfile.TemporaryDirectory() as folder:
        platforms = (f"--platform=manylinux_2_{minor}_x86_64" for minor in (17, 27, 28))
        options = (
            "--quiet",
            "--no-deps",
            "--only-binary=:all:",
            f"--python-version={python}",
            "--dest",
            folder,
        )
        command = [sys.executable, "-m", "pip", "download", *options, *platforms, f"{name}=={version}"]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
        (wheel,) = Path(folder).glob("*.whl")
        with ZipFile(wheel) as opened:
            (metadata,) = [part for part in opened.namelist() if part.endswith(".dist-info/METADATA")]
            parsed, _ = parse_email(opened.read(metadata))
    return parsed.get("requires_dist", [])


def main() -> None:
    """Writes the record, in the order of names."""
    wanted = sorted(on_some(LOCK.read_text("utf-8")).items())
    record = {f"{name}=={version}": requires(name, version, python) for (name, version), python in wanted}
    RECORD.write_text(json.dumps(record, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
