"""Files that settings name: the file of a secret is not told, lest somebody has set the secret itself."""

from pathlib import Path

from emc.errors import SettingError


def secret(variable: str, path: str) -> str:
    """What the file holds, without the end of its line; SettingError when that is nothing."""
    found = readable(variable, path).rstrip("\r\n")
    if not found:
        raise SettingError(f"{variable}: expected a file that is not empty")
    return found


def readable(variable: str, path: str) -> str:
    """The text of a file; SettingError when it cannot be read."""
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        kind = type(error).__name__
        raise SettingError(f"{variable}: expected the name of a readable text file ({kind})") from None
