"""What all benchmarks share: where and on what they ran, repetitions, the table, the JSON, the plot."""

import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple, NoReturn, Self

import msgspec

from deploy.jars import PINNED

OUTPUT = Path("build/bench")
_ROOT = Path(__file__).parents[1]
_PACKAGES = (
    "emc-monitor",
    "faust-streaming",
    "aiokafka",
    "chdb",
    "clickhouse-connect",
    "msgspec",
    "rocksdict",
)


class Spread(NamedTuple):
    """The middle of some repetitions, the lowest and the highest."""

    median: float
    lowest: float
    highest: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Self:
        """Of at least one value."""
        found = sorted(values)
        return cls(statistics.median(found), found[0], found[-1])

    def show(self, form: str = ",.0f") -> str:
        """`median (lowest–highest)`; the median alone when all are shown alike."""
        middle, low, high = (format(each, form) for each in self)
        return middle if low == high else f"{middle} ({low}–{high})"


class Place(NamedTuple):
    """A benchmark's time and machine; `load`: the machine's mean number of busy threads over a minute."""

    at: str
    machine: dict[str, Any]
    versions: dict[str, str]
    load: float


def place() -> Place:
    """Where and when this is."""
    return Place(
        datetime.now(UTC).isoformat(timespec="seconds"), _machine(), _versions(), round(os.getloadavg()[0], 2)
    )


def _machine() -> dict[str, Any]:
    told = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    processor = told[1] if told else "unknown"
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    cores = len(os.sched_getaffinity(0))
    return {"processor": processor, "cores": cores, "memory": memory, "system": platform.platform()}


def _versions() -> dict[str, str]:
    kafka = re.search(r"kafka-clients-([\d.]+)\.jar", PINNED.read_text(encoding="utf-8"))
    found = {"python": platform.python_version(), "kafka": kafka[1] if kafka else "unknown"}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "absent"
    order = ("git", "-C", str(_ROOT), "describe", "--always", "--dirty")
    try:
        told = subprocess.run(order, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        found["commit"] = told.stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        found["commit"] = "unknown"
    return found


class Report:
    """One benchmark's run: says where it runs, prints its tables, and keeps its figures."""

    def __init__(self, name: str, asked: Mapping[str, Any], seed: int = 1, folder: Path = OUTPUT) -> None:
        self.name, self._folder, self._tables = name, folder, dict[str, list[dict[str, Any]]]()
        self._begun = place()
        self._head = {"benchmark": name, "seed": seed, "asked": {k: _plain(v) for k, v in asked.items()}}
        cores = self._begun.machine["cores"]
        print(
            f"{name}: {self._begun.machine['processor']}, {cores} cores, load {self._begun.load}", flush=True
        )

    def table(self, title: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Prints rows under the names of their fields, and keeps them under the title."""
        self._tables[title] = [{name: _kept(value) for name, value in row.items()} for row in rows]
        print(f"\n{title}\n{laid_out(rows)}", flush=True)

    def write(self) -> Path:
        """The file with all of it: `{name}.json` in the folder of benchmarks' results."""
        self._folder.mkdir(parents=True, exist_ok=True)
        file = self._folder / f"{self.name}.json"
        begun = self._begun._asdict()
        told = {**self._head, **begun, "load_at_the_end": place().load, "tables": self._tables}
        file.write_bytes(msgspec.json.format(msgspec.json.encode(told)))
        print(f"\nwritten to {file}", flush=True)
        return file

    def plot(
        self, curves: Mapping[str, Sequence[tuple[float, float]]], x: str, y: str, log: bool = False
    ) -> Path:
        """A picture of curves, each a row of points, beside the JSON; `log`: both axes logarithmic."""
        os.environ.setdefault("MPLBACKEND", "Agg")
        from matplotlib import pyplot

        self._folder.mkdir(parents=True, exist_ok=True)
        figure, axes = pyplot.subplots(figsize=(9, 4.5))
        for label, points in curves.items():
            axes.plot(*zip(*points, strict=True), marker="." if len(points) < 50 else "", label=label)
        if log:
            axes.set(xscale="log", yscale="log")
        else:
            axes.set_ylim(bottom=0)
        axes.set(title=self.name, xlabel=x, ylabel=y)
        axes.legend()
        figure.tight_layout()
        file = self._folder / f"{self.name}.png"
        figure.savefig(file, dpi=110)
        pyplot.close(figure)
        return file


def laid_out(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows as text under the names of the first row; the first column to the left, numbers to the right."""
    if not rows:
        return "(nothing)"
    names = list(rows[0])
    lines = [names, *([_shown(row.get(name)) for name in names] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            text.ljust(width) if at == 0 else text.rjust(width)
            for at, (text, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def _shown(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, Spread):
        return value.show(",.0f" if value.median >= 100 else ".2f")
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _kept(value: Any) -> Any:
    return value._asdict() if isinstance(value, Spread) else _plain(value)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Path) else value


def quantile(ordered: Sequence[float], share: float) -> float:
    """What so many of at least one value, the lowest first, stayed under."""
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> Spread:
    """Of two that were measured in turn: how many times the other's, repetition by repetition."""
    return Spread.of(mine / other for mine, other in zip(ours, theirs, strict=True))


def run_module(module: str, *arguments: object, python: str = sys.executable) -> Any:
    """Runs `python -m module` in a process of its own; what it printed last, as JSON.

    SystemExit, with what it said, when it failed.
    """
    order = [python, "-m", module, *map(str, arguments)]
    done = subprocess.run(order, check=False, capture_output=True, cwd=_ROOT, text=True)
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        raise SystemExit(f"{module} ended with {done.returncode}: {done.stderr.strip()[-2000:]}")
    return msgspec.json.decode(lines[-1])


def repeated(times: int, runs: Mapping[str, Callable[[], Any]]) -> dict[str, list[Any]]:
    """Runs each in turn, so many rounds: what the machine does meanwhile concerns all of them alike."""
    found: dict[str, list[Any]] = {name: [] for name in runs}
    for number in range(times):
        for name, run in runs.items():
            found[name].append(run())
            print(f"  round {number + 1}: {name} done", file=sys.stderr, flush=True)
    return found


def end_at_once(leftovers: Path) -> NoReturn:
    """Ends the process, all being written: the engine's own end has failed with a segmentation fault."""
    shutil.rmtree(leftovers, ignore_errors=True)
    sys.stdout.flush()
    os._exit(0)
