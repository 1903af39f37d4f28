"""The tokens as this process knows them: a copy of the table that is never older than a few seconds."""

import hmac
import logging
import threading
import time

from emc.access import EVERY_SCOPE, Caller
from emc.errors import EmcError
from emc.instants import now_us
from sinks.access.tokens import Token, TokenStore, digest

FRESH = 4.0
"""Seconds after which the table is read again; with the time that takes, a revocation holds within 10."""
AGAIN = 0.05
"""A token that is not known may be new, so the table is read for it; at most so often, in seconds."""
_USED_EVERY = 60.0
_WARN_MS = 7 * 86_400_000
_log = logging.getLogger("emc.access")


class KnownTokens:
    """Finds the caller of a token. ComponentError when the table cannot be read: then nobody gets in.

    `local`: a token of this process alone, of an operator who may do everything.
    """

    def __init__(self, store: TokenStore, local: str | None = None) -> None:
        self._store, self._local = store, digest(local) if local is not None else None
        self._known: dict[str, Token] = {}
        self._read_at = self._noted_at = float("-inf")
        self._uses: dict[str, int] = {}
        self._warned: set[str] = set()
        self._lock = threading.Lock()

    def knows(self, secret: str) -> bool:
        """Whether the caller of a token can be told without asking the tables."""
        hashed = digest(secret)
        return self._is_fresh() and (hashed in self._known or hashed == self._local)

    def caller(self, secret: str) -> Caller | None:
        """The caller whom a token stands for; None for a wrong, expired or revoked one."""
        hashed = digest(secret)
        if self._local is not None and hmac.compare_digest(hashed, self._local):
            return Caller(None, EVERY_SCOPE, "this machine", "local")
        token = self._find(hashed)
        now = now_us() // 1000
        if token is None or not token.holds(now):
            return None
        self._uses[token.id] = now
        self._warn(token, now)
        return token.caller

    def still_holds(self, id_: str) -> bool:
        """Whether the token of this id, with which a session began, still opens something."""
        self._refresh()
        token = next((token for token in self._known.values() if token.id == id_), None)
        return token is not None and token.holds(now_us() // 1000)

    def _is_fresh(self) -> bool:
        return time.monotonic() - self._read_at < FRESH

    def _find(self, hashed: str) -> Token | None:
        self._refresh()
        if hashed not in self._known:
            self._read_anew()
        return self._known.get(hashed)

    def _refresh(self) -> None:
        if not self._is_fresh():
            with self._lock:
                if not self._is_fresh():
                    self._read()

    def _read_anew(self) -> None:
        """Reads the table as it is from now on; who comes meanwhile shares the reading."""
        asked = time.monotonic()
        with self._lock:
            if self._read_at < asked:
                time.sleep(max(0.0, self._read_at + AGAIN - asked))
                self._read()

    def _read(self) -> None:
        begun = time.monotonic()
        self._known = {token.hash: token for token in self._store.all()}
        self._read_at = begun
        self._note_uses(begun)

    def _note_uses(self, now: float) -> None:
        """Keeps when tokens were used, once a minute; that this fails now must keep nobody out."""
        if now - self._noted_at < _USED_EVERY or not self._uses:
            return
        uses, self._uses, self._noted_at = self._uses, {}, now
        try:
            self._store.note_uses(uses)
        except EmcError as error:
            _log.warning("uses of tokens not noted", extra={"reason": type(error).__name__})

    def _warn(self, token: Token, now: int) -> None:
        if token.expires_at is None or token.expires_at - now > _WARN_MS or token.id in self._warned:
            return
        self._warned.add(token.id)
        _log.warning(
            "a token expires within a week", extra={"token": token.id, "agency": token.caller.agency}
        )
