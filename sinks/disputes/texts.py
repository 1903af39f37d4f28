"""What people write: kept only where it is short and holds no number that may be a person's."""

from emc.disclosure import looks_personal
from emc.errors import InputError
from emc.identifiers import has_control


def checked_text(name: str, text: str, longest: int, *, lines: bool = False) -> str:
    """The text, trimmed; InputError for what may not be kept. `lines`: it may have line breaks."""
    text = text.replace("\r\n", "\n").strip()
    if not 1 <= len(text) <= longest or has_control(text.replace("\n", " ") if lines else text):
        raise InputError(
            f"{name} is not usable, expected 1 to {longest} characters without control characters"
        )
    if looks_personal(text):
        raise InputError(f"{name} has a number of 9 or 12 digits, expected no number that may be a person's")
    return text
