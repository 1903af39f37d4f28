"""What the rows of the registry say: agencies, delegations, and the sites of the tracking format.

Codes are closed (`valid_to`, `successor`), never removed; those marked `code_verified` were read in a source.
An agency that was renamed keeps its former name: what was published of it then stays readable.
"""

from datetime import date
from typing import Literal

import msgspec

GROUPS = ("national", "ministries", "localities")
Kind = Literal["ministry", "locality"]


class Agency(msgspec.Struct, frozen=True):
    """One level-1 agency. `successor` and `valid_to` are set when its code is closed."""

    code: str
    name: str
    kind: Kind
    successor: str | None = None
    valid_to: date | None = None
    code_verified: bool = False
    emc_connection_2024_04: str = ""
    former_name: str = ""
    renamed_on: date | None = None
    note: str = ""

    def name_on(self, day: date) -> str:
        """What the agency was called on a day."""
        return self.former_name if self.renamed_on is not None and day < self.renamed_on else self.name


class Delegation(msgspec.Struct, frozen=True):
    """A source that speaks for agencies as they would themselves.

    `source`: an agency's code, or `code/system` for that system alone; `agency`: a code or a group.
    """

    source: str
    agency: str
    note: str = ""


class TrackingSite(msgspec.Struct, frozen=True):
    """Whose messages of the tracking format bear a site's number; `addresses`: networks it must send from."""

    site_id: str
    agency: str
    system: str
    addresses: tuple[str, ...] = ()
