"""Two agencies x every endpoint: what one gets of the other's, by its account and by its keys.

The table is written by hand. That an agency's own staff see what is theirs proves that the other
could have been shown it.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

import httpx2

from services.chassis.auth import Principal
from services.chassis.ids import new_id
from services.partner.subscriptions.model.key import Scope
from tests.partner.build import SITE
from tests.partner.district import PEOPLE, Provider
from tests.partner.subscriptions.subscribed import Subscribed
from tests.partner.test_batches import Page, asked
from tests.running import person
from tests.test_access import OF_AGENCY, TABLE

OWN, NONE = 200, 404
"""A list that holds its own things alone; and what cannot be told from what is not there."""

ANOTHERS: dict[str, int] = {
    "DELETE /v1/webhooks/{id}": NONE,
    "GET /fhir/r4/HealthcareService/{id}": NONE,
    "GET /fhir/r4/Organization/{id}": NONE,
    "GET /fhir/r4/Patient/{id}": NONE,
    "GET /fhir/r4/ServiceRequest/{id}": NONE,
    "GET /fhir/r4/Task": OWN,
    "GET /fhir/r4/Task/{id}": NONE,
    "GET /v1/agencies": OWN,
    "GET /v1/agencies/{id}": NONE,
    "GET /v1/agencies/{id}/performance": NONE,
    "GET /v1/agreement-documents": NONE,
    "GET /v1/agreements": OWN,
    "GET /v1/agreements/{id}": NONE,
    "GET /v1/agreements/{id}/changes": NONE,
    "GET /v1/agreements/{id}/metrics": NONE,
    "GET /v1/api-keys": NONE,
    "GET /v1/capacities": OWN,
    "GET /v1/capacities/{service}/{site}": NONE,
    "GET /v1/capacities/{service}/{site}/waitlist": NONE,
    "GET /v1/feed": OWN,
    "GET /v1/hsds/": OWN,
    "GET /v1/hsds/organizations": OWN,
    "GET /v1/hsds/organizations/{id}": NONE,
    "GET /v1/hsds/service_at_locations": OWN,
    "GET /v1/hsds/service_at_locations/{id}": NONE,
    "GET /v1/hsds/services": OWN,
    "GET /v1/hsds/services/{id}": NONE,
    "GET /v1/hsds/taxonomies": OWN,
    "GET /v1/hsds/taxonomies/{id}": NONE,
    "GET /v1/hsds/taxonomy_terms": OWN,
    "GET /v1/hsds/taxonomy_terms/{id}": NONE,
    "GET /v1/services": OWN,
    "GET /v1/services/{id}": NONE,
    "GET /v1/webhooks": NONE,
    "GET /v1/webhooks/{id}": NONE,
    "GET /v1/webhooks/{id}/deliveries": NONE,
    "GET /v1/webhooks/{id}/deliveries/{delivery}": NONE,
    "POST /v1/agencies/{id}/contacts/{contact}/confirm": NONE,
    "POST /v1/agencies/{id}/entries/revoke-links": NONE,
    "POST /v1/agreements/{id}/approve": NONE,
    "POST /v1/api-keys/{id}/revoke": NONE,
    "POST /v1/webhooks/{id}/disable": NONE,
    "POST /v1/webhooks/{id}/enable": NONE,
    "POST /v1/webhooks/{id}/replay": NONE,
    "POST /v1/webhooks/{id}/rotate-secret": NONE,
    "POST /v1/webhooks/{id}/test": NONE,
    "PUT /fhir/r4/Task/{id}": NONE,
    "PUT /v1/agencies/{id}": NONE,
    "PUT /v1/agreements/{id}/milestones": NONE,
    "PUT /v1/api-keys/{id}": NONE,
    "PUT /v1/capacities/{service}/{site}": NONE,
    "PUT /v1/capacities/{service}/{site}/waitlist-policy": NONE,
    "PUT /v1/sandbox-keys/{id}": NONE,
    "PUT /v1/webhooks/{id}": NONE,
    "GET /v1/batches": NONE,
    "GET /v1/batches/{id}": NONE,
    "GET /v1/offers": NONE,
    "GET /v1/offers/{id}": NONE,
    "POST /v1/batches/{id}/decline": NONE,
    "POST /v1/batches/{id}/take": NONE,
    "POST /v1/offers/{id}/claim": NONE,
    "POST /v1/offers/{id}/contest": NONE,
    "POST /v1/offers/{id}/decline": NONE,
    "POST /v1/offers/{id}/identity-token": NONE,
    "POST /v1/offers/{id}/progress": NONE,
    "POST /v1/offers/{id}/question": NONE,
    "POST /v1/offers/{id}/seats": NONE,
    "POST /v1/offers/{id}/waitlist": NONE,
}
"""What an agency's account gets of another agency's, by the endpoints that let agencies in."""

OPENS: dict[Scope, tuple[str, ...]] = {
    Scope.FEED: ("/v1/feed",),
    Scope.WEBHOOKS: ("/v1/webhooks",),
    Scope.KEYS: ("/v1/api-keys", "/v1/sandbox-keys"),
    Scope.FHIR: ("/fhir/r4",),
    Scope.PERFORMANCE: ("/performance",),
    Scope.CAPACITY: ("/v1/capacities",),
}
"""What a key of each scope is let in to; everything else is closed to it."""

FOR_PEOPLE = {
    "GET /v1/capacities/{service}/{site}/waitlist",
    "PUT /v1/capacities/{service}/{site}/waitlist-policy",
}
"""What stands beside that, and is opened by no key."""

PUBLIC = {"GET /fhir/r4/metadata"}
CLOSED = {401, 403, 503}
"""Not signed in, not allowed, or asked of a sign-in service that is not here: nothing is told."""


@dataclass(frozen=True, slots=True)
class Theirs:
    """What the other agency has; every id and word of it is the other's own."""

    provider: Provider
    contact: str
    hook: str
    key: str
    offer: str
    referral: str
    batch: str

    @property
    def site(self) -> str:
        """The school whose seats they are."""
        return SITE

    def path(self, endpoint: str) -> str:
        """Return an endpoint's path, with the other agency's ids where they belong."""
        template = endpoint.split(" ")[1]
        made = self.provider
        first = {
            "/v1/agencies/": made.agency,
            "/v1/agreements/": made.agreement,
            "/v1/services/": made.service,
            "/v1/hsds/services/": made.service,
            "/v1/hsds/organizations/": made.agency,
            "/v1/webhooks/": self.hook,
            "/v1/api-keys/{id}/": self.key,
            "/v1/offers/": self.offer,
            "/v1/batches/": self.batch,
            "/fhir/r4/Organization/": made.agency,
            "/fhir/r4/HealthcareService/": made.service,
            "/fhir/r4/": self.offer,
        }
        id = next((id for begin, id in first.items() if template.startswith(begin)), new_id())
        named = {"service": made.service, "site": self.site, "contact": self.contact, "id": id}
        named |= {"referral": self.referral, "offer": self.offer, "kind": "insurance"}
        return re.sub(r"\{(\w+)\}", lambda found: named.get(found[1], new_id()), template)

    @property
    def query(self) -> dict[str, str]:
        """What lists are asked by; those that are not known are passed over."""
        made = self.provider
        asked = {"agency": made.agency, "agreement": made.agreement, "service": made.service}
        return {**asked, "site": self.site, "organization_id": made.agency}

    def body(self, endpoint: str) -> dict[str, Any]:
        """Return what an endpoint takes, so that no refusal is for its form."""
        made = self.provider
        bodies: dict[str, dict[str, Any]] = {
            "PUT /v1/agencies/{id}": {"name": made.name},
            "PUT /v1/api-keys/{id}": {"agency": made.agency, "name": "K", "scopes": ["keys"]},
            "PUT /v1/sandbox-keys/{id}": {"agency": made.agency, "name": "K"},
            "PUT /v1/webhooks/{id}": {"agency": made.agency, "url": "https://example.org/x"},
            "POST /v1/webhooks/{id}/replay": {"after": 0},
            "PUT /v1/agreements/{id}/milestones": {"name": "Rooms", "reached": True},
            "PUT /v1/capacities/{service}/{site}": {"maximum": 9, "available": 9},
            "POST /v1/offers/{id}/decline": {"reason": "no-capacity"},
            "POST /v1/offers/{id}/progress": {"progress": "started"},
            "POST /v1/offers/{id}/question": {"topics": ["age"]},
            "POST /v1/offers/{id}/seats": {"available": 9},
            "POST /v1/batches/{id}/decline": {"reason": "no-capacity", "turn": 0},
            "POST /v1/batches/{id}/take": {"take": 1, "turn": 0},
            "PUT /v1/capacities/{service}/{site}/waitlist-policy": {"policy": "first-come"},
            "PUT /fhir/r4/Task/{id}": {
                "resourceType": "Task",
                "id": self.offer,
                "status": "accepted",
                "intent": "order",
            },
        }
        return bodies.get(endpoint, {})

    def told_in(self, text: str) -> list[str]:
        """Return what of the other agency a text tells."""
        made = self.provider
        marks = [made.agency, made.service, made.agreement, made.name]
        marks += [self.contact, self.hook, self.key, self.offer, self.referral, self.batch]
        return [each for each in marks if each in text]


