"""Settings are read whole, refused by name, and all told by the reference page."""

import re
from pathlib import Path
from typing import Annotated

import msgspec
import pytest

from emc.errors import SettingError
from emc.settings import Settings, known, unknown
from emc.settings.page import PAGE, page
from emc.settings.setting import means, named, read_group, settings_of
from emc.settings.upkeep import Upkeep

ROOT = Path(__file__).parents[3]
CODE = ("emc", "producers", "streams", "sinks", "portal", "dashboards", "cli", "deploy")


def test_without_settings_everything_is_kept() -> None:
    assert Settings.read({}).upkeep == Upkeep()
    assert Settings.read({"EMC_EVENTS_RETENTION_DAYS": ""}).upkeep.events_days is None


def test_settings_are_read() -> None:
    found = Settings.read(
        {
            "EMC_AUDIT_EVERY": "0",
            "EMC_EVENTS_RETENTION_DAYS": "400",
            "EMC_REJECTIONS_RETENTION_DAYS": "90",
            "EMC_BROKEN_SHARE": "0.25",
            "EMC_BROKEN_LEAST": "10",
            "EMC_BROKEN_WINDOW": "60",
        }
    )
    assert found.upkeep == Upkeep(0, 400, 90, 0.25, 10, 60)


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("EMC_AUDIT_EVERY", "hourly", "a number from 0 to 1e+09"),
        ("EMC_AUDIT_EVERY", "nan", "a number from 0 to 1e+09"),
        ("EMC_EVENTS_RETENTION_DAYS", "0", "a whole number from 1 to 100000"),
        ("EMC_EVENTS_RETENTION_DAYS", "1.5", "a whole number from 1 to 100000"),
        ("EMC_BROKEN_SHARE", "2", "a number from 0 to 1"),
    ],
)
def test_a_wrong_setting_names_key_value_and_what_is_expected(
    variable: str, value: str, expected: str
) -> None:
    with pytest.raises(SettingError) as error:
        Settings.read({variable: value})
    assert str(error.value) == f"{variable} is {value!r}, expected {expected}"


class Example(msgspec.Struct, frozen=True):
    """A group with the forms that no setting of today has."""

    hosts: Annotated[tuple[str, ...], means("Names.")] = named("EMC_EXAMPLE_HOSTS", ())
    public: Annotated[bool, means("Whether.")] = named("EMC_EXAMPLE_PUBLIC", False)


def test_lists_have_commas_between_and_switches_are_true_or_false() -> None:
    assert read_group(Example, {}) == Example((), False)
    environment = {"EMC_EXAMPLE_HOSTS": "a.example,b.example", "EMC_EXAMPLE_PUBLIC": "true"}
    assert read_group(Example, environment) == Example(("a.example", "b.example"), True)
    with pytest.raises(SettingError, match="EMC_EXAMPLE_PUBLIC is 'perhaps', expected true or false"):
        read_group(Example, {"EMC_EXAMPLE_PUBLIC": "perhaps"})
    assert [setting.form for setting in settings_of(Example)] == [
        "texts with commas between",
        "true or false",
    ]


def test_a_variable_that_nothing_reads_is_named_with_the_nearest_that_something_does() -> None:
    set_ = {"EMC_AUDIT_EVRY": "3", "EMC_XYZZY": "", "EMC_PORT": "1", "EMC_WORKER_MEMORY": "1g", "PATH": ""}
    assert list(unknown(set_)) == [
        "EMC_AUDIT_EVRY is no setting; is EMC_AUDIT_EVERY meant?",
        "EMC_XYZZY is no setting, see docs/settings.md",
    ]


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m emc.settings.page"


def test_every_variable_in_the_code_is_a_setting() -> None:
    code = "".join(path.read_text("utf-8") for each in CODE for path in (ROOT / each).rglob("*.py"))
    named_in_code = set(re.findall(r'["\'(]((?:EMC)_[A-Z_]+)\b', code))
    assert "EMC_THRESHOLDS" in named_in_code
    assert named_in_code <= known()


def test_nobody_reads_the_environment_of_the_monitor_but_the_settings() -> None:
    """Commands have theirs through click, from the same descriptions."""
    own = ROOT / "emc" / "settings"
    for path in (path for each in CODE for path in (ROOT / each).rglob("*.py")):
        if own not in path.parents:
            assert not re.search(r'(environ\W+(get\()?|envvar=)"EMC_', path.read_text("utf-8")), path
