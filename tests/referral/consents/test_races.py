"""A revocation at the same instant as whatever needs the consent, on a real database.

Every round is made so that either may be first. What is asserted holds in both orders, and both
orders are made to happen.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest

from contracts.categories import Category
from contracts.codes import Audience
from services.chassis.ids import new_id
from services.referral.handlers.consents import honour_consents
from services.referral.handlers.corrections import Correction, correct
from services.referral.handlers.revocation import revoke_consent
from services.referral.model.consent import ConsentBook, Disclosure
from services.referral.model.deletion import DeletionRequest
from services.referral.model.people import Student
from tests.referral.build import REVOCATION
from tests.referral.consents.scene import SMILES, Scene

ROUNDS = 25
BY_SCHOOL = REVOCATION.model_copy(update={"by": None})
T = TypeVar("T")


async def while_revoking(scene: Scene, consent: str, meanwhile: Callable[[], Any]) -> None:
    """Take a consent back in a transaction that began before `meanwhile`, and ends after it."""
    student = await scene.service.chassis.store.get(Student, scene.student)
    assert student is not None
    await while_under_way(
        scene, lambda: revoke_consent(scene.desk, student, consent, BY_SCHOOL), meanwhile
    )


async def while_under_way(
    scene: Scene, work: Callable[[], Awaitable[Any]], meanwhile: Callable[[], Any]
) -> None:
    """Do something in a transaction that began before `meanwhile`, and ends after it."""
    began, go_on = asyncio.Event(), asyncio.Event()
    store = scene.service.chassis.store

    async def whole() -> None:
        await store.get(ConsentBook, scene.student)  # what it sees is of this moment
        began.set()
        await go_on.wait()
        await work()

    async def other() -> None:
        await began.wait()
        await meanwhile()
        go_on.set()

    await asyncio.gather(store.database.transact(whole), other())


async def test_what_was_sent_and_claimed_behind_a_revocations_back_is_cancelled(
    scene: Scene,
) -> None:
    consent = await scene.give()
    referral = await scene.referral()

    async def sent_and_claimed() -> None:
        await scene.offer(referral, SMILES)
        await scene.claim(referral)
        assert (await scene.state(referral)).state == "accepted"

    await while_revoking(scene, consent, sent_and_claimed)
    assert (await scene.state(referral)).state == "cancelled"


async def test_what_was_read_behind_a_revocations_back_is_asked_to_be_deleted(
    scene: Scene,
) -> None:
    consent = await scene.give()
    referral, claim = await scene.taken()

    async def read() -> None:
        assert (await scene.read(referral, claim)).status_code == 200

    await while_revoking(scene, consent, read)
    store = scene.service.chassis.store
    asked = [each async for each in store.find(DeletionRequest, {"consent": consent})]
    assert [each.agency for each in asked] == ["agy-smiles"]


async def test_a_place_told_behind_a_revocations_back_is_asked_to_delete_it(scene: Scene) -> None:
    consent = await scene.give()
    referral, hand_off = await scene.referral(), new_id()

    async def told() -> None:
        given = {
            "hand_off": hand_off,
            "to": "A clinic outside",
            "how": "called-ahead",
            "handed_at": scene.clock.now().isoformat(),
            "released": ["name", "need"],
        }
        answer = await scene.act(referral, "hand-off", given)
        assert answer.status_code == 200, answer.text

    await while_revoking(scene, consent, told)
    store = scene.service.chassis.store
    asked = [each async for each in store.find(DeletionRequest, {"consent": consent})]
    assert [each.agency for each in asked] == [hand_off]


async def test_a_draft_put_right_while_a_student_confides_is_told_to_the_student_alone(
    scene: Scene,
) -> None:
    await scene.give(categories=["dental", "mental-health"])
    draft = await scene.referral("dental")
    right = Correction(category=Category.MENTAL_HEALTH)
    await while_under_way(
        scene, lambda: correct(scene.desk, draft, right, expected=None), scene.confide
    )
    assert (await scene.state(draft)).audience is Audience.STUDENT


async def after(seconds: float, work: Awaitable[T]) -> T:
    await asyncio.sleep(seconds)
    return await work


def moments(seed: int) -> tuple[float, float]:
    """Return when each of two starts, in seconds: at once, or one of them a little later.

    In the first two rounds one is long done before the other starts.
    """
    chosen = random.Random(seed).choice([0.0, 0.0, 0.002, 0.005, 0.01])
    late = 0.5 if seed < 2 else chosen
    return (0.0, late) if seed % 2 else (late, 0.0)


async def test_a_reading_and_a_revocation_at_the_same_instant(scene: Scene) -> None:
    released = 0
    store = scene.service.chassis.store
    for seed in range(ROUNDS):
        consent = await scene.give()
        referral, claim = await scene.taken()
        mine, theirs = moments(seed)
        first, second, revoked = await asyncio.gather(
            after(mine, scene.read(referral, claim)),
            after(mine, scene.read(referral, claim)),
            after(theirs, scene.revoke(consent)),
        )
        assert revoked.status_code == 200
        statuses = [first.status_code, second.status_code]
        assert set(statuses) <= {200, 404}
        released += statuses.count(200)

        made = [each async for each in store.find(Disclosure, {"consent": consent})]
        assert len(made) == statuses.count(200), "released means recorded, and only then"
        asked = [each async for each in store.find(DeletionRequest, {"consent": consent})]
        assert [each.agency for each in asked] == (["agy-smiles"] if made else [])
        assert (await scene.read(referral, claim)).status_code == 404
        told = await scene.told(scene.family)
        since = told[len(told) - told[::-1].index("consent.granted") :]
        assert since.index("consent.revoked") == len(made), "no disclosure after the revocation"
    assert 0 < released < 2 * ROUNDS, "both orders happened"


async def test_a_claim_and_a_revocation_at_the_same_instant(scene: Scene) -> None:
    accepted = 0
    for seed in range(ROUNDS):
        consent = await scene.give()
        referral = await scene.referral()
        await scene.offer(referral, SMILES)
        mine, theirs = moments(seed)
        claim, _ = await asyncio.gather(
            after(mine, scene.claim(referral)), after(theirs, scene.revoke(consent))
        )
        state = await scene.state(referral)
        assert (state.state, state.reason) == ("cancelled", "consent-revoked")
        assert (await scene.read(referral, claim)).status_code == 404
        told = await scene.told(referral)
        accepted += "referral.accepted" in told
        assert told[-1] in {"referral.cancelled", "referral.claim-refused"}
    assert 0 < accepted < ROUNDS, "both orders happened"


async def test_a_consent_honoured_and_taken_back_at_the_same_instant(scene: Scene) -> None:
    for seed in range(ROUNDS):
        referral, claim = await scene.taken()
        assert (await scene.state(referral)).business == "awaiting-consent"
        consent = await scene.give()
        mine, theirs = moments(seed)
        await asyncio.gather(
            after(mine, honour_consents(scene.desk, scene.student)),
            after(theirs, scene.revoke(consent)),
        )
        assert (await scene.state(referral)).state == "cancelled"
        assert (await scene.read(referral, claim)).status_code == 404


@pytest.mark.parametrize("sent", [False, True])
async def test_a_need_written_before_its_consent_is_told_to_whoever_consents(
    scene: Scene, *, sent: bool
) -> None:
    before = await scene.referral()
    if sent:
        await scene.offer(before, SMILES)
    assert (await scene.state(before)).audience is Audience.NOBODY
    await scene.give()
    for _ in range(2):  # the event may come again
        await honour_consents(scene.desk, scene.student)
    assert (await scene.state(before)).audience is Audience.GUARDIAN
    assert (await scene.told(before)).count("referral.audience-changed") == 1


async def test_a_need_that_a_student_confides_later_is_told_to_the_student_alone(
    scene: Scene,
) -> None:
    before = await scene.referral("mental-health")
    await scene.offer(before, SMILES)
    await scene.confide()
    await honour_consents(scene.desk, scene.student)
    assert (await scene.state(before)).audience is Audience.STUDENT


async def test_a_draft_and_a_confidence_at_the_same_instant(scene: Scene) -> None:
    await scene.give(categories=["mental-health"])
    for seed in range(ROUNDS // 2):
        mine, theirs = moments(seed)
        draft, own = await asyncio.gather(
            after(mine, scene.referral("mental-health")), after(theirs, scene.confide())
        )
        assert (await scene.state(draft)).audience is Audience.STUDENT
        # For the next round the confidence never was.
        await scene.revoke(own, reason="entered-wrongly")
        later = await scene.referral("mental-health")
        assert (await scene.state(later)).audience is Audience.GUARDIAN


async def test_two_who_take_it_back_at_the_same_instant_do_it_once(scene: Scene) -> None:
    consent = await scene.give()
    referral, claim = await scene.taken()
    await scene.read(referral, claim)
    answers = await asyncio.gather(*(scene.revoke(consent) for _ in range(6)))
    assert {each.status_code for each in answers} == {200}
    told = await scene.told(scene.family)
    assert told.count("consent.revoked") == told.count("consent.deletion-requested") == 1
    assert (await scene.told(referral)).count("referral.cancelled") == 1


async def test_first_consents_at_the_same_instant_are_all_entered(scene: Scene) -> None:
    ids = await asyncio.gather(
        *(scene.give() for _ in range(4)), *(scene.confide() for _ in range(4))
    )
    seen = await scene.done("GET", f"/v1/students/{scene.student}/consents")
    assert {each["id"] for each in seen["items"]} == set(ids)