async def settled(district: Subscribed) -> tuple[Provider, Theirs]:
    """Enter two agencies; the other has a child that it alone was asked for, and took."""
    mine = await district.provider("Smiles", seats=3)
    other = await district.provider("Harbourside", seats=3)
    await district.offer(mine, other)
    await district.offer(other, referral=(alone := new_id()))
    await district.answer(other, "claim")
    await district.accept(alone)
    batch, _ = await asked(district, other, 2)
    await Page.told(district)
    paper = await district.http.put(
        f"/v1/agreement-documents?agreement={other.agreement}",
        content=b"%PDF-1.7\nsigned\n%%EOF\n",
        headers=district.service.as_("admin"),
    )
    assert paper.status_code == 200, paper.text
    await district.key(other, *(each.value for each in Scope))
    listed = await district.get(f"/v1/api-keys?agency={other.agency}", "admin")
    hook = await district.hook(other, "https://example.org/hook")
    shown = (await district.get(f"/v1/agencies/{other.agency}")).json()
    await district.pump()
    return mine, Theirs(
        provider=other,
        contact=shown["contacts"][0]["id"],
        hook=hook.id,
        key=listed.json()["items"][0]["id"],
        offer=district.offers[other.agency].offer,
        referral=alone,
        batch=batch,
    )


