"""Two families with something of every kind written down of them, one of whom was erased."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from services.chassis.ids import new_id
from tests.referral.roster.test_import import USERS, roster
from tests.running import Running
from tests.test_matrix import EVERYBODY, PEOPLE, SITE, Child, entered

COORDINATOR, ADMIN = f"coordinator-{SITE}", f"admin-{SITE}"


class Seeded:
    """A family, and the id of one thing of every kind that is written down of its child.

    Attributes:
        ids: by what stands before it in a path, as `notes` or `tasks`.
    """

    def __init__(self, service: Running, child: Child) -> None:
        self._service = service
        self.child = child
        self.ids: dict[str, str] = dict(child.by_collection)

    def path(self, template: str) -> str:
        """Fill a path with the ids of what is there, and with fresh ones where nothing is."""

        def id_of(place: re.Match[str]) -> str:
            return f"/{place[1]}/{self.ids.get(place[1]) or new_id()}"

        return re.sub(r"/([a-z-]+)/\{\w+\}", id_of, template.replace("{site}", SITE))

    async def filled(self) -> "Seeded":
        """Write something of every kind down."""
        now = datetime.now(UTC)
        at, day, student = now.isoformat(), now.date().isoformat(), self.child.student
        contact = self.ids["contacts"] = await self._mother()
        self.ids["tasks"] = task = new_id()
        consent: dict[str, object] = {
            "student": student,
            "categories": ["dental"],
            "parts": ["name", "need"],
            "method": "signed-on-screen",
            "given_by": contact,
            "read_in": "es",
            "until": day,
        }
        meeting: dict[str, object] = {
            "student": student,
            # The school's day begins hours after the one of UTC.
            "held_on": (now - timedelta(days=1)).date().isoformat(),
            "participants": [{"name": "Nora", "role": "nurse"}],
            "decided": "Glasses first",
            "tasks": [{"id": task, "what": "Call", "owner": COORDINATOR, "due_on": day}],
        }
        attempt: dict[str, object] = {
            "student": student,
            "kind": "call",
            "reached": True,
            "happened_at": at,
        }
        bodies: Mapping[str, dict[str, object]] = {
            "consents": consent,
            "notes": {"student": student, "words": "Likes music", "visibility": "care-team"},
            "meetings": meeting,
            "contact-attempts": attempt,
            "help-requests": {"student": student, "words": "Needs glasses"},
            "protection-reports": {"student": student, "words": "A mark on the arm"},
            "break-glass": {"student": student, "reason": "An emergency in the night"},
        }
        for collection, body in bodies.items():
            self.ids[collection] = await self._put(collection, body)
        report = f"/v1/protection-reports/{self.ids['protection-reports']}"
        await self._done("POST", f"{report}/called", {"at": at, "reference": "C-17"})
        await self._done("POST", f"{report}/filed", {"at": at})
        for part, told in (
            ("tiers", {"tier": 2, "why": "Reads two grades below"}),
            ("care-team", {"name": "Nora Ejemplo", "role": "nurse"}),
        ):
            self.ids[part] = new_id()
            await self._done("PUT", f"/v1/students/{student}/{part}/{self.ids[part]}", told)
        return self

    async def administered(self) -> "Seeded":
        """Let the school take a roster with a row to mend, and the district hold the records."""
        hold = {"family": self.child.family, "reason": "litigation"}
        self.ids["holds"] = await self._put("holds", hold, who=ADMIN)
        cover = {"site": SITE, "coordinator": COORDINATOR, "by": EVERYBODY}
        days = {"since": "2030-12-01", "until": "2030-12-05"}
        self.ids["covers"] = await self._put("covers", cover | days)
        taken = await self._service.http.post(
            "/v1/imports/roster",
            content=roster(users=USERS + "S9,,,,\n"),
            params={"site": SITE},
            headers={**self._service.as_(COORDINATOR), "Content-Type": "application/zip"},
        )
        assert taken.is_success, taken.text
        self.ids["roster"] = str(taken.json()["run"])
        # One that nobody has called about yet: what was done is done, whoever does it again.
        report = {"student": self.child.student, "words": "Afraid to go home"}
        self.ids["protection-reports"] = await self._put("protection-reports", report)
        return self

    async def erased(self) -> "Seeded":
        """Erase the family, as far as it goes without the other services."""
        order = {"family": self.child.family, "reason": "family-asked"}
        self.ids["erasures"] = await self._put("erasures", order, who=ADMIN)
        return self

    async def _mother(self) -> str:
        path = f"/v1/families/{self.child.family}"
        answer = await self._service.http.get(path, headers=self._service.as_(COORDINATOR))
        return str(answer.json()["contacts"][0]["id"])

    async def _put(self, collection: str, body: object, who: str = COORDINATOR) -> str:
        id = new_id()
        await self._done("PUT", f"/v1/{collection}/{id}", body, who)
        return id

    async def _done(self, method: str, path: str, body: object, who: str = COORDINATOR) -> None:
        assert who in PEOPLE
        answer = await self._service.http.request(
            method, path, json=body, headers=self._service.as_(who)
        )
        assert answer.is_success, f"{method} {path}: {answer.text}"


async def seeded(service: Running) -> tuple[Seeded, Seeded]:
    """Return a family that is there, and one that was erased."""
    there = await Seeded(service, await entered(service)).filled()
    gone = await Seeded(service, await entered(service)).filled()
    return there, await gone.erased()
