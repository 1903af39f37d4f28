"""The density of a nation: how far apart the events of one dossier come.

In the simulated month of 55 000 dossiers a batch of 40 000 events holds several of each dossier that it
touches. Five million dossiers, which speak in turn, leave about one: every touch then pays for reading,
decoding, folding and writing a dossier.

* `in_rounds` puts any messages into an order of that density: first every dossier's first event, then every
  dossier's second. A round is as long as there are dossiers, and must be longer than a batch.
* `first_events` leaves each dossier's first few: more dossiers, so longer rounds, with no more events.
* `nation` makes the whole stream out of one month: each message once for each of so many copies of its
  dossier, those of a copy later than those of the copy before, so that neighbours are different dossiers.
"""

import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator

import msgspec

from producers.simulator import Message

COPIES = 93
"""Of the month at scale 1: 5.1 million dossiers, 29 million events."""
_LATER = 500
_DOSSIER = re.compile(rb'"type":"vn\.emc\.dossier\.v1","subject":"([^"]+)"').search
_NO_DOSSIER = b""


def dossier_of(message: Message) -> bytes | None:
    """The code of the dossier that a message of the simulator speaks of; None when of something else."""
    found = _DOSSIER(message.value or b"")
    return found[1] if found else None


def in_rounds(messages: Iterable[Message]) -> list[Message]:
    """The messages with the events of each dossier as far apart as there are dossiers.

    Those of one dossier keep their order; what is not of a dossier stays in the first round.
    """
    spoken: Counter[bytes] = Counter()
    rounds: list[list[Message]] = []
    for message in messages:
        dossier = dossier_of(message)
        turn = 0
        if dossier is not None:
            turn = spoken[dossier]
            spoken[dossier] += 1
        if turn == len(rounds):
            rounds.append([])
        rounds[turn].append(message)
    return [message for turn in rounds for message in turn]


def first_events(messages: Iterable[Message], most: int) -> Iterator[Message]:
    """The messages without those of a dossier that has had so many; what is not of a dossier stays."""
    spoken: Counter[bytes] = Counter()
    for message in messages:
        dossier = dossier_of(message)
        if dossier is not None:
            if spoken[dossier] == most:
                continue
            spoken[dossier] += 1
        yield message


def nation(messages: Iterable[Message], copies: int = COPIES) -> Iterator[Message]:
    """The messages with every dossier in so many copies, each with a code of its own; at most 100.

    What is not of a dossier comes once. Only the messages of the newest copies' distance are held.
    """
    if not 1 <= copies <= 100:
        raise ValueError("expected 1 to 100 copies")
    held: deque[tuple[Message, bytes | None]] = deque(maxlen=(copies - 1) * _LATER + 1)
    for message in messages:
        held.append((message, dossier_of(message)))
        yield from _due(held, copies)
    for _ in range((copies - 1) * _LATER):
        held.append(_NOTHING)
        yield from _due(held, copies)


_NOTHING = (Message(0, None, None), _NO_DOSSIER)
"""Stands where no message is any more."""


def _due(held: deque[tuple[Message, bytes | None]], copies: int) -> Iterator[Message]:
    for copy in range(min(copies, (len(held) - 1) // _LATER + 1)):
        message, dossier = held[-1 - copy * _LATER]
        if dossier is None:
            if copy == 0:
                yield message
        elif dossier:
            yield copied(message, dossier, copy)


def copied(message: Message, dossier: bytes, copy: int) -> Message:
    """The message about another dossier: two more digits at the end of its code, and so of the event's id."""
    assert message.value is not None
    value = message.value.replace(dossier, b"%b%02d" % (dossier, copy))
    return msgspec.structs.replace(message, value=value)
