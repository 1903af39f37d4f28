"""How to reach a ClickHouse server with a password that stands in no command line."""

from typing import Annotated
from urllib.parse import quote, urlsplit

import msgspec

from emc.errors import SettingError
from emc.settings.files import secret
from emc.settings.setting import FileName, means, named


class ClickHouseAccess(msgspec.Struct, frozen=True):
    """The user's password for ClickHouse; user, host and database stand in the URL."""

    password_file: Annotated[
        FileName | None, means("File that holds the password of the user in the ClickHouse URL.")
    ] = named("EMC_CLICKHOUSE_PASSWORD_FILE")

    def url(self, url: str) -> str:
        """The URL with the password put in, if there is one.

        SettingError when the file is of no use, or the URL has a password of its own.
        """
        if not self.password_file:
            return url
        parts = urlsplit(url)
        if parts.password is not None:
            raise SettingError(
                "the ClickHouse URL holds a password, but EMC_CLICKHOUSE_PASSWORD_FILE is set too"
            )
        user, _, place = parts.netloc.rpartition("@")
        password = quote(secret("EMC_CLICKHOUSE_PASSWORD_FILE", self.password_file), safe="")
        return parts._replace(netloc=f"{user or 'default'}:{password}@{place}").geturl()
