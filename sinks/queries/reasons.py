"""Why a dossier counts or does not, in words: the facts that decide a condition."""

import ast
from collections.abc import Mapping

from emc.facts import DOSSIER_FACTS, PROCEDURE_FACTS

Facts = Mapping[str, bool]

WORDS: Mapping[str, tuple[str, str]] = {
    "online": ("it was submitted online", "it was not submitted online"),
    "electronic_result": ("it has an electronic result", "it has no electronic result"),
    "reused": ("a component was reused", "no component was reused"),
    "digitised": ("all its components are digitised", "it has no components, or one is not digitised"),
    "identified": ("a personal identifier is attached", "no personal identifier is attached"),
    "fee_due": ("a fee is due", "no fee is due"),
    "paid_online": ("it was paid online", "it was not paid online"),
    "has_due": ("it has a due date", "it has no due date"),
    "on_time": ("it was resolved by its due date", "it was not resolved by its due date"),
    "claimed_full": (
        "its sender claims a fully online service",
        "its sender claims no fully online service",
    ),
    "level_full": ("the procedure is at level full", "the procedure is not at level full"),
    "level_partial": ("the procedure is at level partial", "the procedure is not at level partial"),
    "eligible": (
        "the procedure is eligible for full online service",
        "the procedure is not eligible for full online service",
    ),
    "result_required": (
        "the procedure ends in a result document",
        "the procedure ends in no result document",
    ),
    "published": ("the service is published", "the service is not published"),
}
"""What each fact says when it holds and when it does not."""

assert set(WORDS) == {*DOSSIER_FACTS, *PROCEDURE_FACTS}


NOTHING_UNKNOWN: Mapping[str, str] = {}
NOTHING_ACCEPTED = "no event of it was accepted"
NO_CATALOGUE = "no data: no catalogue"
NO_ENTRY_WORDS = "no data: the catalogue has no entry of its procedure on that day"

ONLY_PUSHED = dict.fromkeys(
    ("electronic_result", "reused", "digitised", "identified", "fee_due", "has_due", "on_time"),
    "it cannot be told: the tracking messages that alone report the dossier say nothing of it",
)
"""Of a dossier that only tracking messages report: they hold no result, component, due date or person."""

ALL_WORDS = sorted(
    {
        *(word for pair in WORDS.values() for word in pair),
        NO_CATALOGUE,
        NO_ENTRY_WORDS,
        *ONLY_PUSHED.values(),
    },
    key=len,
    reverse=True,
)
"""What may stand among the facts that decide; the longest first, since one may hold another."""


def judge(
    condition: str, facts: Facts, without: Mapping[str, str] = NOTHING_UNKNOWN
) -> tuple[bool, list[str]]:
    """Whether a definition's condition holds, and the facts that decide it, in words.

    Only what decides: of an `and` that fails the failing sides, of an `or` that holds the holding ones.
    `without`: what to say in place of facts that nobody told of, so that they are not taken for a no.
    """
    return _judge(ast.parse(condition, mode="eval").body, facts, without)


def _judge(node: ast.expr, facts: Facts, without: Mapping[str, str]) -> tuple[bool, list[str]]:
    match node:
        case ast.BoolOp(op=op, values=values):
            sides = [_judge(value, facts, without) for value in values]
            deciding = isinstance(op, ast.Or)
            decided = [side for side in sides if side[0] is deciding]
            holds = deciding if decided else not deciding
            return holds, list(dict.fromkeys(word for _, words in decided or sides for word in words))
        case ast.UnaryOp(operand=operand):
            holds, words = _judge(operand, facts, without)
            return not holds, words
        case ast.Name(id="true"):
            return True, []
        case ast.Name(id=name) if name in without and not (facts[name] and name in DOSSIER_FACTS):
            return facts[name], [without[name]]
        case ast.Name(id=name):
            return facts[name], [WORDS[name][not facts[name]]]
    raise AssertionError(f"not a condition: {ast.dump(node)}")
