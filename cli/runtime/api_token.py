"""The token that commands send to an API: `EMC_TOKEN_FILE` names its file, `EMC_TOKEN` is it."""

from collections.abc import Mapping
from pathlib import Path

from emc.errors import SettingError


def api_token(environment: Mapping[str, str]) -> str | None:
    """The token; None when none is set. SettingError when its file cannot be read."""
    path = environment.get("EMC_TOKEN_FILE")
    if not path:
        return environment.get("EMC_TOKEN") or None
    try:
        return Path(path).read_text(encoding="utf-8").strip() or None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(
            f"EMC_TOKEN_FILE is {path!r}, expected a readable text file ({type(error).__name__})"
        ) from None
