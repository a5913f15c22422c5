"""Puts the sample district's people and agencies in, through the services' APIs."""

import asyncio
from collections.abc import Sequence

from deploy.local.client import Client
from deploy.local.district.people import SampleFamily


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
