"""The today queue over HTTP: what calls besides referrals, and who sees it."""

from datetime import datetime, timedelta
from typing import Any

from contracts.cloudevents import Envelope
from contracts.offerings import OfferPromoted
from services.chassis.ids import new_id
from services.referral.consumer import reactions
from services.referral.handlers.today_records import Sight, _unfiled, _unreviewed, _unscanned
from tests.referral.build import NOW
from tests.referral.consents.scene import SMILES, Scene

WHY = "Her aunt called the front desk in tears and the coordinator is away"


async def counts(scene: Scene, who: str = "rosa") -> dict[str, int]:
    found: dict[str, int] = (await scene.done("GET", "/v1/today", who=who))["counts"]
    return found


async def first(scene: Scene, reason: str, who: str = "rosa") -> dict[str, Any]:
    page = await scene.done("GET", f"/v1/today?reason={reason}", who=who)
    (row,) = page["items"]
    calls: list[dict[str, Any]] = [row, *row["more"]]
    return {**next(each for each in calls if each["reason"] == reason), "name": row["name"]}


async def read_and_revoked(scene: Scene, category: str = "dental") -> str:
    consent = await (scene.give() if category == "dental" else scene.confide())
    referral, claim = await scene.taken(category)
    await scene.read(referral, claim)
    by = scene.mother if category == "dental" else scene.student
    assert (await scene.revoke(consent, by=by)).status_code == 200
    return referral


async def test_a_missing_receipt_is_here_until_it_comes(scene: Scene) -> None:
    referral = await read_and_revoked(scene)
    assert "receipt-missing" not in await counts(scene)
    await scene.sweep(timedelta(days=31))
    call = await first(scene, "receipt-missing")
    assert (call["referral"], call["agencies"]) == (referral, ["agy-smiles"])
    assert (call["step"], call["name"]) == ("call-agency", "Ana R.")
    path = f"/v1/deletion-requests/{call['record']}/confirm"
    await scene.done("POST", path, {"told_by": "Dra. Inventada"})
    assert "receipt-missing" not in await counts(scene)


async def test_a_restricted_receipt_is_for_the_named_roles_alone(scene: Scene) -> None:
    await read_and_revoked(scene, "mental-health")
    await scene.sweep(timedelta(days=31))
    assert (await counts(scene))["receipt-missing"] == 1
    assert "receipt-missing" not in await counts(scene, "nurse")
    assert await counts(scene, "denise") == {}


async def test_a_child_protection_report_is_for_its_reporter_and_the_named_roles(
    scene: Scene,
) -> None:
    scene_of = {"rosa": new_id(), "nurse": new_id()}
    for who, id in scene_of.items():
        body = {"student": scene.student, "words": "She says that she is afraid to go home"}
        await scene.done("PUT", f"/v1/protection-reports/{id}", body, who=who)
    assert (await counts(scene))["protection-report"] == 1
    assert len(await _unfiled(scene.desk.store, sight("rosa", named="site-01"))) == 2
    mine = await first(scene, "protection-report", "nurse")
    assert (mine["record"], mine["step"]) == (scene_of["nurse"], "call-hotline")
    assert mine["category"] is None
    assert await counts(scene, "denise") == {}
    called = {"at": NOW.isoformat()}
    await scene.done("POST", f"/v1/protection-reports/{mine['record']}/called", called, who="nurse")
    mine = await first(scene, "protection-report", "nurse")
    assert (mine["step"], mine["deadline"]) == ("file-report", "2026-10-15T05:00:00Z")
    filed = {"at": NOW.isoformat()}
    await scene.done("POST", f"/v1/protection-reports/{mine['record']}/filed", filed, who="nurse")
    assert await counts(scene, "nurse") == {}


async def test_a_paper_is_asked_for_until_its_scan_is_stored(scene: Scene) -> None:
    consent = await scene.give(method="paper")
    assert (await counts(scene))["scan-missing"] == 1
    call = await first(scene, "scan-missing")
    assert (call["step"], call["record"], call["referral"]) == ("store-scan", consent, None)
    assert (call["owner"], call["name"]) == ("rosa", "Ana R.")
    referral, _ = await scene.taken()
    held = (await scene.state(referral)).claim
    call = await first(scene, "scan-missing")
    assert (call["referral"], call["category"]) == (referral, "dental")
    assert held is not None
    assert held.held_until is not None
    assert datetime.fromisoformat(call["deadline"]) == held.held_until
    await scene.sweep(timedelta(days=20))
    assert (await first(scene, "scan-missing"))["record"] == consent, "asked again every day"
    for who in ("nurse", "denise"):
        assert "scan-missing" not in await counts(scene, who), "they cannot store it"
    path = f"/v1/consent-scans?student={scene.student}&consent={consent}"
    await scene.done("PUT", path, content=b"%PDF-1.7 signed")
    assert "scan-missing" not in await counts(scene)


