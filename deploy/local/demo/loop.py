"""The loop itself, step by step, each seen before the next begins."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from contracts.categories import Category
from deploy.local.client import Client
from deploy.local.demo.agency import LinkHolder
from deploy.local.demo.cast import Asked, Child
from deploy.local.demo.letters import Letters
from deploy.local.demo.told import Story
from deploy.local.demo.watch import NotSeenError, Watch, until
from deploy.local.district.past import said_of
from deploy.local.stream import Seen
from deploy.local.system import clock
from deploy.local.system.places import Home

UNDO = timedelta(minutes=10)
"""How long a sending can be undone by the rules as they come."""

_SHOWN = 60  # characters of a text


@dataclass(slots=True)
class Loop:
    """One referral on its way.

    Args:
        home: the system's folder, for its clock.
        child: whom it is about.
        asked: the services it is offered to; the first of them will take it.
        urgency: of the need.
    """

    client: Client
    home: Home
    watch: Watch
    letters: Letters
    story: Story
    child: Child
    asked: tuple[Asked, ...]
    referral: str
    urgency: str = "soon"

    async def run(self) -> None:
        """Go round once.

        Raises:
            NotSeenError: a step did not happen in time.
            RefusedError: a service refused what the step needs.
        """
        known = {each.address: len(await self.letters.got(each.address)) for each in self.asked}
        texts = len(await self.letters.texts(self.child.phone))
        self.story.begin()
        await self._create()
        await self._offer()
        await self._family_asked(texts)
        holders = await self._links(known)
        known = {each.address: len(await self.letters.got(each.address)) for each in self.asked}
        await self._claim(holders)
        await self._accepted(holders[0])
        await self._identity(holders[0], known[self.asked[0].address])
        await self._family_told(texts)
        await self._progress(holders[0])
        await self._follow_up()
        await self._verified()
        await self._read_model()

    async def _create(self) -> None:
        body = {
            "student": self.child.id,
            "category": self.asked[0].category,
            "urgency": self.urgency,
            "need": said_of(Category(self.asked[0].category)),
        }
        who = self.child.coordinator
        await self.client.put("referral", f"/v1/referrals/{self.referral}", body, who=who)
        await self._own("created", "referral.created")
        category = self.asked[0].category
        self._tell(
            "created", f"Created: {self.child.name} needs {category} help", "referral.created"
        )

    async def _offer(self) -> None:
        path = f"/v1/referrals/{self.referral}"
        who = self.child.coordinator
        seen = await self.client.call("GET", "referral", path, who=who)
        candidates = [{"service": each.service, "agency": each.agency} for each in self.asked]
        body = {"candidates": candidates}
        await self.client.post("referral", path + "/offer", body, who=who, etag=seen.etag)
        several = len(self.asked) > 1
        asked = "referral.offered" if several else "referral.requested"
        await self._own("offered", asked)
        opened = await self._own("offered", "offering.opened")
        offers = opened.data["offers"]
        if len(offers) != len(self.asked):
            raise NotSeenError("offered", f"{len(self.asked)} offers in offering.opened")
        names = " and ".join(each.agency_name for each in self.asked)
        self._tell("offered", f"Offered to {names}", f"{asked}, offering.opened")

    async def _family_asked(self, texts: int) -> None:
        # While sending can be undone the family hears nothing, unless somebody acts.
        moved = clock.advance(self.home, UNDO)
        self.story.tell(f"    The clock moves to {moved:%H:%M}: sending can be undone no more")
        await self._sent("family-asked", "family-asked", 1)
        words = await self.letters.text("family-asked", self.child.phone, texts)
        self._tell("family-asked", f"Family texted in Spanish: «{_start(words)}»", "message.sent")

    async def _links(self, known: dict[str, int]) -> list[LinkHolder]:
        await self._sent("links", "agency-offer", len(self.asked))
        tokens = [
            await self.letters.link("links", each.address, known[each.address])
            for each in self.asked
        ]
        both = "Both agencies have" if len(tokens) > 1 else "The agency has"
        ways = " and ".join(_way(each.address) for each in self.asked)
        self._tell("links", f"{both} their link, by {ways}", "message.sent")
        return [LinkHolder(self.client, token) for token in tokens]

    async def _claim(self, holders: list[LinkHolder]) -> None:
        winner = self.asked[0]
        before = await self._free(holders[0])
        await holders[0].open()
        await holders[0].press("claim")
        claimed = await self._own("claimed", "offering.claimed")

        def reserved(event: Seen) -> bool:
            same = event.key == f"{winner.service}@{self.child.site}"
            return same and (event.time or _LONG_AGO) >= (claimed.time or _LONG_AGO)

        seats = await self.watch.see("claimed", "partner-capacity.changed", reserved)
        free = seats[0].data["available"]
        self._tell(
            "claimed",
            f"{winner.agency_name} claims it; seat reserved, {before} free before, {free} now",
            "offering.claimed, partner-capacity.changed",
        )
        if len(holders) > 1:
            await self._taken(holders[1], claimed)

    async def _taken(self, second: LinkHolder, claimed: Seen) -> None:
        loser = self.asked[1]

        def withdrawn(event: Seen) -> bool:
            mine = event.referral == self.referral and event.data["offer"] != claimed.data["offer"]
            return mine and event.data["reason"] == "taken"

        await self.watch.see("taken", "offering.withdrawn", withdrawn)
        if not await second.is_refused("claim"):
            raise NotSeenError("taken", "the refusal of a second claim")
        await self._sent("taken", "agency-taken", 1)
        self._tell(
            "taken",
            f"{loser.agency_name} is told that it is taken",
            "offering.withdrawn, message.sent",
        )

    async def _accepted(self, holder: LinkHolder) -> None:
        await self._own("accepted", "referral.accepted")

        async def look() -> bool | None:
            return "code" in (await holder.card())["next_actions"] or None

        await until("accepted", "the agency's page with the school's yes", look)
        self._tell("accepted", "Accepted: the consent covers it", "referral.accepted")

    async def _identity(self, holder: LinkHolder, known: int) -> None:
        winner = self.asked[0]
        await holder.press("code")
        await self._own("identity", "offering.identity-code-requested")
        await self._sent("identity", "agency-identity-code", 1)
        code = await self.letters.code("identity", winner.address, known)
        if not await holder.reads(code, self.child.name):
            raise NotSeenError("identity", "the child's name on the agency's page")
        await self.watch.see(
            "identity", "consent.disclosure-made", lambda event: event.referral == self.referral
        )
        self._tell(
            "identity",
            f"The code opens who it is: {self.child.name}; disclosure written",
            "consent.disclosure-made",
        )

    async def _family_told(self, texts: int) -> None:
        await self._sent("family-told", "family-accepted", 1)
        words = await self.letters.text("family-told", self.child.phone, texts + 1)
        self._tell("family-told", f"Family told: «{_start(words)}»", "message.sent")

    async def _progress(self, holder: LinkHolder) -> None:
        visit = clock.now(self.home) + timedelta(days=1)
        at = visit.strftime("%Y-%m-%dT%H:%M")
        await holder.press("progress", progress="scheduled", appointment=at)
        await self._own("scheduled", "referral.scheduled")
        self._tell(
            "scheduled", f"Agency reports a visit on {visit:%A, %-d %B}", "referral.scheduled"
        )
        await holder.press("progress", progress="started")
        await self._own("started", "referral.started")
        self._tell("started", "Agency reports that it has started", "referral.started")
        coded = (await holder.card())["codes_alone"]
        outcome = "attended" if coded else "need-met"
        await holder.press("progress", progress="completed", outcome=outcome)
        await self._own("completed", "referral.completed")
        self._tell("completed", "Agency reports it completed: partner-closed", "referral.completed")

    async def _follow_up(self) -> None:
        # The family may have heard of its visit meanwhile, before the agency said it was done.
        texts = len(await self.letters.texts(self.child.phone))
        scheduled = await self.watch.see(
            "follow-up-due",
            "follow-up.scheduled",
            lambda event: self._mine(event) and event.data["kind"] == "did-help-arrive",
        )
        due = datetime.fromisoformat(scheduled[0].data["due_on"]).date()
        moment = datetime.combine(due, clock.MORNING, clock.ZONE)
        moved = clock.advance(self.home, moment - clock.now(self.home))
        self.story.tell(f"    The clock moves to {moved:%A, %-d %B, %H:%M}")
        await self.watch.see(
            "follow-up-due",
            "follow-up.due",
            lambda event: self._mine(event) and event.data["kind"] == "did-help-arrive",
        )
        self._tell("follow-up-due", "Follow-up due: did the help arrive?", "follow-up.due")
        await self._sent("family-asked-again", "family-did-help-arrive", 1)
        words = await self.letters.text("family-asked-again", self.child.phone, texts)
        self._tell("family-asked-again", f"Family asked: «{_start(words)}»", "message.sent")
        await self.letters.answer(self.child.phone, "SÍ")
        await self.watch.see(
            "family-answered",
            "message.replied",
            lambda event: self._mine(event) and event.data["reply"] == "yes",
        )
        self._tell("family-answered", "The family answers SÍ on the phone", "message.replied")

    async def _verified(self) -> None:
        await self._own("verified", "referral.verified")
        self._tell("verified", "Verified by the family", "referral.verified")

    async def _read_model(self) -> None:
        path = f"/v1/referral-facts/{self.referral}"

        async def look() -> dict[str, Any] | None:
            facts = await self.client.get("reporting", path, who=self.child.coordinator)
            closed = facts["partner_closed_at"] and facts["family_verified_at"]
            return dict(facts) if closed else None

        facts = await until("read-model", "both closings in the read model", look)
        self.story.facts["facts"] = facts
        self._tell(
            "read-model",
            "The read model shows it closed by the partner, verified by the family",
            f"reporting{path[:20]}…",
        )

    async def _own(self, step: str, type_: str) -> Seen:
        return (await self.watch.see(step, type_, self._mine))[0]

    async def _sent(self, step: str, template: str, count: int) -> None:
        await self.watch.see(
            step,
            "message.sent",
            lambda event: self._mine(event) and event.data["template"] == template,
            count=count,
        )

    async def _free(self, holder: LinkHolder) -> int:
        seats = (await holder.card())["seats"]
        return int(seats["available"]) if seats else 0

    def _mine(self, event: Seen) -> bool:
        return event.referral == self.referral

    def _tell(self, name: str, what: str, seen: str) -> None:
        self.story.step(name, what, seen)


_LONG_AGO = datetime.min.replace(tzinfo=clock.ZONE)


def _start(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"


def _way(address: str) -> str:
    return f"mail to {address}" if "@" in address else f"text to {address}"
