"""Settings of the scheduled work."""

import pytest

from emc.errors import SettingError
from emc.upkeep import Upkeep, upkeep


def test_without_settings_everything_is_kept() -> None:
    assert upkeep({}) == Upkeep()
    assert upkeep({"EMC_EVENTS_RETENTION_DAYS": ""}).events_days is None


def test_settings_are_read() -> None:
    found = upkeep(
        {
            "EMC_AUDIT_EVERY": "0",
            "EMC_EVENTS_RETENTION_DAYS": "400",
            "EMC_REJECTIONS_RETENTION_DAYS": "90",
            "EMC_BROKEN_SHARE": "0.25",
            "EMC_BROKEN_LEAST": "10",
            "EMC_BROKEN_WINDOW": "60",
        }
    )
    assert found == Upkeep(0, 400, 90, 0.25, 10, 60)


@pytest.mark.parametrize(
    ("name", "value"),
    [("EMC_AUDIT_EVERY", "hourly"), ("EMC_EVENTS_RETENTION_DAYS", "0"), ("EMC_BROKEN_SHARE", "2")],
)
def test_a_wrong_setting_names_key_value_and_what_is_expected(name: str, value: str) -> None:
    with pytest.raises(SettingError, match=f"{name} is '{value}', expected a number from"):
        upkeep({name: value})
