"""Two families with something of every kind written down of them, one of whom was erased."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from services.chassis.ids import new_id
from tests.running import Running
from tests.test_matrix import PEOPLE, SITE, Child, entered

COORDINATOR, ADMIN = f"coordinator-{SITE}", f"admin-{SITE}"


class Seeded:
    """A family, and the id of one thing of every kind that is written down of its child.

    Attributes:
        ids: by the name of a collection in a path.
    """

    def __init__(self, service: Running, child: Child) -> None:
        self._service = service
        self.child = child
        self.ids: dict[str, str] = dict(child.by_collection)

    async def filled(self) -> "Seeded":
        """Write something of every kind down."""
        now = datetime.now(UTC)
        at, day, student = now.isoformat(), now.date().isoformat(), self.child.student
        contact = await self._mother()
        consent: dict[str, object] = {
            "student": student,
            "categories": ["dental"],
            "parts": ["name", "need"],
            "method": "signed-on-screen",
            "given_by": contact,
            "until": day,
        }
        meeting: dict[str, object] = {
            "student": student,
            # The school's day begins hours after the one of UTC.
            "held_on": (now - timedelta(days=1)).date().isoformat(),
            "participants": [{"name": "Nora", "role": "nurse"}],
            "decided": "Glasses first",
            "tasks": [{"id": new_id(), "what": "Call", "owner": COORDINATOR, "due_on": day}],
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
        tier = {"tier": 2, "why": "Reads two grades below"}
        await self._done("PUT", f"/v1/students/{student}/tiers/{new_id()}", tier)
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
