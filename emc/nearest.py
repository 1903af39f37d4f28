"""What was meant by a name that is not known."""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`; did you mean 'data_reuse'?`, to be put behind an error; empty when nothing is near."""
    folded = {each.casefold(): each for each in known}
    near = get_close_matches(name.strip().casefold(), folded, n=1, cutoff=0.6)
    return f"; did you mean {folded[near[0]]!r}?" if near else ""
