"""What each warning means, in a sentence."""

CONSTANT_FROM = 500
"""More dossiers than this with the same value of a flag, and none with another: the source never looks."""

WARNINGS: dict[str, str] = {
    "resolved_before_received": "resolved before it was received",
    "received_before_submitted": "received before it was submitted",
    "code_date_differs": "the date in the code is not the day of receipt",
    "status_without_date": "its status says that it was received, but there is no date of receipt",
    "date_in_future": "received or resolved in the future",
    "not_in_catalogue": "its procedure has no entry in the catalogue on the day of receipt",
    "looks_personal": "a number that could be a person's stands where none belongs",
    "conflict": "two events of one time and id say different things",
    "result_is_input": "the link of the result is that of a file that was handed in",
    "placeholder_identity": "the identity number only fills its field, so nobody is identified by it",
    "finished_without_date": "finished (status 9), but without a date: it never counts as resolved",
    "receipt_moves": "its date of receipt changes from one sending to the next",
    "constant_flag": f"a flag has one and the same value in more than {CONSTANT_FROM} dossiers of the source",
    "duplicate_suspect": "another code has the same procedure, unit and instants",
    "unreadable_list": "the list of components or results could not be read; the dossier counts without it",
    "unknown_status": "its status is no word that the source's table knows; it says nothing of it",
    "unknown_unit": "its unit is a name that the source's table does not know",
    "unknown_procedure": "its procedure is a local code that the source's table does not know",
}
"""What each warning means."""
