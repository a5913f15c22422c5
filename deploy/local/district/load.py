"""Puts the sample district's people and agencies in, through the services' APIs."""

import asyncio
from collections.abc import Sequence

from deploy.local.client import Client
from deploy.local.district.agencies import SampleAgency, SampleService
from deploy.local.district.people import SampleFamily
from deploy.local.personas import SITES

ADMIN = "admin"


def coordinator(site: str) -> str:
    """Return the persona who leads a school's referrals."""
    return f"coordinator-{site[-2:]}"


async def load_people(client: Client, families: Sequence[SampleFamily]) -> None:
    """Enter all families with their children; a repeat changes nothing.

    Raises:
        RefusedError: referral refused one of them.
    """
    async with asyncio.TaskGroup() as group:
        for family in families:
            group.create_task(_load_family(client, family))


async def _load_family(client: Client, family: SampleFamily) -> None:
    who = coordinator(family.site)
    await client.put("referral", f"/v1/families/{family.id}", family.body(), who=who)
    for student in family.students:
        body = family.student_body(student)
        await client.put("referral", f"/v1/students/{student.id}", body, who=who)


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
