"""What a person reads, in Vietnamese or English: English texts are the keys of `locale/vi.po` (pages) and
`locale/terminal.vi.po` for what only a terminal shows.

A text of the catalogue may have places, as in "limit is {limit}". A finished sentence, also one that a
service answered or a table holds, is translated by finding the text that it was made of.
"""

import re
from collections.abc import Callable
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path

CATALOGUE = Path(__file__).parent / "locale" / "vi.po"
TERMINAL = CATALOGUE.with_name("terminal.vi.po")
PLACE = re.compile(r"\{(\w+)\}")
_WORDS_PUT_IN = frozenset(("day", "month", "quarter", "year", "made"))
_NUMBERS = frozenset(("number", "rows", "count"))
"""Places that hold digits alone: what is said around them is too little to know a sentence by."""
_NUMBER = r"[0-9][0-9 .,\u00a0\u202f]*"
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


def speaker(language: Language, at_terminal: bool = False) -> Translate:
    """A function from a finished English sentence to this language's, with what was put into it put in again.

    What no text of the catalogues was made into stays as it is, and so does a single word that was put in: it
    is a name. `at_terminal`: where both catalogues have a text, in the words of terminals.
    """
    if language is Language.EN:
        return str
    return _spoken_at_terminal if at_terminal else _spoken


def noun(number: int, one: str, several: str) -> str:
    """The form of a noun that English puts behind a number; the catalogue has a sentence for either."""
    return one if number == 1 else several


@cache
def translations(path: Path = CATALOGUE) -> dict[str, str]:
    """Every translated text by its English."""
    from babel.messages.pofile import read_po  # takes longer to load than all that English needs

    with path.open("rb") as stream:
        catalogue = read_po(stream, locale="vi")
    return {str(found.id): str(found.string) for found in catalogue if found.id and found.string}


@lru_cache(maxsize=4096)
def _spoken(sentence: str) -> str:
    known = translations().get(sentence) or translations(TERMINAL).get(sentence)
    if known is not None or len(sentence) > _LONGEST:
        return known or sentence
    return _filled(sentence, (CATALOGUE, TERMINAL), _spoken_put_in) or sentence


@lru_cache(maxsize=4096)
def _spoken_at_terminal(sentence: str) -> str:
    known = translations(TERMINAL).get(sentence) or translations().get(sentence)
    if known is not None or len(sentence) > _LONGEST:
        return known or sentence
    return _filled(sentence, (TERMINAL, CATALOGUE), _spoken_words) or sentence


def _spoken_put_in(text: str) -> str:
    return _spoken(text) if " " in text.strip() or text in _WORDS_PUT_IN else text


def _spoken_words(text: str) -> str:
    return _spoken_at_terminal(text) if " " in text.strip() or text in _WORDS_PUT_IN else text


def _filled(sentence: str, catalogues: tuple[Path, ...], spoken: Translate) -> str | None:
    """The sentence by the text with places that it was made of, None where there is none."""
    for form, translated in _forms(catalogues):
        found = form.fullmatch(sentence)
        if found is not None:
            values = found.groupdict()
            return PLACE.sub(lambda place: spoken(values.get(place[1], place[0])), translated)  # noqa: B023
    return None


@cache
def _forms(catalogues: tuple[Path, ...]) -> list[tuple[re.Pattern[str], str]]:
    """The texts that have places, as what finds their sentences: those first that say most themselves.

    Of two that say as much, that of the catalogue named first; where both have a text, its words hold.
    """
    known = {text: said for path in reversed(catalogues) for text, said in translations(path).items()}
    first = translations(catalogues[0])
    texts = sorted((text for text in known if PLACE.search(text)), key=lambda text: text not in first)
    texts.sort(key=lambda text: len(PLACE.sub("", text)), reverse=True)
    return [(_form_of(text), known[text]) for text in texts]


def _form_of(text: str) -> re.Pattern[str]:
    parts, seen = list[str](), set[str]()
    for number, part in enumerate(PLACE.split(text)):
        if number % 2 == 0:
            parts.append(re.escape(part))
        else:
            what = _NUMBER if part in _NUMBERS else ".*?"
            parts.append(f"(?P={part})" if part in seen else f"(?P<{part}>{what})")
            seen.add(part)
    return re.compile("".join(parts), re.DOTALL)
