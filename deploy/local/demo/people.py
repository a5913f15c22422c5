"""The family of a demonstration: invented anew each time, with a telephone that nobody has."""

import random
from datetime import date, timedelta

from deploy.local.client import Client
from deploy.local.demo.cast import Child
from deploy.local.district.load import coordinator
from deploy.local.district.phones import DEMO
from services.chassis.ids import new_id

_CHILDREN = ("Alondra", "Citlali", "Itzel", "Marisol", "Nayeli", "Paloma", "Xiomara", "Yaretzi")
_FAMILIES = ("Ramírez-Ejemplo", "Robles-Muestra", "Rivera-Prueba", "Rosales-Inventada")
_MOTHERS = ("Elena", "Graciela", "Leticia", "Soledad", "Teresa")
_WAYS = ("name", "contact", "need", "grade", "language")


async def fresh_child(client: Client, site: str) -> Child:
    """Enter a Spanish-reading family with one child.

    Raises:
        RefusedError: referral refused it.
    """
    chance = random.Random()
    who = coordinator(site)
    family, student, contact = new_id(), new_id(), new_id()
    phone = await quiet_phone(client)
    given, surname = chance.choice(_CHILDREN), chance.choice(_FAMILIES)
    mother = {
        "id": contact,
        "relation": "mother",
        "given_name": chance.choice(_MOTHERS),
        "reads": "es",
        "phone": phone,
        "may_be_told": True,
    }
    household = {"site": site, "contacts": [mother]}
    await client.put("referral", f"/v1/families/{family}", household, who=who)
    child = {
        "site": site,
        "family": family,
        "given_name": given,
        "family_name": surname,
        "birth_date": "2018-03-14",
        "grade": "3",
        "reads": "es",
    }
    await client.put("referral", f"/v1/students/{student}", child, who=who)
    return Child(student, f"{given} {surname}", family, site, who, contact, phone)


async def quiet_phone(client: Client) -> str:
    """Return the number kept for demonstrations that has been quiet for longest.

    One that has said STOP is left alone: nobody may text it, and no demonstration changes that.
    """
    found = await client.get("carrier", "/sim/phones")
    known = {each["number"]: each for each in found["phones"]}
    free = [number for number in DEMO if not known.get(number, {}).get("opted_out_of")]
    return min(free, key=lambda number: str(known.get(number, {}).get("last_at", "")))


async def give_consent(client: Client, child: Child, category: str, today: date) -> None:
    """Enter the family's consent to the need, signed on the coordinator's screen.

    Raises:
        RefusedError: referral refused it.
    """
    body = {
        "student": child.id,
        "categories": [category],
        "parts": list(_WAYS),
        "method": "signed-on-screen",
        "given_by": child.contact,
        "read_in": "es",
        "until": (today + timedelta(days=180)).isoformat(),
    }
    await client.put("referral", f"/v1/consents/{new_id()}", body, who=child.coordinator)
