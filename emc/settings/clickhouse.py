"""How to reach a ClickHouse server with a password that stands in no command line."""

from typing import Annotated
from urllib.parse import quote, urlsplit

import msgspec

from emc.errors import SettingError
from emc.settings.files import secret
from emc.settings.setting import FileName, means, named

ClusterName = Annotated[
    str, msgspec.Meta(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$", title="letters, digits, - and _, a letter first")
]


class ClickHouseAccess(msgspec.Struct, frozen=True):
    """The user's password for ClickHouse, and its cluster; user, host and database stand in the URL."""

    password_file: Annotated[
        FileName | None, means("File that holds the password of the user in the ClickHouse URL.")
    ] = named("EMC_CLICKHOUSE_PASSWORD_FILE")
    cluster: Annotated[
        ClusterName | None,
        means("Cluster that the ClickHouse servers are of, by its name in their `remote_servers`."),
    ] = named("EMC_CLICKHOUSE_CLUSTER")

    def url(self, url: str) -> str:
        """The URL with the password and the cluster put in, if there are.

        SettingError when the file is of no use, or the URL has a password of its own.
        """
        if self.cluster:
            url = urlsplit(url)._replace(query=f"cluster={self.cluster}").geturl()
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
