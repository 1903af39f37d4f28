"""Record batches: every codec, bounded, and no surprise in what is no batch."""

import gzip
from collections.abc import Callable
from typing import Any

import pytest
from aiokafka import codec as aiokafka_codec

from streams.reading import batches
from streams.reading.batches import Batch, Batches, Unfit
from tests.records import CODECS, RawRecord, compress, encode_batch, encode_record, sealed

RECORDS = [RawRecord(b"H25", b"v" * 3_000, ((b"a", None),))] * 40
BODY = b"".join(encode_record(record, place) for place, record in enumerate(RECORDS))


def only(raw: bytes) -> Batch:
    found = Batches(raw)
    batch = found.next_batch()
    assert not found.has_next()
    return batch


@pytest.mark.parametrize("codec", CODECS)
def test_every_codec_is_read(codec: str) -> None:
    batch = only(encode_batch(RECORDS, codec))
    assert batch.is_whole()
    assert (batch.base_offset, batch.next_offset, batch.count) == (0, 40, 40)
    assert batch.content() == BODY
    assert [record.offset for record in batch.compiled(batch.content())] == list(range(40))


@pytest.mark.parametrize("codec", ["gzip", "snappy", "lz4", "zstd"])
def test_codecs_as_other_clients_write_them(codec: str) -> None:
    """Snappy in blocks with a header, gzip in several members, zstd in several frames."""
    encode: Callable[..., Any] = getattr(aiokafka_codec, f"{codec}_encode")
    assert only(sealed(bytes(encode(BODY)), 40, CODECS[codec])).content() == BODY
    if codec in ("gzip", "zstd"):
        parts = compress(codec, BODY[:1_000]) + compress(codec, BODY[1_000:])
        assert only(sealed(parts, 40, CODECS[codec])).content() == BODY


@pytest.mark.parametrize("codec", ["gzip", "snappy", "lz4", "zstd"])
def test_what_grows_too_large_is_not_read(codec: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "LARGEST_BATCH", 1 << 20)
    assert len(only(sealed(compress(codec, bytes(1 << 20)), 1, CODECS[codec])).content()) == 1 << 20
    bomb = only(sealed(compress(codec, bytes((1 << 20) + 1)), 1, CODECS[codec]))
    with pytest.raises(Unfit, match="more than"):
        bomb.content()


@pytest.mark.parametrize("codec", ["gzip", "snappy", "lz4", "zstd"])
def test_garbage_under_a_codec_raises_or_is_short(codec: str) -> None:
    packed = compress(codec, BODY)
    for broken in (b"", packed[:7], packed[:-9], b"\xff" * 50, gzip.compress(b"x")[:-1]):
        try:
            content = only(sealed(broken, 40, CODECS[codec])).content()
        except Exception:  # the libraries of the codecs raise of every kind
            continue
        assert len(content) < len(BODY)


def test_unknown_codecs_and_formats_are_unfit() -> None:
    with pytest.raises(Unfit, match="codec"):
        only(sealed(BODY, 40, 5)).content()
    old = bytearray(encode_batch(RECORDS))
    old[16] = 1
    for other in (bytes(old), b"\0" * 7 + b"\x09" + b"\0\0\0\2" + b"ab"):
        batch = only(other)
        assert not batch.is_whole()
        assert batch.next_offset == batch.base_offset + 1
        with pytest.raises(Unfit, match="format"):
            batch.content()


def test_the_last_batch_may_be_cut() -> None:
    whole = encode_batch(RECORDS)
    for cut in (0, 5, 12, 60, len(whole) - 1):
        found = Batches(whole + whole[:cut])
        found.next_batch()
        assert not found.has_next()
    assert not Batches(None).has_next()


def test_a_changed_byte_is_noticed() -> None:
    raw = bytearray(encode_batch(RECORDS))
    raw[-1] ^= 1
    assert not only(bytes(raw)).is_whole()
