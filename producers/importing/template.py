"""Templates for dossier codes: `{agency}-{received_at:%y%m%d}-{case_id:0>6}`."""

from collections.abc import Callable
from datetime import datetime
from string import Formatter
from typing import NamedTuple

from emc.errors import InputError
from producers.errors import Unmappable

COLUMN = "column"


class Part(NamedTuple):
    """A literal and what follows it: a name (None: nothing) with its format.

    `is_column` is set where the template says `{column:name}`: a column, whatever else bears that name.
    """

    literal: str
    name: str | None
    form: str = ""
    is_column: bool = False


ValueOf = Callable[[Part], datetime | str]


class Template:
    """A text with `{name}` or `{name:format}` for columns and contract fields, `{agency}`, `{column:name}`.

    Times take `strftime` formats, everything else Python's for texts. Nothing but names is evaluated.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        try:
            self.parts = [self._part(*part) for part in Formatter().parse(text)]
        except ValueError as error:
            raise InputError(f"dossier: {text!r} is no template ({error})") from None
        self.names = tuple(dict.fromkeys(part.name for part in self.parts if part.name is not None))

    def _part(self, literal: str, name: str | None, form: str | None, conversion: str | None) -> Part:
        form = form or ""
        if name == "" or conversion or "{" in form:
            raise InputError(f"dossier: {self.text!r} is no template, expected {{name}} or {{name:format}}")
        if name == COLUMN and form:
            column, _, form = form.partition(":")
            return Part(literal, column, form, is_column=True)
        return Part(literal, name, form)

    def fill(self, value_of: ValueOf) -> str:
        """The text with each name's value; Unmappable when one does not take its format."""
        return "".join(self._fill(part, value_of) for part in self.parts)

    @staticmethod
    def _fill(part: Part, value_of: ValueOf) -> str:
        if part.name is None:
            return part.literal
        try:
            return part.literal + format(value_of(part), part.form)
        except ValueError as error:
            if isinstance(error, Unmappable):
                raise
            raise Unmappable(part.name, f"expected a value that the format {part.form!r} fits") from None
