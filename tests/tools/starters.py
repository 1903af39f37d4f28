"""How an unpacked program is started: its libraries, modules and fonts are not where the system looks."""

import shlex
from pathlib import Path

from emc.errors import ComponentError
from tests.tools.wanted import Tool

FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>/usr/share/fonts</dir>
  <dir>{root}/usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
"""


def write_starter(tool: Tool, unpacked: Path, home: Path) -> Path:
    """Writes `bin/NAME` beside the unpacked `root`, for the time when both have moved to `home`."""
    root = home / "root"
    start = [str(root / tool.file)]
    settings = {"LD_LIBRARY_PATH": ":".join(str(home / folder) for folder in libraries(unpacked))}
    if _is_python(unpacked / "root" / tool.file):
        start.insert(0, _python(unpacked, root))
        settings |= {"PYTHONPATH": f"{root}/usr/lib/python3/dist-packages", "PYTHONNOUSERSITE": "1"}
    if (unpacked / "root/usr/share/fonts").is_dir():
        (unpacked / "fonts.conf").write_text(FONTS.format(root=root), encoding="utf-8")
        settings["FONTCONFIG_FILE"] = str(home / "fonts.conf")
    lines = [f"export {name}={shlex.quote(value)}" for name, value in settings.items() if value]
    if tool.compiled_in:
        look_below_the_folder(unpacked / "root" / tool.file, tool.compiled_in)
        lines.append(f"cd {shlex.quote(str(root))}")
    starter = unpacked / "bin" / tool.name
    starter.parent.mkdir(exist_ok=True)
    starter.write_text("\n".join(["#!/bin/sh", *lines, f'exec {shlex.join(start)} "$@"', ""]), "utf-8")
    starter.chmod(0o755)
    return starter


def look_below_the_folder(file: Path, compiled_in: str) -> None:
    """Makes an absolute name in a program a relative one of the same length, from where it is started."""
    absolute = compiled_in.encode()
    head, _, tail = absolute.removeprefix(b"/").rpartition(b"/")
    program = file.read_bytes()
    if absolute not in program:
        raise ComponentError(f"{file.name} does not look for {compiled_in}, as was expected.")
    file.write_bytes(program.replace(absolute, head + b"//" + tail))


def libraries(unpacked: Path) -> list[Path]:
    """Folders with shared libraries, below `unpacked`: the architecture's own and those in them."""
    roots = [*unpacked.glob("root/usr/lib/*-linux-gnu*"), *unpacked.glob("root/lib/*-linux-gnu*")]
    folders = [folder for root in roots for folder in (root, *sorted(root.iterdir())) if folder.is_dir()]
    return [folder.relative_to(unpacked) for folder in folders if any(folder.glob("lib*.so*"))]


def _is_python(file: Path) -> bool:
    with file.open("rb") as opened:
        first = opened.readline(100)
    return first.startswith(b"#!") and b"python" in first


def _python(unpacked: Path, root: Path) -> str:
    """Debian's Python, which the packages' modules are for: the one that came along, else the system's."""
    return f"{root}/usr/bin/python3" if (unpacked / "root/usr/bin/python3").exists() else "/usr/bin/python3"
