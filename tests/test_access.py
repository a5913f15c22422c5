"""Every endpoint of every service states who may call it, and the table here says who that is."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import Mount

from services.chassis.auth import Allow
from services.chassis.keys import make_keys
from services.chassis.service import Chassis, Parts, Service
from services.chassis.settings import ServiceSettings
from services.notify.main import build as notify
from services.notify.settings import NotifySettings
from services.partner.main import build as partner
from services.partner.settings import PartnerSettings
from services.referral.main import build as referral
from services.referral.settings import ReferralSettings
from services.reporting.main import build as reporting
from services.reporting.settings import ReportingSettings

OPERATOR = {"operator"}
OPERATIONS = {
    "GET /v1/operations/event-log": OPERATOR,
    "GET /v1/operations/parked": OPERATOR,
    "GET /v1/operations/waiting": OPERATOR,
    "POST /v1/operations/parked/discard": OPERATOR,
    "POST /v1/operations/parked/retry": OPERATOR,
    "POST /v1/operations/parked/show": OPERATOR,
    "POST /v1/operations/progress/reset": OPERATOR,
    "POST /v1/operations/republish": OPERATOR,
}
BY_LINK_OR_SIGNATURE: set[str] = set()
SCHOOL = {"coordinator", "care-team"}
STAFF = SCHOOL | {"admin"}
ENTERING = {"coordinator", "admin"}
MANAGING = ENTERING | {"agency-admin"}
OWNING = {"admin", "agency-admin"}
OF_AGENCY = {"agency", "agency-admin"}
CHECKING = {"admin", "auditor"}
ASKING = STAFF | {"leadership", "staff"}
NUMBERS = {"coordinator", "leadership", "admin"}

MOUNTED: dict[str, dict[str, set[str]]] = {
    "partner": {
        "DELETE /sandbox/v1/webhooks/{id}": OWNING,
        "GET /sandbox/fhir/r4/HealthcareService/{id}": {"agency"},
        "GET /sandbox/fhir/r4/Organization/{id}": {"agency"},
        "GET /sandbox/fhir/r4/Patient/{id}": {"agency"},
        "GET /sandbox/fhir/r4/ServiceRequest/{id}": {"agency"},
        "GET /sandbox/fhir/r4/Task": {"agency"},
        "GET /sandbox/fhir/r4/Task/{id}": {"agency"},
        "GET /sandbox/fhir/r4/metadata": set(),
        "GET /sandbox/v1/agencies/{id}/performance": ENTERING | OF_AGENCY,
        "GET /sandbox/v1/api-keys": OWNING,
        "GET /sandbox/v1/capacities": STAFF | OF_AGENCY,
        "GET /sandbox/v1/capacities/{service}/{site}": STAFF | OF_AGENCY,
        "PUT /sandbox/v1/capacities/{service}/{site}": ENTERING | OF_AGENCY,
        "GET /sandbox/v1/feed": {"agency"},
        "GET /sandbox/v1/referrals/{id}": OWNING,
        "GET /sandbox/v1/webhooks": OWNING,
        "GET /sandbox/v1/webhooks/{id}": OWNING,
        "GET /sandbox/v1/webhooks/{id}/deliveries": OWNING,
        "GET /sandbox/v1/webhooks/{id}/deliveries/{delivery}": OWNING,
        "POST /sandbox/v1/api-keys/{id}/revoke": OWNING,
        "POST /sandbox/v1/referrals/{id}/says": OWNING,
        "POST /sandbox/v1/webhooks/{id}/disable": OWNING,
        "POST /sandbox/v1/webhooks/{id}/enable": OWNING,
        "POST /sandbox/v1/webhooks/{id}/replay": OWNING,
        "POST /sandbox/v1/webhooks/{id}/rotate-secret": OWNING,
        "POST /sandbox/v1/webhooks/{id}/test": OWNING,
        "PUT /sandbox/fhir/r4/Task/{id}": {"agency"},
        "PUT /sandbox/v1/api-keys/{id}": OWNING,
        "PUT /sandbox/v1/referrals/{id}": OWNING,
        "PUT /sandbox/v1/webhooks/{id}": OWNING,
    },
}
"""Endpoints of further APIs of a service, which its own document does not tell of."""

TABLE: dict[str, dict[str, set[str]]] = {
    "referral": {
        "GET /v1/audit-log": CHECKING,
        "GET /v1/staff": CHECKING,
        "GET /v1/staff-register": {"admin"},
        "GET /v1/staff/{id}": CHECKING,
        "GET /v1/staff/{id}/history": CHECKING,
        "GET /v1/unowned-referrals": ENTERING,
        "POST /v1/staff/{id}/off-board": {"admin"},
        "POST /v1/staff/{id}/reinstate": {"admin"},
        "PUT /v1/staff-register": {"admin"},
        "PUT /v1/staff/{id}": {"admin"},
        "GET /v1/break-glass": ENTERING,
        "GET /v1/break-glass/people": ENTERING,
        "POST /v1/break-glass/search": STAFF,
        "POST /v1/break-glass/{id}/let-again": {"admin"},
        "GET /v1/erasures": CHECKING,
        "GET /v1/erasures/{id}": CHECKING,
        "GET /v1/families/{id}/erasure-check": {"admin"},
        "GET /v1/families/{id}/export": ENTERING,
        "GET /v1/holds": {"admin"},
        "GET /v1/retention": {"admin"},
        "POST /v1/retention/run": {"admin"},
        "POST /v1/holds/{id}/lift": {"admin"},
        "PUT /v1/erasures/{id}": {"admin"},
        "PUT /v1/holds/{id}": {"admin"},
        "POST /v1/break-glass/{id}/review": ENTERING,
        "PUT /v1/break-glass/{id}": STAFF,
        "GET /v1/colleagues": STAFF | {"leadership"},
        "GET /v1/consent-scans": ENTERING,
        "GET /v1/covers": ENTERING,
        "GET /v1/deletion-requests": ENTERING,
        "GET /v1/contact-attempts/{id}": STAFF,
        "GET /v1/families/{id}": STAFF,
        "GET /v1/families/{id}/disclosure-report": ENTERING,
        "GET /v1/families/{id}/merge-preview": ENTERING,
        "GET /v1/family-merges/{id}": ENTERING,
        "GET /v1/roll-overs/{id}": ENTERING,
        "POST /v1/roll-overs/{id}/apply": ENTERING,
        "PUT /v1/roll-overs/{id}": ENTERING,
        "POST /v1/family-merges/{id}/undo": ENTERING,
        "PUT /v1/family-merges/{id}": ENTERING,
        "GET /v1/families/{id}/disclosures": ENTERING,
        "GET /v1/family-status": BY_LINK_OR_SIGNATURE,
        "GET /v1/protection-reports": SCHOOL,
        "GET /v1/protection-reports/{id}": SCHOOL,
        "GET /v1/meetings/{id}": STAFF,
        "GET /v1/notes/{id}": STAFF,
        "GET /v1/referrals": STAFF,
        "GET /v1/referrals/{id}": STAFF,
        "GET /v1/referrals/{id}/follow-ups": STAFF,
        "GET /v1/referrals/{id}/history": STAFF,
        "GET /v1/referrals/{id}/hand-off": STAFF | {"leadership"},
        "POST /v1/referrals/{id}/hand-off": {"coordinator"},
        "POST /v1/referrals/{id}/hand-off/close": {"coordinator"},
        "POST /v1/referrals/{id}/hand-off/seen": ENTERING | {"leadership"},
        "GET /v1/referrals/{id}/identity": {"claimant"},
        "GET /v1/referrals/{id}/timeline": STAFF,
        "GET /v1/rules": STAFF,
        "GET /v1/rules/versions": STAFF,
        "GET /v1/categories": STAFF,
        "GET /v1/emergency": STAFF,
        "GET /v1/languages": STAFF,
        "GET /v1/reasons": STAFF,
        "GET /v1/students": STAFF,
        "GET /v1/students/search": STAFF,
        "GET /v1/students/{id}": STAFF,
        "GET /v1/help-receipts": BY_LINK_OR_SIGNATURE,
        "GET /v1/help-requests": {"coordinator"},
        "GET /v1/help-requests/{id}": {"coordinator"},
        "GET /v1/help-words": {"service"},
        "GET /v1/my-help-requests": ASKING,
        "GET /v1/today": STAFF | {"leadership"},
        "GET /v1/students/{student}/consents": STAFF,
        "POST /v1/deletion-requests/{id}/confirm": ENTERING,
        "GET /v1/students/{student}/care-team": STAFF,
        "GET /v1/students/{student}/contact-attempts": STAFF,
        "GET /v1/students/{student}/meetings": STAFF,
        "GET /v1/students/{student}/notes": STAFF,
        "GET /v1/tasks": STAFF,
        "POST /v1/contact-attempts/batch": SCHOOL,
        "DELETE /v1/imports/roster/{id}/bad-rows": ENTERING,
        "GET /v1/imports/roster/{id}": ENTERING,
        "GET /v1/imports/roster/{id}/bad-rows": ENTERING,
        "POST /v1/imports/roster": ENTERING,
        "POST /v1/meetings/{id}/tasks/{task}/done": SCHOOL,
        "POST /v1/people/names": STAFF,
        "POST /v1/message-checks": {"service"},
        "POST /v1/bulk-referrals": {"coordinator"},
        "POST /v1/caseloads/hand-over": ENTERING,
        "POST /v1/covers/{id}/end": ENTERING,
        "PUT /v1/covers/{id}": ENTERING,
        "POST /v1/protection-reports/{id}/called": SCHOOL,
        "POST /v1/protection-reports/{id}/filed": SCHOOL,
        "POST /v1/notes/{id}/edit": SCHOOL,
        "POST /v1/referrals/{id}/cancel": {"coordinator"},
        "POST /v1/referrals/{id}/follow-ups/{follow_up}/done": SCHOOL,
        "POST /v1/referrals/{id}/follow-ups/{follow_up}/reassign": ENTERING,
        "POST /v1/referrals/{id}/follow-ups/{follow_up}/snooze": SCHOOL,
        "POST /v1/referrals/{id}/correct": {"coordinator"},
        "POST /v1/referrals/{id}/hold": {"coordinator"},
        "POST /v1/referrals/{id}/enter-in-error": {"coordinator"},
        "POST /v1/referrals/{id}/recall": {"coordinator"},
        "POST /v1/referrals/{id}/resume": {"coordinator"},
        "POST /v1/referrals/{id}/transfer": ENTERING,
        "POST /v1/referrals/{id}/offer": {"coordinator"},
        "POST /v1/referrals/{id}/waves": {"coordinator"},
        "POST /v1/students/{student}/care-team/{id}/end": ENTERING,
        "POST /v1/students/{student}/consents/{id}/revoke": ENTERING,
        "PUT /v1/consent-scans": ENTERING,
        "PUT /v1/consents/{id}": ENTERING,
        "PUT /v1/contact-attempts/{id}": SCHOOL,
        "PUT /v1/families/{id}": ENTERING,
        "PUT /v1/families/{id}/contacts/{contact}": ENTERING,
        "PUT /v1/protection-reports/{id}": SCHOOL,
        "POST /v1/help-requests/{id}/handled": {"coordinator"},
        "POST /v1/help-requests/{id}/set-aside": {"coordinator"},
        "POST /v1/help-requests/{id}/take-up": {"coordinator"},
        "PUT /v1/help-requests/{id}": ASKING,
        "PUT /v1/page-help-requests/{id}": {"service"},
        "PUT /v1/meetings/{id}": SCHOOL,
        "PUT /v1/meetings/{id}/tasks/{task}": SCHOOL,
        "PUT /v1/notes/{id}": SCHOOL,
        "PUT /v1/notes/{id}/amendments/{amendment}": SCHOOL,
        "PUT /v1/referrals/{id}": {"coordinator"},
        "PUT /v1/rules": {"admin"},
        "PUT /v1/students/{id}": ENTERING,
        "PUT /v1/students/{id}/details": ENTERING,
        "PUT /v1/students/{id}/enrolment": ENTERING,
        "PUT /v1/students/{student}/care-team/{id}": ENTERING,
        "PUT /v1/students/{student}/tiers/{id}": STAFF,
    },
    "partner": {
        "GET /v1/erasures/{id}": {"service"},
        "GET /v1/agencies": STAFF | OF_AGENCY,
        "GET /v1/agencies/{id}": STAFF | OF_AGENCY,
        "GET /v1/agencies/{id}/performance": ENTERING | OF_AGENCY,
        "GET /v1/agreement-deadlines": ENTERING | {"leadership"},
        "GET /v1/agreements": STAFF | OF_AGENCY,
        "GET /v1/agreements/{id}": STAFF | OF_AGENCY,
        "GET /v1/agreements/{id}/changes": STAFF | OF_AGENCY,
        "GET /v1/agreements/{id}/metrics": STAFF | OF_AGENCY,
        "POST /v1/agreements/{id}/approve": MANAGING,
        "POST /v1/agreements/{id}/end": ENTERING,
        "POST /v1/agreements/{id}/renew": ENTERING,
        "POST /v1/agreements/{id}/send-back": ENTERING,
        "POST /v1/agreements/{id}/submit": ENTERING,
        "PUT /v1/agreements/{id}/milestones": MANAGING,
        "PUT /v1/agreements/{id}/papers/{kind}": ENTERING,
        "GET /fhir/r4/HealthcareService/{id}": {"agency"},
        "GET /fhir/r4/Organization/{id}": {"agency"},
        "GET /fhir/r4/Patient/{id}": {"agency"},
        "GET /fhir/r4/ServiceRequest/{id}": {"agency"},
        "GET /fhir/r4/Task": {"agency"},
        "GET /fhir/r4/Task/{id}": {"agency"},
        "GET /fhir/r4/metadata": BY_LINK_OR_SIGNATURE,
        "PUT /fhir/r4/Task/{id}": {"agency"},
        "GET /v1/agreement-documents": ENTERING | OF_AGENCY,
        "PUT /v1/agreement-documents": ENTERING,
        "GET /v1/answers": BY_LINK_OR_SIGNATURE,
        "GET /v1/batch-answers": BY_LINK_OR_SIGNATURE,
        "GET /v1/deletion-answers": BY_LINK_OR_SIGNATURE,
        "GET /v1/entries-answers": BY_LINK_OR_SIGNATURE,
        "GET /v1/capacities": STAFF | OF_AGENCY,
        "GET /v1/capacities/{service}/{site}": STAFF | OF_AGENCY,
        "GET /v1/capacities/{service}/{site}/waitlist": STAFF | OF_AGENCY,
        "GET /v1/hsds/": STAFF | OF_AGENCY,
        "GET /v1/hsds/organizations": STAFF | OF_AGENCY,
        "GET /v1/hsds/organizations/{id}": STAFF | OF_AGENCY,
        "GET /v1/hsds/service_at_locations": STAFF | OF_AGENCY,
        "GET /v1/hsds/service_at_locations/{id}": STAFF | OF_AGENCY,
        "GET /v1/hsds/services": STAFF | OF_AGENCY,
        "GET /v1/hsds/services/{id}": STAFF | OF_AGENCY,
        "GET /v1/hsds/taxonomies": STAFF | OF_AGENCY,
        "GET /v1/hsds/taxonomies/{id}": STAFF | OF_AGENCY,
        "GET /v1/hsds/taxonomy_terms": STAFF | OF_AGENCY,
        "GET /v1/hsds/taxonomy_terms/{id}": STAFF | OF_AGENCY,
        "GET /v1/matches": STAFF,
        "POST /v1/matches": STAFF,
        "POST /v1/matches/why": STAFF,
        "POST /v1/agency-checks": {"service"},
        "POST /v1/offer-checks": {"service"},
        "GET /v1/offerings/{referral}": STAFF,
        "GET /v1/services": STAFF | OF_AGENCY,
        "GET /v1/services/{id}": STAFF | OF_AGENCY,
        "POST /v1/answers/claim": BY_LINK_OR_SIGNATURE,
        "POST /v1/answers/code": BY_LINK_OR_SIGNATURE,
        "POST /v1/answers/contest": BY_LINK_OR_SIGNATURE,
        "POST /v1/answers/decline": BY_LINK_OR_SIGNATURE,
        "POST /v1/answers/identity-token": BY_LINK_OR_SIGNATURE,
        "POST /v1/answers/progress": BY_LINK_OR_SIGNATURE,
        "POST /v1/answers/seats": BY_LINK_OR_SIGNATURE,
        "POST /v1/answers/waitlist": BY_LINK_OR_SIGNATURE,
        "POST /v1/batch-answers/decline": BY_LINK_OR_SIGNATURE,
        "POST /v1/batch-answers/take": BY_LINK_OR_SIGNATURE,
        "POST /v1/deletion-answers/confirm": BY_LINK_OR_SIGNATURE,
        "POST /v1/entries-answers/confirm": BY_LINK_OR_SIGNATURE,
        "GET /v1/imports/directory": {"admin"},
        "GET /v1/imports/directory/{id}": {"admin"},
        "GET /v1/imports/directory/{id}/problems": {"admin"},
        "POST /v1/imports/directory": {"admin"},
        "GET /v1/directory-differences/{kind}": ENTERING,
        "POST /v1/directory-differences/{kind}/{id}": ENTERING,
        "POST /v1/offerings/{referral}/offers/{offer}/revoke-links": ENTERING,
        "POST /v1/offerings/{referral}/offers/{offer}/told": {"coordinator"},
        "POST /v1/offerings/{referral}/offers/{offer}/withdraw": {"coordinator"},
        "POST /v1/offerings/{referral}/waves/{wave}/take-back": {"coordinator"},
        "DELETE /v1/webhooks/{id}": OWNING,
        "GET /v1/api-keys": OWNING,
        "GET /v1/feed": {"agency"},
        "GET /v1/webhooks": OWNING,
        "GET /v1/webhooks/{id}": OWNING,
        "GET /v1/webhooks/{id}/deliveries": OWNING,
        "GET /v1/webhooks/{id}/deliveries/{delivery}": OWNING,
        "POST /v1/api-keys/{id}/revoke": OWNING,
        "POST /v1/webhooks/{id}/disable": OWNING,
        "POST /v1/webhooks/{id}/enable": OWNING,
        "POST /v1/webhooks/{id}/replay": OWNING,
        "POST /v1/webhooks/{id}/rotate-secret": OWNING,
        "POST /v1/webhooks/{id}/test": OWNING,
        "PUT /v1/api-keys/{id}": OWNING,
        "PUT /v1/webhooks/{id}": OWNING,
        "PUT /v1/agencies/{id}": MANAGING,
        "POST /v1/agencies/{id}/contacts/{contact}/confirm": MANAGING,
        "POST /v1/agencies/{id}/entries/revoke-links": MANAGING,
        "PUT /v1/agreements/{id}": ENTERING,
        "PUT /v1/capacities/{service}/{site}": ENTERING | OF_AGENCY,
        "PUT /v1/capacities/{service}/{site}/waitlist-policy": MANAGING,
        "PUT /v1/services/{id}": ENTERING,
        "PUT /v1/sandbox-keys/{id}": OWNING,
        "GET /v1/batches": {"agency"},
        "GET /v1/batches/{id}": {"agency"},
        "GET /v1/offers": {"agency"},
        "GET /v1/offers/{id}": {"agency"},
        "POST /v1/batches/{id}/decline": {"agency"},
        "POST /v1/batches/{id}/take": {"agency"},
        "POST /v1/offers/{id}/claim": {"agency"},
        "POST /v1/offers/{id}/contest": {"agency"},
        "POST /v1/offers/{id}/decline": {"agency"},
        "POST /v1/offers/{id}/identity-token": {"agency"},
        "POST /v1/offers/{id}/progress": {"agency"},
        "POST /v1/offers/{id}/seats": {"agency"},
        "POST /v1/offers/{id}/waitlist": {"agency"},
    },
    "notify": {
        "GET /v1/erasures/{id}": {"service"},
        "POST /v1/person-records": {"service"},
        "GET /v1/mail-stops/{person}/{token}": BY_LINK_OR_SIGNATURE,
        "GET /v1/message-templates": {"admin"},
        "GET /v1/message-templates/{name}": {"admin"},
        "GET /v1/message-templates/{name}/versions": {"admin"},
        "POST /v1/message-templates/{name}/check": {"admin"},
        "POST /v1/message-templates/{name}/test-send": {"admin"},
        "PUT /v1/message-templates/{name}": {"admin"},
        "GET /v1/text-budgets/{site}": {"admin"},
        "GET /v1/text-costs": ENTERING,
        "PUT /v1/text-budgets/{site}": {"admin"},
        "POST /v1/mail-stops/{person}/{token}": BY_LINK_OR_SIGNATURE,
        "GET /v1/messages": {"coordinator", "operator"},
        "GET /v1/outgoing": OPERATOR,
        "POST /v1/messages/{id}/release": OPERATOR,
        "GET /v1/families/{id}/conversation": SCHOOL,
        "GET /v1/referrals/{id}/conversation": SCHOOL,
        "PUT /v1/referrals/{id}/staff-replies/{reply}": SCHOOL,
        "POST /v1/callbacks/twilio/inbound": BY_LINK_OR_SIGNATURE,
        "POST /v1/callbacks/twilio/status/{message}": BY_LINK_OR_SIGNATURE,
        "POST /v1/outgoing": OPERATOR,
    },
    "reporting": {
        "GET /v1/erasures/{id}": {"service"},
        "GET /v1/funnel": NUMBERS,
        "GET /v1/programmes": NUMBERS,
        "GET /v1/operations/read-models": OPERATOR,
        "GET /v1/referral-facts/{id}": ENTERING,
        "GET /v1/seats": NUMBERS | {"care-team"},
        "GET /v1/unmet": NUMBERS,
        "POST /v1/operations/read-models/{name}/compare": OPERATOR,
        "POST /v1/operations/read-models/{name}/rebuild": OPERATOR,
    },
}
SERVICES: dict[str, tuple[Callable[[Chassis[Any]], Parts], type[ServiceSettings]]] = {
    "referral": (referral, ReferralSettings),
    "partner": (partner, PartnerSettings),
    "notify": (notify, NotifySettings),
    "reporting": (reporting, ReportingSettings),
}


async def app_of(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    make_keys(folder)
    monkeypatch.setenv("ENLACE_KEYS_DIR", str(folder))
    for what in ("ACCOUNT", "TOKEN", "FROM"):
        monkeypatch.setenv(f"ENLACE_TWILIO_{what}", "+15005550006")
    build, settings = SERVICES[name]
    chassis = Chassis(name, settings())
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
async def test_every_endpoint_says_who_may_call_it(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = await app_of(name, tmp_path, monkeypatch)
    found: dict[str, set[str]] = {}
    inner = [(each.path, each.app) for each in app.routes if isinstance(each, Mount)]
    everywhere = [
        *endpoints(app),
        *(
            (endpoint.replace(" ", f" {path}", 1), allowed)
            for path, mounted in inner
            if isinstance(mounted, FastAPI)
            for endpoint, allowed in endpoints(mounted)
        ),
    ]
    for endpoint, allowed in everywhere:
        assert allowed, f"{endpoint} does not say who may call it: add Allow(…)"
        found[endpoint] = {role.value for each in allowed for role in each.roles}
    assert found == {**TABLE[name], **MOUNTED.get(name, {}), **OPERATIONS}
