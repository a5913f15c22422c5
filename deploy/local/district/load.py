"""Puts the sample district's people and agencies in, through the services' APIs."""

import asyncio
from collections.abc import Sequence
from datetime import date

from contracts.codes import Relation
from deploy.local.client import Client
from deploy.local.district.agencies import SampleAgency, SampleService
from deploy.local.district.ids import Kind, sample_id
from deploy.local.district.people import SampleFamily
from deploy.local.district.roster import roster
from deploy.local.personas import PERSONAS, SITES, Persona
from deploy.local.servers.errors import ServerError

ADMIN = "admin"

_TOLD = [
    each.value
    for each in (Relation.MOTHER, Relation.FATHER, Relation.GRANDPARENT, Relation.GUARDIAN)
]
"""Whom the sample's schools say may be told; a second person may not: some are under a note."""


class DistrictError(ServerError):
    """The sample district cannot be made; the text names the first thing that went wrong."""


def coordinator(site: str) -> str:
    """Return the persona who leads a school's referrals."""
    return f"coordinator-{site[-2:]}"


async def load_staff(client: Client, today: date) -> None:
    """Enter the district's own people into the staff register and put it in force.

    Agencies' people are in no register. A repeat changes nothing.

    Raises:
        RefusedError: referral refused one of them.
    """
    since = date(today.year - 1, 8, 1)
    for number, each in enumerate(PERSONAS):
        roles = [part for part in each.roles if not part.startswith("agency")]
        if roles:
            path = f"/v1/staff/{sample_id(Kind.STAFF, number)}"
            await client.put("referral", path, _staff_body(each, roles, since), who=ADMIN)
    await client.put("referral", "/v1/staff-register", {"in_force": True}, who=ADMIN)


def _staff_body(persona: Persona, roles: Sequence[str], since: date) -> dict[str, object]:
    held = [role.partition(":") for role in roles]
    return {
        "subject": persona.key,
        "name": persona.name,
        "roles": [
            {"role": name, "scope": scope, "since": since.isoformat()} for name, _, scope in held
        ],
    }


async def load_people(client: Client, families: Sequence[SampleFamily]) -> None:
    """Take every school's roster in; a repeat changes nothing.

    Raises:
        RefusedError: referral refused one of them.
        DistrictError: a roster was not taken whole.
    """
    for site in SITES:
        here = [family for family in families if family.site == site]
        await _load_school(client, site, here)


async def _load_school(client: Client, site: str, families: Sequence[SampleFamily]) -> None:
    taken = await client.call(
        "POST",
        "referral",
        "/v1/imports/roster",
        who=coordinator(site),
        content=roster(site, families),
        query={"site": site, "tell": _TOLD},
    )
    wanted = sum(len(family.students) for family in families)
    counts = taken.body["students"]
    if sum(counts.values()) != wanted or taken.body["problems"]:
        raise DistrictError(f"The roster of {site} was not taken whole: {taken.body}")


async def load_agencies(client: Client, agencies: Sequence[SampleAgency]) -> None:
    """Enter all agencies; a repeat changes nothing.

    Raises:
        RefusedError: partner refused one of them.
    """
    async with asyncio.TaskGroup() as group:
        for agency in agencies:
            group.create_task(load_agency(client, agency))


async def load_agency(client: Client, agency: SampleAgency) -> None:
    """Enter an agency with its services, seats and agreement; a repeat changes nothing.

    Raises:
        RefusedError: partner refused some of it.
    """
    contact = {
        "id": agency.contact,
        "name": agency.person,
        "reads": agency.reads.value,
        "phone": agency.phone,
        "email": agency.email,
        "preferred": agency.channel.value,
    }
    body = {"name": agency.name, "contacts": [contact]}
    await client.put("partner", f"/v1/agencies/{agency.id}", body, who=ADMIN)
    agreement = {
        "agency": agency.id,
        "status": agency.status.value,
        "sites": list(SITES),
        "from": agency.starts.isoformat(),
        "until": agency.until.isoformat(),
    }
    await client.put("partner", f"/v1/agreements/{agency.agreement}", agreement, who=ADMIN)
    async with asyncio.TaskGroup() as group:
        for service in agency.services:
            group.create_task(_load_service(client, agency.id, service))


async def _load_service(client: Client, agency: str, service: SampleService) -> None:
    body = {
        "agency": agency,
        "name": service.name,
        "category": service.category.value,
        "sites": list(service.sites),
        "languages": list(service.languages),
    }
    await client.put("partner", f"/v1/services/{service.id}", body, who=ADMIN)
    seats = {
        "unit": service.unit.value,
        "maximum": service.maximum,
        "available": service.available,
    }
    async with asyncio.TaskGroup() as group:
        for site in service.sites:
            path = f"/v1/capacities/{service.id}/{site}"
            group.create_task(client.put("partner", path, seats, who=ADMIN))
