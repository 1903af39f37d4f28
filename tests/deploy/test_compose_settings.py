"""docker-compose.yml and its files of variables name settings that exist, with the defaults that are told."""

import re
from pathlib import Path

import pytest
import yaml

from emc.settings import GROUPS, known
from emc.settings.compose import COMPOSE
from emc.settings.setting import settings_of
from emc.settings.upkeep import Upkeep

ROOT = Path(__file__).parents[2]
FILE = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
PUT_IN = dict(re.findall(r"\$\{(EMC_\w+):-([^}]*)\}", FILE))
OF_PROGRAM = {setting.variable: setting for group in GROUPS for setting in settings_of(group)}


def test_what_compose_puts_in_is_told_with_what_holds_without_it() -> None:
    of_compose = {name: default for name, default in PUT_IN.items() if name not in OF_PROGRAM}
    assert of_compose == {variable.variable: variable.default for variable in COMPOSE}


def test_what_a_container_is_given_is_a_setting() -> None:
    services = yaml.safe_load(FILE)["services"]
    given = {
        name
        for service in services.values()
        for name in service.get("environment") or {}
        if name.startswith("EMC_")
    }
    assert "EMC_AUDIT_EVERY" in given
    assert given <= OF_PROGRAM.keys()


def test_what_the_upkeep_of_a_site_is_reaches_the_containers() -> None:
    for setting in settings_of(Upkeep):
        usual = "" if setting.default is None else f"{setting.default:g}"
        assert PUT_IN.get(setting.variable) == usual, setting.variable


@pytest.mark.parametrize("path", sorted((ROOT / "deploy" / "env").glob("*.env")), ids=lambda path: path.name)
def test_the_files_of_variables_hold_what_compose_puts_in(path: Path) -> None:
    names = set(re.findall(r"^(EMC_\w+)=", path.read_text(encoding="utf-8"), re.MULTILINE))
    assert names
    assert names <= PUT_IN.keys() & known()
