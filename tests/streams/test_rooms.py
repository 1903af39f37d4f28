"""What keeps the stream readable: no import goes in a circle, and nothing outgrows a screen."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

STREAMS = Path(__file__).parents[2] / "streams"
FILES = {path: ast.parse(path.read_text("utf-8")) for path in sorted(STREAMS.rglob("*.py"))}
_MOST_LINES, _LONGEST, _MOST_FIELDS = 250, 40, 10


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(STREAMS.parent).with_suffix("").parts).removesuffix(".__init__")


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def fields(node: ast.ClassDef) -> set[str]:
    """What its methods set on `self`, and what its body declares."""
    declared = {
        each.target.id
        for each in node.body
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
    }
    set_ = {
        each.attr
        for each in ast.walk(node)
        if isinstance(each, ast.Attribute) and isinstance(each.ctx, ast.Store)
        if isinstance(each.value, ast.Name) and each.value.id == "self"
    }
    return declared | set_


def test_no_import_goes_in_a_circle() -> None:
    modules = {name_of(path): set(imported(tree)) for path, tree in FILES.items()}
    left = {name: found & modules.keys() - {name} for name, found in modules.items()}
    while free := {name for name, needs in left.items() if not needs}:
        left = {name: needs - free for name, needs in left.items() if name not in free}
    assert left == {}


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_files_functions_and_classes_can_be_seen_at_once(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= _MOST_LINES
    for node in ast.walk(FILES[path]):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < _LONGEST, node.name
        if isinstance(node, ast.ClassDef) and not any(
            isinstance(base, ast.Name) and base.id in ("NamedTuple", "Struct") for base in node.bases
        ):
            assert len(fields(node)) <= _MOST_FIELDS, node.name
