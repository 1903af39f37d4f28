"""Random events of small worlds: few dossiers, few writers, few values, so that they meet often."""

from hypothesis import strategies as st

from emc.instants import DAY, parse_instant
from emc.verdicts import Accepted

START = parse_instant("2024-03-30T00:00:00+07:00")
AGENCY, SOURCE = "H25", "/agencies/H25/test"
PROCEDURES = ("1.000001", "1.000002", "2.000003")

instants = st.integers(0, 12).map(lambda n: START + n * DAY // 3)
flags = st.one_of(st.none(), st.booleans())
components = st.one_of(
    st.none(),
    st.lists(
        st.fixed_dictionaries(
            {"code": st.sampled_from("AB")}, optional={"digitised": st.booleans(), "reused": st.booleans()}
        ),
        max_size=2,
    ),
)
dossier_fields = st.fixed_dictionaries(
    {},
    optional={
        "procedure": st.one_of(st.none(), st.sampled_from(PROCEDURES)),
        "channel": st.sampled_from((None, "online", "direct", "postal")),
        "status": st.one_of(st.none(), st.integers(1, 10)),
        **dict.fromkeys(("received_at", "due_at", "resolved_at"), st.one_of(st.none(), instants)),
        "components": components,
        **dict.fromkeys(("electronic_result", "identified", "fee_due", "paid_online", "removed"), flags),
    },
)
entry_fields = st.fixed_dictionaries(
    {},
    optional={
        "service_level": st.sampled_from((None, "full", "partial", "none")),
        **dict.fromkeys(("eligible_full_online", "result_required", "published"), flags),
    },
)
counts = st.one_of(st.none(), st.integers(0, 5))
declaration_fields = st.fixed_dictionaries({}, optional={"received": counts, "resolved": counts})
writers = st.tuples(st.integers(0, 6).map(lambda n: START + n), st.sampled_from(("a", "b", "é")))
days = st.integers(30, 31).map(lambda n: f"2024-03-{n}")


@st.composite
def events(draw: st.DrawFn) -> Accepted:
    """An accepted event of any kind that counts."""
    (time, id_), kind = (
        draw(writers),
        draw(st.sampled_from(("dossier", "dossier", "procedure", "declaration"))),
    )
    if kind == "dossier":
        subject = f"000.00.16.H25-240305-000{draw(st.integers(1, 3))}"
        return Accepted(kind, AGENCY, subject, "", time, id_, SOURCE, draw(dossier_fields))
    if kind == "procedure":
        valid_from = draw(st.sampled_from(("1970-01-01", "2024-03-31", "2024-04-02")))
        subject = draw(st.sampled_from(PROCEDURES))
        return Accepted(kind, AGENCY, subject, valid_from, time, id_, SOURCE, draw(entry_fields))
    return Accepted(kind, AGENCY, draw(days), "", time, id_, SOURCE, draw(declaration_fields))
