"""Two agencies x every endpoint of the sandbox: none reads, changes or infers what another plays.

The table is that of the service itself where the endpoint is the same; what the sandbox alone has
stands here.
"""

from dataclasses import dataclass
from typing import Any

from services.chassis.ids import new_id
from services.partner.sandbox.entering import SCHOOL
from services.partner.sandbox.parts import PATH
from services.partner.subscriptions.model.key import Scope
from tests.partner.district import PEOPLE
from tests.partner.sandbox.played import Played
from tests.partner.subscriptions.subscribed import Subscribed
from tests.partner.subscriptions.test_agency_matrix import (
    ANOTHERS,
    CLOSED,
    NONE,
    OPENS,
    OWN,
    PUBLIC,
    Theirs,
    call,
    opens,
    staff,
)
from tests.test_access import MOUNTED, OF_AGENCY

TABLE = {each.replace(PATH, "", 1): roles for each, roles in MOUNTED["partner"].items()}

PLAYED = {
    "GET /v1/referrals/{id}": NONE,
    "POST /v1/referrals/{id}/says": NONE,
    "PUT /v1/referrals/{id}": NONE,
}
"""What an agency gets of what another plays."""

EXPECTED = {**{each: ANOTHERS[each] for each in ANOTHERS if each in TABLE}, **PLAYED}
SANDBOX_OPENS = {**OPENS, Scope.FEED: ("/v1/feed", "/v1/referrals")}


@dataclass(frozen=True, slots=True)
class Invention(Theirs):
    """What the other agency plays."""

    def path(self, endpoint: str) -> str:
        """Return an endpoint's path in the sandbox."""
        template = endpoint.split(" ")[1]
        if template.startswith("/v1/referrals/"):
            return PATH + template.replace("{id}", self.referral)
        return PATH + super(Invention, self).path(endpoint)

    @property
    def site(self) -> str:
        """The school whose seats they are."""
        return SCHOOL

    def body(self, endpoint: str) -> dict[str, Any]:
        """Return what an endpoint takes."""
        bodies = {
            "PUT /v1/referrals/{id}": {"service": self.provider.service},
            "POST /v1/referrals/{id}/says": {"says": "cancels"},
        }
        return bodies.get(endpoint) or super(Invention, self).body(endpoint)


async def settled(district: Subscribed) -> tuple[Played, Played, Invention]:
    """Let two agencies play; the other has a referral that it has taken, an endpoint and a key."""
    mine = await Played.of(district, await district.provider("Smiles"))
    other = await Played.of(district, await district.provider("Harbourside"))
    await mine.invent()
    referral = await other.invent()
    await other.fhir.answer(await other.task(referral), status="accepted")
    hook = (await other.done("PUT", f"/v1/webhooks/{new_id()}", {"url": "https://example.org/h"}))[
        "id"
    ]
    (key,) = (await other.done("GET", "/v1/api-keys"))["items"]
    shown = (await district.get(f"/v1/agencies/{other.provider.agency}")).json()
    theirs = Invention(
        provider=other.provider,
        contact=shown["contacts"][0]["id"],
        hook=hook,
        key=key["id"],
        offer=referral["offer"],
        referral=referral["id"],
        batch=new_id(),
    )
    return mine, other, theirs


async def stands(district: Subscribed, theirs: Theirs) -> str:
    """Return all that is kept of what the other agency plays, but when its keys were used."""
    service = district.service.chassis
    sandbox = service.mongo[service.settings.database("partner_sandbox")]
    names = ("invented", "agencies", "services", "capacities", "offerings", "webhook_endpoints")
    kept = []
    for name in names:
        kept += [row async for row in sandbox[name].find({}) if theirs.told_in(repr(row))]
    assert kept
    keys = [row async for row in sandbox["api_keys"].find({"agency": theirs.provider.agency})]
    return repr(kept) + repr([(each["_id"], each["revoked"]) for each in keys])


def test_the_table_names_every_endpoint_of_the_sandbox_that_lets_an_agency_in() -> None:
    assert {each for each, roles in TABLE.items() if roles & OF_AGENCY} == set(EXPECTED)


async def test_no_key_and_no_account_reads_or_changes_what_another_plays(
    district: Subscribed,
) -> None:
    mine, other, theirs = await settled(district)
    PEOPLE["mallory"] = staff("mallory", mine.provider)
    PEOPLE["owner"] = staff("owner", theirs.provider)
    before = await stands(district, theirs)
    wrong, shown = [], 0
    for endpoint, roles in TABLE.items():
        for headers in (mine.key, district.service.as_("mallory")):
            answer = await call(district, endpoint, headers, theirs)
            good = answer.status_code == EXPECTED.get(endpoint, OWN) and (
                bool(roles) or endpoint in PUBLIC
            )
            if theirs.told_in(answer.text) or not good:
                wrong.append(f"{endpoint}: {answer.status_code} {answer.text[:80]}")
        if endpoint.startswith("GET") and endpoint in EXPECTED:
            for own in (other.key, district.service.as_("owner")):
                told = await call(district, endpoint, own, theirs)
                shown += told.status_code == OWN and bool(theirs.told_in(told.text))
    assert wrong == []
    assert await stands(district, theirs) == before
    assert shown >= 24, "its own key and its own staff see what is theirs by as many"


async def test_a_key_of_each_scope_opens_its_own_part_of_the_sandbox(district: Subscribed) -> None:
    mine, _, theirs = await settled(district)
    wrong = []
    for scope, begins in SANDBOX_OPENS.items():
        body = {"name": "Narrow", "scopes": [scope.value]}
        made = await mine.done("PUT", f"/v1/api-keys/{new_id()}", body)
        key = {"Authorization": f"Bearer {made['key']}"}
        for endpoint, roles in TABLE.items():
            answer = await call(district, endpoint, key, theirs)
            if opens(begins, endpoint):
                good = answer.status_code == EXPECTED.get(endpoint, OWN)
            else:
                good = answer.status_code in CLOSED if roles else endpoint in PUBLIC
            if theirs.told_in(answer.text) or not good:
                wrong.append(f"{scope} {endpoint}: {answer.status_code} {answer.text[:80]}")
    assert wrong == []


async def test_what_one_plays_moves_nothing_that_another_can_see(district: Subscribed) -> None:
    mine, other, _ = await settled(district)

    async def seen() -> str:
        feed = await mine.feed()
        tasks = (await mine.call("GET", "/fhir/r4/Task")).text
        seats = (await mine.call("GET", "/v1/capacities")).text
        does = (await mine.call("GET", f"/v1/agencies/{mine.provider.agency}/performance")).text
        return repr([feed, tasks, seats, does])

    before = await seen()
    for _ in range(3):
        referral = await other.invent(urgency="crisis")
        await other.fhir.answer(await other.task(referral), status="accepted")
    assert await seen() == before
