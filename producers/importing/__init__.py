"""Files of dossiers into events: dossier-sync records, CSV, JSON lines, Parquet."""

from producers.importing.importer import Sender, import_files
from producers.importing.mapping import FileMapping, load_mapping
from producers.importing.report import ImportReport, Progress, Refusal

__all__ = [
    "FileMapping",
    "ImportReport",
    "Progress",
    "Refusal",
    "Sender",
    "import_files",
    "load_mapping",
]
