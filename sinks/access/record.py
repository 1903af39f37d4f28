"""The record of access: sign-ins, tokens made and revoked, refusals, exports; no value of a request."""

import secrets
from typing import Any, Literal

import msgspec

from emc.identifiers import is_agency
from emc.instants import HANOI, format_instant
from sinks.clickhouse.database import Database
from sinks.queries.visible import Agencies, agency_in

What = Literal["sign_in", "sign_out", "token_made", "token_revoked", "refused", "exported", "uploaded"]
MOST = 1000


class Happening(msgspec.Struct, frozen=True):
    """What happened, at an instant in milliseconds; `agency` None: it concerns none."""

    at: int
    what: What
    agency: str | None = None
    token: str = ""
    name: str = ""
    route: str = ""
    reason: str = ""
    times: int = 1


def write_record(database: Database, happened: list[Happening]) -> None:
    """Keeps what happened."""
    if not happened:
        return
    columns: dict[str, list[Any]] = {
        name: [getattr(one, name) for one in happened]
        for name in ("at", "what", "token", "name", "route", "reason", "times")
    }
    columns["agency"] = [one.agency or "" for one in happened]
    columns["id"] = [secrets.token_hex(8) for _ in happened]
    database.insert("access_record", columns)


def read_record(
    database: Database, agencies: Agencies, limit: int, before: tuple[int, str] | None = None
) -> tuple[list[dict[str, Any]], tuple[int, str] | None]:
    """The newest of what happened, of these agencies, and the place (ms, id) of the last if more follow.

    `before`: the place from which to go on.
    """
    condition = "true" if agencies is None else agency_in(agencies)
    at, id_ = before or (2**62, "")
    rows = database.rows(
        f"""
        SELECT at, id, what, agency, token, name, route, reason, times FROM access_record FINAL
        WHERE {condition} AND (toUnixTimestamp64Milli(at), id) < ({{at:Int64}}, {{id:String}})
        ORDER BY at DESC, id DESC LIMIT {{limit:UInt32}}
        """,
        {"at": at, "id": id_, "limit": limit + 1},
    )
    page = rows[:limit]
    following = (page[-1]["at"], page[-1]["id"]) if len(rows) > limit else None
    for row in page:
        del row["id"]
        row["at"] = format_instant(row["at"] * 1000, HANOI)
        row["agency"] = row["agency"] if is_agency(row["agency"]) else None
    return page, following
