"""Who is counted and who may report: agencies, their successors, and to whom the registry delegates them."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from emc import registry_files
from emc.agencies import GROUPS, Agency, Delegation, Kind, TrackingSite
from emc.errors import SettingError

__all__ = ["GROUPS", "Agency", "Kind", "Registry", "Voice", "load_registry"]
_KIND_OF_GROUP = {"ministries": "ministry", "localities": "locality"}


class Voice(NamedTuple):
    """A source that may report for an agency, and why: `itself`, `successor` or `delegation`."""

    source: str
    why: str
    note: str = ""


class Registry:
    """All agencies by code, with the successor links, the groups, the delegations and the tracking sites."""

    def __init__(
        self,
        agencies: Iterable[Agency],
        delegations: Iterable[Delegation] = (),
        sites: Iterable[TrackingSite] = (),
    ) -> None:
        self.agencies: Mapping[str, Agency] = {agency.code: agency for agency in agencies}
        self.delegations = tuple(delegations)
        self.sites: Mapping[str, TrackingSite] = {site.site_id: site for site in sites}
        self._members = {group: self._of_kind(_KIND_OF_GROUP.get(group)) for group in GROUPS}
        self._chains = {code: self._chain(code) for code in self.agencies}
        self.reporting = frozenset(
            [(source, code) for code, chain in self._chains.items() for source in chain]
            + [(each.source, code) for each in self.delegations for code in self._meant(each)]
        )
        """All pairs (source, agency) in which the source, `code` or `code/system`, may report."""

    def _chain(self, code: str) -> list[str]:
        chain = [code]
        while (following := self.agencies[chain[-1]].successor) is not None:
            if following not in self.agencies or following in chain:
                raise SettingError(
                    f"agency registry: {code} has no valid chain of successors at {following!r}"
                )
            chain.append(following)
        return chain

    def _meant(self, delegation: Delegation) -> frozenset[str]:
        if delegation.agency in GROUPS:
            return self.members(delegation.agency)
        return frozenset((delegation.agency,))

    def __contains__(self, code: object) -> bool:
        return code in self.agencies

    def current(self, code: str) -> str:
        """The agency that stands for `code` today: the end of its chain of successors."""
        return self._chains[code][-1]

    def reports_of(self, code: str) -> frozenset[str]:
        """Whose reports an agency may read: its own and those of the agencies that it succeeded."""
        return frozenset(agency for agency, chain in self._chains.items() if code in chain)

    def speaks_for(self, source: str, agency: str) -> bool:
        """Whether `source` (`code` or `code/system`) may report for `agency`.

        It may for itself, for one that it succeeded, and for one that the registry delegates to it; neither
        a delegate's delegates nor its successors may.
        """
        return (source[:3], agency) in self.reporting or (source, agency) in self.reporting

    def voices(self, agency: str) -> Iterator[Voice]:
        """Everybody who may report for an agency of the registry, and why."""
        for code in self._chains[agency]:
            yield Voice(code, "itself" if code == agency else "successor")
        for delegation in self.delegations:
            if agency in self._meant(delegation):
                yield Voice(delegation.source, "delegation", delegation.note)

    def members(self, group: str) -> frozenset[str]:
        """The codes of `national`, `ministries` or `localities`; KeyError for another group."""
        return self._members[group]

    def _of_kind(self, kind: str | None) -> frozenset[str]:
        """The codes of a kind, of all kinds for None."""
        return frozenset(code for code, agency in self.agencies.items() if kind in (None, agency.kind))


def load_registry(folder: Path | None = None) -> Registry:
    """Reads a directory's files, by default that of EMC_REGISTRY; SettingError names file, line and fault."""
    agencies = registry_files.agencies(folder)
    known = frozenset(agency.code for agency in agencies)
    return Registry(
        agencies, registry_files.delegations(folder, known), registry_files.tracking_sites(folder, known)
    )
