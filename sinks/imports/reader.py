"""What imports ask and keep: dossiers and catalogues to compare with, imports, what is odd by source."""

from collections.abc import Sequence
from typing import Any

import msgspec

from emc.disclosure import listed_file, listed_source
from emc.errors import InputError
from emc.identifiers import dossier_agency, source_agency
from emc.registry import Registry
from sinks.clickhouse.database import Database
from sinks.imports.feeds import Feed, note_feed
from sinks.imports.known import read_catalogue, read_declarations, read_states
from sinks.imports.mappings import LARGEST, LONGEST, read_mappings, write_mapping
from sinks.imports.record import ImportRecord
from sinks.imports.recorded import read_import, read_imports, write_import, write_notices
from sinks.imports.warnings import read_warnings
from sinks.queries.visible import EVERYTHING, Visible, guarded, require


class ImportReader:
    """The part of `sinks.queries.reader.Reader` that is about imports of files."""

    def __init__(self, database: Database, registry: Registry, visible: Visible = EVERYTHING) -> None:
        self.database, self.registry, self.visible = database, registry, visible

    def states(self, dossiers: Sequence[str]) -> dict[str, str]:
        """The registers (JSON) of those of at most a thousand dossiers that are known."""
        return read_states(self._dossiers_only, dossiers)

    def catalogue(self, agency: str) -> list[dict[str, Any]]:
        """The entries of an agency's catalogue of procedures."""
        self._require(agency)
        return read_catalogue(self._dossiers_only, agency)

    def declarations(self, agency: str) -> list[dict[str, Any]]:
        """What an agency declared to have handled, day by day."""
        self._require(agency)
        return read_declarations(self._dossiers_only, agency)

    def imports(self, agency: str | None = None, limit: int = 100) -> list[dict[str, Any]]:
        """The newest imports of files, of an agency (None: of all)."""
        self._require(agency)
        return [self._listed(each) for each in read_imports(self._dossiers_only, agency, limit)]

    def import_(self, id_: str) -> dict[str, Any]:
        """One import, with the causes of what it refused."""
        return self._listed(read_import(self._dossiers_only, id_))

    def keep_import(self, record: ImportRecord) -> str:
        """Keeps what an import of an agency did, without notices of others' dossiers; its identifier."""
        self._require(record.agency)
        if source_agency(record.source) != record.agency:
            raise InputError("source: expected /agencies/{code}/{system} of the agency")
        speaks_for = self.registry.speaks_for
        notices = [
            one for one in record.notices if speaks_for(record.source[10:], dossier_agency(one.dossier) or "")
        ]
        return write_import(self.database, msgspec.structs.replace(record, notices=notices))

    def mappings(self, agency: str, kind: str) -> dict[str, dict[str, Any]]:
        """The mappings that an agency keeps for rows of a kind: their keys by name."""
        self._require(agency)
        return read_mappings(self._dossiers_only, agency, kind)

    def keep_mapping(self, agency: str, kind: str, name: str, keys: dict[str, Any]) -> None:
        """Keeps a mapping under a name; one of the same name is replaced."""
        self._require(agency)
        if not name.isprintable() or not 1 <= len(name) <= LONGEST:
            raise InputError(f"the name of a mapping is not usable, expected 1 to {LONGEST} characters")
        if len(msgspec.json.encode(keys)) > LARGEST:
            raise InputError(f"the mapping is too large, expected at most {LARGEST} bytes")
        write_mapping(self.database, agency, kind, name, keys)

    def keep_notices(self, source: str, notices: Sequence[tuple[str, str]]) -> None:
        """Keeps what was odd in records of a source: (dossier, notice)."""
        write_notices(self.database, source, notices)

    def note_feed(self, source: str, feed: Feed) -> None:
        """Keeps that a source reports in this way."""
        note_feed(self.database, source, feed)

    def source_warnings(self, agency: str) -> list[dict[str, Any]]:
        """What is odd in what an agency's sources report, by source, with counts and examples."""
        self._require(agency)
        return [self._listed(each) for each in read_warnings(self._dossiers_only, agency)]

    def _listed(self, row: dict[str, Any]) -> dict[str, Any]:
        """A row of a list: whoever sees all agencies sees no person's number in the names that they chose."""
        if self.visible.dossiers is not None:
            return row
        named: dict[str, Any] = {"source": listed_source(row["source"])}
        if "files" in row:
            named["files"] = [listed_file(name) for name in row["files"]]
        return row | named

    @property
    def _dossiers_only(self) -> Database:
        return guarded(self.database, self.visible.dossiers)

    def _require(self, agency: str | None) -> None:
        """NotVisible for another agency; one that is not in the registry is told by the query itself."""
        if agency is not None and agency in self.registry:
            require(self.visible.dossiers, agency)
