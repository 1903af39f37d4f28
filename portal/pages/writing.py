"""How numbers, days and periods are written: `50,1 %` and `11.000`, or in English `50.1 %` and `11,000`."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from emc.instants import HANOI
from emc.translation import Language, speaker, translator
from portal.pages.typed import shown_day, shown_moment
from sinks.disputes.reconciling import ANOTHERS, OTHER_DAY, REFUSED
from sinks.queries.reasons import NO_CATALOGUE, NO_ENTRY_WORDS, NOTHING_ACCEPTED, ONLY_PUSHED, WORDS

_ENGLISH_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
REASONS = sorted(
    (
        *(word for words in WORDS.values() for word in words),
        "it counts procedures of the catalogue, not dossiers",
        "it is marked as entered by mistake",
        "it has no date of receipt",
        "it has no date of resolution",
        *(NOTHING_ACCEPTED, NO_CATALOGUE, NO_ENTRY_WORDS, *ONLY_PUSHED.values()),
        *(ANOTHERS, OTHER_DAY, REFUSED),
    ),
    key=len,
    reverse=True,
)
"""What decides whether a dossier counts, in words; the longest first, since one may hold another."""
AUTHORS: Mapping[str, str] = {
    "open": "whoever reaches this machine",
    "this machine": "a command on this machine",
    "a link of this machine": "a link for one sign-in",
}
"""Who writes without a token that has a name, in words."""
_TENTH = Decimal("0.1")
_VIETNAMESE_SIGNS = str.maketrans(",.", ".,")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d.*[+-]\d\d:\d\d$")
_SPACE = "\N{NO-BREAK SPACE}"


class Writing:
    """Writes for one language. Shares are numbers between 0 and 1, moments RFC 3339 or milliseconds."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.text = translator(language)
        self.sentence = speaker(language)

    def count(self, number: int) -> str:
        """A whole number, its thousands set apart."""
        return self._signs(f"{number:,}")

    def counted(self, number: int, one: str, several: str, **values: object) -> str:
        """A text with a number before a noun: `{count}` and the other values in the form for that number."""
        chosen = self.text(one if number == 1 else several)
        return chosen.format(count=self.count(number), **values)

    def author(self, name: str) -> str:
        """Who wrote something: the name of a token as it was given, anybody else in words."""
        return self.text(AUTHORS[name]) if name in AUTHORS else name

    def percent(self, share: float | None, sign: bool = True) -> str:
        """A share with one decimal; words where there is no data, never 0."""
        if share is None:
            return self.text("no data")
        written = self._tenths(share * 100)
        return f"{written}{_SPACE}%" if sign else written

    def points(self, difference: float) -> str:
        """How far two shares are apart, in percentage points, without a sign."""
        return self._tenths(abs(difference) * 100)

    def _tenths(self, number: float) -> str:
        """By hand: a board has a thousand of these, and the tables of locales take 70 µs for each."""
        return self._signs(f"{Decimal(repr(number)).quantize(_TENTH, ROUND_HALF_EVEN):,}")

    def _signs(self, written: str) -> str:
        return written.translate(_VIETNAMESE_SIGNS) if self.language is Language.VI else written

    def day(self, day: date | str) -> str:
        """A calendar day, also as the API writes it."""
        if isinstance(day, str):
            day = date.fromisoformat(day)
        if self.language is Language.VI:
            return f"{day.day}/{day.month}/{day.year}"
        return f"{day.day} {_ENGLISH_MONTHS[day.month - 1]} {day.year}"

    def typed_day(self, day: str) -> str:
        """A day for a field that it is typed in; a text that is none as it is."""
        return shown_day(day, self.language)

    def typed_moment(self, moment: int | None) -> str:
        """A moment (µs) for a field that it is typed in; empty for None."""
        return shown_moment(moment, self.language)

    def moment(self, instant: str | int | None) -> str:
        """A moment in Asia/Ho_Chi_Minh, to the minute."""
        if instant is None:
            return self.text("never")
        at = (
            datetime.fromtimestamp(instant / 1000, HANOI)
            if isinstance(instant, int)
            else datetime.fromisoformat(instant).astimezone(HANOI)
        )
        return f"{at:%H:%M} {self.day(at.date())}"

    def period(self, period: str, start: date) -> str:
        """A period by its name, for the middle of a sentence."""
        if period == "year":
            return f"năm {start.year}" if self.language is Language.VI else str(start.year)
        if period == "quarter":
            number = (start.month + 2) // 3
            return f"quý {number}/{start.year}" if self.language is Language.VI else f"Q{number} {start.year}"
        if period == "month":
            month = f"tháng {start.month}/{start.year}"
            return (
                month if self.language is Language.VI else f"{_ENGLISH_MONTHS[start.month - 1]} {start.year}"
            )
        return self.day(start)

    def because(self, reasons: str) -> str:
        """The facts that decide whether a dossier counts, joined by commas, in this language."""
        for reason in REASONS:
            reasons = reasons.replace(reason, self.text(reason))
        return reasons

    def value(self, value: Any) -> str:
        """The value of a dossier's field: an instant to the minute, yes or no, components by their codes."""
        match value:
            case None:
                return self.text("cleared")
            case bool():
                return self.text("yes") if value else self.text("no")
            case list():
                return ", ".join(self._component(each) for each in value) or self.text("none")
            case str() if _INSTANT.match(value):
                return self.moment(value)
        return str(value)

    def _component(self, component: Mapping[str, Any]) -> str:
        facts = [name for name in ("digitised", "reused") if component.get(name)]
        told = f" ({', '.join(self.text(name) for name in facts)})" if facts else ""
        return f"{component.get('code', '')}{told}"

    def wording(self, titled: Any) -> str:
        """The title or sentence that a metric, a definition or a group has in this language."""
        return str(titled.vi if self.language is Language.VI else titled.en)
