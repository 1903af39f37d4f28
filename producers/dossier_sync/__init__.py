"""Dossier-sync records, as one-stop systems send them to the national portal, into dossier events' data.

Names match without regard to case and by their aliases. A field that is absent from the record is absent from
the data, one that is present and empty is null. Names, numbers and addresses of people are read by nothing
here: they end at this edge. `docs/importing.md` has the table of fields.
"""

from producers.dossier_sync.record import COLUMNS, column_of, is_kept, is_read, read_record

__all__ = ["COLUMNS", "column_of", "is_kept", "is_read", "read_record"]
