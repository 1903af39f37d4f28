"""What `emc doctor` says of a disk: how full it is, in the figures that `df -h` shows."""

import math
import shutil
from pathlib import Path

from cli.commands.findings import Finding, by_limits, doubtful

DISK_WARN, DISK_FAIL = 0.80, 0.95
_GIB = 1 << 30
_ADVICE = "Enlarge it, or shorten what is kept; see docs/operations.md."


def disk_of(path: Path) -> Finding:
    """The disk that a directory lies on."""
    try:
        found = shutil.disk_usage(path)
    except OSError as error:
        return doubtful("disk", f"{path} cannot be asked ({error.strerror})", "Look at its permissions.")
    return disk("disk", found.used, found.free)


def disk(name: str, used: int, available: int) -> Finding:
    """Judges a disk of which so many bytes are used, and so many may still be."""
    share = used / (used + available) if used + available else 1.0
    size, free = used + available, f"{available / _GIB:.1f} GiB free"
    found = f"{math.ceil(100 * share)} % of {size / _GIB:.1f} GiB used, {free}"
    return by_limits(name, share, found, DISK_WARN, DISK_FAIL, _ADVICE)
