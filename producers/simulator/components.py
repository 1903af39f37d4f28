"""Lists of dossier components, drawn from a stock that is encoded once."""

from random import Random

import msgspec

# How often a reused component comes from each source.
_SOURCES = {
    "national-store": 30, "agency-store": 34, "population": 18, "civil-status": 8, "land": 5, "business": 3,
    "social": 1, "vaccination-store": 1,
}  # fmt: skip
_VARIANTS = 24
_raw = msgspec.json.Encoder().encode


class ComponentLists:
    """The component lists of one agency by what they count as: with a reused one, all digitised."""

    def __init__(self, rng: Random) -> None:
        self._stock = {
            (reused, digitised): [
                msgspec.Raw(_raw(_components(rng, reused, digitised))) for _ in range(_VARIANTS)
            ]
            for reused in (False, True)
            for digitised in (False, True)
        }

    def draw(self, rng: Random, reused: bool, digitised: bool) -> msgspec.Raw:
        """A JSON list that has a reused component or none, and is all digitised or not."""
        return self._stock[reused, digitised][int(rng.random() * _VARIANTS)]


def _components(rng: Random, reused: bool, digitised: bool) -> list[dict[str, object]]:
    least = 1 if reused or digitised else 0
    size = rng.randint(least, 5)
    components: list[dict[str, object]] = [
        {"code": f"TP{number:02d}", "digitised": digitised or rng.random() < 0.5}
        for number in range(1, size + 1)
    ]
    if not digitised and components:
        components[-1]["digitised"] = rng.choice((False, None))
    if reused:
        for component in rng.sample(components, rng.randint(1, size)):
            component["reused"] = True
            component["reuse_source"] = rng.choices(list(_SOURCES), list(_SOURCES.values()))[0]
    elif components and rng.random() < 0.5:
        components[0]["reused"] = rng.choice((False, None))
    return components
