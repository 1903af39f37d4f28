"""Agencies found by what people write: a code, or a part of a name, with or without its marks."""

import unicodedata
from difflib import get_close_matches

from emc.agencies import Agency
from emc.errors import InputError
from emc.registry import Registry


def folded(text: str) -> str:
    """Small letters without marks: what `Hà Nội` and `ha noi` have in common."""
    apart = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return " ".join("".join(each for each in apart if not unicodedata.combining(each)).split())


def search(registry: Registry, text: str) -> list[Agency]:
    """The agencies whose code, name or former name holds the text."""
    wanted = folded(text)
    return [
        agency
        for agency in registry.agencies.values()
        if any(wanted in folded(name) for name in (agency.code, agency.name, agency.former_name))
    ]


def unregistered(name: str, code: object, registry: Registry) -> InputError:
    """The error of a parameter that is no code of the registry, with the agency that may be meant."""
    if code is None:
        return InputError(f"{name} is missing, expected a code of the agency registry")
    expected = f"{name} is {code!r}, expected a code of the agency registry"
    meant = _meant(registry, code) if isinstance(code, str) else None
    return InputError(f"{expected}; did you mean {meant.code} ({meant.name})?" if meant else expected)


def _meant(registry: Registry, text: str) -> Agency | None:
    text = text.strip()[:200]
    if text.upper() in registry:
        return registry.agencies[text.upper()]
    if len(folded(text)) > 3:
        for agency in search(registry, text):
            return agency
        names = {folded(agency.name): agency for agency in registry.agencies.values()}
        for near in get_close_matches(folded(text), names, n=1, cutoff=0.75):
            return names[near]
    level1 = [part.upper() for part in text.split(".") if part.upper() in registry]
    return registry.agencies[level1[0]] if level1 else None
