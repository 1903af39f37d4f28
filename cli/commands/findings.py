"""What an examination finds: one line a check, with what to do when it is not well."""

from collections.abc import Callable, Iterator, Mapping
from typing import Literal

import msgspec

from cli import printing
from emc.errors import EmcError

Status = Literal["ok", "warn", "fail"]
_COLOURS = {"ok": "green", "warn": "yellow", "fail": "red"}


class Finding(msgspec.Struct, frozen=True):
    """`check` names what was looked at, `found` how it is, `advice` what to do (None when all is well)."""

    check: str
    status: Status
    found: str
    advice: str | None = None


def well(check: str, found: str) -> Finding:
    """As it should be."""
    return Finding(check, "ok", found)


def doubtful(check: str, found: str, advice: str) -> Finding:
    """It works, but should be looked at."""
    return Finding(check, "warn", found, advice)


def broken(check: str, found: str, advice: str) -> Finding:
    """It does not work, or gives wrong numbers."""
    return Finding(check, "fail", found, advice)


def show(finding: Finding, width: int = 32) -> None:
    """A line for people, `width` columns for what was looked at, and below it what to do."""
    found = printing.units(spoken_parts(finding.found))
    mark, before = f"{finding.status:<4}", " " * (width + 7)
    said = printing.wrapped(f"{mark}  {printing.spoken(finding.check):<{width}} {found}", before)
    printing.marked(mark, _COLOURS[finding.status], said.removeprefix(mark))
    if finding.advice:
        printing.put(printing.wrapped(f"{before[:-1]} → {printing.spoken(finding.advice)}", f"{before}  "))


def spoken_parts(found: str) -> str:
    """What was found in the reader's language, also where it is several things in a row."""
    known = printing.spoken(found)
    return known if known != found else "; ".join(map(printing.spoken, found.split("; ")))


def by_limits(check: str, value: float, found: str, warn: float, fail: float, advice: str) -> Finding:
    """Judges a value that is better small: up to `warn` it is well, from `fail` on it is broken."""
    if value >= fail:
        return broken(check, found, advice)
    return doubtful(check, found, advice) if value > warn else well(check, found)


def clock(check: str, ahead: float, unsure: float) -> Finding:
    """Judges a clock that is `ahead` seconds before ours, measured to within `unsure` seconds."""
    off = max(0.0, abs(ahead) - unsure)
    found = f"{abs(ahead):.1f} s {'ahead of' if ahead > 0 else 'behind'} this machine (± {unsure:.1f} s)"
    advice = "Let NTP set the clocks of all machines: an event is judged by the time at which it arrives."
    return by_limits(check, off, found, 2, 60, advice)


def guarded(check: str, advice: str, examine: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """What `examine` finds; an EmcError that ends it becomes the last finding."""
    try:
        yield from examine()
    except EmcError as error:
        yield broken(check, str(error), advice)


def told_differences(wanted: Mapping[str, str], found: Mapping[str, str]) -> list[str]:
    """`name is x, not y` for each setting that is not as wanted."""
    return [
        f"{name} is {found.get(name)}, not {value}"
        for name, value in wanted.items()
        if found.get(name) != value
    ]
