"""CloudEvents in binary mode: attributes in headers `ce_…`, the value is `data`."""

from typing import Any

from tests.contract.building import TIME, Fault, Taken, Vector, dossier, invalid, raw

MALFORMED = Fault("malformed", "$")
JSON = "application/json"
ATTRIBUTES = {
    "specversion": b"1.0",
    "id": b"a-1",
    "source": b"/agencies/H25/one-stop",
    "type": b"vn.emc.dossier.v1",
    "subject": b"H25-240305-0007",
    "time": TIME.encode(),
}
DATA = raw({"status": 1})
TAKEN = Taken({"status": 1}, "H25-240305-0007", "H25")


def binary(
    name: str,
    expected: Taken | Fault,
    value: bytes | None = DATA,
    content_type: Any = JSON,
    **changed: bytes | None,
) -> Vector:
    """A message with all attributes in headers, some of them changed or (None) left out."""
    headers = {name: value for name, value in (ATTRIBUTES | changed).items() if value is not None}
    attributes = tuple((f"ce_{name}", value) for name, value in headers.items())
    whole = (expected,) if isinstance(expected, Taken) or expected.reason != "malformed" else expected
    return Vector(name, value, whole, content_type=content_type, attributes=attributes)


def with_headers(vector: Vector, *more: tuple[str, bytes | None]) -> Vector:
    """The message with headers behind its own."""
    return vector._replace(attributes=(*vector.attributes, *more))


VECTORS = (
    binary("as the SDK sends it", TAKEN),
    binary("without a content type", TAKEN, content_type=None),
    binary("another content type", TAKEN, content_type="text/plain"),
    binary("blanks around", TAKEN, b" \n" + DATA + b"\t"),
    binary("an empty object", Taken({}), b"{}"),
    binary("no value", MALFORMED, None),
    binary("an empty value", MALFORMED, b""),
    binary("no JSON", MALFORMED, b"{"),
    binary("something behind", MALFORMED, b'{},"id":"x"'),
    binary("Latin-1", MALFORMED, b'{"unit":"\xe9"}'),
    binary("text", MALFORMED, b'"{}"'),
    binary("a number", MALFORMED, b"5"),
    binary("null literal", MALFORMED, b"null"),
    binary("over 1 MiB", MALFORMED, b"{}" + b" " * (1 << 20)),
    binary("exactly 1 MiB", Taken({}), b"{}" + b" " * ((1 << 20) - 2)),
    binary("an array", invalid("$.data"), b"[]"),
    binary("a structured event as data", Fault("unknown_field", "$.data.*"), raw(dossier())),
    binary("a field out of range", invalid("$.data.status"), raw({"status": 11})),
    binary("a field not listed", Fault("unknown_field", "$.data.statuz"), raw({"statuz": 1})),
    *(
        binary(f"{name} missing", invalid(f"$.{name}"), **{name: None})
        for name in ATTRIBUTES
        if name != "specversion"
    ),
    *(binary(f"{name} no UTF-8", invalid(f"$.{name}"), **{name: b"\xff\xfe"}) for name in ATTRIBUTES),
    binary("an extension that is no UTF-8", invalid("$.*"), traceparent=b"\xff"),
    binary("an extension", TAKEN, traceparent=b"00-1"),
    binary("the id in Vietnamese", TAKEN, id="mã".encode()),
    binary("another version", Fault("unsupported", "$.specversion"), specversion=b"0.3"),
    binary(
        "another version, id no UTF-8", Fault("unsupported", "$.specversion"), specversion=b"0.3", id=b"\xff"
    ),
    binary("another type", Fault("unsupported", "$.type"), type=b"x"),
    binary("an unknown source", Fault("unknown_agency", "$.source"), source=b"/agencies/A99"),
    binary("a mismatch", Fault("agency_mismatch", "$.source"), source=b"/agencies/H26"),
    binary("an attribute named data", TAKEN, data=b"{}"),
    with_headers(binary("an attribute without a value", invalid("$.id"), id=None), ("ce_id", None)),
    with_headers(
        binary("the mark without a value", invalid("$.specversion"), specversion=None),
        ("ce_specversion", None),
    ),
    with_headers(binary("headers of no concern", TAKEN), ("trace", b"\xff"), ("none", None), ("", b"")),
    binary("without the mark it is no event", MALFORMED, b"5", specversion=None),
    Vector(
        "a structured event with headers of binary mode",
        raw(dossier({"status": 2})),
        (Taken({"status": 2}),),
        content_type="application/cloudevents+json; charset=utf-8",
        attributes=(("ce_specversion", b"1.0"), ("ce_id", b"\xff")),
    ),
    Vector(
        "a batch with headers of binary mode",
        raw([dossier({"status": 2})]),
        (Taken({"status": 2}),),
        content_type="application/cloudevents-batch+json",
        attributes=(("ce_specversion", b"1.0"),),
    ),
    Vector(
        "headers of binary mode without the mark",
        raw(dossier({"status": 2})),
        (Taken({"status": 2}),),
        attributes=(("ce_id", b"x"), ("ce_type", b"y")),
    ),
)
