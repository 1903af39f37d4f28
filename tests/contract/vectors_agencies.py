"""Identifiers in both schemes; key, source and subject that belong together, or not.

H25 is closed and followed by H42; H26 and G12 are open; A99 is in no registry.
"""

from tests.contract.building import Fault, Taken, declaration, dossier, heartbeat, invalid, one, procedure

UNKNOWN, MISMATCH = "unknown_agency", "agency_mismatch"
KEY = ("$", "$.source", "$.subject")
NO_KEY = Fault(MISMATCH, "$", tuple((MISMATCH, path) for path in KEY))
ODD_KEY = Fault(UNKNOWN, "$", tuple((reason, path) for reason in (UNKNOWN, MISMATCH) for path in KEY))
CODES_GOOD = (
    "H25-240305-0007",
    "H25-240305-123456789012",
    "H25.16-240305-0007",
    "H25.16.2A.BC-240305-0007",
    "000.00.16.H25-240305-0007",
    "999.99.99.H25-000101-0000",
    "H25-240229-0001",
    "H25-991231-0001",
    "H25." + "9" * 31 + "-240305-0001",
    "H25-20240305-0007",
    "H25.16-20260305-0000007",
    "000.00.16.H25-20240229-0007",
    "H25-20000101-0000",
    "H25-20991231-123456789012",
)
CODES_BAD = (
    "H25-240305-007",
    "H25-240305-1234567890123",
    "H25-240230-0007",
    "H25-230229-0007",
    "H25-241301-0007",
    "H25-240300-0007",
    "H25-19991231-0007",
    "H25-21000101-0007",
    "H25-20230229-0007",
    "H25-20241301-0007",
    "H25-05032024-0007",
    "H25-2024035-0007",
    "H25-202403050-0007",
    "H25-20240305-007",
    "H25-20240305-1234567890123",
    "H25-240305-00A7",
    "H25-240305-",
    "H25-240305",
    "H25 -240305-0007",
    "H25-240305-0007 ",
    "H25-240305-0007\n",
    "H25-240305-０００７",
    "H25_240305_0007",
    "h25-240305-0007",
    "Z25-240305-0007",
    "H25.-240305-0007",
    "H25.a-240305-0007",
    "00.00.16.H25-240305-0007",
    "000.00.16.H2-240305-0007",
    "000.00.16.Z25-240305-0007",
    "-240305-0007",
    "H25." + "9" * 32 + "-240305-0001",
    "",
)
PROCEDURES_BAD = (
    "1.01070",
    "1.0107080",
    "10.010708",
    "1-010708",
    "1.010708.",
    "1.010708.H56",
    "1.010708.000.00.00",
    "1.010708.000.00.00.h56",
    "1.010708.000.00.00.H56.1",
    "1.010708\n",
    "a.010708",
    "",
)

