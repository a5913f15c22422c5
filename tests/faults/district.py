"""The invented district that the load acts in: families, children, agencies with seats."""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

from services.chassis.ids import new_id
from tests.faults.client import Client
from tests.faults.system import WITH_EVENTS, Installation

SITE = "site-01"
CATEGORY = "dental"
FAMILIES = 40
AGENCIES = 4
SEATS = 100_000  # so that none is refused for want of one: that is not what is tried here
SPENT = 2  # services, of those above, whose seat is gone for good once it was used


@dataclass(frozen=True, slots=True)
class Child:
    """A student to refer. Urgent ones are told of past the week's limit."""

    id: str
    category: str
    urgency: str


@dataclass(frozen=True, slots=True)
class Service:
    """A service that can be asked."""

    id: str
    agency: str


@dataclass(slots=True)
class District:
    """Who is there."""

    children: list[Child] = field(default_factory=list)
    services: list[Service] = field(default_factory=list)

    def two_services(self, chance: random.Random) -> tuple[Service, Service]:
        """Return two services of different agencies; unknown ones where there is no partner."""
        if not self.services:
            return Service(new_id(), new_id()), Service(new_id(), new_id())
        first, second = chance.sample(self.services, 2)
        return first, second


class _Entering:
    """Enters things over the public APIs."""

    def __init__(self, installation: Installation, client: Client) -> None:
        self._installation = installation
        self._client = client

    async def put(self, service: str, path: str, who: str, body: dict[str, Any]) -> None:
        answer = await self._client.send(
            "PUT",
            f"{self._installation.url(service)}/v1/{path}",
            json=body,
            headers={"Authorization": f"Bearer {self._installation.token(who)}"},
        )
        if answer.status_code not in {HTTPStatus.OK, HTTPStatus.CREATED}:
            raise RuntimeError(f"PUT {path} of {service}: {answer} {answer.text[:300]}")

    async def family(self, number: int) -> Child:
        """Enter a household with one contact who may be told, a child, and its consent."""
        family, contact, student = new_id(), new_id(), new_id()
        mother = {
            "id": contact,
            "relation": "mother",
            "given_name": f"Sample{number}",
            "reads": ("es", "en")[number % 2],
            # The range kept for fiction: it rings nobody.
            "phone": f"+1510555{100 + number:04d}",
            "may_be_told": True,
        }
        await self.put(
            "referral",
            f"families/{family}",
            "coordinator-01",
            {"site": SITE, "contacts": [mother]},
        )
        await self.put(
            "referral",
            f"students/{student}",
            "coordinator-01",
            {
                "site": SITE,
                "family": family,
                "given_name": f"Child{number}",
                "family_name": "Sample",
                "birth_date": "2017-05-04",
            },
        )
        await self.put(
            "referral",
            f"consents/{new_id()}",
            "coordinator-01",
            {
                "student": student,
                "categories": [CATEGORY],
                "parts": ["name", "contact"],
                "method": "signed-on-screen",
                "given_by": contact,
                "read_in": "es",
                "until": (datetime.now(UTC) + timedelta(days=365)).date().isoformat(),
            },
        )
        return Child(student, CATEGORY, ("urgent", "routine")[number % 2])

    async def agency(self, number: int) -> Service:
        """Enter an agency with a contact, an agreement, and a service with its seats."""
        agency, service = new_id(), new_id()
        by_mail = number % 2 == 0
        contact = {
            "id": new_id(),
            "name": f"Sample Desk {number}",
            "preferred": "email" if by_mail else "sms",
            **(
                {"email": f"desk{number}@example.org"}
                if by_mail
                else {"phone": f"+1510555{180 + number:04d}"}
            ),
        }
        body: dict[str, Any] = {"name": f"Sample Agency {number}", "contacts": [contact]}
        await self.put("partner", f"agencies/{agency}", "admin", body)
        await self.put(
            "partner",
            f"agreements/{new_id()}",
            "admin",
            {"agency": agency, "status": "active", "sites": [SITE], "from": "2020-01-01"},
        )
        body = {"agency": agency, "name": f"Sample Clinic {number}", "category": CATEGORY}
        await self.put("partner", f"services/{service}", "admin", body)
        unit = "one-time" if number < SPENT else "seats"
        body = {"unit": unit, "maximum": SEATS, "available": SEATS}
        await self.put("partner", f"capacities/{service}/{SITE}", "admin", body)
        return Service(service, agency)


async def enter(installation: Installation, client: Client) -> District:
    """Enter the district and return it."""
    entering = _Entering(installation, client)
    district = District()
    for number in range(FAMILIES):
        district.children.append(await entering.family(number))
    if "partner" in WITH_EVENTS:
        district.services = [await entering.agency(number) for number in range(AGENCIES)]
    return district
