"""What a person reads, in Vietnamese or English: English texts are the keys of `locale/vi.po`.

A text of the catalogue may have places, as in "limit is {limit}". A finished sentence, also one that a
service answered or a table holds, is translated by finding the text that it was made of.
"""

import re
from collections.abc import Callable
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path

from babel.messages.pofile import read_po

CATALOGUE = Path(__file__).parent / "locale" / "vi.po"
_PLACE = re.compile(r"\{(\w+)\}")
_LONGEST = 2000
"""Characters: what is longer was not written by the monitor."""


class Language(StrEnum):
    """A language that everything is written in."""

    VI = "vi"
    EN = "en"


Translate = Callable[[str], str]


def translator(language: Language) -> Translate:
    """A function from English text to this language's; a text without translation stays English."""
    if language is Language.EN:
        return str
    known = translations()
    return lambda text: known.get(text, text)


def speaker(language: Language) -> Translate:
    """A function from a finished English sentence to this language's, with what was put into it put in again.

    What no text of the catalogue was made into stays as it is.
    """
    return str if language is Language.EN else _spoken


@cache
def translations() -> dict[str, str]:
    """Every translated text by its English."""
    with CATALOGUE.open("rb") as stream:
        catalogue = read_po(stream, locale="vi")
    return {str(found.id): str(found.string) for found in catalogue if found.id and found.string}


@lru_cache(maxsize=4096)
def _spoken(sentence: str) -> str:
    known = translations().get(sentence)
    if known is not None or len(sentence) > _LONGEST:
        return known or sentence
    for form, translated in _forms():
        found = form.fullmatch(sentence)
        if found is not None:
            return translated.format(**{name: _spoken(value) for name, value in found.groupdict().items()})
    return sentence


@cache
def _forms() -> list[tuple[re.Pattern[str], str]]:
    """The texts that have places, as what finds their sentences; first those that say most themselves."""
    texts = [text for text in translations() if _PLACE.search(text)]
    texts.sort(key=lambda text: len(_PLACE.sub("", text)), reverse=True)
    return [(_form_of(text), translations()[text]) for text in texts]


def _form_of(text: str) -> re.Pattern[str]:
    parts, seen = list[str](), set[str]()
    for number, part in enumerate(_PLACE.split(text)):
        if number % 2 == 0:
            parts.append(re.escape(part))
        else:
            parts.append(f"(?P={part})" if part in seen else f"(?P<{part}>.*?)")
            seen.add(part)
    return re.compile("".join(parts), re.DOTALL)
