"""What the command `emc` starts: here too Ctrl-C is one sentence, while the program is still being loaded."""

import sys


def main() -> None:
    """Loads the program and runs it; exit code 130 when it is interrupted meanwhile."""
    try:
        from cli.main import main as run
    except KeyboardInterrupt:
        from cli import printing

        printing.put(f"emc: {printing.spoken('interrupted')}", err=True)
        sys.exit(130)
    run()
