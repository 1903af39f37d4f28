"""What an application needs of access, made together: the keeper, the record, the guard."""

from typing import Self

from emc.settings.oidc import OpenId
from portal.access.crowd import Crowd
from portal.access.guard import Guard
from portal.access.invitations import Invitations
from portal.access.keeper import Keeper
from portal.access.known_tokens import KnownTokens
from portal.access.record import Record
from portal.access.rules import Rules
from sinks.access.record import write_record
from sinks.access.sessions import SessionStore
from sinks.access.tokens import TokenStore
from sinks.clickhouse.database import Database
from sinks.queries.reader import Reader


class Entrance:
    """Over one database. `local`: a token of this process alone, for commands on the same data directory.

    `provider`: an OpenID provider that people may sign in with, too.
    """

    def __init__(
        self, reader: Reader, rules: Rules, local: str | None = None, provider: OpenId | None = None
    ) -> None:
        self.provider = provider if provider is not None and provider.issuer else None
        database: Database = reader.database
        self.rules = rules
        self.keeper = Keeper(rules, KnownTokens(TokenStore(database), local), SessionStore(database))
        self.record = Record(lambda happened: write_record(database, happened))
        self.crowd = Crowd()
        self.invitations = Invitations()
        self.guard = Guard(reader, self.keeper, self.record, self.crowd)

    def __enter__(self) -> Self:
        self.record.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Writes what is left of the record. May be repeated."""
        self.record.stop()
