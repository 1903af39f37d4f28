"""The Kafka value: null, JSON, UTF-8, content types, batches and their limits."""

from typing import Any

from tests.contract.building import Fault, Taken, Vector, declaration, dossier, invalid, raw

MALFORMED = Fault("malformed", "$")
MIB = 1 << 20
SINGLE = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
GOOD = dossier({"status": 1})
TAKEN = Taken({"status": 1})
DIGITS = b"9" * 5_000
WRONG = dossier({"status": 11})
COUNTED = raw(declaration({"received": 1}))


def padded(size: int) -> bytes:
    """A valid event of exactly so many bytes."""
    value = raw(GOOD | {"padding": ""})
    return value[:-2] + b"x" * (size - len(value)) + b'"}'


def with_extension(text: bytes, event: dict[str, Any] = GOOD) -> bytes:
    """An event with an ignored attribute of this JSON text."""
    return raw(event)[:-1] + b',"extension":' + text + b"}"


def received(text: bytes) -> bytes:
    """A declaration whose number is this JSON text."""
    return COUNTED.replace(b'"received": 1', b'"received": ' + text)


VECTORS = (
    Vector("null value", None, MALFORMED),
    Vector("empty value", b"", MALFORMED),
    Vector("blank value", b"  ", MALFORMED),
    Vector("text", b"hello", MALFORMED),
    Vector("number", b"1", MALFORMED),
    Vector("null literal", b"null", MALFORMED),
    Vector("string literal", b'"{}"', MALFORMED),
    Vector("cut short", raw(GOOD)[:-1], MALFORMED),
    Vector("something behind", raw(GOOD) + b"{}", MALFORMED),
    Vector("comma before the end", raw(GOOD)[:-1] + b",}", MALFORMED),
    Vector("single quotes", b"{'specversion': '1.0'}", MALFORMED),
    Vector("byte order mark", b"\xef\xbb\xbf" + raw(GOOD), MALFORMED),
    Vector("UTF-16", raw(GOOD).decode().encode("utf-16"), MALFORMED),
    Vector("Latin-1 byte in an ignored attribute", with_extension(b'"\xe9"'), MALFORMED),
    Vector("overlong UTF-8 in an ignored attribute", with_extension(b'"\xc0\xaf"'), MALFORMED),
    Vector("encoded surrogate in an ignored attribute", with_extension(b'"\xed\xa0\x80"'), MALFORMED),
    Vector("half a surrogate pair", with_extension(b'"\\ud800"'), MALFORMED),
    Vector("whole surrogate pair", with_extension(b'"\\ud83d\\ude00"'), (TAKEN,)),
    Vector("NaN", with_extension(b"NaN"), MALFORMED),
    Vector("Infinity", with_extension(b"-Infinity"), MALFORMED),
    Vector("leading zero", with_extension(b"01"), MALFORMED),
    Vector("raw control character in a string", with_extension(b'"\x01"'), MALFORMED),
    Vector("number beyond a double, ignored", with_extension(b"1e999"), (TAKEN,)),
    Vector("ten thousand digits, ignored", with_extension(b"9" * 10_000), (TAKEN,)),
    Vector(
        "number beyond a double beside a fault", with_extension(b"1e999", WRONG), (invalid("$.data.status"),)
    ),
    Vector("five thousand digits beside a fault", with_extension(DIGITS, WRONG), (invalid("$.data.status"),)),
    Vector(
        "number beyond a double beside an unknown field",
        with_extension(b"-1e999", dossier({"note": 1})),
        (Fault("unknown_field", "$.data.*"),),
    ),
    Vector("five thousand digits in a field", received(DIGITS), (invalid("$.data.received"),)),
    Vector("minus five thousand digits in a field", received(b"-" + DIGITS), (invalid("$.data.received"),)),
    Vector("a number beyond a double in a field", received(b"1e400"), (invalid("$.data.received"),)),
    Vector("a fraction in a field", received(b"1.0"), (invalid("$.data.received"),)),
    Vector("minus nothing is nothing", received(b"-0"), (Taken({"received": 0}),)),
    Vector("five thousand digits as id", raw(GOOD).replace(b'"a-1"', DIGITS), (invalid("$.id"),)),
    Vector("nested a hundred deep, ignored", with_extension(b"[" * 100 + b"]" * 100), (TAKEN,)),
    Vector("nested a hundred thousand deep", with_extension(b"[" * 100_000 + b"]" * 100_000), MALFORMED),
    Vector("blanks around", b" \r\n\t" + raw(GOOD) + b"\n", (TAKEN,)),
    Vector("extensions are ignored", raw(GOOD | {"datacontenttype": 5, "traceparent": None}), (TAKEN,)),
    Vector("names written with escapes", raw(GOOD).replace(b'"id"', b'"\\u0069d"'), (TAKEN,)),
    Vector("the last of two equal names", raw(GOOD)[:-1] + b',"data":{"status":2}}', (Taken({"status": 2}),)),
    Vector("exactly 1 MiB", padded(MIB), (TAKEN,)),
    Vector("1 MiB and a byte", padded(MIB + 1), MALFORMED),
    Vector("single by header", raw(GOOD), (TAKEN,), content_type=SINGLE),
    Vector("single by header with parameter", raw(GOOD), (TAKEN,), content_type=SINGLE + "; charset=UTF-8"),
    Vector("header in capitals", raw(GOOD), (TAKEN,), content_type=SINGLE.upper()),
    Vector("batch by header", raw([GOOD]), (TAKEN,), content_type=BATCH),
    Vector("batch by header with parameter", raw([GOOD]), (TAKEN,), content_type=BATCH + ";charset=utf-8"),
    Vector("array announced as single", raw([GOOD]), MALFORMED, content_type=SINGLE),
    Vector("object announced as batch", raw(GOOD), MALFORMED, content_type=BATCH),
    Vector("another header, object", raw(GOOD), (TAKEN,), content_type="application/json"),
    Vector("another header, array", raw([GOOD]), (TAKEN,), content_type="application/json"),
    Vector("empty header", raw([GOOD]), (TAKEN,), content_type=""),
    Vector("array by its first byte", raw([GOOD, GOOD]), (TAKEN, TAKEN)),
    Vector("empty array", b"[]", ()),
    Vector("empty array with a blank", b" [ ] ", (), content_type=BATCH),
    Vector("a thousand events", raw([GOOD] * 1000), (TAKEN,) * 1000),
    Vector("a thousand and one", raw([GOOD] * 1001), MALFORMED),
    Vector("a thousand and one nulls", raw([None] * 1001), MALFORMED),
    Vector("broken array", raw([GOOD])[:-1], MALFORMED),
    Vector("array in an array", raw([[GOOD], GOOD]), (MALFORMED, TAKEN)),
    Vector("a number among events", raw([GOOD, 5, GOOD]), (TAKEN, MALFORMED, TAKEN)),
    Vector("null among events", raw([None]), (MALFORMED,)),
    Vector(
        "one bad event is refused alone",
        raw([GOOD, dossier({"status": 11}), GOOD]),
        (TAKEN, invalid("$.data.status"), TAKEN),
    ),
    Vector(
        "empty object",
        b"{}",
        (
            invalid("$.specversion")._replace(
                others=tuple(
                    ("invalid", f"$.{name}") for name in ("id", "source", "type", "subject", "time", "data")
                )
            ),
        ),
    ),
)
