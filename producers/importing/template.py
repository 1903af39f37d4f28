"""Templates for dossier codes: `{agency}-{received_at:%y%m%d}-{case_id:0>6}`."""

from collections.abc import Callable
from datetime import datetime
from string import Formatter

from emc.errors import InputError
from producers.errors import Unmappable

ValueOf = Callable[[str, bool], datetime | str]


class Template:
    """A text with `{name}` or `{name:format}` for columns and contract fields.

    Times take `strftime` formats, everything else Python's for texts. Nothing but names is evaluated.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        try:
            self._parts = list(Formatter().parse(text))
        except ValueError as error:
            raise InputError(f"dossier: {text!r} is no template ({error})") from None
        self.names = tuple(dict.fromkeys(name for _, name, _, _ in self._parts if name is not None))
        for _, name, form, conversion in self._parts:
            if name == "" or conversion or "{" in (form or ""):
                raise InputError(f"dossier: {text!r} is no template, expected {{name}} or {{name:format}}")

    def fill(self, value_of: ValueOf) -> str:
        """The text with each name's value; Unmappable when one does not take its format.

        `value_of` is asked for a name, and whether its format is one for times.
        """
        return "".join(self._fill(part, value_of) for part in self._parts)

    @staticmethod
    def _fill(part: tuple[str, str | None, str | None, str | None], value_of: ValueOf) -> str:
        literal, name, form, _ = part
        if name is None:
            return literal
        try:
            return literal + format(value_of(name, "%" in (form or "")), form or "")
        except ValueError as error:
            if isinstance(error, Unmappable):
                raise
            raise Unmappable(name, f"expected a value that the format {form!r} fits") from None
