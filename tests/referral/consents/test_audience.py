"""Who may be told follows the consents, for as long as nobody has been asked."""

import asyncio
from datetime import timedelta

from contracts.cloudevents import Envelope
from contracts.codes import Audience
from contracts.consents import ConsentExpired
from contracts.offerings import OfferingExpired
from services.chassis.consumer.incoming import Incoming
from services.referral.consumer import _Subscriber, reactions
from services.referral.handlers.consents import honour_consents
from tests.referral.build import NOW
from tests.referral.consents.scene import SMILES, Scene
from tests.referral.consents.test_races import ROUNDS, after, moments

COUNSELING = ["mental-health"]
SOON = "2026-10-20"
"""Last day of a consent, one week on."""


async def audience(scene: Scene, referral: str) -> Audience:
    return (await scene.state(referral)).audience


async def silent(scene: Scene, referral: str) -> None:
    """Let the time pass within which those who were asked may answer."""
    known = await scene.state(referral)
    event = OfferingExpired(referral=referral, round=known.round)
    envelope = Envelope("e", "enlace/partner", event.TYPE, referral, NOW, 1)
    await _Subscriber(scene.desk).expired(event, envelope)


async def verdict(scene: Scene, referral: str, person: str) -> str | None:
    """Return why a person is not told now that help was asked for; None: they are."""
    ask = {"referral": referral, "template": "family-asked", "person": person}
    headers = {"Authorization": f"Bearer {scene.token('notify')}"}
    answer = await scene.service.http.post("/v1/message-checks", json=ask, headers=headers)
    assert answer.status_code == 200, answer.text
    reason = answer.json()["reason"]
    return None if reason is None else str(reason)


async def test_what_was_not_sent_is_told_to_nobody_once_the_consent_is_taken_back(
    scene: Scene,
) -> None:
    consent = await scene.give(categories=["dental", "vision"])
    kept = await scene.give(categories=["vision"])
    draft, glasses = await scene.referral(), await scene.referral("vision")
    assert await audience(scene, draft) is Audience.GUARDIAN

    for _ in range(2):
        assert (await scene.revoke(consent, by=scene.mother)).status_code == 200

    assert await audience(scene, draft) is Audience.NOBODY
    assert await audience(scene, glasses) is Audience.GUARDIAN, f"{kept} covers it"
    assert (await scene.told(draft)).count("referral.audience-changed") == 1
    await scene.offer(draft, SMILES)
    assert await verdict(scene, draft, scene.mother) == "nobody-may-be-told"
    await scene.give()
    await honour_consents(scene.desk, scene.student)
    assert await audience(scene, draft) is Audience.GUARDIAN, "whoever consents again is told"


async def test_nor_what_nobody_has_answered_in_time(scene: Scene) -> None:
    consent = await scene.give()
    referral = await scene.referral()
    await scene.offer(referral, SMILES)
    await silent(scene, referral)
    assert await audience(scene, referral) is Audience.GUARDIAN

    await scene.revoke(consent)

    assert await audience(scene, referral) is Audience.NOBODY


async def test_nor_once_the_consent_has_come_to_its_end(scene: Scene) -> None:
    consent = await scene.give(until=SOON)
    ended, sent = await scene.referral(), await scene.referral()
    await scene.sweep(timedelta(days=10))
    assert (await scene.told(scene.family))[-1] == "consent.expired"

    await scene.offer(sent, SMILES)
    event = ConsentExpired(consent=consent, family=scene.family, student=scene.student)
    envelope = Envelope("e", "enlace/referral", event.TYPE, scene.family, NOW, 1)
    back = Incoming("t", 0, 0, scene.family, envelope, event, None, (), b"", b"")
    await reactions(scene.desk).apply([back])

    assert await audience(scene, sent) is Audience.NOBODY, "also before the event is back"
    assert (await scene.told(sent))[-2:] == ["referral.audience-changed", "referral.requested"]
    assert await audience(scene, ended) is Audience.NOBODY


async def test_what_is_asked_of_others_again_is_the_students_own_once_confided(
    scene: Scene,
) -> None:
    await scene.give(categories=COUNSELING)
    referral = await scene.referral("mental-health")
    await scene.offer(referral, SMILES)
    await silent(scene, referral)

    await scene.confide()

    assert await audience(scene, referral) is Audience.STUDENT
    await scene.offer(referral, SMILES)
    assert await verdict(scene, referral, scene.mother) == "not-the-audience"
    claim = await scene.claim(referral, round=2)
    assert (await scene.state(referral)).state == "accepted", "the student's own consent counts"
    assert (await scene.read(referral, claim)).status_code == 200


async def test_what_was_confided_while_an_agency_was_asked_is_so_when_its_time_is_over(
    scene: Scene,
) -> None:
    await scene.give(categories=COUNSELING)
    referral, recalled = await scene.referral("mental-health"), await scene.referral(*COUNSELING)
    await scene.offer(referral, SMILES)
    await scene.offer(recalled, SMILES)
    await scene.confide()
    assert await audience(scene, referral) is Audience.GUARDIAN, "it stands on the mother's"

    await silent(scene, referral)
    assert (await scene.act(recalled, "recall")).status_code == 200

    assert await audience(scene, referral) is Audience.STUDENT
    assert await audience(scene, recalled) is Audience.STUDENT


async def test_a_paper_confided_is_told_to_nobody_until_it_is_stored(scene: Scene) -> None:
    await scene.give(categories=COUNSELING)
    draft = await scene.referral("mental-health")

    await scene.confide(method="paper")

    assert await audience(scene, draft) is Audience.NOBODY


async def test_a_confidence_that_was_entered_wrongly_lets_the_guardian_know_again(
    scene: Scene,
) -> None:
    await scene.give(categories=COUNSELING)
    draft = await scene.referral("mental-health")
    own = await scene.confide()

    await scene.revoke(own, reason="entered-wrongly")

    assert await audience(scene, draft) is Audience.GUARDIAN


async def test_a_confidence_and_the_end_of_a_round_at_the_same_instant(scene: Scene) -> None:
    await scene.give(categories=COUNSELING)
    for seed in range(ROUNDS // 2):
        referral = await scene.referral("mental-health")
        await scene.offer(referral, SMILES)
        mine, theirs = moments(seed)
        _, own = await asyncio.gather(
            after(mine, silent(scene, referral)), after(theirs, scene.confide())
        )
        assert await audience(scene, referral) is Audience.STUDENT
        await scene.revoke(own, reason="entered-wrongly")


async def test_a_revocation_and_an_offer_at_the_same_instant_leave_nobody_to_be_told(
    scene: Scene,
) -> None:
    for seed in range(ROUNDS // 2):
        consent = await scene.give()
        referral = await scene.referral()
        mine, theirs = moments(seed)
        await asyncio.gather(
            after(mine, scene.ask(referral, SMILES)), after(theirs, scene.revoke(consent))
        )
        known = await scene.state(referral)
        assert known.state == "cancelled" or known.audience is Audience.NOBODY