async def test_a_paper_that_is_taken_back_is_asked_for_no_longer(scene: Scene) -> None:
    consent = await scene.give(method="paper")
    assert (await scene.revoke(consent, by=scene.mother)).status_code == 200
    assert await counts(scene) == {}


async def test_a_students_own_paper_is_asked_of_the_named_roles_alone(scene: Scene) -> None:
    consent = await scene.confide(method="paper")
    assert (await first(scene, "scan-missing"))["record"] == consent
    named, other = sight("rosa", named="site-01", leads="site-01"), sight("eva", leads="site-01")
    zone = "America/Los_Angeles"
    assert len(await _unscanned(scene.desk, named, zone)) == 1
    assert await _unscanned(scene.desk, other, zone) == []


def sight(subject: str, *, named: str = "", leads: str = "") -> Sight:
    nothing: dict[str, Any] = {"site": {"$in": []}}
    home = frozenset({"site-01"})
    led = frozenset[str]()
    return Sight(subject, {}, home, frozenset({named}), frozenset({leads}), led, nothing)


async def test_an_opening_is_for_the_schools_lead_and_never_for_who_opened_it(
    scene: Scene,
) -> None:
    body = {"student": scene.student, "reason": WHY}
    await scene.done("PUT", f"/v1/break-glass/{new_id()}", body, who="denise")
    call = await first(scene, "glass-broken")
    assert call["step"] == "review-opening"
    assert await counts(scene, "nurse") == {}
    assert await counts(scene, "denise") == {}, "it is another school's child"
    assert await _unreviewed(scene.desk.store, sight("denise", leads="site-01")) == []
    await scene.done("POST", f"/v1/break-glass/{call['record']}/review", {"justified": True})
    assert await counts(scene) == {}


async def test_an_overdue_task_and_a_next_step_that_nobody_took(scene: Scene) -> None:
    task = {"id": new_id(), "what": "Call the clinic", "owner": "rosa", "due_on": "2026-10-14"}
    held = {
        "student": scene.student,
        "held_on": "2026-10-13",
        "participants": [{"name": "Rosa M.", "role": "teacher"}],
        "decided": "Glasses first",
        "tasks": [task],
    }
    meeting = new_id()
    await scene.done("PUT", f"/v1/meetings/{meeting}", held)
    sought = {
        "student": scene.student,
        "kind": "call",
        "reached": False,
        "happened_at": NOW.isoformat(),
        "next_step": "Go by the house",
        "next_on": "2026-10-14",
    }
    attempt = new_id()
    await scene.done("PUT", f"/v1/contact-attempts/{attempt}", sought, who="nurse")
    assert await counts(scene) == {}
    await scene.sweep(timedelta(days=2))
    page = await scene.done("GET", "/v1/today?reason=overdue-task")
    (row,) = page["items"]
    found = {(each["step"], each["record"], each["owner"]) for each in [row, *row["more"]]}
    assert found == {("do-task", meeting, "rosa"), ("take-next-step", attempt, "nurse")}
    assert await counts(scene, "denise") == {}
    seen = await scene.call("GET", f"/v1/meetings/{meeting}")
    await scene.done(
        "POST",
        f"/v1/meetings/{meeting}/tasks/{task['id']}/done",
        headers={"If-Match": seen.headers["etag"]},
    )
    went = {**sought, "happened_at": scene.clock.now().isoformat(), "reached": True}
    del went["next_step"], went["next_on"]
    await scene.done("PUT", f"/v1/contact-attempts/{new_id()}", went)
    assert await counts(scene) == {}


async def test_a_next_step_of_a_restricted_referral_is_for_the_named_roles_alone(
    scene: Scene,
) -> None:
    await scene.confide()
    referral = await scene.referral("mental-health")
    sought = {
        "student": scene.student,
        "referral": referral,
        "kind": "call",
        "reached": False,
        "happened_at": NOW.isoformat(),
        "next_step": "Ask again",
        "next_on": "2026-10-14",
    }
    await scene.done("PUT", f"/v1/contact-attempts/{new_id()}", sought)
    await scene.sweep(timedelta(days=2))
    assert (await counts(scene))["overdue-task"] == 1
    assert await counts(scene, "nurse") == {}


async def test_a_seat_that_came_free_after_a_wait(scene: Scene) -> None:
    await scene.give()
    referral = await scene.referral()
    await scene.offer(referral, SMILES)
    event = OfferPromoted(
        referral=referral,
        round=1,
        offer="off-1",
        claim=new_id(),
        service=SMILES["service"],
        agency=SMILES["agency"],
    )
    envelope = Envelope(new_id(), "enlace/partner", event.TYPE, referral, scene.clock.now(), 1)
    for handler in reactions(scene.desk)._handlers[OfferPromoted]:
        await handler(event, envelope)
    call = await first(scene, "waitlist-moved")
    assert (call["referral"], call["step"]) == (referral, "call-family")
    await scene.sweep(timedelta(days=8))
    assert "waitlist-moved" not in await counts(scene)
