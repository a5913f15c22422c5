"""Every endpoint of every service states who may call it, and the table here says who that is."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from services.chassis.auth import Allow
from services.chassis.keys import make_keys
from services.chassis.service import Chassis, Parts, Service
from services.chassis.settings import ServiceSettings
from services.referral.main import build as referral
from services.referral.settings import ReferralSettings

OPERATOR = {"operator"}
OPERATIONS = {
    "GET /v1/operations/event-log": OPERATOR,
    "GET /v1/operations/parked": OPERATOR,
    "POST /v1/operations/parked/discard": OPERATOR,
    "POST /v1/operations/parked/retry": OPERATOR,
    "POST /v1/operations/parked/show": OPERATOR,
    "POST /v1/operations/republish": OPERATOR,
}
ANYBODY: set[str] = set()
STAFF = {"coordinator", "care-team", "admin"}
ENTERING = {"coordinator", "admin"}

TABLE: dict[str, dict[str, set[str]]] = {
    "referral": {
        "GET /v1/family-status": ANYBODY,
        "GET /v1/referrals": STAFF,
        "GET /v1/referrals/{id}": STAFF,
        "GET /v1/referrals/{id}/identity": {"claimant"},
        "GET /v1/referrals/{id}/timeline": STAFF,
        "GET /v1/students/{id}": STAFF,
        "POST /v1/message-checks": {"service"},
        "POST /v1/referrals/{id}/cancel": {"coordinator"},
        "POST /v1/referrals/{id}/offer": {"coordinator"},
        "POST /v1/students/{student}/consents/{id}/revoke": ENTERING,
        "PUT /v1/consents/{id}": ENTERING,
        "PUT /v1/families/{id}": ENTERING,
        "PUT /v1/referrals/{id}": {"coordinator"},
        "PUT /v1/students/{id}": ENTERING,
    },
}
SERVICES: dict[str, tuple[Callable[[Chassis[Any]], Parts], type[ServiceSettings]]] = {
    "referral": (referral, ReferralSettings),
}


async def app_of(name: str, folder: Path) -> FastAPI:
    make_keys(folder)
    build, settings = SERVICES[name]
    chassis = Chassis(name, settings(keys_dir=folder))
    try:
        return Service(chassis, build(chassis)).app
    finally:
        await chassis.close()


def rules(dependant: Dependant) -> Iterator[Allow]:
    if isinstance(dependant.call, Allow):
        yield dependant.call
    for each in dependant.dependencies:
        yield from rules(each)


def endpoints(app: FastAPI) -> Iterator[tuple[str, list[Allow]]]:
    for context in iter_route_contexts(app.routes):
        route = context.route
        if isinstance(route, APIRoute) and route.include_in_schema:
            for method in sorted(route.methods or ()):
                yield f"{method} {context.path}", list(rules(context.dependant))


@pytest.mark.parametrize("name", sorted(SERVICES))
async def test_every_endpoint_says_who_may_call_it(name: str, tmp_path: Path) -> None:
    app = await app_of(name, tmp_path)
    found: dict[str, set[str]] = {}
    for endpoint, allowed in endpoints(app):
        assert allowed, f"{endpoint} does not say who may call it: add Allow(…)"
        found[endpoint] = {role.value for each in allowed for role in each.roles}
    assert found == {**TABLE[name], **OPERATIONS}
