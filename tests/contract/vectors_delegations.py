"""Who may speak for an agency by a row of the registry: all four types, a system or all, no chains."""

from typing import Any

from tests.contract.building import Fault, Taken, Vector, declaration, dossier, heartbeat, procedure, raw

REFUSED = Fault("agency_mismatch", "$.source")
KINDS = {"dossier": dossier, "procedure": procedure, "declaration": declaration, "heartbeat": heartbeat}
WHOLE, ONE = "/agencies/G09", "/agencies/G09/business"


def case(
    name: str, whole: dict[str, Any], expected: Taken | Fault, *rows: tuple[str, str], key: bytes = b"H25"
) -> Vector:
    """A message of one event under a registry with these delegations."""
    return Vector(name, raw(whole), (expected,), key, delegations=rows)


def of_kinds() -> list[Vector]:
    """Every type, delegated and not."""
    found = []
    for kind, make in KINDS.items():
        found += [
            case(f"{kind} of one not delegated", make(source=ONE), REFUSED),
            case(f"{kind} of a delegate", make(source=ONE), Taken(agency="H25"), ("G09", "H25")),
            case(f"{kind} of a system", make(source=ONE), Taken(agency="H25"), ("G09/business", "H25")),
            case(f"{kind} of another system", make(source=ONE), REFUSED, ("G09/land", "H25")),
        ]
    return found


VECTORS = (
    *of_kinds(),
    case("the agency without a system", dossier(source=WHOLE), Taken(), ("G09", "H25")),
    case("without the system that is meant", dossier(source=WHOLE), REFUSED, ("G09/business", "H25")),
    case(
        "a system in other letters",
        dossier(source="/agencies/G09/Business"),
        REFUSED,
        ("G09/business", "H25"),
    ),
    case("a longer system", dossier(source=ONE + "2"), REFUSED, ("G09/business", "H25")),
    case("all localities", dossier(source=WHOLE), Taken(), ("G09", "localities")),
    case("the whole country", dossier(source=WHOLE), Taken(), ("G09", "national")),
    case("ministries are meant", dossier(source=WHOLE), REFUSED, ("G09", "ministries")),
    case(
        "a ministry among them",
        dossier({}, "G12-240305-0001", source=WHOLE),
        Taken(agency="G12"),
        ("G09", "ministries"),
        key=b"G12",
    ),
    case("another agency is meant", dossier(source=WHOLE), REFUSED, ("G09", "H26")),
    case("one of several rows", dossier(source=ONE), Taken(), ("G09", "H26"), ("G09/business", "H25")),
    case(
        "a delegate of the delegate", dossier(source="/agencies/G18"), REFUSED, ("G09", "H25"), ("G18", "G09")
    ),
    case("a delegate of the successor", dossier(source=WHOLE), REFUSED, ("G09", "H42")),
    case("the delegate's successor", dossier(source="/agencies/H42"), Taken(), ("H25", "H26")),
    case(
        "a successor of the delegate",
        dossier({}, "H26-240305-0001", source="/agencies/H42"),
        REFUSED,
        ("H25", "H26"),
        key=b"H26",
    ),
    case(
        "a delegate under its own key",
        dossier(source=WHOLE),
        Fault("agency_mismatch", "$.subject"),
        ("G09", "H25"),
        key=b"G09",
    ),
    case("itself, with rows for others", dossier(), Taken(), ("G09", "H25")),
    case("the successor, with rows for others", dossier(source="/agencies/H42/x"), Taken(), ("G09", "H25")),
    case(
        "a delegate's stamp of the future",
        dossier(source=ONE, time="2024-06-01T02:00:00Z"),
        Fault("future", "$.time"),
        ("G09", "H25"),
    ),
)
