"""Signing in with an OpenID provider: its claims say for whom and what for, and become a session."""

import hashlib
from collections.abc import Mapping
from importlib import import_module, util
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.middleware.sessions import SessionMiddleware
from starlette.types import ASGIApp

from emc.access import Caller, scopes_of
from emc.errors import ComponentError, InputError
from emc.registry import Registry
from emc.settings.oidc import OpenId
from portal.access.keeper import Keeper
from portal.access.record import Record
from portal.access.sign_in import local_path, signed_in
from portal.errors import Forbidden

OPERATOR = "operator"
_COOKIE, _MINUTES = "emc_oidc", 10

HTTP: Any = import_module("httpx2" if util.find_spec("httpx2") else "httpx")
"""By which authlib asks a provider: httpx2 where it is installed, as the lock has it from Python 3.12 on."""


def oidc_routes(keeper: Keeper, record: Record, registry: Registry, provider: OpenId) -> APIRouter:
    """/sign-in/oidc and where the provider leads back to. Code flow with PKCE, state and nonce: authlib's."""
    from authlib.integrations.base_client.errors import OAuthError  # loaded where it is used

    routes = APIRouter(include_in_schema=False)
    client = _client(provider)

    @routes.get("/sign-in/oidc")
    async def leave(request: Request, next: str = "/") -> Response:  # noqa: A002  # the parameter's own name
        request.session["next"] = local_path(next)
        try:
            found: Response = await client.authorize_redirect(request, str(request.url_for("arrive")))
        except Exception as error:  # whatever its network did: httpx's own or authlib's
            raise _silent(error) from None
        return found

    @routes.get("/sign-in/oidc/back", name="arrive")
    async def arrive(request: Request) -> Response:
        try:
            token = await client.authorize_access_token(request)
        except OAuthError as error:
            raise _refusing(error.error) from None
        except HTTP.HTTPError as error:
            raise _silent(error) from None
        except Exception as error:  # its answer is no token, or not signed by it: authlib's, or its parts'
            raise _refusing(type(error).__name__) from None
        following = local_path(request.session.pop("next", "/"))
        caller = caller_of(token.get("userinfo") or {}, provider, registry)
        return await run_in_threadpool(signed_in, request, keeper, record, caller, following)

    return routes


def _silent(error: Exception) -> ComponentError:
    return ComponentError(f"the OpenID provider does not answer ({type(error).__name__})")


def _refusing(why: str) -> Forbidden:
    return Forbidden(f"the OpenID provider did not sign in ({why})")


def caller_of(claims: Mapping[str, Any], provider: OpenId, registry: Registry) -> Caller:
    """The caller whom claims stand for; Forbidden when they name no agency, or no scopes."""
    whose, scopes = claims.get(provider.agency_claim), claims.get(provider.scopes_claim)
    listed = scopes.split() if isinstance(scopes, str) else scopes
    if not isinstance(listed, list) or not all(isinstance(scope, str) for scope in listed):
        raise Forbidden(f"the claim {provider.scopes_claim} names no scopes")
    if whose != OPERATOR and (not isinstance(whose, str) or whose not in registry):
        raise Forbidden(f"the claim {provider.agency_claim} names no agency of the registry")
    agency = None if whose == OPERATOR else whose
    try:
        found = scopes_of(listed, agency)
    except InputError:
        raise Forbidden(f"the claim {provider.scopes_claim} names scopes that are none here") from None
    who = hashlib.sha256(str(claims.get("sub")).encode()).hexdigest()[:12]
    return Caller(agency, found, f"oidc {who}")  # the provider knows who that is; nobody else need


def remembering(app: ASGIApp, provider: OpenId) -> SessionMiddleware:
    """Keeps state, nonce and verifier in a signed cookie of ten minutes while one is with the provider.

    It is signed with what every process knows and nobody else: a digest of the client's secret.
    """
    key = hashlib.sha256(b"emc oidc " + provider.secret().encode()).hexdigest()
    secure = provider.issuer.startswith("https://")
    return SessionMiddleware(
        app, key, session_cookie=_COOKIE, max_age=60 * _MINUTES, same_site="lax", https_only=secure
    )


def _client(provider: OpenId) -> Any:
    from authlib.integrations.starlette_client import OAuth

    registered = OAuth()
    return registered.register(
        "provider",
        client_id=provider.client_id,
        client_secret=provider.secret(),
        server_metadata_url=f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={"scope": provider.scope, "code_challenge_method": "S256"},
    )
