"""Forms of dates as mappings write them: `dd/MM/yyyy HH:mm:ss` as offices say it, or `%d/%m/%Y` as
`strptime`.
"""

import re
import unicodedata

from producers.local_times import DIRECTIVE, EXCEL, SPELLINGS

_letters = re.compile(r"[^\W\d_]+")
_word = re.compile(r"([A-Za-z])\1*")


def directives(form: str) -> str:
    """A form as `strptime` takes it (or `excel`); ValueError when it has no day in it."""
    if form == EXCEL:
        return form
    form = unicodedata.normalize("NFC", form)
    if "%" not in form:
        form = _letters.sub(_spelled, form)
    found = DIRECTIVE.findall(form)
    if not found:
        raise ValueError("expected a form with a day in it, as dd/MM/yyyy or %d/%m/%Y, or excel")
    return form


def _spelled(letters: re.Match[str]) -> str:
    """Parts of a date; words as `ngày` or `tháng` stand for themselves: they are known by their marks."""
    return _word.sub(_directive_of, letters[0]) if letters[0].isascii() else letters[0]


def _directive_of(word: re.Match[str]) -> str:
    if word[0] == "T":
        return "T"
    try:
        return SPELLINGS[word[0]]
    except KeyError:
        expected = "expected a form as dd/MM/yyyy HH:mm:ss or %d/%m/%Y %H:%M:%S, or excel"
        raise ValueError(expected) from None