VECTORS = (
    *(one(f"dossier {code[:30]}", dossier({}, code), Taken({}, code, "H25", "")) for code in CODES_GOOD),
    *(
        one(f"no dossier {code[:30]!r} {n}", dossier({}, code), invalid("$.subject"))
        for n, code in enumerate(CODES_BAD)
    ),
    *(
        one(f"no procedure code {code!r}", procedure({}, code), invalid("$.subject"))
        for code in PROCEDURES_BAD
    ),
    *(
        one(f"no procedure {code!r}", dossier({"procedure": code}), invalid("$.data.procedure"))
        for code in PROCEDURES_BAD
    ),
    one("procedure suffix dropped", procedure({}, "1.010708.000.00.00.H56"), Taken({}, "1.010708", "H25")),
    one(
        "procedure suffix of any agency",
        procedure({}, "9.999999.123.45.67.Y99"),
        Taken({}, "9.999999", "H25"),
    ),
    one(
        "suffix dropped in a field",
        dossier({"procedure": "1.010708.000.00.00.H56"}),
        Taken({"procedure": "1.010708"}),
    ),
    one("a unit of another agency", dossier({"unit": "G01.1"}), Taken({"unit": "G01.1"})),
    one(
        "a unit of no registered agency", dossier({"unit": "000.00.16.A99"}), Taken({"unit": "000.00.16.A99"})
    ),
    one(
        "a ministry",
        dossier({}, "G12.5-240305-0001", source="/agencies/G12"),
        Taken({}, agency="G12"),
        key=b"G12",
    ),
    # who settles it
    one("settled by another", dossier({"settled_by": "G12"}), Taken({"settled_by": "G12"})),
    one("settled by itself", dossier({"settled_by": "H25.16"}), Taken({"settled_by": "H25.16"})),
    one(
        "settled by a unit", dossier({"settled_by": "000.00.16.H26"}), Taken({"settled_by": "000.00.16.H26"})
    ),
    one("settled by a closed one", dossier({"settled_by": "H30.1"}), Taken({"settled_by": "H30.1"})),
    one("settled by nobody known", dossier({"settled_by": "A99"}), Fault(UNKNOWN, "$.data.settled_by")),
    one(
        "settled by a unit of nobody known",
        dossier({"settled_by": "000.00.16.A99"}),
        Fault(UNKNOWN, "$.data.settled_by"),
    ),
    one("settled by, out of form", dossier({"settled_by": "h25"}), invalid("$.data.settled_by")),
    one(
        "settled by nobody known, source unknown too",
        dossier({"settled_by": "A99"}, source="/agencies/A99"),
        Fault(UNKNOWN, "$.source", ((UNKNOWN, "$.data.settled_by"),)),
    ),
    one(
        "settled by nobody known ranks above a mismatch",
        dossier({"settled_by": "A99"}, source="/agencies/H26"),
        Fault(UNKNOWN, "$.data.settled_by"),
    ),
    one(
        "settled by nobody known ranks above the future",
        dossier({"settled_by": "A99"}, time="2024-06-01T02:00:00Z"),
        Fault(UNKNOWN, "$.data.settled_by"),
    ),
    one(
        "settled by another, of the future",
        dossier({"settled_by": "G12"}, time="2024-06-01T02:00:00Z"),
        Fault("future", "$.time"),
    ),
    one(
        "settled by another, source a mismatch",
        dossier({"settled_by": "H26"}, source="/agencies/H26"),
        Fault(MISMATCH, "$.source"),
    ),
    # key, source, subject
    one("no key", dossier(), NO_KEY, key=None),
    one("no key for a procedure", procedure(), NO_KEY, key=None),
    one("empty key", declaration(), ODD_KEY, key=b""),
    one("key in small letters", declaration(), ODD_KEY, key=b"h25"),
    one("key with a blank", declaration(), ODD_KEY, key=b"H25 "),
    one("key of a longer identifier", dossier({}, "H25.16-240305-0007"), ODD_KEY, key=b"H25.16"),
    one("key that is no text", heartbeat(), ODD_KEY, key=b"\xff\xfe"),
    one("unregistered key, registered source", procedure(), ODD_KEY, key=b"A99"),
    one(
        "unregistered everywhere",
        dossier({}, "A99-240305-0001", source="/agencies/A99"),
        Fault(UNKNOWN, "$.source", tuple((UNKNOWN, path) for path in KEY)),
        key=b"A99",
    ),
    one("unregistered source", procedure(source="/agencies/A99"), Fault(UNKNOWN, "$.source")),
    one("unregistered source of a heartbeat", heartbeat(source="/agencies/A99"), Fault(UNKNOWN, "$.source")),
    one("unregistered dossier agency", dossier({}, "A99-240305-0001"), Fault(UNKNOWN, "$.subject")),
    one(
        "unregistered agency in the old scheme",
        dossier({}, "000.00.16.A99-240305-0001"),
        Fault(UNKNOWN, "$.subject"),
    ),
    one("dossier of another agency", dossier({}, "H26-240305-0001"), Fault(MISMATCH, "$.subject")),
    one(
        "old scheme of another agency", dossier({}, "000.00.16.H26-240305-0001"), Fault(MISMATCH, "$.subject")
    ),
    one(
        "key of another agency",
        dossier({}),
        Fault(MISMATCH, "$.subject", ((MISMATCH, "$.source"),)),
        key=b"H26",
    ),
    one("source of another agency", dossier(source="/agencies/H26"), Fault(MISMATCH, "$.source")),
    one("procedure of another source", procedure(source="/agencies/H26"), Fault(MISMATCH, "$.source")),
    one("declaration of another source", declaration(source="/agencies/G12"), Fault(MISMATCH, "$.source")),
    one("heartbeat of another source", heartbeat(source="/agencies/H26"), Fault(MISMATCH, "$.source")),
    one("the successor reports a dossier", dossier(source="/agencies/H42/mcdt"), Taken({}, agency="H25")),
    one("the successor reports a procedure", procedure(source="/agencies/H42"), Taken({}, agency="H25")),
    one("the successor declares", declaration(source="/agencies/H42"), Taken({}, agency="H25")),
    one("the successor's heartbeat", heartbeat(source="/agencies/H42"), Taken({}, agency="H25")),
    one(
        "the closed one for its successor",
        procedure(source="/agencies/H25"),
        Fault(MISMATCH, "$.source"),
        key=b"H42",
    ),
    one(
        "the successor under its own key",
        dossier({}, source="/agencies/H42"),
        Fault(MISMATCH, "$.subject"),
        key=b"H42",
    ),
    one(
        "a closed agency still reports",
        dossier({}, "H25-250901-0001", time="2024-05-31T00:00:00Z"),
        Taken({}, agency="H25"),
    ),
)
