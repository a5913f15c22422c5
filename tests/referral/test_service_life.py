"""Any life that a referral can have, on the running service: several roles, chance, and a model.

The model knows only what a coordinator would be told: ten lines a rule. What the service answers,
what it keeps and what it tells are held against it after every step.
"""

from collections import Counter
from datetime import timedelta
from typing import Any, TypeVar

import httpx2
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from contracts.codes import Outcome, Progress, ReplyCode, Template
from contracts.messages import MessageReplied
from contracts.offerings import OfferClaimed, OfferingExpired, ProgressReported
from services.chassis.auth import ServiceIdentity
from services.chassis.ids import new_id
from services.referral.handlers.consents import honour_consents
from services.referral.model.consent import Disclosure
from tests.referral.build import SMILES
from tests.referral.life_staff import REFUSED, WHO, WITH_AGENCY
from tests.referral.life_waves import Waved
from tests.referral.life_world import World
from tests.referral.life_world import world as world  # noqa: PLC0414 - a fixture
from tests.referral.test_api import OFFER, Family

T = TypeVar("T")

BY_WISH = {"snoozed", "reassigned"}
"""What staff may do with a follow-up as often as they like."""


class Life(Waved):
    """One referral, and everybody who may want something of it."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.by = "agy-smiles"
        self.sent_at: Any = None
        self.offer: dict[str, Any] = OFFER
        self.acted = False
        self.answered: set[str] = set()
        self.read = 0
        self.family = Family(self.world.service)
        self.world.do(self.family.entered())
        first = self.world.do(self._consents())
        self.consents = set(first)
        assert self.world.do(self.family.referral(self.id)).status_code == 200

    @initialize(
        stage=st.sampled_from(["draft", "asked", "without consent", "accepted", "accepted", "done"])
    )
    def begins(self, stage: str) -> None:
        """Far enough on the way that chance finds what comes late; by the same rules."""
        if stage == "without consent":
            self.take_consent_back("rosa")
        if stage != "draft":
            self.send("rosa", several=True)
        if stage in {"without consent", "accepted", "done"}:
            self.agency_claims()
        if stage == "done":
            self.agency_reports("completed", own=True)

    # What the people do

    @rule(who=WHO, several=st.booleans())
    def send(self, who: str, several: bool) -> None:  # noqa: FBT001 - drawn by name
        """A draft is asked about, or what nobody answered; the same again is nothing new.

        Not on the consent of somebody who may be told no more.
        """
        free = self.state == "draft" or (
            self.state == "requested" and not self.asked and not self.claim
        )
        again = self.state == "requested" and self.asked
        fresh = {"candidates": OFFER["candidates"][: 2 if several else 1]}
        offer = self.offer if again else fresh
        if self.post(who, "offer", offer, works=(free or again) and not self.doubted) and free:
            self.offer, self.acted = offer, False
            self.state, self.asked, self.sent_at = "requested", True, self.world.clock.now()
            self.a_round_begins()

    @rule(who=WHO)
    def undo(self, who: str) -> None:
        """Within ten minutes, while nobody has acted; a draft again is one already."""
        young = self.sent_at and self.world.clock.now() - self.sent_at <= timedelta(minutes=10)
        fresh = self.state == "requested" and self.asked and not self.acted and young
        done = self.state == "draft" and self.round > 0
        if self.post(who, "recall", {}, works=fresh or done) and fresh:
            self.state, self.asked = "draft", False

    @rule(who=WHO)
    def rest(self, who: str) -> None:
        if self.post(who, "hold", {"reason": "other"}, works=self.state in WITH_AGENCY):
            self.state = "on-hold"

    @rule(who=WHO)
    def go_on(self, who: str) -> None:
        if (
            self.post(who, "resume", {}, works=self.state in WITH_AGENCY)
            and self.state == "on-hold"
        ):
            self.state = "in-progress"

    @rule(who=WHO)
    def give_up(self, who: str) -> None:
        works = self.state not in {"completed", "failed"}
        if self.post(who, "cancel", {"reason": "moved-away"}, works=works):
            self.state, self.waits_since = "cancelled", None

    @rule(who=WHO)
    def consent(self, who: str) -> None:
        """A claim that waited for it is accepted."""
        id = new_id()
        answer = self.world.do(
            self.family.put(f"/v1/consents/{id}", self.family.consent_body(), who)
        )
        works = 200 if self.told else 409
        assert answer.status_code == (works if who == "rosa" else REFUSED[who]), answer.text
        if answer.status_code == 200:
            self.consents.add(id)
            self.world.do(honour_consents(self.world.desk, self.family.student))
            if self.waits_since:
                self.state, self.waits_since = "accepted", None

    @precondition(lambda self: self.consents)
    @rule(who=WHO)
    def take_consent_back(self, who: str) -> None:
        """With the last one ends whatever an agency knows of or was asked for."""
        for id in sorted(self.consents)[:1]:
            path = f"/v1/students/{self.family.student}/consents/{id}/revoke"
            if self.call("POST", path, {}, who, works=True):
                self.consents.remove(id)
                asked = self.state == "requested" and (self.claim or self.asked)
                if not self.consents and (asked or self.state in WITH_AGENCY):
                    self.state, self.waits_since = "cancelled", None

    # What the agencies, the family and time do

    @precondition(lambda self: self.round and len(self.answered) < 4)
    @rule(further=st.booleans())
    def agency_claims(self, further: bool = False) -> None:  # noqa: FBT001, FBT002 - drawn by name
        """The first valid one wins, and waits where no consent, or one in doubt, covers it.

        Of whichever wave: also where its plan, or what came of it, was on its way.
        """
        claim = f"{self.id}-{len(self.answered)}"  # partner makes each once, and for an offer
        places = [SMILES, *(self.further if further else [])]
        by = {"service": places[-1].service, "agency": places[-1].agency}
        offer = {"offer": "off", "contact": "con", **by}
        self.world.tell(
            OfferClaimed(referral=self.id, round=self.round, claim=claim, nonce="n", **offer)
        )
        self.answered.add(claim)
        self.acted = True
        if self.state == "requested" and self.claim is None:
            self.claim, self.by = claim, by["agency"]
            if self.consents and self.told:
                self.state = "accepted"
            else:
                self.waits_since = self.world.clock.now()

    @rule(crossed=st.booleans())
    def nobody_answers(self, crossed: bool) -> None:  # noqa: FBT001 - drawn by name
        """The round ends with its last wave; an end that a wave has crossed is none."""
        wave = max(1, self.wave - crossed)
        self.world.tell(OfferingExpired(referral=self.id, round=self.round, wave=wave))
        if self.open_round and wave == self.wave:
            self.asked = False

    @rule(progress=st.sampled_from(["started", "completed", "no-show"]), own=st.booleans())
    def agency_reports(self, progress: str, own: bool) -> None:  # noqa: FBT001 - drawn by name
        """Of a claim that stands, and of no other."""
        claim = self.claim if own and self.claim else f"{self.id}-z"
        outcome = Outcome.NEED_MET if progress == "completed" else None
        self.world.tell(
            ProgressReported(
                referral=self.id,
                offer="off",
                claim=claim,
                progress=Progress(progress),
                outcome=outcome,
            )
        )
        if own and self.claim and self.state in WITH_AGENCY:
            after = {"started": "in-progress", "completed": "completed", "no-show": "failed"}
            self.state = after[progress]

    @rule(reply=st.sampled_from(list(ReplyCode)))
    def family_answers(self, reply: ReplyCode) -> None:
        """Whatever it says, and whenever: the partner's own fact stays."""
        asked = Template.FAMILY_DID_HELP_ARRIVE
        self.world.tell(
            MessageReplied(
                message=new_id(),
                conversation="c",
                person=self.family.mother,
                referral=self.id,
                reply=reply,
                template=asked,
            )
        )

    @rule(hours=st.sampled_from([0.1, 1, 20, 80, 400]))
    def time_passes(self, hours: float) -> None:
        """A seat is held for three days where a consent is missing; then others may have it."""
        self.world.clock.advance(timedelta(hours=hours))
        while self.world.do(self.world.sweep.once()):
            pass
        if self.waits_since and self.world.clock.now() - self.waits_since >= timedelta(days=3):
            self.claim, self.waits_since, self.asked = None, None, False

    @rule(whose=st.sampled_from(["own", "another"]))
    def agency_reads(self, whose: str) -> None:
        """Who took the child, while a consent covers it; each reading is a disclosure."""
        claim = self.claim if whose == "own" and self.claim else "another"
        answer = self.world.do(self.reads(claim))
        may = claim == self.claim and bool(self.consents) and self.may_be_read()
        assert answer.status_code == (200 if may else 404), f"{self.state}: {answer.text}"
        self.read += may

    # What holds whatever came before

    @invariant()
    def the_service_says_what_the_model_says(self) -> None:
        seen = self.seen().json()
        assert seen["state"] == self.state
        assert (seen["business"] == "awaiting-consent") == bool(self.waits_since)

    @invariant()
    def the_log_tells_of_one_accepted_claim_and_each_follow_up_once(self) -> None:
        rows = self.world.service.chassis.database["event_log"]
        found = self.world.do(rows.find({"key": self.id}).to_list())
        told = Counter(
            (row["type"], bytes(row["data"]))
            for row in found
            if "follow-up" in row["type"] and row["type"].split(".")[3] not in BY_WISH
        )
        assert all(count == 1 for count in told.values()), "a follow-up came twice"
        assert sum(row["type"] == "org.enlace.referral.accepted.v1" for row in found) <= 1

    @invariant()
    def each_reading_was_written_down(self) -> None:
        made = self.world.service.chassis.database[Disclosure.COLLECTION]
        assert self.world.do(made.count_documents({"referral": self.id})) == self.read

    # How it is asked

    def may_be_read(self) -> bool:
        """Tell whether an agency has it, or had it to its end."""
        readable = self.state in {*WITH_AGENCY, "completed"}
        return readable and self.claim is not None and not self.waits_since

    async def reads(self, claim: str | None = None) -> httpx2.Response:
        """Let the agency read who the child is, by its own claim unless another is named."""
        partner = ServiceIdentity("partner", self.world.keys)
        token = partner.token(
            "referral",
            referral=self.id,
            claim=claim or self.claim or "",
            agency=self.by,
            meets="dental",
        )
        path = f"/v1/referrals/{self.id}/identity"
        headers = {"Authorization": f"Bearer {token}"}
        return await self.world.service.http.get(path, headers=headers)

    async def _consents(self) -> list[str]:
        book = await self.world.service.chassis.database["consents"].find_one(
            {"_id": self.family.student}
        )
        assert book is not None
        return [each["id"] for each in book["consents"]]


def test_any_life_on_the_running_service_agrees_with_the_model(world: World) -> None:
    some = settings(
        max_examples=20,
        stateful_step_count=20,
        deadline=None,
        derandomize=True,  # the same lives at each run; for others, leave this out
        phases=(Phase.explicit, Phase.generate),  # a step is many round trips: too many to shrink
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(type("Lived", (Life,), {"world": world}), settings=some)
