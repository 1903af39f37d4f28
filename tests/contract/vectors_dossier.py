"""The fields of a dossier event, components included."""

from typing import Any

from tests.contract.building import INSTANTS, Fault, Taken, Vector, dossier, invalid, one

GOOD: tuple[tuple[str, Any], ...] = (
    ("channel", "direct"),
    ("channel", "online"),
    ("channel", "postal"),
    ("status", 1),
    ("status", 10),
    ("electronic_result", True),
    ("result_signed", False),
    ("identified", True),
    ("fee_due", False),
    ("paid_online", True),
    ("removed", True),
    ("procedure", "1.010708"),
    ("unit", "H25"),
    ("unit", "H25.16.001"),
    ("unit", "000.00.16.H25"),
    ("unit", "G12.1"),
    ("unit", "H25." + "X" * 31),
    ("settled_by", "H26"),
    ("settled_by", "H25." + "X" * 31),
    ("claimed_level", "full"),
    ("claimed_level", "partial"),
    ("claimed_level", "none"),
    ("components", []),
    ("components", [{"code": ""}]),
    ("components", [{"code": "k" * 200}]),
    ("components", [{"code": "Đơn đề nghị \u00a0\u200b"}]),
    ("components", [{"code": "a"}, {"code": "a"}]),
    ("components", [{"code": "a", "digitised": True, "reused": False, "reuse_source": "national-store"}]),
    ("components", [{"code": "a", "reuse_source": "x" * 64}]),
    ("components", [{"code": "a", "reuse_source": "a1-"}]),
    ("components", [{"code": str(n)} for n in range(200)]),
)
BAD: tuple[tuple[str, Any], ...] = (
    ("channel", "Online"),
    ("channel", ""),
    ("channel", 1),
    ("channel", ["online"]),
    ("status", 0),
    ("status", 11),
    ("status", -1),
    ("status", 1.0),
    ("status", 1.5),
    ("status", "1"),
    ("status", True),
    ("status", 10**30),
    ("electronic_result", 1),
    ("electronic_result", "true"),
    ("identified", 0),
    ("fee_due", "false"),
    ("paid_online", {}),
    ("removed", "1"),
    ("result_signed", []),
    ("procedure", ""),
    ("procedure", 1.010708),
    ("unit", ""),
    ("unit", "h25"),
    ("unit", "H25."),
    ("unit", "H25..1"),
    ("unit", "H25.a"),
    ("unit", "Z25.1"),
    ("unit", "H25\n"),
    ("unit", "00.00.16.H25"),
    ("unit", "000.00.16.Z25"),
    ("unit", "000.00.16.H25.1"),
    ("unit", "H25." + "X" * 32),
    ("unit", "Sở Tư pháp"),
    ("settled_by", ""),
    ("settled_by", 26),
    ("settled_by", "H25." + "X" * 32),
    ("settled_by", "Sở Tư pháp"),
    ("claimed_level", "Full"),
    ("claimed_level", ""),
    ("claimed_level", 4),
    ("claimed_level", True),
    ("received_at", 1709600400),
    ("received_at", True),
    ("components", {}),
    ("components", "[]"),
    ("components", [{"code": str(n)} for n in range(201)]),
)
COMPONENTS: tuple[tuple[Any, str, str], ...] = (
    ([None], "invalid", "[0]"),
    (["a"], "invalid", "[0]"),
    ([{"code": "a"}, {}], "invalid", "[1].code"),
    ([{"code": None}], "invalid", "[0].code"),
    ([{"code": 5}], "invalid", "[0].code"),
    ([{"code": "k" * 201}], "invalid", "[0].code"),
    ([{"code": "a\u0000"}], "invalid", "[0].code"),
    ([{"code": "a\tb"}], "invalid", "[0].code"),
    ([{"code": "a\u007f"}], "invalid", "[0].code"),
    ([{"code": "a\u0085"}], "invalid", "[0].code"),
    ([{"code": "a", "digitised": 1}], "invalid", "[0].digitised"),
    ([{"code": "a"}, {"code": "b", "reused": "yes"}], "invalid", "[1].reused"),
    ([{"code": "a", "reuse_source": "National"}], "invalid", "[0].reuse_source"),
    ([{"code": "a", "reuse_source": ""}], "invalid", "[0].reuse_source"),
    ([{"code": "a", "reuse_source": "1a"}], "invalid", "[0].reuse_source"),
    ([{"code": "a", "reuse_source": "a_b"}], "invalid", "[0].reuse_source"),
    ([{"code": "a", "reuse_source": "x" * 65}], "invalid", "[0].reuse_source"),
    ([{"code": "a", "reuse_source": "a\n"}], "invalid", "[0].reuse_source"),
    ([{"code": "a", "name": "XXX"}], "unknown_field", "[0].*"),
    ([{"code": "a"}, {"code": "b", "note": None}], "unknown_field", "[1].note"),
)
FLAGS = ("electronic_result", "result_signed", "identified", "fee_due", "paid_online", "removed")
LATER = ("settled_by", "claimed_level")
NULLS = ("procedure", "unit", "channel", "status", "components", *INSTANTS, *FLAGS, *LATER)


def short(value: object) -> str:
    return repr(value)[:40]


def vectors() -> list[Vector]:
    taken = [
        one(f"{name} {short(value)} #{n}", dossier({name: value}), Taken({name: value}))
        for n, (name, value) in enumerate(GOOD)
    ]
    cleared = [one(f"{name} null", dossier({name: None}), Taken({name: None})) for name in NULLS]
    refused = [
        one(f"no {name} {short(value)} #{n}", dossier({name: value}), invalid(f"$.data.{name}"))
        for n, (name, value) in enumerate(BAD)
    ]
    broken = [
        one(
            f"component {path} of {short(value)}",
            dossier({"components": value}),
            Fault(reason, f"$.data.components{path}"),
        )
        for value, reason, path in COMPONENTS
    ]
    return taken + cleared + refused + broken


VECTORS = (
    *vectors(),
    one(
        "minus zero is no status", dossier({"status": 5}) | {"data": {"status": -0}}, invalid("$.data.status")
    ),
    one("every field cleared at once", dossier(dict.fromkeys(NULLS)), Taken(dict.fromkeys(NULLS))),
    one(
        "null inside a component is as absent",
        dossier({"components": [{"code": "a", "digitised": None, "reused": None, "reuse_source": None}]}),
        Taken({"components": [{"code": "a"}]}),
    ),
    one(
        "false inside a component is not absent",
        dossier({"components": [{"code": "a", "reused": False}]}),
        Taken({"components": [{"code": "a", "reused": False}]}),
    ),
    one("a field not listed", dossier({"applicant": "XXX"}), Fault("unknown_field", "$.data.*")),
    one("a field not listed, null", dossier({"applicant": None}), Fault("unknown_field", "$.data.*")),
    one("an official name", dossier({"MaTTHC": "1.010708"}), Fault("unknown_field", "$.data.*")),
    one("a field in capitals", dossier({"Channel": "online"}), Fault("unknown_field", "$.data.Channel")),
    one(
        "a field of another type",
        dossier({"valid_from": "2024-01-01"}),
        Fault("unknown_field", "$.data.*"),
    ),
    one("an envelope attribute in data", dossier({"id": "x"}), Fault("unknown_field", "$.data.*")),
    one("an empty name", dossier({"": 1}), Fault("unknown_field", "$.data.*")),
)
