"""A record with more headers than anybody needs is stepped over; the one behind it is read."""

import pytest

from streams.reading.unpacking import Unpacked, unpacked
from tests.records import RawRecord, encode_record


@pytest.mark.parametrize(("number", "is_read"), [(300_000, True), (300_001, False)])
def test_so_many_headers_are_read_and_no_more(number: int, is_read: bool) -> None:
    large, small = RawRecord(b"H25", b"{}", [(b"", None)] * number), RawRecord(b"H25", b"[]")
    content = encode_record(large, 0) + encode_record(small, 1)
    first, second = unpacked(content, 2, 2)
    assert isinstance(first, Unpacked) == is_read
    assert is_read or first == 0
    assert isinstance(second, Unpacked)
    assert (second.offset_delta, second.value) == (1, b"[]")
