"""The keeper of the door: tells from a request who asks."""

import hmac

from starlette.requests import HTTPConnection

from emc.access import EVERY_SCOPE, Caller
from emc.instants import now_us
from portal.access.known_sessions import KnownSessions
from portal.access.known_tokens import KnownTokens
from portal.access.rules import Rules, is_loopback
from portal.errors import Forbidden, Unauthenticated
from sinks.access.sessions import MINUTE, Session, SessionStore

COOKIE = "emc_session"
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


class Keeper:
    """Tells the caller of a request: by its bearer token, by its session, or because the service is open."""

    def __init__(self, rules: Rules, tokens: KnownTokens, sessions: SessionStore) -> None:
        self.rules, self.sessions, self._tokens = rules, sessions, tokens
        self._known = KnownSessions(sessions)

    def caller_of(self, request: HTTPConnection) -> Caller:
        """Who asks; Unauthenticated when that cannot be told.

        A token that is given must be right, also where none is needed: who sends one means it.
        """
        return self._let_in(request, self._by_token(request) or self._by_session(request))

    def machine(self, request: HTTPConnection) -> Caller:
        """As `caller_of`, of a program: sessions of browsers do not count."""
        return self._let_in(request, self._by_token(request))

    def known_machine(self, request: HTTPConnection) -> Caller | None:
        """As `machine`, without ever asking the tables: None when they have to be asked."""
        secret = _bearer(request)
        if secret is None:
            return self.machine(request)
        return self.machine(request) if self._tokens.knows(secret) else None

    def _let_in(self, request: HTTPConnection, caller: Caller | None) -> Caller:
        if caller is None and self.rules.mode == "open":
            caller = Caller(None, EVERY_SCOPE, "open")
        if caller is None:
            raise Unauthenticated("expected Authorization: Bearer with a token that holds")
        request.state.caller = caller
        return caller

    def _by_token(self, request: HTTPConnection) -> Caller | None:
        secret = _bearer(request)
        if secret is None:
            return None
        caller = self._tokens.caller(secret)
        if caller is None:
            raise Unauthenticated("the token is wrong, has expired or was revoked")
        return caller

    def _by_session(self, request: HTTPConnection) -> Caller | None:
        session = self.session_of(request)
        return None if session is None else session.caller

    def caller_of_token(self, secret: str) -> Caller | None:
        """The caller whom a token stands for, to sign in with it."""
        return self._tokens.caller(secret)

    def session_of(self, request: HTTPConnection) -> Session | None:
        """The session that a request belongs to, if it still holds."""
        secret = request.cookies.get(COOKIE)
        if not secret:
            return None
        session = self._known.find(secret)
        now = now_us() // 1000
        if session is None or not session.holds(now):
            return None
        if session.caller.token and not self._tokens.still_holds(session.caller.token):
            return None
        if session.ended_at is None and now - session.seen_at > MINUTE:
            session = self.sessions.see(session)
            self._known.keep(session)
        request.state.session = session
        return session

    def forget(self, session: Session) -> None:
        """Looks a session up anew the next time."""
        self._known.forget(session)

    def check_form(self, session: Session, given: str) -> None:
        """Forbidden unless a form brings back what its page was given: another site cannot know it."""
        if not hmac.compare_digest(session.csrf.encode(), given.encode("utf-8", "replace")):
            raise Forbidden("the form is not one of this session; load the page again")

    def check_write(self, request: HTTPConnection, given: str) -> None:
        """As `check_form`, of a request that may come without a session: then nothing is to be brought."""
        session = self.session_of(request)
        if session is not None:
            self.check_form(session, given)

    def may_read_metrics(self, request: HTTPConnection) -> bool:
        """Whether a request brings the token that is for /metrics alone."""
        token = self.rules.metrics_token
        given = request.headers.get("authorization", "")
        return token is not None and hmac.compare_digest(given.encode(), f"Bearer {token}".encode())


def _bearer(request: HTTPConnection) -> str | None:
    """The token that a request bears; Unauthenticated for anything else in its place."""
    given = request.headers.getlist("authorization")
    if not given:
        return None
    scheme, _, secret = given[0].partition(" ")
    if len(given) > 1 or scheme.lower() != "bearer" or not secret.strip():
        raise Unauthenticated("expected one header Authorization: Bearer TOKEN")
    return secret.strip()


def is_from_here(request: HTTPConnection) -> bool:
    """Whether a request comes from this machine, meant for it, and was not passed on by a proxy."""
    peer, meant = request.client, request.url.hostname or ""
    passed_on = any(name in request.headers for name in _FORWARDED)
    return peer is not None and is_loopback(peer.host) and is_loopback(meant) and not passed_on
