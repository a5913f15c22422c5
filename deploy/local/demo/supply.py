"""What a demonstration needs and the system lacks, made in plain sight: each thing is told."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from contracts.codes import Channel
from deploy.local.client import Client, RefusedError
from deploy.local.demo.cast import Asked
from deploy.local.district.agencies import SampleAgency, SampleService, agencies
from deploy.local.district.load import coordinator, load_agency
from deploy.local.system import clock
from deploy.local.system.places import Home
from services.chassis.ids import new_id

Tell = Callable[[str], None]

ADMIN = "admin"
SEATS = 5
_NOT_FOUND = 404
_PEOPLE = 50
"""As many as an agency has at most."""


class Supply:
    """Sees to it that a service can be asked at a school.

    Args:
        client: the system.
        home: its folder, for its time.
        tell: is told each thing that had to be made.
    """

    def __init__(self, client: Client, home: Home, tell: Tell) -> None:
        self._client = client
        self._home = home
        self._tell = tell

    async def sample(self, number: int, site: str) -> Asked:
        """Return one of the sample district's agencies by its place, made where it is missing."""
        agency = agencies(clock.now(self._home).date())[number]
        service = agency.services[0]
        if await self._look(f"/v1/services/{service.id}") is None:
            await load_agency(self._client, agency)
            self._tell(f"agency {agency.name} with its services, seats and agreement")
        await self.seats(service.id, site)
        return asked(agency, service)

    async def seats(self, service: str, site: str) -> None:
        """Have a seat free at a school, where there is none."""
        path = f"/v1/capacities/{service}/{site}"
        try:
            known = await self._client.call("GET", "partner", path, who=ADMIN)
        except RefusedError as error:
            if error.status != _NOT_FOUND:
                raise
            known = None
        if known is not None and known.body["available"] > 0:
            return
        taken = known.body["held"] + known.body["used"] if known else 0
        body = {
            "unit": known.body["unit"] if known else "seats",
            "maximum": taken + SEATS,
            "available": SEATS,
            "status": "capacity",
        }
        etag = known.etag if known else None
        await self._client.call("PUT", "partner", path, who=ADMIN, body=body, etag=etag)
        self._tell(f"{SEATS} free seats at {site}")

    async def agreement(self, agency: str, site: str) -> None:
        """Have an agreement with an agency that covers a school, where there is none."""
        query = {"agency": agency, "site": site}
        found = await self._client.get("partner", "/v1/agreements", who=ADMIN, query=query)
        if any(each["live"] for each in found["items"]):
            return
        today = clock.now(self._home).date()
        body = {
            "agency": agency,
            "status": "active",
            "sites": [site],
            "from": today.isoformat(),
            "until": (today + timedelta(days=365)).isoformat(),
        }
        await self._client.put("partner", f"/v1/agreements/{new_id()}", body, who=ADMIN)
        self._tell(f"an agreement with the agency for {site}, for a year")

    async def contact(self, agency: dict[str, Any], phone: str) -> str:
        """Return where an agency is written to; somebody with a telephone, where nobody is.

        Those whom it has stay: they are its directory's, which brings nobody back who is unchanged
        there.

        Args:
            agency: as partner shows it.
            phone: a number kept for fiction.
        """
        address = reached(agency)
        if address is not None:
            return address
        person = {
            "id": new_id(),
            "name": "Ramona Lightfoot",
            "reads": "en",
            "phone": phone,
            "preferred": Channel.SMS.value,
        }
        known = [_as_sent(each) for each in agency["contacts"] if each["name"] is not None]
        body = {name: agency[name] for name in ("name", "description", "website", "retired")}
        body |= {"contacts": [*known, person]}
        path = f"/v1/agencies/{agency['id']}"
        etag = f'"{agency["version"]}"'
        await self._client.call("PUT", "partner", path, who=ADMIN, body=body, etag=etag)
        beside = f", beside {len(known)} whom nothing reaches" if known else ""
        self._tell(f"a person at {agency['name']} with the telephone {phone}{beside}")
        return phone

    async def confirm(self, agency: str, site: str) -> None:
        """Let a school's coordinator say that what was entered above is right, where it waits.

        Who entered an address cannot say so: until somebody else has, no one-time code goes there.
        """
        path = f"/v1/agencies/{agency}"
        for _ in range(_PEOPLE):
            shown = await self._client.call("GET", "partner", path, who=ADMIN)
            waiting = shown.body["unconfirmed"]
            if not waiting:
                return
            here = f"{path}/contacts/{waiting[0]}/confirm"
            who = coordinator(site)
            await self._client.post("partner", here, who=who, etag=shown.etag)
            self._tell(f"the word of {who} that the address is right")

    async def category(self, service: dict[str, Any], category: str) -> str:
        """Return a service's kind of need; one that it is given, where it has none."""
        if service["category"] != "other":
            return str(service["category"])
        kept = ("agency", "name", "also", "description", "sites", "languages")
        body = {name: service[name] for name in kept} | {"category": category}
        body |= {name: service[name] for name in ("minimum_age", "maximum_age")}
        path = f"/v1/services/{service['id']}"
        etag = f'"{service["version"]}"'
        await self._client.call("PUT", "partner", path, who=ADMIN, body=body, etag=etag)
        self._tell(f"the category {category} for {service['name']}")
        return category

    async def _look(self, path: str) -> Any:
        try:
            return await self._client.get("partner", path, who=ADMIN)
        except RefusedError as error:
            if error.status != _NOT_FOUND:
                raise
            return None


def asked(agency: SampleAgency, service: SampleService) -> Asked:
    """Return a sample service as one that is asked."""
    return Asked(
        service=service.id,
        service_name=service.name,
        agency=agency.id,
        agency_name=agency.name,
        address=agency.address,
        category=service.category.value,
    )


def _as_sent(contact: dict[str, Any]) -> dict[str, Any]:
    """Return somebody at an agency as they are sent back: unchanged."""
    return {name: contact[name] for name in ("id", "name", "reads", "phone", "email", "preferred")}


def reached(agency: dict[str, Any]) -> str | None:
    """Return where partner's offers to an agency go; None where nobody can be reached."""
    for each in agency["contacts"]:
        ways = {"sms": each["phone"], "email": each["email"]}
        address = ways.get(each["preferred"]) or each["email"] or each["phone"]
        if address is not None:
            return str(address)
    return None
