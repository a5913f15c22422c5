"""A referral's full history over HTTP, from a real database."""

from datetime import timedelta
from typing import Any

from contracts.cloudevents import Envelope
from contracts.codes import Progress, ReplyCode, Template
from contracts.messages import MessageReplied
from contracts.offerings import ProgressReported
from services.chassis.ids import new_id
from services.referral.consumer import _Subscriber
from tests.referral.consents.scene import SMILES, Scene, slug

PORTAL = {"X-Enlace-Client": "portal"}


async def history(scene: Scene, referral: str, who: str = "rosa", query: str = "") -> Any:
    return await scene.done("GET", f"/v1/referrals/{referral}/history{query}", who=who)


def said(lines: list[dict[str, Any]]) -> list[tuple[str, str, str | None, str | None]]:
    """Return what, kind, who and from where, oldest first."""
    return [
        (each["what"], each["who"]["kind"], each["who"]["id"], each["via"])
        for each in reversed(lines)
    ]


async def test_it_says_who_did_what_from_where(scene: Scene) -> None:
    entry = {
        "subject": "rosa",
        "name": "Rosa Inventada",
        "roles": [{"role": "coordinator", "scope": "site-01", "since": "2026-08-01"}],
    }
    await scene.done("PUT", f"/v1/staff/{new_id()}", entry, who="admin")
    await scene.give()
    referral = new_id()
    body = {"student": scene.student, "category": "dental", "need": "Pain when chewing"}
    await scene.done("PUT", f"/v1/referrals/{referral}", body, headers=PORTAL)
    await scene.offer(referral, SMILES)
    claim = await scene.claim(referral)
    assert (await scene.read(referral, claim)).status_code == 200
    await reported(scene, referral, claim, Progress.COMPLETED)
    await scene.sweep(timedelta(days=8))
    await replied(scene, referral)

    lines = (await history(scene, referral))["items"]

    told = said(lines)
    agency, link = "agency", "agency-link"
    assert told[0] == ("referral.created", "staff", "rosa", "portal")
    assert ("referral.requested", "staff", "rosa", "api") in told
    assert ("referral.accepted", agency, "agy-smiles", link) in told
    assert ("identity.read", agency, "agy-smiles", link) in told
    assert ("referral.completed", agency, "agy-smiles", link) in told
    assert ("referral.verified", "family", scene.mother, "text-message") in told
    assert lines[-1]["who"]["name"] == "Rosa Inventada"
    assert {each["address"] for each in lines} == {None}, "for who may audit alone"
    assert {each["request"] for each in lines} == {None}


async def reported(scene: Scene, referral: str, claim: str, progress: Progress) -> None:
    event = ProgressReported(referral=referral, offer="off-1", claim=claim, progress=progress)
    at = scene.clock.now()
    envelope = Envelope(new_id(), "enlace/partner", event.TYPE, referral, at, 2)
    await _Subscriber(scene.desk).reported(event, envelope)


async def replied(scene: Scene, referral: str) -> None:
    event = MessageReplied(
        conversation="c",
        message="m",
        person=scene.mother,
        reply=ReplyCode.YES,
        template=Template.FAMILY_DID_HELP_ARRIVE,
        referral=referral,
    )
    envelope = Envelope(new_id(), "enlace/notify", event.TYPE, "c", scene.clock.now(), 1)
    await _Subscriber(scene.desk).replied(event, envelope)


async def test_what_time_does_is_the_schedules(scene: Scene) -> None:

    await scene.give()
    referral, _ = await scene.taken()
    await scene.sweep(timedelta(days=11))
    told = said((await history(scene, referral))["items"])
    assert ("follow-up.due", "schedule", None, "schedule") in told


async def test_the_network_is_told_to_who_may_audit(scene: Scene) -> None:
    referral = await scene.referral()
    (line,) = (await history(scene, referral, "admin"))["items"]
    assert line["address"] == "127.0.0.0/24"
    assert len(line["request"]) == 32


async def test_a_reading_behind_the_glass_attempts_and_notes_are_in_it(scene: Scene) -> None:
    referral = await scene.referral()
    why = "Her aunt called the front desk in tears and the coordinator is away"
    opening = {"referral": referral, "reason": why}
    await scene.done("PUT", f"/v1/break-glass/{new_id()}", opening, who="denise")
    await history(scene, referral, "denise")
    tried = {
        "student": scene.student,
        "referral": referral,
        "kind": "call",
        "reached": True,
        "happened_at": scene.clock.now().isoformat(),
    }
    await scene.done("PUT", f"/v1/contact-attempts/{new_id()}", tried, who="nurse", headers=PORTAL)
    shared = new_id()
    for id, visibility in ((shared, "care-team"), (new_id(), "only-me")):
        note = {"student": scene.student, "referral": referral, "words": "Shy", "visibility": ""}
        await scene.done("PUT", f"/v1/notes/{id}", {**note, "visibility": visibility}, who="nurse")

        if visibility == "care-team":
            add = f"/v1/notes/{shared}/amendments/{new_id()}"
            await scene.done("PUT", add, {"words": "And kind"}, who="nurse")

    mine = said((await history(scene, referral))["items"])
    hers = said((await history(scene, referral, "nurse"))["items"])

    assert ("break-glass-opened", "staff", "denise", "api") in mine
    assert ("break-glass-read", "staff", "denise", "api") in mine
    assert ("contact-attempt.made", "staff", "nurse", "portal") in mine
    written = ("note.written", "staff", "nurse", "api")
    assert (mine.count(written), hers.count(written)) == (1, 2)
    assert ("note.amended", "staff", "nurse", None) in mine


async def test_it_is_for_those_who_may_see_the_referral(scene: Scene) -> None:
    await scene.confide()
    referral = await scene.referral("mental-health")
    path = f"/v1/referrals/{referral}/history"
    assert (await scene.call("GET", path)).status_code == 200
    for who in ("nurse", "denise", "admin"):
        assert (await scene.call("GET", path, who=who)).status_code == 404, who


async def test_pages_follow_each_other_and_miss_nothing(scene: Scene) -> None:
    await scene.give()
    referral, claim = await scene.taken()
    for _ in range(3):
        await scene.read(referral, claim)
    whole = (await history(scene, referral))["items"]
    seen: list[str] = []
    cursor = ""
    while True:
        found = await history(scene, referral, query=f"?limit=2{cursor}")
        seen += [each["id"] for each in found["items"]]
        if found["next"] is None:
            break
        cursor = f"&cursor={found['next']}"
    assert seen == [each["id"] for each in whole]
    assert len(set(seen)) == len(seen) > 5
    bad = await scene.call("GET", f"/v1/referrals/{referral}/history?cursor=eA==")
    assert (bad.status_code, slug(bad)) == (422, "cursor-malformed")
