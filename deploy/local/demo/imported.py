"""A service of an imported directory and a child of an imported roster, made ready to be used."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from deploy.local.client import Client
from deploy.local.demo.cast import Asked, Child
from deploy.local.demo.people import quiet_phone
from deploy.local.demo.supply import ADMIN, Supply
from deploy.local.district.ids import Kind, is_sample
from deploy.local.district.load import coordinator
from deploy.local.district.people import families
from deploy.local.district.phones import DEMO_AGENCY
from deploy.local.system import clock
from services.chassis.ids import new_id


class MissingError(Exception):
    """What was asked for is not there; the text says how to bring it."""


_IF_NONE = "family-support"


async def find_child(client: Client, tell: Callable[[str], None], part: str) -> Child:
    """Return a child whom a roster brought, with somebody who may be told by text in Spanish.

    A child of a roster that somebody imported goes before those of the sample district.

    Args:
        client: of the running system.
        tell: is given what the roster lacks and is supplied here.
        part: of the child's name; empty for any.

    Raises:
        MissingError: there is none.
        RefusedError: referral refused a change.
    """
    student = await _rostered(client, part)
    who = coordinator(student["site"])
    path = f"/v1/families/{student['family']}"
    family = await client.call("GET", "referral", path, who=who)
    people = family.body["contacts"]
    person = next((each for each in people if each["may_be_told"]), people[0] if people else None)
    wanted = dict(person) if person else _somebody()
    lacks = []
    if not person:
        lacks.append("somebody around the child")
    if not wanted["phone"]:
        wanted["phone"] = await quiet_phone(client)
        lacks.append(f"the telephone {wanted['phone']}")
    if not wanted["may_be_told"]:
        wanted["may_be_told"] = True
        lacks.append("the school's word that they may be told")
    if wanted["reads"] != "es" or wanted["preferred"] != "sms":
        wanted |= {"reads": "es", "preferred": "sms"}
        lacks.append("Spanish by text, as what they read")
    if lacks:
        await client.call(
            "PUT",
            "referral",
            f"{path}/contacts/{wanted['id']}",
            who=who,
            body=wanted,
            etag=family.etag,
        )
        for each in lacks:
            tell(f"{each}, for {student['name']}")
    return Child(
        student["id"],
        student["name"],
        student["family"],
        student["site"],
        who,
        wanted["id"],
        wanted["phone"],
    )


async def _rostered(client: Client, part: str) -> Any:
    sample = {
        each.id for family in families(datetime.now(clock.ZONE).date()) for each in family.students
    }
    query = {"rostered": "true", "limit": "200", "q": part}
    first: Any = None
    while True:
        page = await client.get("referral", "/v1/students", who=ADMIN, query=query)
        first = first or next(iter(page["items"]), None)
        own = next((each for each in page["items"] if each["id"] not in sample), None)
        if own is not None:
            return own
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    if first is None:
        named = f" with {part!r} in the name" if part else ""
        raise MissingError(
            f"There is no student of a roster{named}. Bring one: enlace import roster"
        )
    return first


def _somebody() -> dict[str, Any]:
    return {
        "id": new_id(),
        "relation": "guardian",
        "given_name": "Soledad",
        "reads": "es",
        "phone": None,
        "email": None,
        "preferred": "sms",
        "may_be_told": False,
    }


async def need_service(client: Client, part: str) -> Any:
    """Return the first service whose name has this part; changes nothing.

    Raises:
        MissingError: there is none.
    """
    query = {"q": part, "limit": "200"}
    found = await client.get("partner", "/v1/services", who=ADMIN, query=query)
    fitting = sorted(found["items"], key=lambda each: is_sample(Kind.SERVICE, each["id"]))
    if not fitting:
        raise MissingError(
            f"There is no service with {part!r} in its name. Bring one: enlace import directory"
        )
    return fitting[0]


async def find_service(client: Client, supply: Supply, part: str, site: str) -> Asked:
    """Return the first service whose name has this part, ready to be asked for a school's child.

    One that somebody imported goes before those of the sample district.

    Raises:
        MissingError: there is none.
        RefusedError: partner refused a change.
    """
    service = await need_service(client, part)
    category = await supply.category(service, _IF_NONE)
    agency = await client.get("partner", f"/v1/agencies/{service['agency']}", who=ADMIN)
    address = await supply.contact(agency, DEMO_AGENCY[0])
    await supply.agreement(agency["id"], site)
    await supply.confirm(agency["id"], site)
    await supply.seats(service["id"], site)
    return Asked(
        service=service["id"],
        service_name=service["name"],
        agency=agency["id"],
        agency_name=agency["name"],
        address=address,
        category=category,
    )
