"""Small histories, cut in parts to be sent before and after a fault."""

from emc.instants import today
from tests.histories import Message, Shape, history

SMALL = Shape(dossiers=16, catalogue=10, declarations=6, heartbeats=1, agencies=("H25", "H42", "G12"))


def parts(seed: int, number: int = 2, shape: Shape = SMALL) -> list[list[Message]]:
    """A history dealt out in `number` parts: each is about the same dossiers."""
    messages = history(seed, today(), shape)
    return [messages[place::number] for place in range(number)]
