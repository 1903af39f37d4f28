"""Every setting of the monitor: what the environment may say, in one frozen object, read once at the start.

A new setting is one field in a group (a struct in this folder), described as `setting.py` shows; a new group
is a field of `Settings`. `python -m emc.settings.page` writes docs/settings.md from them.
"""

import difflib
import os
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Self

import msgspec

from emc.settings.clickhouse import ClickHouseAccess
from emc.settings.commands import GrafanaPlaces, Places
from emc.settings.compose import COMPOSE
from emc.settings.door import ApiAccess, Door
from emc.settings.kafka import KafkaAccess
from emc.settings.oidc import OpenId
from emc.settings.setting import read_group, settings_of
from emc.settings.site import Site
from emc.settings.upkeep import Upkeep
from emc.settings.uploads import UploadRoom


class Settings(msgspec.Struct, frozen=True):
    """What the environment says."""

    kafka: KafkaAccess
    clickhouse: ClickHouseAccess
    upkeep: Upkeep
    site: Site
    door: Door
    api: ApiAccess
    oidc: OpenId
    uploads: UploadRoom

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """SettingError names the first variable that is wrong, and what is expected."""
        groups = msgspec.structs.fields(cls)
        return cls(**{group.name: read_group(group.type, environment) for group in groups})


GROUPS: tuple[type[msgspec.Struct], ...] = (
    *(field.type for field in msgspec.structs.fields(Settings)),
    *(Places, GrafanaPlaces),
)
"""Those of `Settings`, and those that commands read, for they have options for them."""


@cache
def current() -> Settings:
    """The settings of this process, read at the first call. Raises as `Settings.read`."""
    return Settings.read(os.environ)


def known() -> frozenset[str]:
    """The variables that anything reads."""
    of_program = {setting.variable for group in GROUPS for setting in settings_of(group)}
    return frozenset(of_program | {variable.variable for variable in COMPOSE})


def unknown(environment: Mapping[str, str]) -> Iterator[str]:
    """A sentence about each variable that looks like a setting and is none."""
    names = known()
    for name in sorted(environment):
        if name.startswith("EMC_") and name not in names:
            near = difflib.get_close_matches(name, names, 1)
            yield f"{name} is no setting" + (f"; is {near[0]} meant?" if near else ", see docs/settings.md")
