"""Files of dossiers, catalogues and declarations into events.

`JudgedRows(ImportRequest(…))` is the engine: it yields, row by row, the event to send or every reason against
it. `import_files` sends what it yields; `planning.Plan` compares it with what is known before anything is
sent.
"""

from producers.importing.importer import Sender, import_files
from producers.importing.judged_rows import JudgedRow, JudgedRows
from producers.importing.mapping import FileMapping, load_mapping
from producers.importing.report import ImportReport, Progress, Refusal
from producers.importing.request import ImportRequest

__all__ = [
    "FileMapping",
    "ImportReport",
    "ImportRequest",
    "JudgedRow",
    "JudgedRows",
    "Progress",
    "Refusal",
    "Sender",
    "import_files",
    "load_mapping",
]
