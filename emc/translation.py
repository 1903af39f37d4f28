"""What a person reads, in Vietnamese or English: English texts are the keys of `locale/vi.po`."""

from collections.abc import Callable
from enum import StrEnum
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

CATALOGUE = Path(__file__).parent / "locale" / "vi.po"


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


@cache
def translations() -> dict[str, str]:
    """Every translated text by its English."""
    with CATALOGUE.open("rb") as stream:
        catalogue = read_po(stream, locale="vi")
    return {str(found.id): str(found.string) for found in catalogue if found.id and found.string}
