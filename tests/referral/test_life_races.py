"""Any life of a referral while consents are taken back at the instant when an agency reads.

The same lives as in `test_service_life.py`, on the same running service, with one rule more.
"""

import asyncio
import json
from collections.abc import Coroutine
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

from tests.referral.life_staff import WITH_AGENCY
from tests.referral.life_world import World
from tests.referral.life_world import world as world  # noqa: PLC0414 - a fixture
from tests.referral.test_service_life import Life

T = TypeVar("T")

READINGS = 8


async def _after(seconds: float, work: Coroutine[Any, Any, T]) -> T:
    await asyncio.sleep(seconds)
    return await work


class RacedLife(Life):
    """One referral that an agency has, or had to its end.

    Attributes:
        orders: in which orders readings and revocations came, over all lives of a run.
    """

    orders: set[str]

    @initialize(stage=st.sampled_from(["accepted", "done"]))
    def begins(self, stage: str) -> None:
        self.send("rosa", several=True)
        self.agency_claims()
        if stage == "done":
            self.agency_reports("completed", own=True)

    @precondition(lambda self: self.consents and self.may_be_read())
    @rule(apart=st.sampled_from([0.0, 0.001, 0.003]), revoking=st.integers(0, READINGS))
    def agency_reads_while_a_consent_is_taken_back(self, apart: float, revoking: int) -> None:
        """Readings come one upon the other, and the revocation among them.

        Whichever is first, and also of a referral that is completed: never without a consent. With
        the last consent either may win; the log then says which one did, and the invariant below
        that nothing was released after it.
        """
        id = min(self.consents)
        path = f"/v1/students/{self.family.student}/consents/{id}/revoke"
        http, staff = self.world.service.http, self.world.service.as_("rosa")

        async def all_at_once() -> list[httpx2.Response]:
            readings = [_after(apart * place, self.reads()) for place in range(READINGS)]
            revoke = _after(apart * revoking, http.post(path, json={}, headers=staff))
            readings.insert(revoking, revoke)  # where they start together, in this order
            return await asyncio.gather(*readings)

        answers = self.world.do(all_at_once())
        revoked = answers.pop(revoking)
        assert revoked.status_code == 200, revoked.text
        self.consents.remove(id)
        statuses = [each.status_code for each in answers]
        read = statuses.count(200)
        assert read + statuses.count(404) == READINGS, statuses
        if self.consents:
            assert read == READINGS, "another consent covers it"
        elif self.state in WITH_AGENCY:
            self.state = "cancelled"
        self.read += read
        self.orders.update({"before"} if read else (), {"after"} if read < READINGS else ())
        again = self.world.do(self.reads())
        assert again.status_code == (200 if self.consents else 404)
        self.read += again.status_code == 200

    @invariant()
    def nothing_was_released_without_a_consent_in_force(self) -> None:
        """In the order of the family's log, which is that of the transactions."""
        rows = self.world.service.chassis.database["event_log"]
        mine = {"key": self.family.family, "topic": "consents"}
        found = self.world.do(rows.find(mine).sort("sequence", 1).to_list())
        in_force: set[str] = set()
        for row in found:
            what, about = row["type"].split(".")[-2], json.loads(row["data"])
            if what == "granted":
                in_force.add(about["consent"])
            elif what == "revoked":
                in_force.remove(about["consent"])
            elif what == "disclosure-made":
                assert about["consent"] in in_force, "identity released without a consent"


def test_no_race_of_a_reading_and_a_revocation_releases_identity_without_consent(
    world: World,
) -> None:
    some = settings(
        max_examples=15,
        stateful_step_count=12,
        deadline=None,
        derandomize=True,  # the same lives at each run; for others, leave this out
        phases=(Phase.explicit, Phase.generate),  # a step is many round trips: too many to shrink
        suppress_health_check=list(HealthCheck),
    )
    orders: set[str] = set()
    raced = type("Raced", (RacedLife,), {"world": world, "orders": orders})
    run_state_machine_as_test(raced, settings=some)
    assert orders == {"before", "after"}, "both orders happened"