async def call(
    district: Subscribed, endpoint: str, headers: dict[str, str], theirs: Theirs
) -> httpx2.Response:
    method, _, _ = endpoint.partition(" ")
    seen = {"If-Match": '"1"'} if method in {"PUT", "POST"} else {}
    if endpoint == "PUT /fhir/r4/Task/{id}":
        seen = {"Content-Type": "application/fhir+json"}
    return await district.http.request(
        method,
        theirs.path(endpoint),
        # FHIR's lists know none of these, and name in their links what they were asked.
        params=None if "/fhir/" in endpoint else theirs.query,
        content=json.dumps(theirs.body(endpoint)) if method in {"PUT", "POST"} else None,
        headers={"Content-Type": "application/json", **seen, **headers},
    )


async def stands(district: Subscribed, theirs: Theirs) -> str:
    """Return all that is kept of the other agency, but when its keys were used."""
    kept = []
    names = ("agencies", "services", "agreements", "capacities", "offerings", "batches")
    for name in (*names, "webhooks", "api_keys", "entries_links", "links"):
        kept += [row for row in await district.rows(name) if theirs.told_in(repr(row))]
    return repr(kept)


def staff(name: str, provider: Provider) -> Principal:
    """Return somebody who may do all that an agency's staff may."""
    return person(name, *(f"{role}:{provider.agency}" for role in sorted(OF_AGENCY)))


def opens(begins: tuple[str, ...], endpoint: str) -> bool:
    """Tell whether a scope lets a key in."""
    return endpoint not in FOR_PEOPLE and any(part in endpoint for part in begins)


def test_the_table_names_every_endpoint_that_lets_an_agency_in() -> None:
    assert {each for each, roles in TABLE["partner"].items() if roles & OF_AGENCY} == set(ANOTHERS)
    assert set(OPENS) == {each for each in Scope if each.listed}


async def test_an_agencys_account_is_told_nothing_of_another_by_any_endpoint(
    district: Subscribed,
) -> None:
    mine, theirs = await settled(district)
    PEOPLE["mallory"] = staff("mallory", mine)
    PEOPLE["owner"] = staff("owner", theirs.provider)
    before = await stands(district, theirs)
    wrong, shown = [], 0
    for endpoint, roles in TABLE["partner"].items():
        answer = await call(district, endpoint, district.service.as_("mallory"), theirs)
        told = theirs.told_in(answer.text)
        if endpoint in ANOTHERS:
            good = answer.status_code == ANOTHERS[endpoint]
        elif roles:
            good = answer.status_code == 403
        else:  # behind a link, and none was sent
            good = endpoint in PUBLIC or answer.status_code in {404, 422}
        if told or not good:
            wrong.append(f"{endpoint}: {answer.status_code} {told} {answer.text[:80]}")
        if endpoint.startswith("GET") and endpoint in ANOTHERS:
            own = await call(district, endpoint, district.service.as_("owner"), theirs)
            shown += own.status_code == 200 and bool(theirs.told_in(own.text))
    assert wrong == []
    assert await stands(district, theirs) == before
    assert shown >= 22, "its own staff see what is theirs by as many"


async def test_a_key_of_each_scope_opens_its_own_and_nothing_of_anothers(
    district: Subscribed,
) -> None:
    mine, theirs = await settled(district)
    wrong = []
    for scope, begins in OPENS.items():
        key = await district.key(mine, scope.value)
        owned = await district.key(theirs.provider, scope.value)
        before = await stands(district, theirs)
        for endpoint, roles in TABLE["partner"].items():
            answer = await call(district, endpoint, key, theirs)
            let_in = opens(begins, endpoint)
            if let_in:
                good = answer.status_code == ANOTHERS.get(endpoint, OWN)
            elif roles:
                good = answer.status_code in CLOSED
            else:
                good = endpoint in PUBLIC or answer.status_code in {404, 422}
            if theirs.told_in(answer.text) or not good:
                wrong.append(f"{scope} {endpoint}: {answer.status_code} {answer.text[:80]}")
        assert await stands(district, theirs) == before
        own = [
            (await call(district, endpoint, owned, theirs)).status_code
            for endpoint in TABLE["partner"]
            if endpoint.startswith("GET") and opens(begins, endpoint)
        ]
        assert OWN in own, f"{scope} opens what is its own"
    assert wrong == []
