"""What a page says, text by text, and in which language."""

import re
from html.parser import HTMLParser

_SILENT = {"script", "style", "code", "pre", "textarea"}
_VOID = {"meta", "link", "input", "br", "hr", "img", "rect", "path", "circle"}
_SAID = ("title", "placeholder", "aria-label", "data-label", "alt")
_ENGLISH = re.compile(r"\b(the|is|are|of|and|expected|with|for|was|were|which|from|must|or|be|its?)\b", re.I)
_VIETNAMESE = re.compile("[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệịỉọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", re.I)


class Aloud(HTMLParser):
    """Gathers the texts of a page, each with its language; what is code, or typed in, is left out."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self._open: list[tuple[str, str, bool]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A part begins, in the language of what it is in or in its own."""
        given = dict(attrs)
        language = given.get("lang") or (self._open[-1][1] if self._open else "")
        is_code = "code" in (given.get("class") or "").split()
        silent = tag in _SILENT or is_code or (self._open[-1][2] if self._open else False)
        self.texts += [(language, given[name] or "") for name in _SAID if given.get(name)]
        if tag not in _VOID:
            self._open.append((tag, language, silent))

    def handle_endtag(self, tag: str) -> None:
        """A part ends, and whatever in it was not ended by itself."""
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        """A text between two tags."""
        text = " ".join(data.split())
        if text and self._open and not self._open[-1][2]:
            self.texts.append((self._open[-1][1], text))


def english_in(page: str) -> set[str]:
    """The texts of a Vietnamese page that have English words in them, but those that it says are English."""
    return {text for language, text in Aloud(page).texts if language == "vi" and _ENGLISH.search(text)}


def vietnamese_in(page: str, names: set[str]) -> set[str]:
    """The texts of an English page that are Vietnamese without being names."""
    found = set[str]()
    for language, text in Aloud(page).texts:
        left = text
        for name in sorted(names, key=len, reverse=True):
            left = left.replace(name, "")
        if language == "en" and _VIETNAMESE.search(left):
            found.add(text)
    return found
