"""What a site has of its own: files, a language."""

from typing import Annotated, Literal

import msgspec

from emc.settings.files import secret
from emc.settings.setting import FileName, means, named


class Site(msgspec.Struct, frozen=True):
    """What a site has of its own, beside what is shipped."""

    thresholds: Annotated[
        FileName | None,
        means("Thresholds of alerts and dashboards, TOML; not set: those shipped."),
    ] = named("EMC_THRESHOLDS")
    registry: Annotated[
        FileName | None,
        means("Directory of the site's agencies, delegations and tracking sites; not set: those shipped."),
    ] = named("EMC_REGISTRY")
    grafana_token_file: Annotated[
        FileName | None, means("File that holds a service account's token for `emc dashboards`.")
    ] = named("EMC_GRAFANA_TOKEN_FILE")

    backup_key_file: Annotated[
        FileName | None,
        means(
            "Key with which backups are marked and known again; not set: the data directory's `backup.key`."
        ),
    ] = named("EMC_BACKUP_KEY_FILE")
    language: Annotated[
        Literal["vi", "en"] | None,
        means(
            "Language of what people read at a terminal; not set: that of the locale (`LANG`), else English."
        ),
    ] = named("EMC_LANG")

    def grafana_token(self) -> str | None:
        """The token; SettingError when the file holds none."""
        path = self.grafana_token_file
        return secret("EMC_GRAFANA_TOKEN_FILE", path).strip() if path else None
