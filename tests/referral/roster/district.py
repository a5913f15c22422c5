"""A district of two schools whose staff send rosters. All people are invented."""

import io
import zipfile
from collections.abc import Mapping
from typing import Any

import httpx2

from services.referral.model.people import Student
from tests.running import Running, person

PEOPLE = {
    "rosa": person("rosa", "coordinator:site-01"),
    "denise": person("denise", "coordinator:site-02"),
    "ingrid": person("ingrid", "admin"),
}
SITES = {
    "site-01": {"name": "Lincoln", "coordinator": "Rosa", "phone": "+15105550101", "sis_org": "O1"},
    "site-02": {"name": "Mesa", "coordinator": "Denise", "phone": "+15105550102", "sis_org": "O2"},
}


def package(children: Mapping[str, tuple[str, ...]], *, mended: str | None = None) -> bytes:
    """Return a roster of children by id: organization, family name, guardians.

    The same children make the same bytes, whenever they are packed.
    """
    people = sorted({each for _, _, *around in children.values() for each in around})
    users = [f"{id},Ana{id},{name}" for id, (_, name, *_) in children.items()]
    users += [f"{each},Guardian{each},Larkhill" for each in people]
    ties = [f"{id},{each},mother" for id, (_, _, *around) in children.items() for each in around]
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as made:
        made.writestr(
            zipfile.ZipInfo("orgs.csv"), "sourcedId,name,type\nO1,Lincoln,school\nO2,Mesa,school\n"
        )
        made.writestr(zipfile.ZipInfo("users.csv"), _table("sourcedId,givenName,familyName", users))
        roles = [f"{id},{org},student,3" for id, (org, *_) in children.items()]
        made.writestr(
            zipfile.ZipInfo("roles.csv"), _table("userSourcedId,orgSourcedId,role,grade", roles)
        )
        heading = "userSourcedId,relationshipUserSourcedId,relationshipRole"
        made.writestr(zipfile.ZipInfo("relationships.csv"), _table(heading, ties))
        if mended is not None:
            made.writestr(zipfile.ZipInfo("mended-rows.csv"), mended)
    return content.getvalue()


def _table(heading: str, rows: list[str]) -> str:
    return "\n".join([heading, *rows, ""])


class District:
    def __init__(self, service: Running) -> None:
        self.service = service
        self.store = service.chassis.store

    async def send(self, content: bytes, who: str = "rosa", **query: str) -> httpx2.Response:
        return await self.service.http.post(
            "/v1/imports/roster",
            content=content,
            params=query,
            headers={**self.service.as_(who), "Content-Type": "application/zip"},
        )

    async def take(self, content: bytes, who: str = "rosa", **query: str) -> dict[str, Any]:
        answer = await self.send(content, who, **query)
        assert answer.status_code == 200, answer.text
        report: dict[str, Any] = answer.json()
        return report

    async def get(self, path: str, who: str = "rosa") -> httpx2.Response:
        return await self.service.http.get(path, headers=self.service.as_(who))

    async def students(self) -> dict[str, Student]:
        """Return children by their given name's end, which is their id in the school system."""
        found = {}
        for site in ("rosa", "denise"):
            answer = await self.get("/v1/students?limit=200", site)
            for each in answer.json()["items"]:
                student = await self.store.get(Student, each["id"])
                assert student is not None
                found[each["name"].split()[0].removeprefix("Ana")] = student
        return found
