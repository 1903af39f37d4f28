"""Small made-up wheels in a folder, as a package registry would offer them, and a lock of some of them."""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from zipfile import ZipFile


def write_wheel(folder: Path, name: str, version: str, requires: Iterable[str] = (), extra: str = "") -> Path:
    """A wheel with one module, which says its version; `extra`: one that it offers."""
    described = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    metadata += f"Provides-Extra: {extra}\n" if extra else ""
    metadata += "".join(f"Requires-Dist: {required}\n" for required in requires)
    parts = {
        f"{name}.py": f'VERSION = "{version}"\n',
        f"{described}/METADATA": metadata,
        f"{described}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    wheel = folder / f"{name}-{version}-py3-none-any.whl"
    with ZipFile(wheel, "w") as opened:
        for path, text in parts.items():
            opened.writestr(path, text)
        opened.writestr(
            f"{described}/RECORD", "".join(f"{path},,\n" for path in [*parts, f"{described}/RECORD"])
        )
    return wheel


def lock_of(wheels: Iterable[Path]) -> str:
    """A lock of exactly these files."""
    lines = []
    for wheel in wheels:
        name, version = wheel.name.split("-")[:2]
        lines.append(
            f"{name}=={version} \\\n    --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"
        )
    return "".join(lines)


def differences(wheel: Path, installed: Path) -> list[str]:
    """The files of a wheel that are not in `installed` to the byte; pip writes RECORD anew."""
    with ZipFile(wheel) as opened:
        parts = {path: opened.read(path) for path in opened.namelist() if not path.endswith("/RECORD")}
    return [
        path
        for path, content in parts.items()
        if not (installed / path).is_file() or (installed / path).read_bytes() != content
    ]
