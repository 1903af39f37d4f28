"""Cutting JSON files into records."""

from io import BufferedReader, FileIO
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emc.errors import InputError
from producers.importing import json_text
from producers.importing.json_text import pieces


def cut(path: Path, content: bytes) -> list[tuple[int, bytes | str]]:
    path.write_bytes(content)
    with BufferedReader(FileIO(path)) as file:
        return list(pieces(file))


def records(path: Path, content: bytes) -> list[object]:
    return [msgspec.json.decode(piece) for _, piece in cut(path, content) if isinstance(piece, bytes)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file.json"


@pytest.mark.parametrize(
    "content",
    [
        b'{"a": 1}',
        b'\xef\xbb\xbf{"a": 1}\n',
        b'{\n  "a": 1\n}\n',
        b'[{"a": 1}]',
        b'\n[\n  {\n    "a": 1\n  }\n]\n',
        b'\n\n{"a": 1}\n\n',
    ],
)
def test_one_record_in_every_form(path: Path, content: bytes) -> None:
    assert records(path, content) == [{"a": 1}]


@pytest.mark.parametrize(
    "content",
    [
        b'{"a": "}"}\n{"a": "\\"{"}',
        b'[{"a": "}"}, {"a": "\\"{"}]',
        b'[{"a": "}"}\n,{"a": "\\"{"}\n]',
        b'[{"a": "}"}]\n[{"a": "\\"{"}]',
        b'{\n"a": "}"}{"a":\n"\\"{"}',
    ],
)
def test_braces_in_texts_cut_nothing(path: Path, content: bytes) -> None:
    assert records(path, content) == [{"a": "}"}, {"a": '"{'}]


def test_a_broken_line_hides_no_other(path: Path) -> None:
    found = cut(path, b'{"a": 1}\n{"a": \n\n{"a": "x\n{"a": 4}\n')
    assert [line for line, _ in found] == [1, 2, 4, 5]
    assert cut(path, b'{"a": \n{"a": 2}\n') == [(1, b'{"a": \n'), (2, b'{"a": 2}\n')]


def test_records_of_an_array_bear_the_lines_on_which_they_begin(path: Path) -> None:
    found = cut(path, b'[\n{"a":\n1}, {"b": 2},\n\n {"c": 3}\n]')
    assert [line for line, _ in found] == [2, 3, 5]


def test_what_is_no_object_in_an_array_is_told_and_the_next_is_found(path: Path) -> None:
    found = cut(path, b'[5,\n{"a": 1}, "x",\n{"b": 2}]')
    assert found == [
        (1, "expected a JSON object"),
        (2, b'{"a": 1}'),
        (2, "expected a JSON object"),
        (3, b'{"b": 2}'),
    ]


def test_an_object_that_does_not_end_is_told_with_its_line(path: Path) -> None:
    found = cut(path, b'[{"a": 1},\n{"b": {"c": 2}')
    assert found == [(1, b'{"a": 1}'), (2, "expected a JSON object that ends within 16 MiB")]


CUT_OFF = "expected the closing bracket of the array: what follows was cut off"


@pytest.mark.parametrize(
    "content", [b'[{"a": 1}', b'[{"a": 1},\n', b'[\n{"a": 1}, {"b": 2},', b'[[{"a": 1}]']
)
def test_an_array_that_was_cut_off_is_told_behind_its_records(path: Path, content: bytes) -> None:
    *whole, last = cut(path, content)
    assert whole
    assert all(isinstance(piece, bytes) for _, piece in whole)
    assert last[1] == CUT_OFF


@pytest.mark.parametrize("content", [b"[]", b"[[]]", b'[{"a": "["}]', b'{"a": 1}', b'[5, "]"'])
def test_an_array_that_is_whole_or_broken_otherwise_is_not(path: Path, content: bytes) -> None:
    assert CUT_OFF not in [piece for _, piece in cut(path, content)]


def test_a_record_without_end_fills_no_memory(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_text, "LARGEST_RECORD", 1000)
    monkeypatch.setattr(json_text, "CHUNK", 100)
    found = cut(path, b'{"a": 1}\n{"a": "' + b"x" * 3000 + b'"}\n{"a": 3}\n')
    assert [(line, type(piece)) for line, piece in found] == [(1, bytes), (2, str), (3, bytes)]
    assert len(cut(path, b'[{"a": "' + b"x" * 3000)) == 1


@pytest.mark.parametrize("content", [b"a,b\n1,2\n", b"5", b'"x"', b"\x00\x01"])
def test_what_is_no_json_is_one_clear_sentence(path: Path, content: bytes) -> None:
    with pytest.raises(InputError, match="is not JSON: expected an object"):
        cut(path, content)


OBJECTS = st.lists(
    st.dictionaries(
        st.text(max_size=5),
        st.recursive(
            st.none() | st.integers(-(10**6), 10**6) | st.text(max_size=30),
            lambda inner: (
                st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
            ),
            max_leaves=5,
        ),
    ),
    min_size=1,
    max_size=8,
)


@given(OBJECTS, st.integers(1, 40), st.booleans(), st.booleans())
def test_any_records_come_back_whatever_the_buffers_size(
    tmp_path_factory: pytest.TempPathFactory, objects: list[object], chunk: int, pretty: bool, lines: bool
) -> None:
    encoded = [msgspec.json.encode(one) for one in objects]
    if pretty and not lines:
        encoded = [msgspec.json.format(one) for one in encoded]
    content = b"\n".join(encoded) if lines else b"[" + b", \n".join(encoded) + b"]"
    path = tmp_path_factory.mktemp("json") / "file.json"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_text, "CHUNK", chunk if not lines else json_text.CHUNK)
        assert records(path, content) == objects
