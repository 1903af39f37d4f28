"""Which stored rows add to the rates selected, told to the engine: what adds to nothing is not read."""

from typing import NamedTuple

from emc.definitions import DEFINITIONS
from emc.registry import Registry
from sinks.queries.rate_query import Selection
from sinks.queries.visible import agency_in


class Narrowed(NamedTuple):
    """A condition on agency, metric and definition, in SQL.

    `is_one_group`: all rows that meet it add to one group and nothing else, so the engine may sum them up,
    under any one of their agencies.
    """

    condition: str
    is_one_group: bool


EVERY_ROW = Narrowed("true", False)


def narrowed(selection: Selection, registry: Registry) -> Narrowed:
    """What may be left out of a selection without changing it.

    Agencies only where dossiers count for the agency in their codes: else those of others count for it, too.
    """
    conditions = []
    if len(selection.definitions) < len(DEFINITIONS):
        # names out of `emc.definitions`, not a caller's
        names = ", ".join(f"('{each.metric}', '{each.name}')" for each in selection.definitions)
        conditions.append(f"(metric, definition) IN ({names})")
    standing = _standing(selection, registry)
    if standing is not None and selection.counted_for == "code":
        conditions.append(agency_in(_reporting(standing, selection, registry)))
    is_one_group = selection.group is not None and selection.counted_for == "code" and selection.as_of is None
    return Narrowed(" AND ".join(conditions) or "true", is_one_group)


def _standing(selection: Selection, registry: Registry) -> frozenset[str] | None:
    """Those asked for, as agencies of the structure; None: all, also such as the registry does not have."""
    if selection.group is not None:
        return registry.members(selection.group)
    return None if selection.agency is None else frozenset((selection.agency,))


def _reporting(standing: frozenset[str], selection: Selection, registry: Registry) -> frozenset[str]:
    """Whose reports count for these agencies."""
    if selection.structure != "current":
        return standing
    return frozenset(code for code in registry.agencies if registry.current(code) in standing)
