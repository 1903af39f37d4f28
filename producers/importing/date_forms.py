"""Forms of dates as mappings write them: `dd/MM/yyyy HH:mm:ss` as offices say it, or `%d/%m/%Y` as
`strptime`.
"""

import re

from producers.local_times import EXCEL

_WORDS = {
    "yyyy": "%Y",
    "yy": "%y",
    "MM": "%m",
    "M": "%m",
    "dd": "%d",
    "d": "%d",
    "HH": "%H",
    "H": "%H",
    "hh": "%I",
    "h": "%I",
    "mm": "%M",
    "ss": "%S",
    "s": "%S",
    "tt": "%p",
    "ffffff": "%f",
    "fff": "%f",
    "SSS": "%f",
}
_word = re.compile(r"([A-Za-z])\1*")
_directive = re.compile(r"%[A-Za-z]")


def directives(form: str) -> str:
    """A form as `strptime` takes it (or `excel`); ValueError when it has no day in it."""
    if form == EXCEL:
        return form
    if "%" not in form:
        form = _word.sub(_directive_of, form)
    found = _directive.findall(form)
    if not found:
        raise ValueError("expected a form with a day in it, as dd/MM/yyyy or %d/%m/%Y, or excel")
    return form


def _directive_of(word: re.Match[str]) -> str:
    if word[0] == "T":
        return "T"
    try:
        return _WORDS[word[0]]
    except KeyError:
        expected = "expected a form as dd/MM/yyyy HH:mm:ss or %d/%m/%Y %H:%M:%S, or excel"
        raise ValueError(expected) from None
