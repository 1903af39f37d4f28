"""What an upload may be told: sentences of the importer and of the room of uploads, for translation."""

UPLOADING = (
    # what is wrong with a cell or a row
    "expected a time: {forms}",
    "expected a time: there is no such day in that month",
    "expected a time: there is no such month; is the month written before the day?",
    "expected a status, as a number or a word of the source's: {words}",
    "expected true or false, 1 or 0, yes or no",
    "expected an integer from {least} to {most}",
    "expected a value: the dossier's code needs it",
    "expected a dossier of the agency, or of one that it succeeds",
    "expected a dossier code",
    "expected a text",
    "expected 0, 1 or 2",
    "expected 1, 2 or 3",
    "expected {width} cells as in the header, found {found}",
    "expected one of {choices}",
    # where it is
    "line {line}",
    "line {line}, record {record}",
    # what is wrong with a file or its mapping
    "{name} is empty",
    "{name} is compressed: unpack it first",
    "{name} is not a workbook that can be read (xlsx, xls, ods)",
    "{name} is locked by a password: save it without",
    "{name} is larger than 300 MB once unpacked: save it as CSV",
    "{name}: there is no column {columns}; the file has {others}",
    "no file was chosen",
    "the file has more than {largest} MB",
    "the moment of the export is none, expected a day and hh:mm",
    "the name of a mapping is not usable, expected 1 to {longest} characters",
    # how it goes
    "{most} uploads of the agency lie here already: send or drop one of them",
    "something is going on with this upload: wait until it has ended",
    "it is to be looked through first",
    "it is an older export than what is known: say when it was exported",
    "it was sent already",
    "the service ended before this was done: look through it and send it, repeats are harmless",
    "the service failed; its log says why",
    "the monitor has still to read {lag} messages: it was compared with what it knew",
    *(
        f"{{count}} {dossiers} finished after the newest moment that the files tell of ({{newest}}) would be"
        " open again (as {examples}): this is an older export than its time says ({said})"
        for dossiers in ("dossier", "dossiers")
    ),
    *(
        f"these very files were imported before, and a later export since ({{later}}): {{changed}} {rows}"
        " would undo what it said"
        for rows in ("row", "rows")
    ),
    *(
        f"{{count}} {dossiers} would go back to an earlier status or moment (as {{examples}}), and an export"
        " imported before tells of later moments ({later}) than these files ({newest}): this is an older"
        " export"
        for dossiers in ("dossier", "dossiers")
    ),
    "of {file}, the sheet {sheet} is read; others: {others}",
    "of {file}, line {line} names the columns; nothing is read from above it",
    "{file} is read as {encoding}",
)
