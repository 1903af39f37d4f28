"""What a record of a sender says, in the contract's terms, and every fault that keeps it from counting."""

from dataclasses import dataclass, field
from enum import StrEnum

from emc.verdicts import Reason


class Notice(StrEnum):
    """Odd but countable, visible only in the record as it was sent: recorded when seen."""

    RESULT_IS_INPUT = "result_is_input"
    PLACEHOLDER_IDENTITY = "placeholder_identity"
    FINISHED_WITHOUT_DATE = "finished_without_date"
    UNREADABLE_LIST = "unreadable_list"
    UNKNOWN_STATUS = "unknown_status"
    UNKNOWN_UNIT = "unknown_unit"
    UNKNOWN_PROCEDURE = "unknown_procedure"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: `column` is the file's own name (None: the record as a whole), `path` the
    contract's, `detail` the form that is expected. None of them quotes a value.
    """

    column: str | None
    detail: str
    path: str = "$"
    reason: Reason = Reason.INVALID


@dataclass(slots=True)
class Said:
    """A record in the contract's terms.

    `data` are the fields of its event, those at fault left out; `unknown` names the fields of the record that
    nothing was made of; `notices` is what is odd about it.
    """

    subject: str
    data: dict[str, object] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    def notice(self, notice: Notice) -> None:
        """Notes something odd, once."""
        if notice not in self.notices:
            self.notices.append(notice)

    def without_faults(self) -> "Said":
        """Itself, its data without the fields that are at fault."""
        for fault in self.faults:
            self.data.pop(fault.path.removeprefix("$.data."), None)
        return self
