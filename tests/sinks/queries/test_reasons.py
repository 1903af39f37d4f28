"""Every fact that a definition may name has its words, for when it holds and when it does not."""

from emc.definitions import DEFINITIONS
from emc.facts import DOSSIER_FACTS, PROCEDURE_FACTS
from sinks.queries.reasons import WORDS, judge


def test_every_fact_has_words() -> None:
    assert set(WORDS) == {*DOSSIER_FACTS, *PROCEDURE_FACTS}


def test_every_definition_can_be_explained() -> None:
    for definition in DEFINITIONS:
        for holds in (True, False):
            facts = dict.fromkeys((*DOSSIER_FACTS, *PROCEDURE_FACTS), holds)
            assert judge(definition.numerator, facts)[1] or definition.numerator == "true"
