"""The definitions of all rates, read from `definitions.toml` and compiled into Python and into SQL.

A condition is a Boolean expression over the names in `emc.facts`, with `and`, `or`, `not`, brackets and
`true`. Both compiled forms come from the same syntax tree, so they cannot disagree on its meaning.
"""

import ast
import tomllib
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Literal

import msgspec

from emc.facts import BIT, DOSSIER_FACTS, PROCEDURE_FACTS, ProcedureFacts

Day = Literal["receipt", "resolution", "state"]
Predicate = Callable[[int, ProcedureFacts], bool]
_NAMES = frozenset(DOSSIER_FACTS) | frozenset(PROCEDURE_FACTS)


class Definition(msgspec.Struct, frozen=True, dict=True):
    """One way to compute a metric. `numerator` and `denominator` are conditions in text."""

    metric: str
    name: str
    day: Day
    denominator: str
    numerator: str
    status: Literal["official", "practice", "own"]
    source: str
    vi: str
    en: str

    @cached_property
    def counts_below(self) -> Predicate:
        """Whether (signature, procedure facts) count in the denominator."""
        return compile_predicate(self.denominator)

    @cached_property
    def counts_above(self) -> Predicate:
        """Whether (signature, procedure facts) count in the numerator, and so in the denominator."""
        return compile_predicate(f"({self.denominator}) and ({self.numerator})")

    def sql_denominator(self, facts: Mapping[str, str]) -> str:
        """The denominator's condition as SQL, given SQL for each fact it names."""
        return to_sql(self.denominator, facts)

    def sql_numerator(self, facts: Mapping[str, str]) -> str:
        """The numerator's condition as SQL, the denominator's included."""
        return to_sql(f"({self.denominator}) and ({self.numerator})", facts)


class Metric(msgspec.Struct, frozen=True):
    """A metric's name in the interface and its titles."""

    name: str
    vi: str
    en: str


def compile_predicate(condition: str) -> Predicate:
    """A Python function of (signature, procedure facts) for a condition; ValueError when it is not one."""
    words = {"and": " and ", "or": " or ", "not": "not ", "true": "True"}
    names = {name: f"(signature & {bit} != 0)" for name, bit in BIT.items()}
    names |= {name: f"facts.{name}" for name in PROCEDURE_FACTS}
    text = _render(_parse(condition), words, names)
    predicate: Predicate = eval(f"lambda signature, facts: {text}", {})  # only what _parse let through
    return predicate


def to_sql(condition: str, facts: Mapping[str, str]) -> str:
    """The condition as ClickHouse SQL; `facts` gives the SQL of each fact, KeyError for one not given."""
    words = {"and": " AND ", "or": " OR ", "not": "NOT ", "true": "true"}
    return _render(_parse(condition), words, facts)


def _render(node: ast.expr, words: Mapping[str, str], names: Mapping[str, str]) -> str:
    match node:
        case ast.BoolOp(op=op, values=values):
            word = words["and" if isinstance(op, ast.And) else "or"]
            return "(" + word.join(_render(value, words, names) for value in values) + ")"
        case ast.UnaryOp(operand=operand):
            return f"({words['not']}{_render(operand, words, names)})"
        case ast.Name(id="true"):
            return words["true"]
        case ast.Name(id=name):
            return names[name]
    raise AssertionError(f"unchecked node {node!r}")


def _parse(condition: str) -> ast.expr:
    tree = ast.parse(condition, mode="eval").body
    for node in ast.walk(tree):
        allowed = ast.BoolOp | ast.UnaryOp | ast.Name | ast.And | ast.Or | ast.Not | ast.Load
        if not isinstance(node, allowed) or (
            isinstance(node, ast.UnaryOp) and not isinstance(node.op, ast.Not)
        ):
            raise ValueError(
                f"condition {condition!r}: only and, or, not, brackets and fact names are allowed"
            )
        if isinstance(node, ast.Name) and node.id != "true" and node.id not in _NAMES:
            raise ValueError(f"condition {condition!r}: unknown fact {node.id!r}")
    return tree


def _load(path: Path) -> tuple[dict[str, Metric], tuple[Definition, ...]]:
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    metrics = {name: Metric(name, **titles) for name, titles in document["metrics"].items()}
    definitions = tuple(msgspec.convert(entry, Definition) for entry in document["definitions"])
    for definition in definitions:
        assert definition.metric in metrics, definition.metric
        _parse(definition.numerator), _parse(definition.denominator)
    return metrics, definitions


METRICS, DEFINITIONS = _load(Path(__file__).parent / "definitions.toml")


def of_metric(metric: str) -> list[Definition]:
    """The metric's definitions, its default first; empty for an unknown metric."""
    return [definition for definition in DEFINITIONS if definition.metric == metric]


def find(metric: str, name: str) -> Definition | None:
    """The definition of that metric and name."""
    return next((d for d in DEFINITIONS if d.metric == metric and d.name == name), None)
