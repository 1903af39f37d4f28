"""The reference page of all settings, written from their descriptions: `python -m emc.settings.page`."""

from collections.abc import Iterator
from pathlib import Path

from emc.settings import GROUPS
from emc.settings.commands import GrafanaPlaces, Places
from emc.settings.compose import COMPOSE
from emc.settings.setting import Setting, settings_of

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"
_HEAD = """# Settings

Written by `python -m emc.settings.page` from `emc/settings/`; a test holds it to that.

A setting is a variable of the environment, read once at the start of a command; an empty one is as one that
is not set. A wrong value ends the command with exit code 2 and a sentence that names the variable and what is
expected. A variable whose name begins with `EMC_` and that nothing reads is named in a warning.

Secrets stand in files that settings name: in no command line, in no variable that a list of processes shows.

To add a setting, add a field to a group in `emc/settings/` (`setting.py` shows one) and write this page anew;
what a container is to know must be passed on in `docker-compose.yml`. Tests see to both.
"""
_OF_COMPOSE = """
## docker-compose.yml

Read by Compose alone, from the shell or an `--env-file` (`deploy/env/`).

| variable | without it | meaning |
|---|---|---|
"""


def page() -> str:
    """The whole page as Markdown."""
    rows = (f"| `{name}` | {_shown(default)} | {meaning} |" for name, default, meaning in COMPOSE)
    return _HEAD + "".join(_group(group) for group in GROUPS) + _OF_COMPOSE + "\n".join(rows) + "\n"


def _group(group: type) -> str:
    optional = group in (Places, GrafanaPlaces)
    lines = ["", f"## {group.__doc__ or ''}".rstrip("."), ""]
    if optional:
        lines += ["Each is an option of the commands that need it, which stands above the variable.", ""]
    lines += ["| variable | without it | expected | meaning |", "|---|---|---|---|"]
    return "\n".join([*lines, *_rows(settings_of(group), optional)]) + "\n"


def _rows(settings: Iterator[Setting], optional: bool) -> Iterator[str]:
    for setting in settings:
        option = f", `--{setting.field.replace('_', '-')}`" if optional else ""
        shown = _shown(setting.default)
        yield f"| `{setting.variable}`{option} | {shown} | {setting.form} | {setting.meaning} |"


def _shown(default: object) -> str:
    if default in (None, ""):
        return "–"
    return f"`{default:g}`" if isinstance(default, float) else f"`{default}`"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
