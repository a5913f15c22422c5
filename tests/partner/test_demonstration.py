"""What the demonstration supplies to an agency that an import brought."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deploy.local.client import Answer, Client
from deploy.local.demo.supply import Supply
from deploy.local.system.places import Home, Ports
from tests.partner.build import SITE
from tests.partner.district import PEOPLE, District
from tests.partner.test_imports import CONTACTS, counts, names, package, take

PHONE = "+15105550142"
NO_WAY_TO_REACH = [
    {**CONTACTS[0], "id": f"c{number}", "name": f"Marked {number}", "email": ""}
    for number in range(6)
]


@dataclass
class Beside(Client):
    """Calls the service in this process instead of a port."""

    ports: Ports = field(default_factory=Ports)
    district: District = field(kw_only=True)

    async def call(self, method: str, part: str, path: str, **what: Any) -> Answer:
        assert part == "partner"
        headers = self.district.service.as_(what["who"])
        if what.get("etag"):
            headers["If-Match"] = what["etag"]
        answer = await self.district.http.request(
            method, path, json=what.get("body"), headers=headers
        )
        assert answer.is_success, answer.text
        return Answer(answer.json(), answer.headers.get("etag"))


async def people_of(district: District, agency: str) -> list[tuple[str | None, str | None]]:
    shown = (await district.get(f"/v1/agencies/{agency}", "admin")).json()
    return [(each["name"], each["phone"]) for each in shown["contacts"]]


async def test_somebody_with_a_telephone_comes_beside_those_whom_a_directory_brought(
    district: District, tmp_path: Path
) -> None:
    await take(district, package(contacts=NO_WAY_TO_REACH))
    assert "Marisol Clinic" in await names(district, "agencies")
    listed = (await district.get("/v1/agencies", "admin")).json()["items"]
    id = next(each["id"] for each in listed if each["name"] == "Marisol Clinic")
    before = await people_of(district, id)
    assert len(before) == len(NO_WAY_TO_REACH)
    told: list[str] = []
    supply = Supply(Beside(district=district), Home(tmp_path), told.append)

    agency = (await district.get(f"/v1/agencies/{id}", "admin")).json()
    assert await supply.contact(agency, PHONE) == PHONE

    after = await people_of(district, id)
    assert after == [*before, ("Ramona Lightfoot", PHONE)]
    assert told == [
        f"a person at Marisol Clinic with the telephone {PHONE}, beside 6 whom nothing reaches"
    ]

    PEOPLE["coordinator-01"] = PEOPLE["rosa"]
    waiting = (await district.get(f"/v1/agencies/{id}", "admin")).json()["unconfirmed"]
    assert len(waiting) == 1, "whom the administrator entered, somebody else confirms"
    await supply.confirm(id, SITE)
    assert (await district.get(f"/v1/agencies/{id}", "admin")).json()["unconfirmed"] == []
    assert len(told) == 2

    again = await take(district, package(contacts=NO_WAY_TO_REACH))
    assert again["agencies"] == counts(same=2)
    assert await people_of(district, id) == after
