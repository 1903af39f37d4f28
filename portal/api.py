"""The applications: what the front door serves, put together from its routes."""

from collections.abc import Callable

from fastapi import FastAPI

from emc.event_schemas import event_components
from portal import errors
from portal.access.entrance import Entrance
from portal.access.oidc import oidc_routes, remembering
from portal.access.once import once_routes
from portal.access.rotation import Rotation
from portal.access.sign_in import sign_in_routes
from portal.described import REFERENCE, describe, served_plainly
from portal.door import Door
from portal.explorer import explorer_routes
from portal.heads import Heads
from portal.health import Health, health_routes
from portal.imports import import_routes
from portal.objections import objection_routes
from portal.reading.changes import change_routes
from portal.reading.dossiers import dossier_routes
from portal.reading.incidents import incident_routes
from portal.reading.lists import list_routes, registry_routes
from portal.reading.rates import rate_routes
from portal.reading.stream import stream_routes
from portal.reconciling import reconciling_routes
from portal.sending.adapted import dossier_sync_routes, tracking_routes
from portal.sending.routes import Sending, sending_routes
from portal.snapshots import snapshot_routes


def create_app(
    entrance: Entrance,
    health: Health,
    metrics: Callable[[], bytes] | None = None,
    sending: Sending | None = None,
) -> FastAPI:
    """The application behind one entrance; with `sending` it takes events, too.

    `health` gives the health answer, `metrics` the text for Prometheus; both are called for each request.
    """
    app = bare_app(entrance)
    guard = entrance.guard
    app.include_router(health_routes(health, entrance.keeper, metrics))
    if sending is not None:
        _include_sending(app, sending)
    _include_sign_in(app, entrance)
    for routes in (stream_routes, rate_routes, change_routes, incident_routes, dossier_routes):
        app.include_router(routes(guard))
    for routes in (list_routes, registry_routes):
        app.include_router(routes(guard))
    app.include_router(import_routes(guard))
    app.include_router(snapshot_routes(guard))
    app.include_router(objection_routes(guard))
    app.include_router(reconciling_routes(guard))
    app.include_router(explorer_routes())
    return app


def create_gateway(entrance: Entrance, health: Health, sending: Sending) -> FastAPI:
    """An application that takes events and answers nothing else."""
    app = bare_app(entrance)
    app.include_router(health_routes(health, entrance.keeper))
    _include_sending(app, sending)
    return app


def _include_sign_in(app: FastAPI, entrance: Entrance) -> None:
    provider = entrance.provider
    name = None if provider is None else provider.name
    app.include_router(sign_in_routes(entrance.keeper, entrance.record, name))
    app.include_router(once_routes(entrance.keeper, entrance.record, entrance.invitations))
    if provider is not None:
        guard = entrance.guard
        app.include_router(oidc_routes(entrance.keeper, entrance.record, guard.registry, provider))
        app.add_middleware(remembering, provider=provider)


def _include_sending(app: FastAPI, sending: Sending) -> None:
    events = sending_routes(sending)
    app.router.routes.extend(served_plainly(events))
    app.include_router(events)  # for the description
    app.include_router(dossier_sync_routes(sending))
    if sending.post.registry.sites:
        app.include_router(tracking_routes(sending))


def bare_app(entrance: Entrance) -> FastAPI:
    """An application without routes: its errors in one shape, its door kept."""
    app = FastAPI(
        title="EMC monitor",
        version="1.1",
        description="Rates of digital public services. `/v1/docs` shows this page to try out.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/v1/openapi.json",
    )
    errors.install(app)
    describe(app, event_components(REFERENCE))
    app.add_middleware(Rotation, keeper=entrance.keeper)
    app.add_middleware(Heads)
    app.add_middleware(Door, rules=entrance.rules, record=entrance.record, crowd=entrance.crowd)
    return app
