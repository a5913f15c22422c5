"""Lives the sample's past through, school day by school day, at rest between two days."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, timedelta
from http import HTTPStatus
from typing import Any

from contracts.codes import Progress
from deploy.local.client import Client, RefusedError
from deploy.local.demo.letters import Letters
from deploy.local.district.agencies import SampleAgency
from deploy.local.district.inbox import Inbox
from deploy.local.district.load import coordinator
from deploy.local.district.past import Candidate, Ending, Story
from deploy.local.district.rest import Rest
from deploy.local.system import clock
from deploy.local.system.places import Home

_ANSWER_WITHIN = timedelta(days=6)
_CONSENT_DAYS = 300
_PARTS = ("name", "contact", "need", "grade", "language")
_SERVED = frozenset({Ending.VERIFIED, Ending.DISPUTED, Ending.UNASKED, Ending.LATE_CONSENT})
_ACCEPTED = _SERVED | {Ending.UNDER_WAY, Ending.SILENT, Ending.NO_SHOW}


class History:
    """The sample's past.

    Args:
        client: the system.
        home: its folder, for its clock.
        rest: waits until nothing moves.
        stories: what happened.
        days: the school days, oldest first.
    """

    def __init__(
        self,
        client: Client,
        home: Home,
        rest: Rest,
        stories: Sequence[Story],
        days: Sequence[date],
    ) -> None:
        self._client = client
        self._home = home
        self._rest = rest
        self._stories = stories
        self._days = days
        self._inbox = Inbox(client)
        self._letters = Letters(client)
        self._winners: dict[str, tuple[Candidate, str]] = {}
        self._asked_family: dict[str, int] = {}
        self._looks: list[tuple[SampleAgency, str]] = []

    async def live(self, tell: Callable[[int, date], None]) -> None:
        """Live every day through.

        Args:
            tell: is given each day's number and date when it begins.

        Raises:
            RefusedError: a service refused what must work.
            NoRestError: a day did not end.
        """
        for number, day in enumerate(self._days):
            tell(number, day)
            clock.set_to(self._home, datetime.combine(day, clock.MORNING, clock.ZONE))
            await self._together([self._story_of(each, number) for each in self._stories])
            await self._rest.reached()
            looks, self._looks = self._looks, []
            await self._together([self._identify(agency, token) for agency, token in looks])

    async def _together(self, work: Sequence[Awaitable[None]]) -> None:
        async with asyncio.TaskGroup() as group:
            for each in work:
                group.create_task(_as_coroutine(each))

    async def _story_of(self, story: Story, today: int) -> None:
        """Do what a story has for today."""
        if today == story.created:
            await self._create(story)
        elif today == story.answered:
            await self._answer(story)
        elif today == story.reported:
            await self._report(story)
        elif today == story.completed:
            await self._complete(story)
        elif today > story.completed and story.ending in (Ending.VERIFIED, Ending.DISPUTED):
            await self._reply(story, today)

    async def _create(self, story: Story) -> None:
        who = coordinator(story.family.site)
        if story.ending is not Ending.LATE_CONSENT:
            await self._consent(story)
        body = {
            "student": story.student.id,
            "category": story.category.value,
            "urgency": story.urgency.value,
            "need": story.words,
        }
        path = f"/v1/referrals/{story.id}"
        made = await self._client.put("referral", path, body, who=who)
        asked = {
            "candidates": [
                {"service": each.service.id, "agency": each.agency.id} for each in story.candidates
            ],
            "answer_by": (clock.now(self._home) + _ANSWER_WITHIN).isoformat(),
        }
        await self._client.post("referral", path + "/offer", asked, who=who, etag=made.etag)

    async def _consent(self, story: Story) -> None:
        body = {
            "student": story.student.id,
            "categories": [story.category.value],
            "parts": list(_PARTS),
            "method": "signed-on-screen",
            "given_by": story.family.told.id,
            "read_in": story.family.told.reads.value,
            "until": (self._days[-1] + timedelta(days=_CONSENT_DAYS)).isoformat(),
        }
        who = coordinator(story.family.site)
        await self._client.put("referral", f"/v1/consents/{story.consent}", body, who=who)

    async def _answer(self, story: Story) -> None:
        who = coordinator(story.family.site)
        match story.ending:
            case Ending.EXPIRED:
                return
            case Ending.CANCELLED:
                seen = await self._client.call(
                    "GET", "referral", f"/v1/referrals/{story.id}", who=who
                )
                body = {"reason": "family-withdrew"}
                path = f"/v1/referrals/{story.id}/cancel"
                await self._client.post("referral", path, body, who=who, etag=seen.etag)
            case Ending.DECLINED:
                for each in story.candidates:
                    await self._decline(story, each, "no-capacity", who)
            case Ending.WAITLISTED | Ending.PROMOTED:
                await self._wait(story, who)
            case _:
                await self._claim(story, who)

    async def _claim(self, story: Story, who: str) -> None:
        """Take the child with the first agency that can; those before it say that they cannot."""
        for each in story.candidates:
            token = await self._inbox.link(each.agency, story.id, who)
            if token is None:
                continue
            if await self._act(token, "claim"):
                self._winners[story.id] = (each, token)
                return
            await self._decline(story, each, "no-capacity", who)

    async def _wait(self, story: Story, who: str) -> None:
        """Put the child on the first agency's waitlist: its last seat is gone."""
        first, *others = story.candidates
        token = await self._inbox.link(first.agency, story.id, who)
        if token is None:
            return
        await self._seats(token, 0)
        if await self._act(token, "waitlist"):
            self._winners[story.id] = (first, token)
        for each in others:
            await self._decline(story, each, "no-capacity", who)

    async def _seats(self, token: str, available: int) -> None:
        """Tell how many seats are free, on the figure that the agency's card shows."""
        card = await self._client.get("partner", "/v1/answers", headers={"X-Enlace-Link": token})
        shown = card["seats"] or {}
        await self._act(token, "seats", available=available, version=shown.get("version"))

    async def _decline(self, story: Story, asked: Candidate, reason: str, who: str) -> None:
        token = await self._inbox.link(asked.agency, story.id, who)
        if token is not None:
            await self._act(token, "decline", reason=reason)

    async def _report(self, story: Story) -> None:
        if story.ending is Ending.LATE_CONSENT:
            await self._consent(story)
        if story.ending is Ending.PROMOTED and story.id in self._winners:
            # A freed seat goes to whom has waited: the claim is made by itself.
            await self._seats(self._winners[story.id][1], 1)
            return
        if story.ending not in _ACCEPTED - {Ending.SILENT} or story.id not in self._winners:
            return
        asked, token = self._winners[story.id]
        visit = clock.now(self._home) + timedelta(days=2)
        told = {"progress": Progress.SCHEDULED.value, "appointment": visit.isoformat()}
        looks = await self._act(token, "progress", **told) and story.identified
        if looks and await self._act(token, "code"):
            self._looks.append((asked.agency, token))

    async def _complete(self, story: Story) -> None:
        if story.id not in self._winners:
            return
        _, token = self._winners[story.id]
        if story.ending is Ending.NO_SHOW:
            await self._act(token, "progress", progress=Progress.NO_SHOW.value)
            return
        if story.ending in _SERVED | {Ending.UNDER_WAY, Ending.PROMOTED}:
            await self._act(token, "progress", progress=Progress.STARTED.value)
        if story.ending in _SERVED:
            # No outcome: of a restricted need none is taken, and of any other it met the need.
            await self._act(token, "progress", progress=Progress.COMPLETED.value)

    async def _reply(self, story: Story, today: int) -> None:
        """Answer on the phone, some days after the question came."""
        if today > story.completed + _LATEST_REPLY or self._asked_family.get(story.id) == -1:
            return
        phone = story.family.told.phone
        if phone is None or story.id not in self._winners:
            return
        if story.id not in self._asked_family:
            path = f"/v1/referrals/{story.id}"
            who = coordinator(story.family.site)
            known = await self._client.get("referral", path, who=who)
            if any(
                each["kind"] == "did-help-arrive" and each["state"] in {"due", "overdue"}
                for each in known["follow_ups"]
            ):
                self._asked_family[story.id] = today + story.replied - 1
        if self._asked_family.get(story.id) == today:
            yes = story.ending is Ending.VERIFIED
            words = {"es": ("SÍ", "NO")}.get(story.family.told.reads.value, ("YES", "NO"))
            await self._letters.answer(phone, words[0] if yes else words[1])
            self._asked_family[story.id] = -1

    async def _identify(self, agency: SampleAgency, token: str) -> None:
        """Read who the child is, with the code that came."""
        code = await self._inbox.code(agency)
        if code is None:
            return
        with contextlib.suppress(RefusedError):  # another child's newer code is no mistake
            given = await self._post(token, "identity-token", code=code)
            bearer = {"Authorization": f"Bearer {given['token']}"}
            path = f"/v1/referrals/{given['referral']}/identity"
            await self._client.get("referral", path, headers=bearer)

    async def _act(self, token: str, what: str, **fields: Any) -> bool:
        """Answer by a link; tell whether it was taken, or a rule of the domain said no."""
        try:
            await self._post(token, what, **fields)
        except RefusedError as error:
            if error.status != HTTPStatus.CONFLICT:
                raise
            return False
        return True

    async def _post(self, token: str, what: str, **fields: Any) -> Any:
        headers = {"X-Enlace-Link": token}
        path = f"/v1/answers/{what}"
        return (await self._client.post("partner", path, fields, headers=headers)).body


_LATEST_REPLY = 14  # school days after the completion


async def _as_coroutine(work: Awaitable[None]) -> None:
    await work
