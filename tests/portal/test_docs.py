"""docs/api.md tells every reason."""

from pathlib import Path

from portal.errors import REASONS

PAGE = Path(__file__).parents[2] / "docs" / "api.md"


def test_every_reason_is_on_the_page() -> None:
    reasons = PAGE.read_text("utf-8").partition("| reason |")[2]
    rows = [line for line in reasons.splitlines() if line.startswith("| `")]
    assert rows == [f"| `{reason}` | {status} | {said} |" for reason, (status, said) in REASONS.items()]
