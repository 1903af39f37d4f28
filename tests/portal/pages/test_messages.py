"""Nothing that a person reads is left in English on a Vietnamese page."""

import string

from emc.translation import translations
from portal.pages.messages import texts


def test_every_text_is_translated_and_none_is_left_over() -> None:
    assert set(translations()) == set(texts()), (
        "run: python -m portal.pages.messages, then fill emc/locale/vi.po"
    )


def test_translations_keep_what_is_put_in() -> None:
    def names(text: str) -> set[str | None]:
        return {name for _, name, _, _ in string.Formatter().parse(text)} - {None}

    assert {text: names(text) for text in texts()} == {
        text: names(translated) for text, translated in translations().items()
    }
