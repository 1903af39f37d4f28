"""The warnings of a dossier's present state: odd, but counted."""

from collections.abc import Iterator

from tests.oracle.facts import Catalogue, State, moment
from tests.oracle.forms import day_of_dossier, hanoi_day, has_run

NEEDS_RECEIPT = (2, 4, 5, 6, 7, 8, 9, 10)


def warnings_of(code: str, state: State, catalogue: Catalogue, now_us: int) -> Iterator[str]:
    """The names of the contract's warnings that hold for one dossier."""
    submitted, received, resolved = (
        moment(state, name) for name in ("submitted_at", "received_at", "resolved_at")
    )
    if received is not None and resolved is not None and resolved < received:
        yield "resolved_before_received"
    if received is not None and submitted is not None and received < submitted:
        yield "received_before_submitted"
    if received is not None and hanoi_day(received) != day_of_dossier(code):
        yield "code_date_differs"
    if received is None and state.get("status") in NEEDS_RECEIPT:
        yield "status_without_date"
    if any(each is not None and each > now_us for each in (received, resolved)):
        yield "date_in_future"
    if looks_personal(code, state):
        yield "looks_personal"
    procedure = state.get("procedure")
    if received is not None and procedure and catalogue.on(procedure, hanoi_day(received)) is None:
        yield "not_in_catalogue"


def looks_personal(code: str, state: State) -> bool:
    """Whether a text of the dossier, or the number in its code, could be an identity number."""
    texts = [state.get("unit")]
    for component in state.get("components") or ():
        texts += [component.get("code"), component.get("reuse_source")]
    return len(code.rpartition("-")[2]) in (9, 12) or any(has_run(text) for text in texts if text)
