"""The CloudEvents attributes, and what precedes what among the reasons."""

from tests.contract.building import (
    LEFT_OUT,
    Fault,
    Taken,
    declaration,
    dossier,
    heartbeat,
    invalid,
    one,
    procedure,
)

OK = Taken()
OLD = "vn.emc.dossier.v0"

VECTORS = (
    one("specversion missing", dossier(specversion=LEFT_OUT), invalid("$.specversion")),
    one("specversion null", dossier(specversion=None), invalid("$.specversion")),
    one("specversion a number", dossier(specversion=1.0), invalid("$.specversion")),
    one("specversion 0.3", dossier(specversion="0.3"), Fault("unsupported", "$.specversion")),
    one("specversion 1.0.2", dossier(specversion="1.0.2"), Fault("unsupported", "$.specversion")),
    one("type missing", dossier(type=LEFT_OUT), invalid("$.type")),
    one("type null", dossier(type=None), invalid("$.type")),
    one("type a number", dossier(type=1), invalid("$.type")),
    one("type of another version", dossier(type="vn.emc.dossier.v2"), Fault("unsupported", "$.type")),
    one("type in capitals", dossier(type="VN.EMC.DOSSIER.V1"), Fault("unsupported", "$.type")),
    one("type empty", dossier(type=""), Fault("unsupported", "$.type")),
    one("id missing", dossier(id=LEFT_OUT), invalid("$.id")),
    one("id null", dossier(id=None), invalid("$.id")),
    one("id empty", dossier(id=""), invalid("$.id")),
    one("id a number", dossier(id=7), invalid("$.id")),
    one("id of 128 characters", dossier(id="đ" * 128), OK),
    one("id of 128 characters beyond the basic plane", dossier(id="😀" * 128), OK),
    one("id of 129 characters", dossier(id="x" * 129), invalid("$.id")),
    one("id with a control character", dossier(id="a\nb"), invalid("$.id")),
    one("id a blank", dossier(id=" "), OK),
    one("source missing", dossier(source=LEFT_OUT), invalid("$.source")),
    one("source null", dossier(source=None), invalid("$.source")),
    one("source a bare code", dossier(source="H25"), invalid("$.source")),
    one("source with a system", dossier(source="/agencies/H25/mcdt-1.2_x"), OK),
    one("source with a system of 64", dossier(source="/agencies/H25/" + "s" * 64), OK),
    one("source with a system of 65", dossier(source="/agencies/H25/" + "s" * 65), invalid("$.source")),
    one("source with an empty system", dossier(source="/agencies/H25/"), invalid("$.source")),
    one("source with two systems", dossier(source="/agencies/H25/a/b"), invalid("$.source")),
    one("source with a Vietnamese system", dossier(source="/agencies/H25/mộtcửa"), invalid("$.source")),
    one("source of a longer identifier", dossier(source="/agencies/H25.16"), invalid("$.source")),
    one("source in small letters", dossier(source="/agencies/h25"), invalid("$.source")),
    one("source with the letter Z", dossier(source="/agencies/Z25"), invalid("$.source")),
    one("source with a line end", dossier(source="/agencies/H25\n"), invalid("$.source")),
    one("source with other digits", dossier(source="/agencies/H２５"), invalid("$.source")),
    one("source as an absolute URL", dossier(source="https://x/agencies/H25"), invalid("$.source")),
    one("subject missing", dossier(subject=LEFT_OUT), invalid("$.subject")),
    one("subject null", dossier(subject=None), invalid("$.subject")),
    one("subject a number", procedure(subject=1.010708), invalid("$.subject")),
    one("time missing", dossier(time=LEFT_OUT), invalid("$.time")),
    one("time null", dossier(time=None), invalid("$.time")),
    one("time a number", dossier(time=1709600400), invalid("$.time")),
    one("data missing", dossier(data=LEFT_OUT) | {"data": None}, invalid("$.data")),
    one("data absent", {k: v for k, v in dossier().items() if k != "data"}, invalid("$.data")),
    one("data a list", dossier([]), invalid("$.data")),
    one("data a text", dossier("{}"), invalid("$.data")),
    one(
        "data in base64 only",
        {k: v for k, v in dossier(data_base64="e30=").items() if k != "data"},
        invalid("$.data"),
    ),
    one("data empty", dossier({}), OK),
    # the order of reasons
    one(
        "unsupported before invalid", dossier({"status": 11}, type=OLD, id=""), Fault("unsupported", "$.type")
    ),
    one(
        "unsupported before missing",
        dossier(specversion="2", type=LEFT_OUT),
        Fault("unsupported", "$.specversion"),
    ),
    one(
        "unsupported type before missing version",
        dossier(specversion=LEFT_OUT, type=OLD),
        Fault("unsupported", "$.type"),
    ),
    one(
        "both unsupported",
        dossier(specversion="2", type=OLD),
        Fault("unsupported", "$.specversion", (("unsupported", "$.type"),)),
    ),
    one(
        "unsupported before unknown agency",
        dossier(source="/agencies/A99", type=OLD),
        Fault("unsupported", "$.type"),
    ),
    one("unsupported before the missing key", dossier(type=OLD), Fault("unsupported", "$.type"), key=None),
    one(
        "invalid before unknown agency",
        dossier({"status": 0}, source="/agencies/A99"),
        invalid("$.data.status"),
    ),
    one("invalid before mismatch", dossier({"status": 0}), invalid("$.data.status"), key=b"H26"),
    one(
        "invalid before future", dossier({"status": 0}, time="2099-01-01T00:00:00Z"), invalid("$.data.status")
    ),
    one(
        "unknown field before unknown agency",
        dossier({"x": 1}, source="/agencies/A99"),
        Fault("unknown_field", "$.data.*"),
    ),
    one(
        "unknown field before future",
        dossier({"x": 1}, time="2099-01-01T00:00:00Z"),
        Fault("unknown_field", "$.data.*"),
    ),
    one(
        "invalid and unknown rank equally",
        dossier({"x": 1, "status": 0}),
        Fault("invalid", "$.data.status", (("unknown_field", "$.data.*"),)),
    ),
    one(
        "unknown agency before the missing key",
        dossier(source="/agencies/A99"),
        Fault("unknown_agency", "$.source"),
        key=None,
    ),
    one(
        "unknown agency before mismatch",
        dossier(source="/agencies/A99"),
        Fault("unknown_agency", "$.source"),
        key=b"H26",
    ),
    one(
        "unknown agency before future",
        dossier(source="/agencies/A99", time="2099-01-01T00:00:00Z"),
        Fault("unknown_agency", "$.source"),
    ),
    one(
        "mismatch before future",
        declaration(source="/agencies/H26", time="2099-01-01T00:00:00Z"),
        Fault("agency_mismatch", "$.source"),
    ),
    one(
        "the missing key before future",
        heartbeat(time="2099-01-01T00:00:00Z"),
        Fault("agency_mismatch", "$", (("agency_mismatch", "$.source"), ("agency_mismatch", "$.subject"))),
        key=None,
    ),
)
