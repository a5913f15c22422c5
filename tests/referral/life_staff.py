"""What staff do with a referral beside sending it, for any life on the running service."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from contracts.categories import Category
from contracts.codes import Outcome, Urgency
from services.chassis.ids import new_id
from services.referral.model.follow_up import local_date
from services.referral.model.rules import Rules
from tests.referral.life_world import World
from tests.referral.test_api import Family

WHO = st.sampled_from(["rosa", "rosa", "rosa", "nurse", "denise", "lead"])
"""Rosa coordinates the school and is drawn oftenest: without her nothing moves."""

PLACES = st.integers(0, 5)
WITH_AGENCY = {"accepted", "in-progress", "on-hold"}
ZONE = "America/Los_Angeles"


class Staffed(RuleBasedStateMachine):
    """A referral that is put right, brought elsewhere, and whose follow-ups are seen to."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.state, self.asked = "draft", False
        self.claim: str | None = None
        self.waits_since: Any = None
        self.id = new_id()
        self.consents: set[str] = set()
        self.family: Family
        self.urgency, self.told = "routine", True
        self.outside: str | None = None
        self.seen_to: dict[str, str] = {}

    @rule(who=WHO, urgency=st.sampled_from(["routine", "urgent", "crisis"]))
    def put_right(self, who: str, urgency: str) -> None:
        """A draft alone; where it is right already, nothing is to be done."""
        works = self.state == "draft" or urgency == self.urgency
        if self.post(who, "correct", {"urgency": urgency}, works=works):
            self.urgency = urgency
        assert self.seen().json()["urgency"] == self.urgency

    @rule(who=WHO)
    def bring_elsewhere(self, who: str) -> None:
        """What no agency is asked for; nothing is told there, so that it needs no consent."""
        free = self.state == "draft" or (
            self.state == "requested" and not self.asked and not self.claim
        )
        body = {
            "hand_off": new_id(),
            "to": "The parish's pantry",
            "how": "went-together",
            "handed_at": self.world.clock.now().isoformat(),
            "released": [],
        }
        if self.post(who, "hand-off", body, works=free):
            self.state, self.outside, self.asked = "accepted", "open", False

    @rule(who=WHO, outcome=st.sampled_from(list(Outcome)))
    def hear_how_it_ended(self, who: str, outcome: Outcome) -> None:
        """Helped is completed, anything else has failed; the same again is nothing new."""
        there = self.outside is not None and self.state in WITH_AGENCY
        again = self.outside == outcome.value and self.state in {"completed", "failed"}
        body = {"outcome": outcome.value}
        if self.post(who, "hand-off/close", body, works=there or again) and there:
            helped = outcome.value in {"need-met", "partly-met"}
            self.state, self.outside = "completed" if helped else "failed", outcome.value

    @rule(told=st.booleans())
    def may_be_told(self, told: bool) -> None:  # noqa: FBT001 - drawn by name
        """Whoever consented may be told no more, or again: what waited for that goes on."""
        path = f"/v1/families/{self.family.family}"
        http, headers = self.world.service.http, self.world.service.as_("rosa")
        seen = self.world.do(http.get(path, headers=headers)).headers["etag"]
        mother = {**self.family.family_body()["contacts"][0], "may_be_told": told}
        changed = http.put(
            f"{path}/contacts/{self.family.mother}",
            json=mother,
            headers={**headers, "If-Match": seen},
        )
        assert self.world.do(changed).status_code == 200
        self.told = told
        if told and self.waits_since and self.consents:
            self.state, self.waits_since = "accepted", None

    @rule(who=WHO, place=PLACES)
    def see_to_one(self, who: str, place: int) -> None:
        """One that waits, once; the others stay as they are."""
        before = self.follow_ups()
        each = self.by_chance(before, place)
        if each is None:
            return
        waits = each["state"] != "done"
        works = waits or self.seen_to.get(each["id"]) == who
        if self.post(who, f"follow-ups/{each['id']}/done", {}, works=works, team=True) and waits:
            self.seen_to[each["id"]] = who
            each["state"] = "done"
        assert self.follow_ups() == before

    @rule(who=WHO, place=PLACES, days=st.integers(0, 9))
    def put_one_off(self, who: str, place: int, days: int) -> None:
        """To a day that the plan allows, or the next one with school."""
        before = self.follow_ups()
        each = self.by_chance(before, place)
        if each is None:
            return
        plan = Rules().plan(Category.DENTAL, Urgency(self.urgency))
        day = local_date(self.world.clock.now(), ZONE) + timedelta(days=days)
        works = each["state"] != "done" and 1 <= days <= plan.snooze_at_most_days
        body = {"due_on": day.isoformat(), "reason": "family-asked"}
        done = self.post(who, f"follow-ups/{each['id']}/snooze", body, works=works, team=True)
        after = self.by_chance(self.follow_ups(), place)
        if done:
            assert after is not None
            assert after["due_on"] >= day.isoformat()
            assert after["state"] == "pending"
        else:
            assert after == each

    @rule(who=WHO, place=PLACES, to=st.sampled_from(["rosa", "nurse"]))
    def give_one_to(self, who: str, place: int, to: str) -> None:
        each = self.by_chance(self.follow_ups(), place)
        if each is None:
            return
        works = each["state"] != "done"
        path = f"follow-ups/{each['id']}/reassign"
        if self.post(who, path, {"owner": to}, works=works):
            after = self.by_chance(self.follow_ups(), place)
            assert after is not None
            assert after["owner"] == to

    def follow_ups(self) -> list[dict[str, Any]]:
        """Return its follow-ups, by their ids; what the plan says of each is left aside."""
        path = f"/v1/referrals/{self.id}/follow-ups"
        http, headers = self.world.service.http, self.world.service.as_("rosa")
        answer = self.world.do(http.get(path, headers=headers))
        assert answer.status_code == 200, answer.text
        keys = ("id", "kind", "state", "due_on", "owner")
        return [{key: each[key] for key in keys} for each in answer.json()["items"]]

    def by_chance(self, there: list[dict[str, Any]], place: int) -> dict[str, Any] | None:
        return there[place % len(there)] if there else None

    def seen(self) -> Any:
        """Return the referral as Rosa reads it."""
        http, headers = self.world.service.http, self.world.service.as_("rosa")
        answer = self.world.do(http.get(f"/v1/referrals/{self.id}", headers=headers))
        assert answer.status_code == 200, answer.text
        return answer

    def post(
        self, who: str, what: str, body: dict[str, Any], *, works: bool, team: bool = False
    ) -> bool:
        """Do something with the referral; `team`: the school's care team may, too."""
        path = f"/v1/referrals/{self.id}/{what}"
        return self.call("POST", path, body, who, works=bool(works), team=team)

    def call(
        self,
        method: str,
        path: str,
        body: dict[str, Any],
        who: str,
        *,
        works: bool,
        team: bool = False,
    ) -> bool:
        """Ask; whether it was done. Whoever may not is refused first, whatever the state."""
        service = self.world.service
        headers = {**service.as_(who), "If-Match": self.seen().headers["etag"]}
        answer = self.world.do(service.http.request(method, path, json=body, headers=headers))
        may = team and who == "nurse"
        wanted = (None if may else REFUSED.get(who)) or (200 if works else 409)
        assert answer.status_code == wanted, f"{who} {path} in {self.state}: {answer.text}"
        return answer.status_code == 200


REFUSED = {"nurse": 403, "denise": 404, "lead": 403}
"""Not this role; not this school, which does not even learn that it exists; not this role."""
