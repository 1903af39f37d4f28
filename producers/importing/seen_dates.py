"""In which forms the columns of a file write their dates, and how far that can be told."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from emc.instants import HANOI
from producers.local_times import read_time

_DATE = r"(?P<one>\d{1,2})(?P<sep>[-/.])(?P<two>\d{1,2})(?P=sep)(?P<year>\d{4}|\d{2})"
_TIME = r"\d{1,2}:\d{2}(?P<seconds>:\d{2}(?P<fraction>\.\d{1,6})?)?(?P<half>\ ?[AaPp][Mm])?"
_NUMERIC = tuple(
    re.compile(form, re.VERBOSE).fullmatch
    for form in (rf"{_DATE}(?:(?P<blank>[ ]|T)(?P<time>{_TIME}))?", rf"(?P<time>{_TIME})[ ]{_DATE}")
)
_OTHERS = {
    "ngày dd tháng MM năm yyyy": re.compile(r"ngày \d{1,2} tháng \d{1,2} năm \d{4}", re.IGNORECASE).fullmatch,
    "yyyyMMddHHmmss": re.compile(r"(?:19|20)\d{12}").fullmatch,
    "yyyyMMdd": re.compile(r"(?:19|20)\d{6}").fullmatch,
    "yyyy/MM/dd HH:mm:ss": re.compile(r"\d{4}/\d{1,2}/\d{1,2} \d{1,2}:\d{2}:\d{2}").fullmatch,
    "yyyy/MM/dd HH:mm": re.compile(r"\d{4}/\d{1,2}/\d{1,2} \d{1,2}:\d{2}").fullmatch,
    "yyyy/MM/dd": re.compile(r"\d{4}/\d{1,2}/\d{1,2}").fullmatch,
    "excel": re.compile(r"[1-9]\d{4}(?:[.,]\d+)?").fullmatch,
}
_DAY, _MONTH = ("dd", "MM"), ("MM", "dd")


@dataclass
class SeenDates:
    """What was seen of a column's texts as dates.

    `forms` have `{0}` and `{1}` where day and month stand, in an order that a number above 12 tells:
    `day_first` and `month_first` count the texts that have one. `unread` are in no form that is known.
    """

    forms: Counter[str] = field(default_factory=Counter)
    day_first: int = 0
    month_first: int = 0
    unread: int = 0
    texts: int = 0
    has_padded: bool = False
    has_bare: bool = False

    def see(self, text: str) -> None:
        """Takes a text in that is not empty."""
        self.texts += 1
        if found := _NUMERIC[0](text) or _NUMERIC[1](text):
            self._see_numeric(found)
        elif form := next((form for form, matches in _OTHERS.items() if matches(text)), None):
            self.forms[form] += 1
        else:
            try:
                read_time(text, HANOI)
            except ValueError:
                self.unread += 1

    def _see_numeric(self, found: re.Match[str]) -> None:
        one, two = int(found["one"]), int(found["two"])
        if one > 12 and two > 12:
            self.unread += 1
            return
        self.day_first += one > 12
        self.month_first += two > 12
        for number in (found["one"], found["two"]):
            self.has_padded |= number.startswith("0")
            self.has_bare |= len(number) == 1
        self.forms[_form(found)] += 1

    @property
    def is_open(self) -> bool:
        """Whether it has dates whose order of day and month nothing in the column tells."""
        return self.is_numeric and not self.day_first and not self.month_first

    @property
    def has_short_years(self) -> bool:
        """Whether any of its dates has a year of two digits, which could as well be a day."""
        return any("yy" in form and "yyyy" not in form for form in self.forms)

    @property
    def is_numeric(self) -> bool:
        """Whether any of its dates has day and month in an order that is to be told."""
        return any("{0}" in form for form in self.forms)


def _form(found: re.Match[str]) -> str:
    """The form of a date, its day and month left open."""
    date = f"{{0}}{found['sep']}{{1}}{found['sep']}{'y' * len(found['year'])}"
    if not found["time"]:
        return date
    time = ("hh:mm" if found["half"] else "HH:mm") + (":ss" if found["seconds"] else "")
    time += ".SSS" if found["fraction"] else ""
    if found["half"]:
        time += " tt" if " " in found["half"] else "tt"
    blank = found.groupdict().get("blank")
    return f"{date}{blank}{time}" if blank else f"{time} {date}"


def forms_of(columns: Mapping[str, SeenDates]) -> list[str]:
    """The forms of a mapping's `dates` for these columns, the commonest first."""
    order = _DAY if _is_day_first(columns) else _MONTH
    seen = Counter[str]()
    for column in columns.values():
        seen.update(column.forms)
    return [form.format(*order) for form, _ in seen.most_common()]


def _is_day_first(columns: Mapping[str, SeenDates]) -> bool:
    return sum(one.day_first for one in columns.values()) >= sum(one.month_first for one in columns.values())


def remarks_on(columns: Mapping[str, SeenDates]) -> Iterator[str]:
    """Why the forms are these; a sentence that begins with `decide` where a person must say."""
    day = [name for name, seen in columns.items() if seen.day_first]
    month = [name for name, seen in columns.items() if seen.month_first]
    open_ = [name for name, seen in columns.items() if seen.is_open]
    order = "day" if _is_day_first(columns) else "month"
    if day and month:
        yield (
            f"decide: {_named(day)} has dates with the day first, {_named(month)} with the month first; "
            f"one mapping reads one order, here the {order} first"
        )
    elif day:
        yield f"day first: the first number is above 12 in {_named(day)}"
    elif month:
        yield f"month first: the second number is above 12 in {_named(month)}"
    elif open_:
        yield f"decide: no number above 12 tells in {_named(open_)} what is first; here the day"
    if open_ and (day or month):
        mark = "decide: " if month else ""
        yield f"{mark}nothing tells the order in {_named(open_)}; here the {order} is first, as in the others"
    mixed = [name for name in month if columns[name].has_padded and columns[name].has_bare]
    if mixed and not day:
        yield f"decide: {_named(mixed)} has both 05 and 5, as dates of two origins; all are read month first"
    if short := [name for name, seen in columns.items() if seen.has_short_years]:
        yield f"decide: {_named(short)} has years of two digits; here they stand last, as in 05/11/26"
    for name, seen in columns.items():
        if seen.unread:
            told = f"{seen.unread} of {seen.texts} values of {_named([name])}"
            yield f"decide: {told} are in no form of dates that is known; add theirs to dates"


def _named(columns: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)
