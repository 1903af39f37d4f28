"""`python -m dashboards.alerts [THRESHOLDS]`: writes the repository's generated files anew."""

import sys
from pathlib import Path

from dashboards.alerts.files import generated_files, write_files
from dashboards.alerts.thresholds import FILE, load_thresholds
from emc.errors import EmcError


def main(arguments: list[str]) -> int:
    """Prints each file written; 1 when the thresholds cannot be used."""
    try:
        written = write_files(generated_files(load_thresholds(Path(arguments[0]) if arguments else FILE)))
    except EmcError as error:
        print(error, file=sys.stderr)
        return 1
    print("\n".join(f"written: {name}" for name in written) or "nothing has changed")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
