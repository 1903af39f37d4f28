"""Which statements a reader from outside may run: one query of tables, and nothing that leaves them.

The engine's `readonly` is not enough. Under it `file('/etc/passwd')` reads files of the host, INTO OUTFILE
writes them, DESCRIBE url(…) opens connections, SYSTEM STOP MERGES and KILL QUERY act. So a statement is cut
into words here, as the engine's own lexer cuts it, and refused for a word that leads out. What this lexer is
not sure to read as the engine does (heredocs, typographic quotes) is refused as well.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from emc.errors import InputError

_FIRST = frozenset({"select", "with", "show", "describe", "desc", "explain"})
_SHOWN = frozenset(
    {
        *("tables", "full", "extended", "databases", "columns", "fields", "create"),
        *("index", "indexes", "indices", "keys", "setting", "settings", "functions", "engines"),
    }
)
"""What SHOW may name: not what others ask, what is merged, or who may do what."""
FORMATS = frozenset(
    {
        *("Native", "JSON", "JSONCompact", "JSONEachRow", "JSONCompactEachRow", "CSV", "CSVWithNames"),
        *("TSV", "TSVWithNames", "TSVWithNamesAndTypes"),
        *("TabSeparated", "TabSeparatedWithNames", "TabSeparatedWithNamesAndTypes"),
    }
)
"""Formats of an answer: those that clients read, none that draws or compresses."""
_KNOWN_FORMATS = {name.lower() for name in FORMATS}
_FOREIGN = frozenset({"default", "information_schema"})
"""Databases that tell of the host; of `system` only what tells of the monitor's own tables."""
_OF_SYSTEM = frozenset({"tables", "columns", "databases", "settings", "functions", "one", "numbers"})
_WITH_PATHS = frozenset({"tables", "databases"})
"""Of those, the ones that also tell where on the host the tables lie: they are read without it."""
_HARMLESS_TABLE_FUNCTIONS = frozenset(
    {
        "format",  # readonly refuses the table function; FORMAT is also a clause
        "generate_series",
        "generateseries",
        "null",
        "numbers",
        "numbers_mt",
        "primes",
        "sqlstandardvalues",
        "values",
        "view",
        "zeros",
        "zeros_mt",
    }
)
_LEADS_OUT = re.compile(
    r"file|into|outfile|infile|identifier|sleep|sleepeachrow|dict(get|has|isin)\w*|getserversetting"
    # one call of these may take minutes, and none of the engine's limits holds inside a call
    r"|arrayfold|(utf8)?editdistance(utf8)?|levenshteindistance\w*|dameraulevenshteindistance\w*"
    r"|jaro(winkler)?similarity\w*"
    r"|catboostevaluate|evalmlmethod|showcertificate"
    r"|ai(classify|embed|extract|filter|generate|redact|similarity|translate)\w*",
)
_SIGNS = frozenset("-+*/%=<>!()[]{},.:?|@&^~")
_TOKEN = re.compile(
    r"""
      (?P<space>\s+ | --[^\n]* | /\*.*?\*/)
    | (?P<string>'(?:[^'\\]|\\.|'')*')
    | (?P<quoted>`[^`\\]*` | "[^"\\]*")
    | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<number>[0-9][A-Za-z0-9_.]*)
    | (?P<sign>[-+*/%=<>!()\[\]{},.:?|@&^~])
    """,
    re.VERBOSE | re.DOTALL,
)


class _Word(NamedTuple):
    """A name or keyword in small letters, and where it stands in the statement."""

    name: str
    start: int
    end: int


class Guard:
    """Judges statements. `table_functions`: the names of all that the engine has."""

    def __init__(self, table_functions: Iterable[str]) -> None:
        names = {name.lower() for name in table_functions}
        self._forbidden = names - _HARMLESS_TABLE_FUNCTIONS

    def check(self, statement: str) -> str:
        """The statement to run: without a last semicolon, and without the host's paths in what it reads.

        InputError when it may not run.
        """
        text = statement.strip()
        text = text[:-1] if text.endswith(";") else text
        words = list(_words(text))
        names = [word.name for word in words]
        if not names or names[0] not in _FIRST:
            raise InputError("only queries are allowed here: SELECT, WITH, SHOW, DESCRIBE, EXPLAIN")
        for name in names:
            if name in self._forbidden or _LEADS_OUT.fullmatch(name):
                raise InputError(f"{name} is not allowed here: only tables of this database can be read")
        for name, following in pairwise([*names, ""]):
            _check_pair(name, following)
        if names[0] == "show" and names[1:2] and names[1] not in _SHOWN:
            raise InputError(f"SHOW {names[1].upper()} is not allowed here: only tables can be shown")
        return _without_paths(text, words)


def _check_pair(word: str, following: str) -> None:
    """Refuses names of other databases, and a format that is not known, by the word that follows, if any."""
    if word in _FOREIGN or (word == "system" and following not in _OF_SYSTEM):
        raise InputError(f"{word} is not allowed here: only tables of this database can be read")
    if word == "format" and following not in (*_SIGNS, *_KNOWN_FORMATS, ""):
        raise InputError(f"the format is not one of {', '.join(sorted(FORMATS))}")


def _without_paths(text: str, words: list[_Word]) -> str:
    """In the place of each of the engine's lists that tell of paths, the same one without them."""
    pieces, done = list[str](), 0
    for word, following in pairwise(words):
        if word.name == "system" and following.name in _WITH_PATHS:
            listed = f"(SELECT * EXCEPT ('path') FROM system.{following.name})"
            pieces += (text[done : word.start], listed)
            done = following.end
    return "".join((*pieces, text[done:]))


def _words(text: str) -> Iterator[_Word]:
    """Every name and keyword outside strings and comments, quoted names included, in small letters.

    A sign that follows `format` is there too: before one it is a column's name, and no clause.
    """
    place, last = 0, ""
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None or (found["sign"] == "/" and text.startswith("/*", place)):
            raise InputError(f"{text[place]!r} at character {place + 1} of the statement is not allowed here")
        place = found.end()
        if found["word"] or found["quoted"]:
            last = (found["word"] or found["quoted"][1:-1]).lower()
            yield _Word(last, found.start(), place)
        elif found["sign"] and last == "format":
            last = found["sign"]
            yield _Word(last, found.start(), place)
